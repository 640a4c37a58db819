"""Every object has Kibana's form, and nothing refers to what is not there."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from itertools import combinations
from typing import Any

import jsonschema
import pytest

from dateline.cli.kibana import NDJSON_PATH
from dateline.kibana.aggregations import panel_aggregation
from dateline.kibana.declarations import FOLDER, Panel, load_declarations
from dateline.kibana.saved_objects import Names, build_objects, panel_object_id, to_ndjson

DECLARED = load_declarations()
OBJECTS = build_objects(DECLARED)
BY_ID = {each["id"]: each for each in OBJECTS}
VALIDATOR = jsonschema.Draft202012Validator(json.loads((FOLDER / "schema.json").read_text("utf-8")))
GRID_COLUMNS = 48
TEXTS_OF_JSON = {
    "visState", "spec", "sourceFilters", "fieldFormatMap", "fieldAttrs", "fields",
    "runtimeFieldMap", "typeMeta",
}  # fmt: skip
ASKING = [
    pytest.param(dashboard, panel, id=f"{dashboard.id}/{panel.id}")
    for dashboard, panel in DECLARED.panels()
    if panel.kind not in {"search", "text"}
]


def unpacked(value: Any, name: str = "") -> Any:
    """Return an object with every text of JSON inside it read."""
    if isinstance(value, str) and (name.endswith("JSON") or name in TEXTS_OF_JSON):
        return unpacked(json.loads(value))
    if isinstance(value, dict):
        return {key: unpacked(each, key) for key, each in value.items()}
    return [unpacked(each) for each in value] if isinstance(value, list) else value


def problems(saved: dict[str, Any]) -> list[str]:
    return [f"{e.json_path}: {e.message}" for e in VALIDATOR.iter_errors(unpacked(saved))]


@pytest.mark.parametrize("saved", OBJECTS, ids=lambda saved: saved["id"])
def test_object_follows_the_schema(saved: dict[str, Any]) -> None:
    assert problems(saved) == []


def _lens_layer(saved: dict[str, Any]) -> dict[str, Any]:
    layer: dict[str, Any] = saved["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
    return layer["layer1"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda saved: saved.pop("typeMigrationVersion"),
        lambda saved: saved["references"].clear(),
        lambda saved: saved["attributes"].update(visualizationType="lnsPie"),
        lambda saved: _lens_layer(saved)["columns"]["group1"].update(operationType="top"),
        lambda saved: _lens_layer(saved)["columns"]["metric1"].update(sourceField="title"),
        lambda saved: saved["attributes"]["state"].pop("query"),
    ],
)
def test_schema_refuses_what_kibana_could_not_read(spoil: Callable[[dict[str, Any]], Any]) -> None:
    saved = copy.deepcopy(BY_ID["dateline-news-volume-by-source"])
    spoil(saved)
    assert problems(saved) != []


def test_ids_are_unique_and_references_resolve() -> None:
    assert len(BY_ID) == len(OBJECTS)
    for saved in OBJECTS:
        names = [each["name"] for each in saved["references"]]
        assert len(set(names)) == len(names)
        for reference in saved["references"]:
            assert BY_ID[reference["id"]]["type"] == reference["type"], saved["id"]


def test_every_object_is_referred_to_or_a_page_of_its_own() -> None:
    used = {row["id"] for saved in OBJECTS for row in saved["references"]}
    pages = {saved["id"] for saved in OBJECTS if saved["type"] in {"dashboard", "search"}}
    assert set(BY_ID) <= used | pages


def test_every_reference_has_its_place_in_the_dashboard() -> None:
    for saved in OBJECTS:
        if saved["type"] != "dashboard":
            continue
        inside = unpacked(saved)["attributes"]
        panels = {f"{p['panelIndex']}:{p['panelRefName']}": p["type"] for p in inside["panelsJSON"]}
        controls = inside.get("controlGroupInput", {"panelsJSON": {}})["panelsJSON"]
        lists = {f"controlGroup_{key}:optionsListDataView": "index-pattern" for key in controls}
        assert {r["name"]: r["type"] for r in saved["references"]} == {**panels, **lists}


def test_columns_that_are_drawn_are_those_of_the_layer() -> None:
    lenses = [saved for saved in OBJECTS if saved["type"] == "lens"]
    assert len(lenses) > 30
    for saved in lenses:
        drawn = json.dumps(saved["attributes"]["state"]["visualization"])
        layer = _lens_layer(saved)
        assert set(layer["columnOrder"]) == set(layer["columns"])
        if saved["attributes"]["visualizationType"] == "lnsMetric":
            assert len(layer["columns"]) == 1
        assert all(f'"{key}"' in drawn for key in layer["columns"]), saved["id"]


def test_committed_file_is_what_the_declarations_give() -> None:
    assert NDJSON_PATH.read_text("utf-8") == to_ndjson(OBJECTS), "run `dateline kibana build`"


def test_build_is_the_same_every_time_and_referred_objects_come_first() -> None:
    assert to_ndjson(build_objects(load_declarations())) == to_ndjson(OBJECTS)
    seen: set[str] = set()
    for saved in OBJECTS:
        assert all(reference["id"] in seen for reference in saved["references"])
        seen.add(saved["id"])


def test_namespace_has_objects_and_indices_of_its_own() -> None:
    others = build_objects(DECLARED, "desk")
    assert not {each["id"] for each in others} & set(BY_ID)
    assert [problem for each in others for problem in problems(each)] == []
    text = to_ndjson(others)
    assert '"desk-news-articles"' in text
    assert '"news-articles"' not in text
    assert '\\"news-articles\\"' not in text  # nor inside a Vega drawing


@pytest.mark.parametrize("dashboard", DECLARED.dashboards, ids=lambda dashboard: dashboard.id)
def test_panels_lie_on_the_grid_beside_each_other(dashboard: Any) -> None:
    def cells(panel: Panel) -> set[tuple[int, int]]:
        x, y, width, height = panel.place
        assert x + width <= GRID_COLUMNS
        return {(column, row) for column in range(x, x + width) for row in range(y, y + height)}

    for one, other in combinations(dashboard.panel, 2):
        assert not cells(one) & cells(other), (one.id, other.id)


@pytest.mark.parametrize(("dashboard", "panel"), ASKING)
def test_panel_asks_the_aggregation_written_beside_it(dashboard: Any, panel: Panel) -> None:
    saved = BY_ID[panel_object_id(dashboard, panel, Names())]
    assert panel.aggregation is not None
    assert panel_aggregation(saved) == panel.aggregation


def test_pages_and_data_views_are_there() -> None:
    assert {dashboard.id for dashboard in DECLARED.dashboards} == {
        "news", "entity", "license", "pipeline",
    }  # fmt: skip
    assert {view.id for view in DECLARED.views} >= {
        "articles", "stories", "entities", "alerts", "deliveries",
    }  # fmt: skip

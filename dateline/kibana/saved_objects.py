"""Return the saved objects that Kibana imports: data views, panels, searches and dashboards.

Ids are names, the same in every build, so that an import replaces what an earlier one made. Each
object says in which version's form it is written (``typeMigrationVersion``); a newer Kibana brings
it up to date, an older one refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dateline.kibana.conditions import kql
from dateline.kibana.declarations import (
    LENS_KINDS,
    Control,
    Dashboard,
    Declarations,
    Panel,
    Search,
    View,
)
from dateline.kibana.fields import mapped_fields
from dateline.kibana.lens import lens_attributes, lens_references
from dateline.kibana.maps import map_attributes, map_references
from dateline.kibana.vega import text_attributes, vega_attributes

FORM_VERSIONS = {
    "index-pattern": "8.0.0", "lens": "8.9.0", "map": "8.4.0", "visualization": "8.5.0",
    "search": "10.5.0", "dashboard": "10.2.0",
}  # fmt: skip
CORE_VERSION = "8.8.0"  # of the envelope; unchanged since
PREFIX = "dateline-"
SEARCH_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"
REFRESH_MS = 60_000
SavedObject = dict[str, Any]


class Names:
    """Names of objects and indices inside one namespace; two pipelines can share a Kibana."""

    def __init__(self, namespace: str = "") -> None:
        self._prefix = f"{namespace}-" if namespace else ""
        self.title_suffix = f" ({namespace})" if namespace else ""

    def id(self, name: str) -> str:
        """Return the id of a saved object."""
        return f"{self._prefix}{PREFIX}{name}"

    def index(self, view: View) -> str:
        """Return the alias that a data view reads."""
        return f"{self._prefix}{view.index}"


def build_objects(declared: Declarations, namespace: str = "") -> list[SavedObject]:
    """Return every object to import; what is referred to comes first.

    Raises:
        ConfigError: a declaration refers to a view, search or field that does not exist.
    """
    names = Names(namespace)
    return [
        *(_data_view(view, names) for view in declared.views),
        *(_search(search, declared, names) for search in declared.searches),
        *(
            saved
            for dashboard, panel in declared.panels()
            for saved in _panel_objects(dashboard, panel, declared, names)
        ),
        *(_dashboard(dashboard, names) for dashboard in declared.dashboards),
    ]


def to_ndjson(objects: list[SavedObject]) -> str:
    """Return the objects as Kibana's import takes them: one JSON a line."""
    rows = (json.dumps(each, ensure_ascii=False, sort_keys=True) for each in objects)
    return "".join(f"{row}\n" for row in rows)


def panel_object_id(dashboard: Dashboard, panel: Panel, names: Names) -> str:
    """Return the id of the object that a panel shows."""
    return names.id(panel.search if panel.kind == "search" else f"{dashboard.id}-{panel.id}")


def _saved(
    kind: str, object_id: str, attributes: Mapping[str, Any], references: list[dict[str, str]]
) -> SavedObject:
    return {
        "id": object_id, "type": kind, "attributes": dict(attributes), "references": references,
        "coreMigrationVersion": CORE_VERSION, "typeMigrationVersion": FORM_VERSIONS[kind],
        "managed": False,
    }  # fmt: skip


def _data_view(view: View, names: Names) -> SavedObject:
    attributes = {
        "title": names.index(view),
        "name": view.name + names.title_suffix,
        "timeFieldName": view.time_field,
        "sourceFilters": json.dumps([{"value": field} for field in view.hidden]),
        "fieldFormatMap": json.dumps({field: {"id": "url", "params": {}} for field in view.links}),
        "fieldAttrs": "{}",
        "fields": "[]",  # Kibana asks the index
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
        "allowNoIndex": True,  # before the first article there is none
    }
    return _saved("index-pattern", names.id(view.id), attributes, [])


def _search(search: Search, declared: Declarations, names: Names) -> SavedObject:
    source = {
        "query": {"query": kql(declared.conditions(search)), "language": "kuery"},
        "filter": [],
        "indexRefName": SEARCH_INDEX,
    }
    attributes = {
        "title": search.title + names.title_suffix,
        "description": search.description,
        "columns": list(search.columns),
        "sort": [[search.newest_by, "desc"]],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
    }
    reference = {"type": "index-pattern", "id": names.id(search.view), "name": SEARCH_INDEX}
    return _saved("search", names.id(search.id), attributes, [reference])


def _panel_objects(
    dashboard: Dashboard, panel: Panel, declared: Declarations, names: Names
) -> Iterator[SavedObject]:
    if panel.kind == "search":
        declared.search(panel.search)  # it is there
        return
    object_id = panel_object_id(dashboard, panel, names)
    if panel.kind == "text":
        yield _saved("visualization", object_id, text_attributes(panel), [])
        return
    view = declared.view(panel.view)
    conditions = declared.conditions(panel)
    if panel.kind in LENS_KINDS:
        attributes = lens_attributes(panel, conditions, mapped_fields(view))
        yield _saved("lens", object_id, attributes, lens_references(names.id(view.id)))
    elif panel.kind == "map":
        attributes = map_attributes(panel, conditions, dashboard.since)
        yield _saved("map", object_id, attributes, map_references(names.id(view.id)))
    else:
        attributes = vega_attributes(panel, view, names.index(view), conditions)
        yield _saved("visualization", object_id, attributes, [])


def _panel_type(panel: Panel) -> str:
    if panel.kind in LENS_KINDS:
        return "lens"
    return panel.kind if panel.kind in {"map", "search"} else "visualization"


def _dashboard(dashboard: Dashboard, names: Names) -> SavedObject:
    source = {"query": {"query": kql(dashboard.where), "language": "kuery"}, "filter": []}
    options = {
        "useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": False,
        "hidePanelTitles": False,
    }  # fmt: skip
    attributes = {
        "title": dashboard.title + names.title_suffix,
        "description": dashboard.description,
        "panelsJSON": json.dumps([_placed(panel) for panel in dashboard.panel]),
        "optionsJSON": json.dumps(options),
        "timeRestore": True,
        "timeFrom": dashboard.since,
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": REFRESH_MS},
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
        "version": 1,
    }
    if dashboard.controls:
        attributes["controlGroupInput"] = _controls(dashboard.controls)
    references = [
        {
            "type": _panel_type(panel),
            "id": panel_object_id(dashboard, panel, names),
            "name": f"{panel.id}:panel_{panel.id}",
        }
        for panel in dashboard.panel
    ] + [
        {
            "type": "index-pattern",
            "id": names.id(control.view),
            "name": f"controlGroup_control{n}:optionsListDataView",
        }
        for n, control in enumerate(dashboard.controls, start=1)
    ]
    return _saved("dashboard", names.id(dashboard.id), attributes, references)


def _placed(panel: Panel) -> dict[str, Any]:
    x, y, width, height = panel.place
    return {
        "type": _panel_type(panel),
        "panelIndex": panel.id,
        "gridData": {"x": x, "y": y, "w": width, "h": height, "i": panel.id},
        "panelRefName": f"panel_{panel.id}",
        "embeddableConfig": {"enhancements": {}},
        "title": panel.title,
    }


def _controls(controls: tuple[Control, ...]) -> dict[str, Any]:
    panels = {
        f"control{n}": {
            "order": n - 1, "width": "medium", "grow": True, "type": "optionsListControl",
            "explicitInput": {
                "id": f"control{n}", "title": control.title, "fieldName": control.field,
                "enhancements": {},
            },
        }
        for n, control in enumerate(controls, start=1)
    }  # fmt: skip
    ignored = dict.fromkeys(
        ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False
    )
    return {
        "controlStyle": "oneLine", "chainingSystem": "HIERARCHICAL",
        "panelsJSON": json.dumps(panels), "ignoreParentSettingsJSON": json.dumps(ignored),
    }  # fmt: skip

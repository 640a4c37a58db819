"""Ask the real Elasticsearch whether the panels can work: their fields and their aggregations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError

from dateline.kibana.aggregations import panel_aggregation
from dateline.kibana.conditions import query
from dateline.kibana.declarations import Declarations, Panel
from dateline.kibana.saved_objects import Names, build_objects, panel_object_id
from dateline.kibana.used_fields import Use, used_fields
from dateline.search.failures import translated


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelCheck:
    """A panel against the index: how many documents and buckets it gets, or its problem.

    ``problem`` is empty when it works; a panel without documents works.
    """

    dashboard: str
    panel: str
    documents: int = 0
    buckets: int = 0
    problem: str = ""


def check_index(
    client: Elasticsearch, declared: Declarations, namespace: str = ""
) -> list[PanelCheck]:
    """Return a row for each panel, search, control and rule with a problem, and for each panel.

    An index that does not exist yet is no problem: the first document makes it.

    Raises:
        SearchUnavailable, SearchThrottled, ConfigError: Elasticsearch does not answer, or not so.
    """
    names = Names(namespace)
    try:
        live = {view.id: _live_fields(client, names.index(view)) for view in declared.views}
        rows = [
            PanelCheck(dashboard=use.where, panel=use.field, problem=problem)
            for use in used_fields(declared)
            for problem in field_problems(use, live[use.view])
        ]
        return [*rows, *_panels(client, declared, names, live)]
    except (TransportError, ApiError) as error:
        raise translated(error) from error


def _live_fields(client: Elasticsearch, index: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = client.field_caps(index=index, fields="*")["fields"]
    except NotFoundError:
        return None
    return found


def field_problems(use: Use, fields: Mapping[str, Any] | None) -> Iterator[str]:
    """Return what stands against the use of a field, by Elasticsearch's field capabilities."""
    if fields is None:
        return
    if use.field not in fields:
        yield "the index has no such field"
        return
    types: Mapping[str, Mapping[str, Any]] = fields[use.field]
    kind = next(iter(types))
    if len(types) > 1:
        yield f"the indices differ in its type: {', '.join(sorted(types))}"
    elif use.types and kind not in use.types:
        yield f"it is {kind}, not {' or '.join(sorted(use.types))}"
    elif use.is_counted and not types[kind]["aggregatable"]:
        yield "it cannot be counted"
    elif not types[kind]["searchable"] and not use.is_counted:
        yield "it cannot be searched"


def _panels(
    client: Elasticsearch, declared: Declarations, names: Names, live: Mapping[str, Any]
) -> Iterator[PanelCheck]:
    objects = {each["id"]: each for each in build_objects(declared)}
    for dashboard, panel in declared.panels():
        if panel.view and live[panel.view] is not None:
            saved = objects[panel_object_id(dashboard, panel, Names())]
            request = panel_request(declared, panel, panel_aggregation(saved))
            answer = client.search(index=names.index(declared.view(panel.view)), **request)
            yield PanelCheck(
                dashboard=dashboard.id,
                panel=panel.id,
                documents=answer["hits"]["total"]["value"],
                buckets=count_buckets(answer.get("aggregations", {})),
            )


def panel_request(
    declared: Declarations, panel: Panel, aggregation: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the search request that a panel amounts to, without a time range."""
    request: dict[str, Any] = {
        "size": 0, "track_total_hits": True, "query": query(declared.conditions(panel))
    }  # fmt: skip
    return {**request, "aggregations": aggregation} if aggregation else request


def count_buckets(aggregations: Mapping[str, Any]) -> int:
    """Return how many buckets with documents, and how many numbers, an answer has at the top."""
    total = 0
    for each in aggregations.values():
        if not isinstance(each, Mapping):
            continue
        if "buckets" in each:
            total += sum(1 for bucket in each["buckets"] if bucket["doc_count"])
        elif "value" in each:
            total += each["value"] is not None
        else:
            total += count_buckets(each)
    return total

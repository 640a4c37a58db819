"""Return what a saved panel asks of Elasticsearch, read from the object that Kibana gets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dateline.errors import InvariantBroken
from dateline.kibana.lens import LAYER, RECORDS

GRID_SIZE = 10_000
OPERATIONS = {
    "unique_count": "cardinality",
    "max": "max",
    "min": "min",
    "sum": "sum",
    "average": "avg",
}
# Of one calendar unit Kibana makes a calendar interval, of several a fixed one.
ONE_UNIT = re.compile(r"^1[mhdwMqy]$")


def panel_aggregation(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``aggs`` of the request that Kibana makes for a ``lens``, ``map`` or Vega object.

    A panel that only counts documents has none.

    Raises:
        InvariantBroken: the object is of another type.
    """
    attributes = saved["attributes"]
    if saved["type"] == "lens":
        return _lens(attributes)
    if saved["type"] == "map":
        grid = json.loads(attributes["layerListJSON"])[1]["sourceDescriptor"]["geoField"]
        return {"grid": {"geotile_grid": {"field": grid, "precision": 4, "size": GRID_SIZE}}}
    if saved["type"] == "visualization":
        spec = json.loads(json.loads(attributes["visState"])["params"]["spec"])
        aggregation: dict[str, Any] = spec["data"]["url"]["body"]["aggs"]
        return aggregation
    raise InvariantBroken(f"a saved object of type {saved['type']} asks nothing")


def _lens(attributes: Mapping[str, Any]) -> dict[str, Any]:
    layer = attributes["state"]["datasourceStates"]["formBased"]["layers"][LAYER]
    columns: dict[str, dict[str, Any]] = {
        key: layer["columns"][key] for key in layer["columnOrder"]
    }
    metrics = {
        key: {OPERATIONS[column["operationType"]]: {"field": column["sourceField"]}}
        for key, column in columns.items()
        if not column["isBucketed"] and column["sourceField"] != RECORDS
    }
    nested: dict[str, Any] = metrics
    for key, column in reversed([row for row in columns.items() if row[1]["isBucketed"]]):
        # Ordered by a metric, a list of values needs that metric beside its deeper groups.
        own = metrics if _is_ordered_by_metric(column, metrics) else {}
        inner = {**own, **nested}
        body: dict[str, Any] = _bucket(column, metrics)
        nested = {key: {**body, "aggs": inner} if inner else body}
    return nested


def _is_ordered_by_metric(column: Mapping[str, Any], metrics: Mapping[str, Any]) -> bool:
    return column["operationType"] == "terms" and column["params"]["orderBy"]["columnId"] in metrics


def _bucket(column: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    field, params = column["sourceField"], column["params"]
    if column["operationType"] == "date_histogram":
        step = params["interval"]
        interval = "calendar_interval" if ONE_UNIT.match(step) else "fixed_interval"
        return {"date_histogram": {"field": field, interval: step}}
    ordered_by = params["orderBy"]["columnId"]
    order = {ordered_by if ordered_by in metrics else "_count": params["orderDirection"]}
    return {"terms": {"field": field, "size": params["size"], "order": order}}

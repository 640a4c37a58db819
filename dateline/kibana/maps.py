"""Return a map as Kibana's Maps keeps it: circles whose size is the number of documents.

Kibana draws the streets and borders beneath from its own tile server when the reader's browser
reaches it; without it the circles stand on an empty ground.
"""

from __future__ import annotations

import json
from typing import Any

from dateline.kibana.conditions import Condition, kql
from dateline.kibana.declarations import Panel

REFERENCE = "layer_1_source_index_pattern"
COUNT_FIELD = {"name": "doc_count", "origin": "source"}


def map_attributes(panel: Panel, conditions: tuple[Condition, ...], since: str) -> dict[str, Any]:
    """Return the attributes of a saved object of type ``map`` (form of Kibana 8.4)."""
    state = {
        "zoom": 1.5,
        "center": {"lon": 10, "lat": 25},
        "timeFilters": {"from": since, "to": "now"},
        "refreshConfig": {"isPaused": True, "interval": 0},
        "query": {"query": "", "language": "kuery"},
        "filters": [],
        "settings": {"autoFitToDataBounds": False},
    }
    return {
        "title": panel.title,
        "description": "",
        "mapStateJSON": json.dumps(state),
        "layerListJSON": json.dumps([_ground(), _circles(panel, conditions)]),
        "uiStateJSON": json.dumps({"isLayerTOCOpen": False, "openTOCDetails": []}),
    }


def map_references(view_object_id: str) -> list[dict[str, str]]:
    """Return what a ``map`` object refers to."""
    return [{"type": "index-pattern", "id": view_object_id, "name": REFERENCE}]


def _ground() -> dict[str, Any]:
    return {
        "id": "ground", "label": None, "type": "EMS_VECTOR_TILE", "visible": True, "alpha": 1,
        "minZoom": 0, "maxZoom": 24, "includeInFitToBounds": True,
        "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True},
        "style": {"type": "EMS_VECTOR_TILE", "color": ""},
    }  # fmt: skip


def _circles(panel: Panel, conditions: tuple[Condition, ...]) -> dict[str, Any]:
    source = {
        "type": "ES_GEO_GRID", "id": "grid", "geoField": panel.geo_field, "requestType": "point",
        "resolution": "COARSE", "metrics": [{"type": "count"}], "indexPatternRefName": REFERENCE,
        "applyGlobalQuery": True, "applyGlobalTime": True, "applyForceRefresh": True,
    }  # fmt: skip
    by_count = {"field": COUNT_FIELD, "fieldMetaOptions": {"isEnabled": True, "sigma": 3}}
    properties = {
        "fillColor": {
            "type": "DYNAMIC",
            "options": {"color": "Blues", "type": "ORDINAL", **by_count},
        },
        "lineColor": {"type": "STATIC", "options": {"color": "#FFFFFF"}},
        "lineWidth": {"type": "STATIC", "options": {"size": 1}},
        "iconSize": {"type": "DYNAMIC", "options": {"minSize": 7, "maxSize": 32, **by_count}},
        "labelText": {"type": "DYNAMIC", "options": {"field": COUNT_FIELD}},
    }
    return {
        "id": "circles", "label": panel.title, "type": "GEOJSON_VECTOR", "visible": True,
        "alpha": 0.8, "minZoom": 0, "maxZoom": 24, "includeInFitToBounds": True, "joins": [],
        "sourceDescriptor": source,
        "style": {"type": "VECTOR", "isTimeAware": True, "properties": properties},
        "query": {"query": kql(conditions), "language": "kuery"},
    }  # fmt: skip

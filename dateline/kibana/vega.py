"""Return a panel that shows the time between two dates of a document, as a Vega-Lite drawing.

Lens cannot subtract two date fields without a script, and a script cannot run on every server. The
mean of differences is the difference of the means, which Elasticsearch's core gives.
"""

from __future__ import annotations

import json
from typing import Any

from dateline.kibana.conditions import Condition, query
from dateline.kibana.declarations import Panel, View

MINUTES = "(datum.ends.value - datum.begins.value) / 60000"  # of milliseconds
VEGA_LITE = "https://vega.github.io/schema/vega-lite/v5.json"  # a name; Kibana fetches nothing


def delay_aggregation(
    panel: Panel, view: View, conditions: tuple[Condition, ...]
) -> dict[str, Any]:
    """Return what the panel asks: of each step of time the means of both dates.

    Kibana puts the time range into the query of the request, so the conditions stand in a filter.
    """
    both = tuple(Condition(field=field, exists=True) for field in (panel.begins, panel.ends))
    every = panel.by[0].every if panel.by else "1h"
    steps = {
        "date_histogram": {"field": view.time_field, "calendar_interval": every},
        "aggs": {
            "begins": {"avg": {"field": panel.begins}},
            "ends": {"avg": {"field": panel.ends}},
        },
    }
    return {"timed": {"filter": query((*both, *conditions)), "aggs": {"steps": steps}}}


def vega_attributes(
    panel: Panel, view: View, index: str, conditions: tuple[Condition, ...]
) -> dict[str, Any]:
    """Return the attributes of a saved object of type ``visualization`` (form of Kibana 8.5)."""
    spec = {
        "$schema": VEGA_LITE,
        "data": {
            "url": {
                "%context%": True,
                "%timefield%": view.time_field,
                "index": index,
                "body": {"size": 0, "aggs": delay_aggregation(panel, view, conditions)},
            },
            "format": {"property": "aggregations.timed.steps.buckets"},
        },
        "transform": [
            {"filter": "datum.doc_count > 0"},
            {"calculate": MINUTES, "as": "minutes"},
        ],
        "mark": {"type": "line", "point": True, "tooltip": True},
        "encoding": {
            "x": {"field": "key", "type": "temporal", "title": None},
            "y": {"field": "minutes", "type": "quantitative", "title": "minutes, mean"},
        },
    }  # fmt: skip
    return visualization(panel.title, "vega", {"spec": json.dumps(spec)})


def text_attributes(panel: Panel) -> dict[str, Any]:
    """Return the attributes of a panel of text (Markdown)."""
    return visualization(panel.title, "markdown", {
        "fontSize": 12, "openLinksInNewTab": False, "markdown": panel.text
    })  # fmt: skip


def visualization(title: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a ``visualization`` of some kind."""
    empty = {"query": {"query": "", "language": "kuery"}, "filter": []}
    return {
        "title": title,
        "description": "",
        "version": 1,
        "uiStateJSON": "{}",
        "visState": json.dumps({"title": title, "type": kind, "aggs": [], "params": params}),
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(empty)},
    }

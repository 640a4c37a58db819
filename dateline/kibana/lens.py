"""Return a panel as Kibana's Lens keeps it: its columns, its drawing and what it refers to.

The form is that of Kibana 8.9 (``typeMigrationVersion``); later versions bring it up to date when
they import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dateline.kibana.conditions import Condition, kql
from dateline.kibana.declarations import Group, Metric, Panel
from dateline.kibana.fields import Field, field_of

LAYER = "layer1"
RECORDS = "___records___"  # Lens counts documents under this name of a field
VISUALIZATIONS = {
    "bars": "lnsXY", "lines": "lnsXY", "ranking": "lnsXY", "donut": "lnsPie",
    "table": "lnsDatatable", "number": "lnsMetric",
}  # fmt: skip
SERIES = {"bars": "bar_stacked", "lines": "line", "ranking": "bar_horizontal"}
COUNT = Metric(label="Documents")


def lens_attributes(
    panel: Panel, conditions: tuple[Condition, ...], fields: Mapping[str, Field]
) -> dict[str, Any]:
    """Return the attributes of a saved object of type ``lens``.

    Raises:
        ConfigError: the panel counts a field that the index does not have.
    """
    metrics = panel.metrics or (COUNT,)
    groups = {f"group{n}": each for n, each in enumerate(panel.by, start=1)}
    counted = {f"metric{n}": each for n, each in enumerate(metrics, start=1)}
    columns = {
        **{key: _group_column(group, fields, panel.id) for key, group in groups.items()},
        **{key: _metric_column(metric, fields, panel.id) for key, metric in counted.items()},
    }
    layer = {
        "columns": columns, "columnOrder": list(columns), "incompleteColumns": {},
        "sampling": 1, "ignoreGlobalFilters": False,
    }  # fmt: skip
    return {
        "title": panel.title,
        "description": "",
        "visualizationType": VISUALIZATIONS[panel.kind],
        "state": {
            "visualization": _drawing(panel, list(groups), list(counted)),
            "query": {"query": kql(conditions), "language": "kuery"},
            "filters": [],
            "datasourceStates": {
                "formBased": {"layers": {LAYER: layer}},
                "textBased": {"layers": {}},
            },
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }  # fmt: skip


def lens_references(view_object_id: str) -> list[dict[str, str]]:
    """Return what a ``lens`` object refers to."""
    name = f"indexpattern-datasource-layer-{LAYER}"
    return [{"type": "index-pattern", "id": view_object_id, "name": name}]


def _group_column(group: Group, fields: Mapping[str, Field], where: str) -> dict[str, Any]:
    field = field_of(fields, group.field, where)
    column = {
        "label": group.label, "customLabel": True, "isBucketed": True,
        "dataType": field.kibana_type, "sourceField": group.field,
    }  # fmt: skip
    if group.every is not None:
        params = {"interval": group.every, "includeEmptyRows": True, "dropPartials": False}
        return {
            **column, "operationType": "date_histogram", "scale": "interval", "params": params
        }  # fmt: skip
    params = {
        "size": group.top, "orderBy": {"type": "column", "columnId": "metric1"},
        "orderDirection": "desc", "otherBucket": False, "missingBucket": False,
        "parentFormat": {"id": "terms"}, "include": [], "exclude": [],
        "includeIsRegex": False, "excludeIsRegex": False,
    }  # fmt: skip
    return {**column, "operationType": "terms", "scale": "ordinal", "params": params}


def _metric_column(metric: Metric, fields: Mapping[str, Field], where: str) -> dict[str, Any]:
    column: dict[str, Any] = {
        "label": metric.label, "customLabel": True, "isBucketed": False, "scale": "ratio",
        "operationType": metric.op,
    }  # fmt: skip
    if metric.field is None:
        return {
            **column,
            "dataType": "number",
            "sourceField": RECORDS,
            "params": {"emptyAsNull": True},
        }
    found = field_of(fields, metric.field, where)
    keeps_type = metric.op in {"max", "min"}
    return {
        **column, "sourceField": metric.field,
        "dataType": found.kibana_type if keeps_type else "number",
        "params": {"emptyAsNull": True},
    }  # fmt: skip


def _drawing(panel: Panel, groups: list[str], metrics: list[str]) -> dict[str, Any]:
    base = {"layerId": LAYER, "layerType": "data"}
    if panel.kind == "number":
        return {**base, "metricAccessor": metrics[0]}
    if panel.kind == "table":
        columns = [{"columnId": each, "isTransposed": False} for each in [*groups, *metrics]]
        return {**base, "columns": columns}
    if panel.kind == "donut":
        slices = {
            **base, "primaryGroups": groups, "metrics": metrics, "numberDisplay": "percent",
            "categoryDisplay": "default", "legendDisplay": "default", "nestedLegend": False,
        }  # fmt: skip
        return {"shape": "donut", "layers": [slices]}
    series = SERIES[panel.kind]
    layer: dict[str, Any] = {
        **base, "seriesType": series, "xAccessor": groups[0], "accessors": metrics
    }  # fmt: skip
    if len(groups) > 1:
        layer["splitAccessor"] = groups[1]
    return {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "preferredSeriesType": series,
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": True, "yRight": True},
        "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "gridlinesVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "layers": [layer],
    }

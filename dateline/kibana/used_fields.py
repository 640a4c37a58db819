"""Return every field that the declarations name, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dateline.kibana.conditions import Condition
from dateline.kibana.declarations import Declarations, Panel, Rule, Search

DATE = frozenset({"date"})
NUMBER = frozenset({"long", "integer", "half_float"})
COUNTED = frozenset({"keyword", "boolean", "date"}) | NUMBER
GEO = frozenset({"geo_point"})
TYPES_OF_OPERATIONS = {
    "unique_count": COUNTED, "max": NUMBER | DATE, "min": NUMBER | DATE, "sum": NUMBER,
    "average": NUMBER,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A field in its use: where, of which types it may be, and whether it is aggregated.

    ``is_shown``: its values reach the reader, as buckets or as columns.
    """

    where: str
    view: str
    field: str
    types: frozenset[str] = frozenset()
    is_counted: bool = False
    is_shown: bool = True


def used_fields(declared: Declarations) -> Iterator[Use]:
    """Return the fields of data views, panels, controls, searches and rules.

    Raises:
        ConfigError: a panel names a view that does not exist.
    """
    for view in declared.views:
        where = f"view {view.id}"
        yield Use(where=where, view=view.id, field=view.time_field, types=DATE, is_counted=True)
    for dashboard, panel in declared.panels():
        if panel.view:
            yield from _panel(panel, f"{dashboard.id}/{panel.id}")
            yield from _conditions(
                declared.conditions(panel), panel.view, f"{dashboard.id}/{panel.id}"
            )
    for dashboard in declared.dashboards:
        for view_id in sorted({control.view for control in dashboard.controls}):
            yield from _conditions(dashboard.where, view_id, f"{dashboard.id}/controls")
        for control in dashboard.controls:
            yield Use(
                where=f"{dashboard.id}/controls", view=control.view, field=control.field,
                types=frozenset({"keyword", "boolean"}), is_counted=True,
            )  # fmt: skip
    for search in declared.searches:
        yield from _search(search)
        yield from _conditions(declared.conditions(search), search.view, f"search {search.id}")
    for rule in declared.rules:
        yield from _rule(rule)


def _panel(panel: Panel, where: str) -> Iterator[Use]:
    for group in panel.by:
        types = DATE if group.every else COUNTED
        yield Use(where=where, view=panel.view, field=group.field, types=types, is_counted=True)
    for metric in panel.metrics:
        if metric.field:
            types = TYPES_OF_OPERATIONS[metric.op]
            yield Use(
                where=where, view=panel.view, field=metric.field, types=types, is_counted=True
            )
    for field in filter(None, (panel.begins, panel.ends)):
        yield Use(where=where, view=panel.view, field=field, types=DATE, is_counted=True)
    if panel.geo_field:
        yield Use(where=where, view=panel.view, field=panel.geo_field, types=GEO, is_counted=True)


def _search(search: Search) -> Iterator[Use]:
    where = f"search {search.id}"
    for column in search.columns:
        yield Use(where=where, view=search.view, field=column)
    yield Use(where=where, view=search.view, field=search.newest_by, types=DATE, is_counted=True)


def _rule(rule: Rule) -> Iterator[Use]:
    where = f"rule {rule.id}"
    yield Use(where=where, view=rule.view, field=rule.time_field, types=DATE, is_counted=True)
    if rule.per:
        types = frozenset({"keyword"})
        yield Use(where=where, view=rule.view, field=rule.per, types=types, is_counted=True)
    yield from _conditions(rule.where, rule.view, where)


def _conditions(conditions: tuple[Condition, ...], view: str, where: str) -> Iterator[Use]:
    for condition in conditions:
        types = NUMBER | DATE if condition.bound else frozenset()
        yield Use(where=where, view=view, field=condition.field, types=types, is_shown=False)

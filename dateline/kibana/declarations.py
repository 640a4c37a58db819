"""Return what Kibana is to show, as ``config/kibana/`` declares it.

A declaration says what a panel is about: title, data view, fields, kind. What Kibana needs besides
stands in `lens`, `maps`, `vega` and `saved_objects`, written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from dateline.errors import ConfigError
from dateline.kibana.conditions import Condition
from dateline.settings import PROJECT_DIR

FOLDER = PROJECT_DIR / "config" / "kibana"
Kind = Literal[
    "bars", "lines", "ranking", "donut", "table", "number", "map", "delay", "search", "text",
]  # fmt: skip
LENS_KINDS = frozenset({"bars", "lines", "ranking", "donut", "table", "number"})
Operation = Literal["count", "unique_count", "max", "min", "sum", "average"]
T = TypeVar("T")


class _Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a file in ``config/kibana/``; an unknown key is an error."""


class View(_Declared, frozen=True, kw_only=True):
    """A data view.

    ``mapping`` is the file in ``config/elasticsearch/`` that describes the index. ``hidden`` fields
    are offered by no panel, and Discover leaves them out. ``shown`` are the conditions under which
    search may show a document; ``content`` are the fields, or the objects of fields, that say
    something about its text.
    """

    id: str
    name: str
    index: str
    mapping: str
    time_field: str
    hidden: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    shown: tuple[Condition, ...] = ()


class Group(_Declared, frozen=True, kw_only=True):
    """What a panel counts by: the time in steps of ``every``, or the ``top`` values of a field."""

    field: str
    label: str
    every: str | None = None
    top: int = 10


class Metric(_Declared, frozen=True, kw_only=True):
    """What a panel counts; documents where ``field`` is not given."""

    label: str
    op: Operation = "count"
    field: str | None = None


class Panel(_Declared, frozen=True, kw_only=True):
    """A panel of a dashboard.

    ``place`` is x, y, width and height on a grid of 48 columns. ``aggregation`` is what the panel
    asks Elasticsearch, written by hand beside it: a test compares it with what Kibana's own form
    amounts to, and runs it. ``is_shown_only`` leaves out what search may not show.
    """

    id: str
    title: str
    kind: Kind
    place: tuple[int, int, int, int]
    view: str = ""
    by: tuple[Group, ...] = ()
    metrics: tuple[Metric, ...] = ()
    where: tuple[Condition, ...] = ()
    is_shown_only: bool = False
    aggregation: dict[str, Any] | None = None
    geo_field: str = ""
    search: str = ""
    text: str = ""
    begins: str = ""
    ends: str = ""


class Control(_Declared, frozen=True, kw_only=True):
    """A list above a dashboard from which a reader picks values of a field."""

    title: str
    view: str
    field: str


class Dashboard(_Declared, frozen=True, kw_only=True):
    """A page; ``since`` is the time range it opens with.

    ``where`` holds for the lists of the controls and for every panel. Panels of other data views
    have it too, so it may only leave out: a field that an index lacks is never equal to anything.
    """

    id: str
    title: str
    description: str
    since: str
    where: tuple[Condition, ...] = ()
    controls: tuple[Control, ...] = ()
    panel: tuple[Panel, ...]


class Search(_Declared, frozen=True, kw_only=True):
    """A saved search: columns of documents, newest first by ``newest_by``."""

    id: str
    title: str
    description: str
    view: str
    columns: tuple[str, ...]
    newest_by: str
    where: tuple[Condition, ...] = ()
    is_shown_only: bool = False


class Rule(_Declared, frozen=True, kw_only=True):
    """A rule: the number of documents of a time window against a threshold."""

    id: str
    title: str
    view: str
    time_field: str
    window: str
    every: str
    comparator: Literal[">", ">=", "<", "<="]
    threshold: int
    where: tuple[Condition, ...] = ()
    per: str = ""
    per_top: int = 20


class Declarations(_Declared, frozen=True, kw_only=True):
    """Everything that ``config/kibana/`` declares."""

    views: tuple[View, ...]
    dashboards: tuple[Dashboard, ...]
    searches: tuple[Search, ...]
    rules: tuple[Rule, ...]

    def view(self, view_id: str) -> View:
        """Return a data view.

        Raises:
            ConfigError: there is none of that id.
        """
        return _named(view_id, {each.id: each for each in self.views}, "data view")

    def search(self, search_id: str) -> Search:
        """Return a saved search; raises as `view`."""
        return _named(search_id, {each.id: each for each in self.searches}, "saved search")

    def panels(self) -> Iterator[tuple[Dashboard, Panel]]:
        """Return every panel with its dashboard."""
        for dashboard in self.dashboards:
            for panel in dashboard.panel:
                yield dashboard, panel

    def conditions(self, shown_item: Panel | Search) -> tuple[Condition, ...]:
        """Return all conditions of a panel or search, those of its view among them."""
        shown = self.view(shown_item.view).shown if shown_item.is_shown_only else ()
        return (*shown, *shown_item.where)


def _named(item_id: str, items: Mapping[str, T], kind: str) -> T:
    if item_id not in items:
        raise ConfigError(f"config/kibana: there is no {kind} {item_id!r}.")
    return items[item_id]


class _Views(_Declared, frozen=True, kw_only=True):
    view: tuple[View, ...]


class _Searches(_Declared, frozen=True, kw_only=True):
    search: tuple[Search, ...]


class _Rules(_Declared, frozen=True, kw_only=True):
    rule: tuple[Rule, ...]


def load_declarations(folder: Path = FOLDER) -> Declarations:
    """Return the declarations of a folder.

    Raises:
        ConfigError: a file is missing, is no TOML or declares what is not known; names the place.
    """
    dashboards = sorted(folder.glob("dashboards/*.toml"))
    return Declarations(
        views=_read(folder / "views.toml", _Views).view,
        dashboards=tuple(_read(path, Dashboard) for path in dashboards),
        searches=_read(folder / "searches.toml", _Searches).search,
        rules=_read(folder / "rules.toml", _Rules).rule,
    )


def _read(path: Path, shape: type[T]) -> T:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}.") from error

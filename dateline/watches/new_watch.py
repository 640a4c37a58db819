"""Return what every door to the watchlist asks of a new watch; pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from dateline.alert_records import Watch
from dateline.errors import ConfigError
from dateline.names.fold import fold_letters
from dateline.watches.check_query import check_query
from dateline.watches.parse_query import parse_query
from dateline.watches.query_tree import Query

MAX_ID_CHARS = 40
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")


def made_id(text: str, taken: Collection[str] = ()) -> str:
    """Return a free id made of a name or a query: ``qatar-talks``, ``qatar-talks-2``."""
    folded = _NOT_IN_ID.sub("-", fold_letters(text)).strip("-")
    stem = folded[:MAX_ID_CHARS].rstrip("-") or "watch"
    if stem not in taken:
        return stem
    return next(
        made for number in range(2, len(taken) + 3) if (made := f"{stem}-{number}") not in taken
    )


def misfit(watch: Watch) -> str:
    """Return in words what the watch's trigger lacks or would leave out; empty: nothing."""
    if watch.trigger == "silence" and watch.silence_days is None:
        return "the trigger silence needs silence_days"
    if watch.silence_days is not None and watch.trigger != "silence":
        return "silence_days belongs to the trigger silence"
    if watch.surge is not None and watch.trigger != "surge":
        return "surge belongs to the trigger surge"
    if watch.scope != "all" and watch.trigger != "first_mention":
        return "scope belongs to the trigger first_mention"
    return ""


def read_query(watch: Watch) -> Query:
    """Return the query of ``watch``, fit to be put in force.

    Raises:
        QueryInvalid: it cannot be read; carries the position.
        QueryTooBroad: it would be true of nearly every article.
        ConfigError: the trigger lacks something (see ``misfit``).
    """
    if problem := misfit(watch):
        raise ConfigError(f"{problem}.")
    query = parse_query(watch.query)
    check_query(query, trigger=watch.trigger)
    return query

"""Write the records of feeds as rows: one column a field, times in microseconds since 1970."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from producers.feeds.feed_record import FeedRecord, RecheckRow

SCHEMA_VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Record = TypeVar("Record", FeedRecord, RecheckRow)


def to_epoch(at: datetime | None) -> int | None:
    """Return a time as microseconds since 1970; exact, unlike a float."""
    return None if at is None else (at - EPOCH) // timedelta(microseconds=1)


def from_epoch(microseconds: int | None) -> datetime | None:
    """Return the time in UTC that ``to_epoch`` was given."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


class Columns(Generic[Record]):
    """The columns of a table that has one for each field of a record."""

    def __init__(self, record: type[Record], table: str) -> None:
        hints = typing.get_type_hints(record)
        names = [field.name for field in dataclasses.fields(record)]
        quoted = [f'"{name}"' for name in names]
        self._record: Callable[..., Record] = record
        self._names = names
        self._times = frozenset(name for name in names if _holds(hints[name], datetime))
        self._facts = frozenset(name for name in names if _holds(hints[name], bool))
        listed = ", ".join(quoted)
        # The names are those of our own classes.
        self.select = f"SELECT {listed} FROM {table}"  # noqa: S608
        self.insert = f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        self.assignments = ", ".join(f"{name} = excluded.{name}" for name in quoted)
        self.definition = ", ".join(
            f"{column} {_sql_type(hints[name])}" for column, name in zip(quoted, names, strict=True)
        )

    def row(self, record: Record) -> list[Any]:
        """Return the values of a record in the order of the columns."""
        return [_storable(getattr(record, name)) for name in self._names]

    def record(self, row: tuple[Any, ...]) -> Record:
        """Return the record of a row."""
        named = dict(zip(self._names, row, strict=True))
        for name in self._times:
            named[name] = from_epoch(named[name])
        for name in self._facts:
            named[name] = bool(named[name])
        return self._record(**named)


def _storable(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_epoch(value)
    # A title may hold lone surrogates; SQLite takes none.
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _holds(hint: Any, wanted: type) -> bool:
    return hint is wanted or wanted in typing.get_args(hint)


def _sql_type(hint: Any) -> str:
    if _holds(hint, bytes):
        return "BLOB"
    if _holds(hint, float):
        return "REAL"
    return "INTEGER" if any(_holds(hint, each) for each in (int, bool, datetime)) else "TEXT"


FEED = Columns(FeedRecord, "feed")
RECHECK = Columns(RecheckRow, "recheck")
# A number stands for the feed in its entries: 50,000 of them would repeat its address.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS feed (number INTEGER PRIMARY KEY, {FEED.definition}, UNIQUE (feed_id));
CREATE TABLE IF NOT EXISTS item (
    feed INTEGER NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, taken_at INTEGER,
    item_at INTEGER, is_backfill INTEGER NOT NULL, text_sha256 TEXT,
    PRIMARY KEY (feed, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (
    feed INTEGER NOT NULL, key TEXT NOT NULL, guid TEXT NOT NULL, PRIMARY KEY (feed, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recheck ({RECHECK.definition}, PRIMARY KEY (article_id));
CREATE INDEX IF NOT EXISTS recheck_by_due ON recheck (due_at);
"""

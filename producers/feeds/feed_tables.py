"""Write the records of feeds as rows: one column a field, times in microseconds since 1970."""

from __future__ import annotations

import dataclasses
import sqlite3
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all that the block writes, or nothing; survives a kill of this process."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class Columns(Generic[Record]):
    """The columns of a table that has one for each field of a record, told apart by ``key``."""

    def __init__(self, record: type[Record], table: str, *, key: str) -> None:
        hints = typing.get_type_hints(record)
        names = [field.name for field in dataclasses.fields(record)]
        quoted = [f'"{name}"' for name in names]
        self._record: Callable[..., Record] = record
        self._names = names
        self._times = frozenset(name for name in names if _holds(hints[name], datetime))
        self._facts = frozenset(name for name in names if _holds(hints[name], bool))
        listed = ", ".join(quoted)
        assignments = ", ".join(f"{name} = excluded.{name}" for name in quoted)
        # The names are those of our own classes.
        self.select = f"SELECT {listed} FROM {table}"  # noqa: S608
        self.upsert = (
            f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
            f" ON CONFLICT ({key}) DO UPDATE SET {assignments}"
        )
        self.definition = ", ".join(
            f"{column} {_sql_type(hints[name])}" for column, name in zip(quoted, names, strict=True)
        )

    def row(self, record: Record) -> list[Any]:
        """Return the values of a record in the order of the columns."""
        return [_storable(getattr(record, name)) for name in self._names]

    def put(self, connection: sqlite3.Connection, records: Iterable[Record]) -> None:
        """Write records, in place of those of the same key."""
        connection.executemany(self.upsert, [self.row(record) for record in records])

    def read(
        self,
        connection: sqlite3.Connection,
        rest: str = "",
        values: Sequence[Any] | Mapping[str, Any] = (),
    ) -> list[Record]:
        """Return the records that ``rest``, our own SQL behind the FROM, chooses and orders."""
        return [self.record(row) for row in connection.execute(f"{self.select} {rest}", values)]

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


FEED = Columns(FeedRecord, "feed", key="feed_id")
RECHECK = Columns(RecheckRow, "recheck", key="article_id")
# The host and port of a page, as `urlsplit(url).netloc`.
_REST = "substr(url, instr(url, '://') + 3)"
HOST = f"substr({_REST}, 1, instr({_REST} || '/', '/') - 1)"
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
DROP INDEX IF EXISTS recheck_by_due;
CREATE INDEX IF NOT EXISTS recheck_due ON recheck (due_at, source_id, {HOST}, article_id);
CREATE INDEX IF NOT EXISTS recheck_by_host ON recheck ({HOST});
CREATE TABLE IF NOT EXISTS look (
    article_id TEXT NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (article_id)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS look_ends AFTER DELETE ON recheck BEGIN
    DELETE FROM look WHERE article_id = old.article_id;
END;
"""  # noqa: S608 (our own names)

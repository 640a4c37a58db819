"""Keep embargoed articles until they are due, in the file of what was sent (contract point 14)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields
from datetime import datetime

import msgspec

from producers.parse_input import Input
from producers.parsed import Format, ParsedArticle

TABLE = """
CREATE TABLE IF NOT EXISTS held (
    article_id TEXT PRIMARY KEY, due_at TEXT NOT NULL, article BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS held_by_due ON held (due_at);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldArticle:
    """An article that must not leave before ``due_at``, with what is known of where it came from.

    ``article_id`` to ``is_path`` are its identity, ``source_id`` and ``shown`` to ``mtime_ns`` its
    `Input`.
    """

    article_id: str
    source_id: str
    key: str
    is_path: bool
    due_at: datetime
    content_sha256: str | None
    is_backfill: bool
    parsed: ParsedArticle
    shown: str
    origin: str
    format: Format
    relative: str | None
    mtime_ns: int | None

    @property
    def source(self) -> Input:
        """Return the input it was read from, without its bytes."""
        names = {field.name for field in fields(Input)} & {field.name for field in fields(self)}
        return Input(**{name: getattr(self, name) for name in names})


class HeldArticles:
    """The table, on the connection of `SentState`; one row an article, the newest text wins."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(TABLE)

    def get(self, article_id: str) -> HeldArticle | None:
        """Return what is held of an article."""
        row = self._connection.execute(
            "SELECT article FROM held WHERE article_id = ?", (article_id,)
        ).fetchone()
        return _decode(row[0]) if row else None

    def put(self, held: HeldArticle) -> None:
        """Keep an article; it survives a kill of this process."""
        self._connection.execute(
            "INSERT OR REPLACE INTO held VALUES (?, ?, ?)",
            (held.article_id, _text(held.due_at), msgspec.json.encode(held)),
        )

    def drop(self, article_id: str) -> None:
        """Forget an article: it was sent, withdrawn or replaced."""
        self._connection.execute("DELETE FROM held WHERE article_id = ?", (article_id,))

    def due(self, now: datetime, *, limit: int = 500) -> list[HeldArticle]:
        """Return the articles that may go out, the one that waited longest first."""
        rows = self._connection.execute(
            "SELECT article FROM held WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (_text(now), limit),
        )
        return [_decode(article) for (article,) in rows]

    def count(self) -> int:
        """Return how many articles wait."""
        (count,) = self._connection.execute("SELECT count(*) FROM held").fetchone()
        return int(count)


def _decode(article: bytes) -> HeldArticle:
    return msgspec.json.decode(article, type=HeldArticle)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")

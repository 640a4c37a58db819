"""Remember what Kafka has acknowledged: the producer's cursor, and what `dateline trace` reads.

One SQLite file a Kafka cluster and namespace: a fresh cluster gets everything again. Rows are
written only after the acknowledgement, so a crash can cause a second sending, never a gap.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from dateline.errors import ConfigError
from dateline.records import PubStatus
from dateline.settings import Settings
from producers.held_articles import HeldArticles
from producers.normalize_url import normalize_url
from producers.url_twins import article_url

SCHEMA_VERSION = 1
# Writers of other sources share the file; each holds it for milliseconds.
BUSY_SECONDS = 30.0
# The system caches the file as well; SQLite's usual 2 MB are no faster, and fill for half an hour.
CACHE_KIB = 512
_TABLE = """
CREATE TABLE IF NOT EXISTS sent (
    seq INTEGER PRIMARY KEY,
    source_id TEXT NOT NULL, key TEXT NOT NULL, article_id TEXT NOT NULL, url TEXT,
    content_sha256 TEXT, pub_status TEXT NOT NULL,
    updated_at TEXT NOT NULL, own_updated_at TEXT, observed_at TEXT NOT NULL,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    origin_file TEXT NOT NULL, line INTEGER, mtime_ns INTEGER
);
CREATE INDEX IF NOT EXISTS sent_by_article ON sent (article_id, seq);
CREATE INDEX IF NOT EXISTS sent_by_key ON sent (key);
CREATE INDEX IF NOT EXISTS sent_by_url ON sent (url) WHERE url IS NOT NULL;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRecord:
    """One record that Kafka acknowledged.

    ``content_sha256`` is None for a withdrawal (``pub_status`` ``canceled``). ``own_updated_at`` is
    the source's own time before clamping, None where it gave none. ``origin_file``, ``line`` and
    ``mtime_ns`` say where it was read (``-``: standard input).
    """

    source_id: str
    key: str
    article_id: str
    url: str | None
    content_sha256: str | None
    pub_status: PubStatus
    updated_at: datetime
    own_updated_at: datetime | None
    observed_at: datetime
    topic: str
    partition: int
    offset: int
    origin_file: str
    line: int | None
    mtime_ns: int | None


_COLUMNS = ", ".join(f'"{field.name}"' for field in fields(SentRecord))
_VALUES = attrgetter(*(field.name for field in fields(SentRecord)))
_TIMES = ("updated_at", "own_updated_at", "observed_at")
_SELECT = f"SELECT {_COLUMNS} FROM sent"  # noqa: S608 (column names of our own class)
_INSERT = (
    f"INSERT INTO sent ({_COLUMNS})"  # noqa: S608 (column names of our own class)
    f" VALUES ({', '.join('?' * len(fields(SentRecord)))})"
)


def state_path(settings: Settings, cluster_id: str) -> Path:
    """Return the file that belongs to this cluster and namespace."""
    namespace = settings.project.namespace
    name = f"{cluster_id}.{namespace}" if namespace else cluster_id
    return settings.state_dir / "producer" / f"{name}.sqlite"


class SentState:
    """The file, open. Use it in one thread, and close it; ``held`` are the embargoed articles.

    Raises:
        ConfigError: the file is damaged, or of a newer Dateline.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ConfigError(
                f"producer state {path} cannot be used: {error}.",
                hint="Move the file away: everything is sent again under the same ids.",
            ) from error
        except ConfigError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._connection.execute("PRAGMA journal_mode=WAL")
        # Survives kill -9; a power cut may forget the last batch, which is then sent again.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise ConfigError(
                f"producer state {self.path} has version {version}, this Dateline knows"
                f" {SCHEMA_VERSION}.",
                hint="Update Dateline, or move the file away: everything is sent again.",
            )
        self._connection.executescript(_TABLE)
        self.held = HeldArticles(self._connection)
        self._connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.close()

    def __enter__(self) -> SentState:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def last(self, article_id: str) -> SentRecord | None:
        """Return the record of this article that was acknowledged last."""
        row = self._connection.execute(
            f"{_SELECT} WHERE article_id = ? ORDER BY seq DESC LIMIT 1", (article_id,)
        ).fetchone()
        return _record(row) if row else None

    def versions(self, article_id: str) -> list[SentRecord]:
        """Return all records of this article, oldest first."""
        return self._all("article_id = ?", article_id)

    def record(self, sent: Iterable[SentRecord]) -> None:
        """Add acknowledged records, all or none; they survive a kill of this process."""
        rows = [_row(each) for each in sent]
        if not rows:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(_INSERT, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def count(self) -> int:
        """Return the number of acknowledged records."""
        (count,) = self._connection.execute("SELECT count(*) FROM sent").fetchone()
        return int(count)

    def find(self, column: str, value: str) -> list[SentRecord]:
        """Return the records with this ``article_id``, ``key`` or ``url``, oldest first."""
        return self._all(f'"{column}" = ?', value)

    def _all(self, condition: str, value: str) -> list[SentRecord]:
        rows = self._connection.execute(f"{_SELECT} WHERE {condition} ORDER BY seq", (value,))
        return [_record(row) for row in rows]


def find_sent(
    state: SentState,
    *,
    url: str | None = None,
    article_id: str | None = None,
    key: str | None = None,
) -> list[SentRecord]:
    """Return what was sent of an article, oldest first; exactly one of the arguments is given.

    ``url`` is compared in its normal form, with the address of the item and with its key.
    """
    if article_id is not None:
        return state.find("article_id", article_id)
    if key is not None:
        return state.find("key", key)
    key, normal = article_url(url or ""), normalize_url(url or "")
    if key is None or normal is None:
        return []
    return state.find("key", key) or state.find("url", normal)


def _row(sent: SentRecord) -> tuple[Any, ...]:
    return tuple(
        value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for value in _VALUES(sent)
    )


def _record(row: tuple[Any, ...]) -> SentRecord:
    named = dict(zip((field.name for field in fields(SentRecord)), row, strict=True))
    for name in _TIMES:
        named[name] = datetime.fromisoformat(named[name]) if named[name] else None
    return SentRecord(**named)

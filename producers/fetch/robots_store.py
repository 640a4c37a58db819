"""Remember robots.txt files over restarts: a site that was asked today is not asked again."""

from __future__ import annotations

import logging
import sqlite3
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

logger = logging.getLogger(__name__)

# The last good copy of a site that cannot be reached counts again after 30 days.
KEPT_AFTER_EXPIRY = timedelta(days=60)
MAX_SITES = 20_000
_SELECT = (
    "SELECT kept_at, expires_at, text, problem, unreachable_since FROM robots WHERE origin = ?"
)
_REPLACE = (
    "INSERT OR REPLACE INTO robots (origin, kept_at, expires_at, text, problem, unreachable_since)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS robots (
    origin TEXT PRIMARY KEY, kept_at REAL NOT NULL, expires_at REAL NOT NULL, text BLOB,
    problem TEXT, unreachable_since REAL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRobots:
    """What an origin answered last.

    ``text`` is its last good robots.txt, None when there was none; ``problem`` why there is none
    for now, and ``unreachable_since`` since when. It is to be asked again at ``expires_at``.
    """

    kept_at: datetime
    expires_at: datetime
    text: str | None = None
    problem: str | None = None
    unreachable_since: datetime | None = None


class RobotsStore:
    """The SQLite file, open. Use it in one thread, and close it.

    A file that cannot be read is begun anew, and one that cannot be written costs a warning: what
    is in it can be asked for again.

    Args:
        path: the file; made when it does not exist.
        now: sites not asked for two months before, and the oldest beyond 20,000, are forgotten.
    """

    def __init__(self, path: Path, *, now: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = _opened(path, now)
        except sqlite3.DatabaseError as error:
            logger.warning("robots.txt files of %s are forgotten: %s", path, error)
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._connection = _opened(path, now)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.close()

    def __enter__(self) -> RobotsStore:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def get(self, origin: str) -> KeptRobots | None:
        """Return what ``origin`` (scheme, host and port) answered last, None if never asked."""
        try:
            row = self._connection.execute(_SELECT, (origin,)).fetchone()
            return None if row is None else _kept(*row)
        except (sqlite3.Error, zlib.error) as error:
            logger.warning("robots.txt of %s cannot be looked up: %s", origin, error)
            return None

    def put(self, origin: str, kept: KeptRobots) -> None:
        """Remember what ``origin`` answered; it survives a kill of this process."""
        try:
            self._connection.execute(
                _REPLACE,
                (
                    origin,
                    kept.kept_at.timestamp(),
                    kept.expires_at.timestamp(),
                    None if kept.text is None else zlib.compress(kept.text.encode()),
                    kept.problem,
                    kept.unreachable_since and kept.unreachable_since.timestamp(),
                ),
            )
        except sqlite3.Error as error:
            logger.warning("robots.txt of %s cannot be remembered: %s", origin, error)


def _opened(path: Path, now: datetime) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # A power cut may forget the last ones.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(_SCHEMA)
        connection.execute(
            "DELETE FROM robots WHERE expires_at < ? OR origin IN"
            " (SELECT origin FROM robots ORDER BY kept_at DESC LIMIT -1 OFFSET ?)",
            ((now - KEPT_AFTER_EXPIRY).timestamp(), MAX_SITES),
        )
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _kept(
    kept_at: float,
    expires_at: float,
    text: bytes | None,
    problem: str | None,
    unreachable_since: float | None,
) -> KeptRobots:
    return KeptRobots(
        kept_at=datetime.fromtimestamp(kept_at, UTC),
        expires_at=datetime.fromtimestamp(expires_at, UTC),
        text=None if text is None else zlib.decompress(text).decode(),
        problem=problem,
        unreachable_since=(
            None if unreachable_since is None else datetime.fromtimestamp(unreachable_since, UTC)
        ),
    )

"""Remember WebSub subscriptions over restarts: one row a feed in an SQLite file of its own."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from dateline.errors import ConfigError

SCHEMA_VERSION = 1
# `failed`: the hub refused the request or could not be reached, and is asked again later;
# `ending`: we have asked the hub to end it.
SubscriptionState = Literal["pending", "active", "denied", "failed", "ending"]

_TABLE = """
CREATE TABLE IF NOT EXISTS subscription (
    feed_id TEXT PRIMARY KEY, topic TEXT NOT NULL, hub TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE, secret TEXT NOT NULL, state TEXT NOT NULL,
    due_at TEXT NOT NULL, expires_at TEXT, failure_count INTEGER NOT NULL, reason TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed at one hub.

    ``token`` makes the callback's address unguessable; ``secret`` signs what the hub delivers.
    ``due_at`` is when the hub is asked (again); ``expires_at`` when the lease ends, None before the
    first one. ``reason`` says why it was denied or failed.
    """

    feed_id: str
    topic: str
    hub: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: SubscriptionState
    due_at: datetime
    expires_at: datetime | None = None
    failure_count: int = 0
    reason: str = ""

    def is_live(self, now: datetime) -> bool:
        """Return whether the hub is obliged to deliver."""
        return self.state == "active" and self.expires_at is not None and now < self.expires_at


_NAMES = tuple(field.name for field in fields(Subscription))
_TIMES = ("due_at", "expires_at")
_VALUES = attrgetter(*_NAMES)
_SELECT = f"SELECT {', '.join(_NAMES)} FROM subscription"  # noqa: S608 (names of our own class)
_REPLACE = (
    f"INSERT OR REPLACE INTO subscription ({', '.join(_NAMES)})"  # noqa: S608 (our own names)
    f" VALUES ({', '.join('?' * len(_NAMES))})"
)


class SubscriptionStore:
    """The file, open. Use it in one thread, and close it. It is readable by its owner only.

    Raises:
        ConfigError: the file is damaged, or of a newer Dateline.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds secrets; SQLite's other files take its mode
        self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ConfigError(
                f"WebSub state {path} cannot be used: {error}.",
                hint="Move the file away: all feeds are subscribed again.",
            ) from error
        except ConfigError:
            self._connection.close()
            raise

    def _prepare(self, path: Path) -> None:
        self._connection.execute("PRAGMA journal_mode=WAL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise ConfigError(
                f"WebSub state {path} has version {version}, this Dateline knows {SCHEMA_VERSION}.",
                hint="Update Dateline, or move the file away: all feeds are subscribed again.",
            )
        self._connection.executescript(_TABLE)
        self._connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.close()

    def __enter__(self) -> SubscriptionStore:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def get(self, feed_id: str) -> Subscription | None:
        """Return the subscription of a feed."""
        return self._one("feed_id", feed_id)

    def by_token(self, token: str) -> Subscription | None:
        """Return the subscription with this callback."""
        return self._one("token", token)

    def all(self) -> list[Subscription]:
        """Return every subscription, by feed."""
        rows = self._connection.execute(f"{_SELECT} ORDER BY feed_id")
        return [_subscription(row) for row in rows]

    def due(self, now: datetime) -> list[Subscription]:
        """Return what the hubs are to be asked now, most urgent first."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE due_at <= ? ORDER BY due_at", (_text(now),)
        )
        return [_subscription(row) for row in rows]

    def save(self, subscription: Subscription) -> None:
        """Add or replace the subscription of a feed; survives a kill of this process."""
        self._connection.execute(_REPLACE, tuple(map(_text, _VALUES(subscription))))

    def delete(self, feed_id: str) -> None:
        """Forget the subscription of a feed."""
        self._connection.execute("DELETE FROM subscription WHERE feed_id = ?", (feed_id,))

    def _one(self, column: str, value: str) -> Subscription | None:
        row = self._connection.execute(f"{_SELECT} WHERE {column} = ?", (value,)).fetchone()
        return _subscription(row) if row else None


def _text(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _subscription(row: tuple[Any, ...]) -> Subscription:
    named = dict(zip(_NAMES, row, strict=True))
    for name in _TIMES:
        named[name] = datetime.fromisoformat(named[name]) if named[name] else None
    return Subscription(**named)

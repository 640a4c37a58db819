"""Remember how far each feed was read, what was in it, and what is looked at again.

One SQLite file a Kafka cluster and namespace, beside that of what was sent. A poll is written in
one transaction, and only after Kafka has acknowledged all its articles: a crash makes the poll
happen again, and leaves no gap.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dateline.errors import ConfigError
from dateline.settings import Settings
from producers.feeds.feed_record import FeedRecord, GuidAlias, RecheckRow, SeenItem
from producers.feeds.feed_tables import (
    EPOCH,
    FEED,
    RECHECK,
    SCHEMA,
    SCHEMA_VERSION,
    from_epoch,
    to_epoch,
    transaction,
)
from producers.feeds.recheck_state import RecheckState
from producers.feeds.select_items import OVERLAP
from producers.sent_state import CACHE_KIB, state_path

# Other processes read the file; this one alone writes, for milliseconds.
BUSY_SECONDS = 30.0
# Entries without a time come back as news once they are forgotten: they are kept longer.
UNDATED_KEPT = timedelta(days=180)

_UPSERT_ITEM = (
    "INSERT OR REPLACE INTO item (feed, key, fingerprint, first_seen_at, last_seen_at, taken_at,"
    " item_at, is_backfill, text_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SELECT_ITEM = (
    "SELECT key, fingerprint, first_seen_at, last_seen_at, taken_at, item_at, is_backfill,"
    " text_sha256 FROM item WHERE feed = ?"
)


def feeds_state_path(settings: Settings, cluster_id: str) -> Path:
    """Return the file that belongs to this cluster and namespace."""
    return state_path(settings, cluster_id).with_suffix(".feeds.sqlite")


class FeedState(RecheckState):
    """The file, open. Use it in one thread, and close it.

    ``is_read_only`` looks on while a poller writes.

    Raises:
        ConfigError: the file is damaged, or of a newer Dateline; read only: it does not exist.
    """

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        self.path = path
        self._connection = _connect(path, is_read_only=is_read_only)
        try:
            self._prepare(is_read_only=is_read_only)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise _unusable(path, str(error)) from error
        except ConfigError:
            self._connection.close()
            raise

    def _prepare(self, *, is_read_only: bool) -> None:
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise ConfigError(
                f"feed state {self.path} has version {version}, this Dateline knows"
                f" {SCHEMA_VERSION}.",
                hint="Update Dateline, or move the file away: every feed is read anew.",
            )
        if is_read_only:
            # An empty file is not yet a state; a damaged one shows itself here.
            self._connection.execute("SELECT count(*) FROM feed").fetchone()
            return
        self._connection.execute("PRAGMA journal_mode=WAL")
        # Survives kill -9; a power cut may forget the last polls, which are then made again.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)
        self._connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.close()

    def __enter__(self) -> FeedState:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def feed(self, feed_id: str) -> FeedRecord | None:
        """Return what is known of a feed."""
        found = FEED.read(self._connection, "WHERE feed_id = ?", [feed_id])
        return found[0] if found else None

    def feeds(self) -> list[FeedRecord]:
        """Return all feeds, by publisher and address."""
        return FEED.read(self._connection, "ORDER BY source_id, feed_id")

    def seen(self, feed_id: str) -> dict[str, SeenItem]:
        """Return what was in a feed, by key and by every other GUID of the same entry."""
        feed = self._feed_number(feed_id)
        if feed is None:
            return {}
        found = {row[0]: _seen_item(row) for row in self._connection.execute(_SELECT_ITEM, (feed,))}
        # A GUID that two entries had names neither of them: a deletion might hit the wrong one.
        aliases = self._connection.execute(
            "SELECT guid, min(key) FROM alias WHERE feed = ? GROUP BY guid HAVING count(*) = 1",
            (feed,),
        )
        return found | {
            guid: found[key] for guid, key in aliases if key in found and guid not in found
        }

    def commit_poll(
        self,
        record: FeedRecord,
        *,
        seen: Iterable[SeenItem] = (),
        aliases: Iterable[GuidAlias] = (),
        rechecks: Iterable[RecheckRow] = (),
    ) -> None:
        """Write all that a poll has changed, all or nothing; it survives a kill of this process.

        Call it once Kafka has acknowledged every article of the poll.
        """
        with transaction(self._connection):
            feed = self._save_feed(record)
            self._connection.executemany(_UPSERT_ITEM, (_item_row(feed, each) for each in seen))
            self._connection.executemany(
                "INSERT OR REPLACE INTO alias (feed, key, guid) VALUES (?, ?, ?)",
                ((feed, alias.key, alias.guid) for alias in aliases),
            )
            RECHECK.put(self._connection, rechecks)

    def save_feed(self, record: FeedRecord) -> None:
        """Write the record of a feed alone: a poll that failed, or a new feed."""
        self.commit_poll(record)

    def forget_feed(self, feed_id: str) -> None:
        """Remove a feed and its entries; what is to be looked at again stays."""
        feed = self._feed_number(feed_id)
        with transaction(self._connection):
            for table in ("item", "alias"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE feed = ?",  # noqa: S608 (our own names)
                    (feed,),
                )
            self._connection.execute("DELETE FROM feed WHERE feed_id = ?", (feed_id,))

    def prune(self, feed_id: str) -> int:
        """Forget entries that left the feed 30 days ago and are as far below its cursor.

        Days count to the last poll that succeeded, so that a pause forgets nothing. Entries without
        a time are kept for 180 days.

        Returns:
            the number of entries forgotten.
        """
        record, feed = self.feed(feed_id), self._feed_number(feed_id)
        if record is None or record.last_success_at is None:
            return 0
        cursor_at = record.cursor_at or record.last_success_at
        with transaction(self._connection):
            done = self._connection.execute(
                "DELETE FROM item WHERE feed = ? AND last_seen_at < ? AND item_at < ?"
                " OR feed = ? AND last_seen_at < ? AND item_at IS NULL",
                (
                    feed,
                    to_epoch(record.last_success_at - OVERLAP),
                    to_epoch(cursor_at - OVERLAP),
                    feed,
                    to_epoch(record.last_success_at - UNDATED_KEPT),
                ),
            )
            self._connection.execute(
                "DELETE FROM alias WHERE feed = ?"
                " AND key NOT IN (SELECT key FROM item WHERE feed = ?)",
                (feed, feed),
            )
        return done.rowcount

    def _save_feed(self, record: FeedRecord) -> int:
        (number,) = self._connection.execute(
            f"{FEED.upsert} RETURNING number", FEED.row(record)
        ).fetchone()
        return int(number)

    def _feed_number(self, feed_id: str) -> int | None:
        row = self._connection.execute("SELECT number FROM feed WHERE feed_id = ?", (feed_id,))
        found = row.fetchone()
        return int(found[0]) if found else None


def _connect(path: Path, *, is_read_only: bool) -> sqlite3.Connection:
    if not is_read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
    except sqlite3.OperationalError as error:
        raise ConfigError(
            f"feed state {path} cannot be read: {error}.", hint="No feed was polled yet?"
        ) from error


def _unusable(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"feed state {path} cannot be used: {reason}.",
        hint="Move the file away: every feed is read anew, as backfill; nothing is sent twice.",
    )


def _item_row(feed: int, item: SeenItem) -> tuple[Any, ...]:
    return (
        feed,
        item.key,
        item.fingerprint,
        to_epoch(item.first_seen_at),
        to_epoch(item.last_seen_at),
        to_epoch(item.taken_at),
        to_epoch(item.item_at),
        item.is_backfill,
        item.text_sha256,
    )


def _seen_item(row: tuple[Any, ...]) -> SeenItem:
    key, fingerprint, first_seen_at, last_seen_at, taken_at, item_at, is_backfill, text = row
    return SeenItem(
        key=key,
        fingerprint=fingerprint,
        first_seen_at=EPOCH + timedelta(microseconds=first_seen_at),
        last_seen_at=EPOCH + timedelta(microseconds=last_seen_at),
        taken_at=from_epoch(taken_at),
        item_at=from_epoch(item_at),
        is_backfill=bool(is_backfill),
        text_sha256=text,
    )

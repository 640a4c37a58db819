"""Remember the articles whose pages are to be looked at again, and what the last looks have shown.

The part of `FeedState` on rechecks; one file, one connection.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import Literal

from producers.feeds.feed_record import RecheckRow
from producers.feeds.feed_tables import HOST, RECHECK, from_epoch, to_epoch, transaction
from producers.feeds.site_outage import SiteSigns

LookOutcome = Literal["there", "gone", "held"]

_DUE = f"""
WHERE article_id IN (
    SELECT article_id FROM recheck INDEXED BY recheck_due
    WHERE due_at <= :now
    AND (:sources IS NULL OR source_id IN (SELECT value FROM json_each(:sources)))
    AND {HOST} NOT IN (SELECT value FROM json_each(:busy_hosts))
    ORDER BY due_at LIMIT :limit
) ORDER BY due_at
"""  # noqa: S608 (our own names)
_LOOKS = f"""
SELECT outcome, count(*) FROM recheck JOIN look USING (article_id)
WHERE {HOST} = (SELECT {HOST} FROM (SELECT ? AS url)) AND article_id != ? AND at >= ?
GROUP BY outcome
"""  # noqa: S608
_HAS_LOOKS = "SELECT 1 FROM sqlite_master WHERE name = 'look'"
# None: the publisher has no feed that could tell.
_IS_FEED_READ = """
SELECT max(error_count = 0 AND last_success_at IS NOT NULL AND last_success_at >= ?)
FROM feed WHERE source_id = ?
"""


class RecheckState:
    """Rechecks of the open file ``_connection``."""

    _connection: sqlite3.Connection

    def due_rechecks(
        self,
        now: datetime,
        *,
        sources: Collection[str] | None = None,
        busy_hosts: Collection[str] = (),
        limit: int = 100,
    ) -> list[RecheckRow]:
        """Return the articles to look at again, those due longest first.

        Args:
            now: what is due by then.
            sources: of these publishers only; None: of all.
            busy_hosts: not at these (``host:port``).
            limit: at most so many.
        """
        return RECHECK.read(
            self._connection,
            _DUE,
            {
                "now": to_epoch(now),
                "sources": None if sources is None else json.dumps(list(sources)),
                "busy_hosts": json.dumps(list(busy_hosts)),
                "limit": limit,
            },
        )

    def recheck(self, article_id: str) -> RecheckRow | None:
        """Return the recheck of an article."""
        found = RECHECK.read(self._connection, "WHERE article_id = ?", [article_id])
        return found[0] if found else None

    def next_recheck_at(self) -> datetime | None:
        """Return when the next look is due, None when there is none to come."""
        (due,) = self._connection.execute("SELECT min(due_at) FROM recheck").fetchone()
        return from_epoch(due)

    def update_recheck(
        self,
        article_id: str,
        row: RecheckRow | None,
        *,
        outcome: LookOutcome | None = None,
        at: datetime | None = None,
    ) -> None:
        """Write the row of an article after a look, or remove it (None).

        ``outcome`` is what the look at ``at`` has shown; None: what was shown before stands.
        """
        with transaction(self._connection):
            if row is None:
                self._connection.execute("DELETE FROM recheck WHERE article_id = ?", [article_id])
                return
            RECHECK.put(self._connection, [row])
            if outcome is not None:
                self._connection.execute(
                    "INSERT OR REPLACE INTO look (article_id, at, outcome) VALUES (?, ?, ?)",
                    (article_id, to_epoch(at), outcome),
                )

    def forget_rechecks(self, sources: Collection[str], *, due_before: datetime) -> int:
        """Remove what was due before then, of all publishers but ``sources``; return how many."""
        with transaction(self._connection):
            done = self._connection.execute(
                "DELETE FROM recheck"
                " WHERE due_at < ? AND source_id NOT IN (SELECT value FROM json_each(?))",
                (to_epoch(due_before), json.dumps(list(sources))),
            )
        return done.rowcount

    def site_signs(self, row: RecheckRow, *, since: datetime) -> SiteSigns:
        """Return what the site of an article has shown since then, the article itself apart."""
        looks: dict[LookOutcome, int] = dict(
            self._connection.execute(_LOOKS, (row.url, row.article_id, to_epoch(since)))
        )
        (is_feed_read,) = self._connection.execute(
            _IS_FEED_READ, (to_epoch(since), row.source_id)
        ).fetchone()
        held_count = looks.get("held", 0)
        return SiteSigns(
            is_feed_read=is_feed_read in (None, 1),
            there_count=looks.get("there", 0),
            gone_count=looks.get("gone", 0) + held_count,
            held_count=held_count,
        )

    def held_counts(self) -> dict[str, int]:
        """Return by publisher how many deletions are held back: its site seems out of order."""
        # A file of an earlier version has no looks until a poller has opened it.
        if not self._connection.execute(_HAS_LOOKS).fetchone():
            return {}
        query = (
            "SELECT source_id, count(*) FROM look JOIN recheck USING (article_id)"
            " WHERE outcome = 'held' GROUP BY source_id ORDER BY source_id"
        )
        return dict(self._connection.execute(query))

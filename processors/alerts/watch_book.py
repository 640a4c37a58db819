"""Hold the watches that are in force, as the topic of watches says."""

from __future__ import annotations

import logging

from dateline.alert_records import MatchReason, Watch
from dateline.errors import QueryInvalid
from dateline.watches.article_view import ArticleView
from dateline.watches.watch_index import WatchIndex
from dateline.watches.watchlist import CHANNEL_PREFIX, WatchChange

log = logging.getLogger(__name__)


class WatchBook:
    """The active watches by id, and the index that finds those an article matches."""

    def __init__(self) -> None:
        self._watches: dict[str, Watch] = {}
        self._index = WatchIndex()

    def __len__(self) -> int:
        """Return how many watches are in force."""
        return len(self._watches)

    def apply(self, change: WatchChange) -> None:
        """Take in a record; a query that cannot be read takes its watch out of force, loudly."""
        record = change.record
        if isinstance(record, Watch) and record.is_active:
            self._put(record)
        elif isinstance(record, Watch):
            self._remove(record.watch_id)
        elif record is None and not change.key.startswith(CHANNEL_PREFIX):
            self._remove(change.key)

    def find(self, watch_id: str) -> Watch | None:
        """Return a watch in force."""
        return self._watches.get(watch_id)

    def match(self, view: ArticleView) -> list[tuple[Watch, tuple[MatchReason, ...]]]:
        """Return the watches whose queries are true of the article, by id, and why."""
        found = sorted(self._index.match(view), key=lambda match: match.watch_id)
        return [(self._watches[match.watch_id], match.reasons) for match in found]

    def _put(self, watch: Watch) -> None:
        try:
            self._index.put(watch)
        except QueryInvalid as error:
            log.critical("ALARM alerts: watch %s is not in force: %s", watch.watch_id, error)
            self._remove(watch.watch_id)
        else:
            self._watches[watch.watch_id] = watch

    def _remove(self, watch_id: str) -> None:
        self._index.remove(watch_id)
        self._watches.pop(watch_id, None)

"""Know the channels of ``news.watch.v1`` as they are now."""

from __future__ import annotations

import logging

from dateline.alert_records import Channel
from dateline.watches.watchlist import WatchChange, Watchlist

log = logging.getLogger(__name__)


class KnownChannels:
    """The channels that are there: not those that were removed."""

    def __init__(self) -> None:
        self._watchlist = Watchlist()
        self._missing: set[str] = set()

    def count(self) -> int:
        """Return how many channels were ever made and not taken away."""
        return len(self._watchlist.channels)

    def apply(self, change: WatchChange) -> None:
        """Take in a change; watches are left out."""
        if change.record is None or isinstance(change.record, Channel):
            self._watchlist.apply(change)
        if isinstance(change.record, Channel):
            self._missing.discard(change.record.channel_id)

    def find(self, channel_id: str) -> Channel | None:
        """Return the channel; None: there is none, or it was removed."""
        channel = self._watchlist.channels.get(channel_id)
        return channel if channel is not None and channel.is_active else None

    def told(self, channel_id: str) -> Channel | None:
        """Return the channel; one that is not there is told in the log, once."""
        channel = self.find(channel_id)
        if channel is None and channel_id not in self._missing:
            self._missing.add(channel_id)
            log.warning(
                "deliver: there is no channel %s; its alerts wait until it is added", channel_id
            )
        return channel

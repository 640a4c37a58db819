"""Return watches and channels by id, as the records of ``news.watch.v1`` tell them; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from dateline.alert_records import Channel, Watch

CHANNEL_PREFIX = "channel:"  # no id of a watch holds a colon

WatchRecord = Watch | Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """All watches and channels by id, also those that are not active."""

    watches: dict[str, Watch] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)

    def apply(self, change: WatchChange) -> None:
        """Take in a change."""
        match change.record:
            case Watch():
                self.watches[change.record.watch_id] = change.record
            case Channel():
                self.channels[change.record.channel_id] = change.record
            case None if change.key.startswith(CHANNEL_PREFIX):
                self.channels.pop(change.key.removeprefix(CHANNEL_PREFIX), None)
            case None:
                self.watches.pop(change.key, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchChange:
    """A record of the topic; None: its key was taken away."""

    key: str
    record: WatchRecord | None


def record_key(record: WatchRecord) -> str:
    """Return the key under which a record stands on the topic."""
    return record.watch_id if isinstance(record, Watch) else f"{CHANNEL_PREFIX}{record.channel_id}"

"""Return what is known of channels: failures in a row, who is disabled and why, what an hour took.

All changes are functions of the state and the time; ``ChannelStates`` keeps them in Elasticsearch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from elasticsearch import AsyncElasticsearch

from dateline.alert_records import Channel
from dateline.alerts.guarded_records import GuardedRecords, Stored
from dateline.search.templates import RecordIndex

# Standard Webhooks, "automatically disabling endpoints", names "several days" and no number.
DISABLED_AFTER = timedelta(days=5)
# A clock that jumps ahead for days makes one failure look like many.
DISABLED_AFTER_FAILURES = 5
HOUR = timedelta(hours=1)
MAX_REASON_CHARS = 200
MAX_TROUBLED = 10_000  # Elasticsearch's own limit of one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """What happened in a channel.

    Attributes:
        is_disabled: nothing is sent; what is due waits for a newer ``Channel`` record.
        failures_in_a_row: since something was delivered, or since it was enabled.
        first_failed_at: of these.
        hour_started_at: ``sent_in_hour`` messages were sent in this hour; only counted where the
            channel has a limit.
    """

    channel_id: str
    is_disabled: bool = False
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    failures_in_a_row: int = 0
    first_failed_at: datetime | None = None
    hour_started_at: datetime | None = None
    sent_in_hour: int = 0


def in_force(state: ChannelState, channel: Channel) -> ChannelState:
    """Return the state, forgotten when the channel was changed after it was disabled."""
    changed_at = channel.changed_at or channel.created_at
    if state.is_disabled and state.disabled_at is not None and changed_at > state.disabled_at:
        return ChannelState(channel_id=state.channel_id)
    return state


def after_failure(state: ChannelState, now: datetime) -> ChannelState:
    """Return the state after one more failure."""
    return replace(
        state,
        failures_in_a_row=state.failures_in_a_row + 1,
        first_failed_at=state.first_failed_at or now,
    )


def after_success(state: ChannelState) -> ChannelState:
    """Return the state after something was delivered."""
    return replace(state, failures_in_a_row=0, first_failed_at=None)


def fails_for_days(state: ChannelState, now: datetime) -> bool:
    """Return whether nothing got through for so long that nobody can be there."""
    return (
        state.first_failed_at is not None
        and now - state.first_failed_at >= DISABLED_AFTER
        and state.failures_in_a_row >= DISABLED_AFTER_FAILURES
    )


def disabled(state: ChannelState, reason: str, now: datetime) -> ChannelState:
    """Return the state of a channel to which nothing is sent any more."""
    return replace(
        state, is_disabled=True, disabled_at=now, disabled_reason=reason[:MAX_REASON_CHARS]
    )


def hour_of(at: datetime) -> datetime:
    """Return the start of the hour by the clock."""
    return at.replace(minute=0, second=0, microsecond=0)


def with_slot(
    state: ChannelState, now: datetime, *, max_per_hour: int, is_forced: bool = False
) -> ChannelState | None:
    """Return the state with one more message in this hour; None: the hour is full.

    A clock that jumps begins another hour. ``is_forced``: counts, but is never refused.
    """
    hour = hour_of(now)
    sent = state.sent_in_hour if state.hour_started_at == hour else 0
    if sent >= max_per_hour and not is_forced:
        return None
    return replace(state, hour_started_at=hour, sent_in_hour=sent + 1)


class ChannelStates:
    """The states of all channels; ``DependencyUnavailable`` means: try again."""

    def __init__(self, client: AsyncElasticsearch, index: RecordIndex) -> None:
        self._records = GuardedRecords(client, index, ChannelState, lambda each: each.channel_id)

    async def get(self, channel_ids: Sequence[str]) -> dict[str, ChannelState]:
        """Return the states by channel; a channel of which nothing is known has an empty one."""
        found = await self._records.get(channel_ids)
        return {
            each: found[each].record if each in found else ChannelState(channel_id=each)
            for each in channel_ids
        }

    async def troubled(self, *, refresh: bool = False) -> dict[str, ChannelState]:
        """Return the channels that fail or were disabled, by id, as of the last refresh."""
        found = await self._records.search(
            {
                "bool": {
                    "should": [
                        {"term": {"is_disabled": True}},
                        {"range": {"failures_in_a_row": {"gt": 0}}},
                    ]
                }
            },
            sort=({"channel_id": "asc"},),
            limit=MAX_TROUBLED,
            refresh=refresh,
        )
        return {each.record.channel_id: each.record for each in found}

    async def change(
        self, channel_id: str, change: Callable[[ChannelState], ChannelState | None]
    ) -> ChannelState | None:
        """Write what ``change`` makes of the newest state, and return it; None: it wants no change.

        ``change`` may be called several times.
        """
        while True:
            base = await self._newest(channel_id)
            wanted = change(base.record)
            if wanted is None or wanted == base.record:
                return wanted
            if await self._records.save(base, wanted) is not None:
                return wanted

    async def _newest(self, channel_id: str) -> Stored[ChannelState]:
        while True:
            found = (await self._records.get([channel_id])).get(channel_id)
            created = None
            if found is None:
                (created,) = await self._records.create([ChannelState(channel_id=channel_id)])
            if found := found or created:
                return found

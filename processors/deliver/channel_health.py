"""Know which channels take messages, and tell loudly when one is disabled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from dateline.alert_records import Channel
from dateline.alerts.channel_states import (
    ChannelState,
    ChannelStates,
    after_failure,
    after_success,
    disabled,
    fails_for_days,
    in_force,
    with_slot,
)
from dateline.alerts.deliveries import DeliveryStore
from dateline.channels.message import Sent
from processors.deliver.schedule import LONGEST_RETRY_AFTER_SECONDS

log = logging.getLogger(__name__)
_Change = Callable[[ChannelState, datetime], ChannelState]

# One message that its receiver chokes on says nothing of the channel; this many in a row do.
FAILURES_BEFORE_PAUSE = 3
LONGEST_PAUSE_SECONDS = 300.0


def pause_seconds(sent: Sent, failures_in_a_row: int, schedule: Sequence[float]) -> float:
    """Return how long a channel is left alone after a failure: as it asks, or longer each time."""
    if sent.retry_after_seconds is not None:
        return min(sent.retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS)
    more = failures_in_a_row - FAILURES_BEFORE_PAUSE
    if more < 0 or len(schedule) < 2:  # noqa: PLR2004 (one attempt: there is no pause to go by)
        return 0.0
    return float(min(LONGEST_PAUSE_SECONDS, schedule[1] * 2 ** min(more, 16)))


class ChannelHealth:
    """The states of channels as this process knows them; what it changes is written at once."""

    def __init__(self, states: ChannelStates, store: DeliveryStore) -> None:
        self._states = states
        self._store = store
        self._troubled: dict[str, ChannelState] = {}

    async def refresh(self) -> None:
        """Learn what other processes have seen."""
        self._troubled = await self._states.troubled()

    def state(self, channel_id: str, channel: Channel | None) -> ChannelState:
        """Return the state that counts for the channel as it is set up now."""
        state = self._troubled.get(channel_id) or ChannelState(channel_id=channel_id)
        return in_force(state, channel) if channel else state

    def is_open(self, channel: Channel) -> bool:
        """Return whether messages may be sent to it."""
        return not self.state(channel.channel_id, channel).is_disabled

    async def has_slot(self, channel: Channel, now: datetime, *, is_forced: bool = False) -> bool:
        """Count a message for this hour; False: the channel's limit is reached."""
        limit = channel.max_per_hour
        if limit is None:
            return True
        return bool(
            await self._states.change(
                channel.channel_id,
                lambda state: with_slot(state, now, max_per_hour=limit, is_forced=is_forced),
            )
        )

    async def succeeded(self, channel: Channel) -> None:
        """Forget earlier failures."""
        if channel.channel_id in self._troubled:
            await self._states.change(
                channel.channel_id, lambda state: after_success(in_force(state, channel))
            )
            self._troubled.pop(channel.channel_id, None)

    async def failed(self, channel: Channel, sent: Sent, now: datetime) -> ChannelState:
        """Count a failure, and disable a channel that is gone or has failed for days."""
        if sent.outcome == "gone":
            return await self._disable(channel, sent.error or "it says that it is gone", now)
        state = await self._change(channel, after_failure, now)
        if not fails_for_days(state, now) or state.first_failed_at is None:
            return state
        if await self._store.delivered_since(channel.channel_id, state.first_failed_at):
            # Another process got through.
            return await self._change(channel, lambda each, _: after_success(each), now)
        return await self._disable(channel, f"it fails for days: {sent.error}", now)

    async def _disable(self, channel: Channel, reason: str, now: datetime) -> ChannelState:
        state = await self._change(channel, lambda each, at: disabled(each, reason, at), now)
        log.critical(
            "ALARM deliver: channel %s is disabled: %s; its alerts wait until it is set up again",
            channel.channel_id, reason,
        )  # fmt: skip
        return state

    async def _change(self, channel: Channel, change: _Change, now: datetime) -> ChannelState:
        changed = await self._states.change(
            channel.channel_id, lambda state: change(in_force(state, channel), now)
        )
        state = changed or ChannelState(channel_id=channel.channel_id)
        self._troubled[channel.channel_id] = state
        return state

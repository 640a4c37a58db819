"""Return a delivery as it is after something happened to it; functions of their arguments alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from dateline.alert_records import Channel
from dateline.alerts.channel_states import ChannelState, in_force
from dateline.alerts.deliveries import Attempt, Delivery, with_attempt
from dateline.channels.message import Sent
from processors.deliver.schedule import Hold, hold, retry_pause_seconds

SettledStatus = Literal["withdrawn", "nothing_to_correct"]
MAX_BUGS = 3  # contract point 13: alone, three times
BUG_PAUSE = timedelta(seconds=5)


def held(delivery: Delivery, how: Hold) -> Delivery:
    """Return it held: it is told together with others; its identity is theirs, then."""
    return replace(
        _free(delivery), status="held", held_for=how.reason, next_attempt_at=how.until,
        message_id="",
    )  # fmt: skip


def parked(delivery: Delivery, channel: Channel | None) -> Delivery:
    """Return it waiting for its channel to be enabled, or to be there at all."""
    return replace(
        _free(delivery),
        status="held" if channel else "no_channel",
        held_for="channel",
        next_attempt_at=None,
    )


def postponed(delivery: Delivery, until: datetime) -> Delivery:
    """Return it due later; no attempt was made."""
    return replace(_free(delivery), next_attempt_at=until)


def released(delivery: Delivery, now: datetime) -> Delivery:
    """Return a message whose channel is there again: due, and its schedule begins anew."""
    return replace(
        _free(delivery), status="forming" if delivery.is_bundle else "waiting", held_for="",
        attempts=0, next_attempt_at=now,
    )  # fmt: skip


def leased(delivery: Delivery, owner: str, until: datetime) -> Delivery:
    """Return it in the hands of a process; from here on its message id never changes."""
    return replace(
        delivery, lease_owner=owner, lease_until=until, held_for="",
        message_id=delivery.message_id or delivery.delivery_id,
    )  # fmt: skip


def as_created(
    delivery: Delivery, channel: Channel | None, state: ChannelState, now: datetime
) -> Delivery:
    """Return a new delivery as it is first written: due, held, or waiting for its channel."""
    if channel is None or in_force(state, channel).is_disabled:
        return parked(delivery, channel)
    how = hold(channel, now)
    return held(delivery, how) if how else delivery


def after_sent(
    delivery: Delivery, sent: Sent, now: datetime, *, schedule: Sequence[float], jitter: float
) -> Delivery:
    """Return it after a try, whatever came of it.

    ``gone`` waits for its channel. ``refused`` is tried again like a failure: the set-up that it
    complains about is mended by an operator, without a word to us.
    """
    tried = with_attempt(
        replace(delivery, attempts=delivery.attempts + 1, bug_count=0),
        Attempt(
            at=now, outcome=sent.outcome, status_code=sent.status_code, error=sent.error
        ),
    )  # fmt: skip
    if sent.outcome == "delivered":
        return replace(tried, status="delivered", delivered_at=now, next_attempt_at=None)
    if sent.outcome == "gone":
        return replace(tried, status="held", held_for="channel", next_attempt_at=None)
    pause = retry_pause_seconds(
        tried.attempts, schedule=schedule, retry_after_seconds=sent.retry_after_seconds,
        jitter=jitter,
    )  # fmt: skip
    if pause is None:
        return replace(tried, status="failed", next_attempt_at=None)
    return replace(tried, next_attempt_at=now + timedelta(seconds=pause))


def after_bug(delivery: Delivery, error: str, now: datetime) -> Delivery:
    """Return it after our own code failed with it: again alone, given up the third time."""
    tried = with_attempt(
        replace(delivery, bug_count=delivery.bug_count + 1),
        Attempt(at=now, outcome="our_bug", error=error),
    )
    if tried.bug_count >= MAX_BUGS:
        return replace(tried, status="failed", next_attempt_at=None)
    return replace(tried, next_attempt_at=now + BUG_PAUSE)


def alone(member: Delivery, now: datetime) -> Delivery:
    """Return a member of a bundle that our own code cannot tell: sent by itself."""
    return replace(
        _free(member), status="waiting", message_id=member.delivery_id, next_attempt_at=now
    )


def settled(delivery: Delivery, status: SettledStatus) -> Delivery:
    """Return it as done without a message."""
    return replace(_free(delivery), status=status, next_attempt_at=None)


def _free(delivery: Delivery) -> Delivery:
    return replace(delivery, lease_until=None, lease_owner="")

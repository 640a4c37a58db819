"""Say when a message is sent: retries, quiet hours, digests; functions of the time alone.

Times are aware and in UTC; a channel's own are in its time zone, across changes of the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateline.alert_records import Channel, QuietHours
from dateline.alerts.channel_states import HOUR, hour_of
from dateline.alerts.deliveries import HeldFor

JITTER = 0.1  # of the pause, added: receivers that come back are not hit by all at once
LONGEST_RETRY_AFTER_SECONDS = 86_400.0
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Until when a message waits, and for what."""

    until: datetime
    reason: HeldFor


def retry_pause_seconds(
    attempts: int,
    *,
    schedule: Sequence[float],
    retry_after_seconds: float | None = None,
    jitter: float,
) -> float | None:
    """Return the pause after so many failed attempts; None: the message is given up.

    Args:
        attempts: made so far, at least one.
        schedule: pauses in seconds before the first, second, ... attempt; the default of the
            setting is that of Standard Webhooks 1.0.0, 75 h 35 min in all.
        retry_after_seconds: what the receiver asked for; lengthens the pause, by a day at most.
        jitter: between 0 and 1.
    """
    if attempts >= len(schedule):
        return None
    pause = schedule[attempts]
    if retry_after_seconds is not None:
        pause = max(pause, min(retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS))
    return pause * (1 + JITTER * jitter)


def hold(channel: Channel, now: datetime) -> Hold | None:
    """Return until when a message that is due now is held; None: it may be sent."""
    if channel.digest != "none":
        return Hold(until=after_quiet(channel, next_digest(channel, now)), reason="digest")
    until = after_quiet(channel, now)
    return Hold(until=until, reason="quiet_hours") if until > now else None


def hold_for_hour(channel: Channel, now: datetime) -> Hold:
    """Return until when a message is held that the channel's limit of an hour has no place for."""
    return Hold(until=after_quiet(channel, hour_of(now) + HOUR), reason="rate")


def next_digest(channel: Channel, now: datetime) -> datetime:
    """Return the first time after ``now`` at which the channel's digest is due."""
    if channel.digest == "hourly":
        return hour_of(now) + HOUR
    zone = _zone(channel.time_zone)
    local = now.astimezone(zone)
    due_at = _moments(local, time(channel.digest_hour), zone)[0]
    return due_at if due_at > now else _moments(local + DAY, time(channel.digest_hour), zone)[0]


def after_quiet(channel: Channel, at: datetime) -> datetime:
    """Return ``at``, or the end of the quiet hours that it falls into."""
    quiet = channel.quiet_hours
    if quiet is None or not _is_quiet(quiet, at):
        return at
    zone = _zone(quiet.time_zone)
    local, ends_at = at.astimezone(zone), time.fromisoformat(quiet.ends_at)
    ends = [*_moments(local, ends_at, zone), *_moments(local + DAY, ends_at, zone)]
    return min(end for end in ends if end > at)


def _is_quiet(quiet: QuietHours, at: datetime) -> bool:
    starts_at, ends_at = time.fromisoformat(quiet.starts_at), time.fromisoformat(quiet.ends_at)
    local = at.astimezone(_zone(quiet.time_zone)).time().replace(fold=0)
    if starts_at <= ends_at:
        return starts_at <= local < ends_at
    return local >= starts_at or local < ends_at


def _moments(day: datetime, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the clocks of ``zone`` show ``at`` that day: twice the same but when set back.

    A time that is skipped is the moment that would have been it, had the clock not been set.
    """
    first = datetime.combine(day.date(), at, tzinfo=zone)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    # Names are checked when a channel is made; one that this machine lacks must not stop messages.
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")

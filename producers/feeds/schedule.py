"""Say when a feed is polled next: soon where news is frequent, patiently where there is none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PollOutcome = Literal["new", "edited", "unchanged", "failed", "missing", "gone"]

GROWTH = 1.5
JITTER = 0.1
# An entry is found half a gap after it appeared, in the mean, when polls are half a gap apart.
GAPS_PER_POLL = 0.5
GAP_WEIGHT = 0.3  # of the newest gap in the running mean: about the last five count
# Feeds write ttl=1440 or max-age of a year and publish every minute all the same.
MAX_WISH_SECONDS = 3600.0
MAX_ERROR_SECONDS = 6 * 3600.0
GONE_SECONDS = 7 * 86400.0
MAX_RETRY_AFTER_SECONDS = 86400.0
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?([0-9]{1,10})")
_DIGITS = re.compile(r"[0-9]{1,10}")
MAX_DOUBLINGS = 30  # beyond it every interval is at its ceiling, and 2.0**n would overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLimits:
    """Shortest and longest time between two polls; the shortest wins where they contradict."""

    min_seconds: float
    max_seconds: float

    @property
    def ceiling_seconds(self) -> float:
        """Return the longest interval that is not below the shortest."""
        return max(self.min_seconds, self.max_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSignals:
    """What a poll brought that bears on the time of the next.

    ``edited`` is known entries only, ``missing`` a 404, ``gone`` a 410. ``is_backlog`` says that
    new entries were left over.
    ``ttl_seconds`` is the publisher's wish, ``retry_after_seconds`` the server's. ``error_count``
    counts the errors in a row with this one.
    """

    outcome: PollOutcome
    is_backlog: bool = False
    mean_gap_seconds: float | None = None
    ttl_seconds: float | None = None
    retry_after_seconds: float | None = None
    error_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPoll:
    """The healthy interval, to be remembered, and how long to wait this time."""

    interval_seconds: float
    delay_seconds: float


def plan_next_poll(
    previous_seconds: float | None,
    signals: PollSignals,
    limits: PollLimits,
    *,
    feed_id: str,
    poll_count: int,
) -> NextPoll:
    """Return when the next poll is due, with a jitter that is always the same for the same poll.

    The jitter never goes below the shortest interval, the publisher's wish or ``Retry-After``, and
    never above the ceiling of what was asked for.
    """
    interval = next_interval_seconds(previous_seconds, signals, limits)
    wait, low, high = _bounds(interval, signals, limits)
    factor = 1 + JITTER * (2 * _fraction(f"{feed_id} {poll_count}") - 1)
    return NextPoll(interval_seconds=interval, delay_seconds=min(max(wait * factor, low), high))


def next_interval_seconds(
    previous_seconds: float | None, signals: PollSignals, limits: PollLimits
) -> float:
    """Return the healthy interval between polls of a feed.

    New entries: halfway from the previous interval to half the mean time between entries, never
    longer than before. Nothing new: half as long again. A first poll: half the mean time. Edits
    and errors change nothing here (errors delay the next poll). The result is within the limits.
    """
    gap = signals.mean_gap_seconds
    interval = previous_seconds
    if interval is None:
        interval = limits.min_seconds if gap is None else gap * GAPS_PER_POLL
    elif signals.outcome == "new":
        target = (interval if gap is None else gap) * GAPS_PER_POLL
        interval = min(interval, (interval + target) / 2)
    elif signals.outcome == "unchanged":
        interval *= GROWTH
    return min(max(interval, limits.min_seconds), limits.ceiling_seconds)


def first_delay_seconds(feed_id: str, *, now: datetime, spread_seconds: float) -> float:
    """Return when a feed that is due at a start is polled: all of them spread over some time.

    Another start gives another order: processes that die young must not always miss the same feeds.
    """
    return spread_seconds * _fraction(f"start {feed_id} {now.isoformat()}")


def observed_gap_seconds(
    mean_seconds: float | None, *, since_last_new_seconds: float, new_count: int
) -> float | None:
    """Return the running mean of the time between entries, after ``new_count`` new ones."""
    if new_count <= 0:
        return mean_seconds
    gap = max(since_last_new_seconds, 0.0) / new_count
    return gap if mean_seconds is None else mean_seconds + GAP_WEIGHT * (gap - mean_seconds)


def published_gap_seconds(times: Iterable[datetime]) -> float | None:
    """Return the mean time between entries as they state it; the first guess for a new feed."""
    found = sorted(times)
    span = (found[-1] - found[0]).total_seconds() if found else 0.0
    return span / (len(found) - 1) if span > 0 else None


def cache_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how long the server says an answer stays fresh, None where it does not say.

    Args:
        headers: of the answer, names in lower case; ``Cache-Control`` and ``Age`` are read.
    """
    control = headers.get("cache-control", "").lower()
    match = _MAX_AGE.search(control)
    if match is None or "no-cache" in control or "no-store" in control:
        return None
    age = _DIGITS.fullmatch(headers.get("age", "").strip())
    return float(max(int(match[1]) - (int(age[0]) if age else 0), 0))


def _bounds(
    interval: float, signals: PollSignals, limits: PollLimits
) -> tuple[float, float, float]:
    """Return the wait before jitter, and the least and longest wait after it."""
    floor, ceiling = limits.min_seconds, limits.ceiling_seconds
    asked = min(signals.retry_after_seconds or 0.0, MAX_RETRY_AFTER_SECONDS)
    if signals.outcome == "gone":
        # Not before: a 410 is a plain request to stay away.
        return GONE_SECONDS, max(GONE_SECONDS, asked), GONE_SECONDS * (1 + JITTER)
    if signals.outcome in ("failed", "missing"):
        # A feed that is not there is asked for less and less, whatever its usual ceiling.
        limit = (
            MAX_ERROR_SECONDS if signals.outcome == "missing" else min(ceiling, MAX_ERROR_SECONDS)
        )
        limit = max(limit, floor)
        wait = min(interval * 2.0 ** min(signals.error_count, MAX_DOUBLINGS), limit)
        return max(wait, asked), max(floor, asked), max(limit, asked)
    wish = min(signals.ttl_seconds or 0.0, MAX_WISH_SECONDS, ceiling)
    low = max(floor, wish, asked)
    wait = floor if signals.is_backlog else interval
    return max(wait, low), low, max(ceiling, asked)


def _fraction(text: str) -> float:
    """Return a number from 0 to below 1 that depends on nothing but ``text``."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48

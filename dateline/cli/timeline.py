"""Return how many articles a story had when, as a line of bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BARS = "▁▂▃▄▅▆▇█"
NONE = "·"
# What fits on a line beside its times.
MAX_BARS = 48
STEPS = (
    ("hour", timedelta(hours=1)),
    ("6 hours", timedelta(hours=6)),
    ("day", timedelta(days=1)),
    ("week", timedelta(days=7)),
    ("4 weeks", timedelta(days=28)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Bars from ``start``, one a ``step``; ``most`` articles make the tallest."""

    bars: str
    step: str
    start: datetime
    most: int


def timeline(times: Sequence[datetime]) -> Timeline | None:
    """Return the bars of at least two different times, else None.

    The step is the shortest of an hour, six hours, a day, a week and four weeks with which the line
    fits; longer ones are as many times four weeks as needed.
    """
    if not times or min(times) == max(times):
        return None
    first, last = min(times), max(times)
    name, step = next(
        ((name, step) for name, step in STEPS if _count(first, last, step) <= MAX_BARS),
        _longer(first, last),
    )
    counts = Counter(_bar(each, step) - _bar(first, step) for each in times)
    most = max(counts.values())
    return Timeline(
        bars="".join(
            BARS[(counts[at] * len(BARS) - 1) // most] if counts[at] else NONE
            for at in range(_count(first, last, step))
        ),
        step=name,
        start=_begin(first, step),
        most=most,
    )


def _longer(first: datetime, last: datetime) -> tuple[str, timedelta]:
    weeks = STEPS[-1][1]
    times = -(-_count(first, last, weeks) // (MAX_BARS - 1))
    return f"{4 * times} weeks", times * weeks


def _bar(moment: datetime, step: timedelta) -> int:
    return int(moment.timestamp() // step.total_seconds())


def _begin(moment: datetime, step: timedelta) -> datetime:
    return datetime.fromtimestamp(_bar(moment, step) * step.total_seconds(), tz=moment.tzinfo)


def _count(first: datetime, last: datetime, step: timedelta) -> int:
    return _bar(last, step) - _bar(first, step) + 1

"""Return points in time from what people type: ``7d``, ``12h``, ``2026-11-20``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

RELATIVE = re.compile(r"(\d{1,6})\s*([mhdw])", re.ASCII)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
EXPECTED = "expected 30m, 12h, 7d, 2w, a date (2026-11-20) or a time (2026-11-20T08:00Z)"


def parse_moment(text: str, now: datetime, *, is_end: bool = False) -> datetime:
    """Return the aware UTC time that ``text`` names.

    Args:
        text: an age (``7d`` is seven days before ``now``), an ISO 8601 date or time; without a
            zone it is UTC.
        now: what ages count from.
        is_end: the moment ends a range, and a whole day belongs to it: return the next midnight.

    Raises:
        ValueError: it is neither, or out of the calendar; the message says what is expected.
    """
    given = text.strip()
    age = RELATIVE.fullmatch(given.lower())
    try:
        if age:
            return now.astimezone(UTC) - timedelta(**{UNITS[age[2]]: int(age[1])})
        return _absolute(given, is_end=is_end)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time: {EXPECTED}") from error


def _absolute(given: str, *, is_end: bool) -> datetime:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        moment = datetime.fromisoformat(given)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(days=1) if is_end else midnight

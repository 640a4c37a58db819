"""Return how long a server asks to be left alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)
LONGEST_SECONDS = 86_400.0
MAX_CHARS = 64


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds from ``now`` that a Retry-After header asks for.

    Args:
        value: delta seconds or an HTTP date.
        now: aware time that a date is measured from.

    Returns:
        0 to 86400 (a day, whatever is asked for); None when the value is neither.

    Raises: Nothing.
    """
    text = value.strip()
    if len(text) > MAX_CHARS:
        return None
    if SECONDS.fullmatch(text):
        return min(float(text), LONGEST_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        left_seconds = (aware - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(left_seconds, 0.0), LONGEST_SECONDS)

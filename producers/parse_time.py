"""Return times as sources write them; a time that cannot be read is None, never now."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_time(text: str) -> datetime | None:
    """Return an ISO 8601 or RFC 5322 time in UTC, or None.

    A time without a zone is read as UTC; the caller keeps the raw text beside it.

    Raises: Nothing.
    """
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text.strip())
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None

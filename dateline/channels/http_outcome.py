"""Return what the answer of an HTTP receiver means (Standard Webhooks 1.0.0)."""

from __future__ import annotations

from datetime import datetime

from dateline.channels.message import Sent
from dateline.outbound.retry_after import parse_retry_after

SUCCESS = range(200, 300)
REDIRECT = range(300, 400)
GONE = 410
BUSY = frozenset({429, 503})


def sent_by_status(status: int, *, retry_after: str, now: datetime) -> Sent:
    """Return the outcome of a request that was answered with ``status``.

    Args:
        status: of the answer.
        retry_after: its Retry-After header, or empty; honoured with 429 and 503, up to a day.
        now: aware time that a date in it is measured from.
    """
    if status in SUCCESS:
        return Sent(outcome="delivered", status_code=status)
    if status == GONE:
        return Sent(outcome="gone", status_code=status, error="answered 410: the receiver is gone")
    if status in REDIRECT:
        error = f"answered {status}: redirects are not followed; set the final address"
        return Sent(outcome="retry", status_code=status, error=error)
    wait_seconds = parse_retry_after(retry_after, now) if status in BUSY else None
    return Sent(
        outcome="retry",
        status_code=status,
        retry_after_seconds=wait_seconds,
        error=f"answered {status}",
    )

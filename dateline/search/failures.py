"""Return our errors for those of the Elasticsearch client; the only place that knows theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError

from dateline.errors import (
    DatelineError,
    DocumentRefused,
    SearchThrottled,
    SearchUnavailable,
)

TOO_MANY_REQUESTS = 429
# reliability.md 3.7: waited out although the request itself is at fault, because an operator or a
# free disk cures it: no permission, a read-only index, a missing index.
WAITED_STATUSES = frozenset({401, 403, 404, 408, 500, 502, 503, 504})


def translated(error: TransportError | ApiError) -> DatelineError:
    """Return what a failed request means: wait, slow down, or give the record up."""
    if isinstance(error, ApiError):
        return for_status(error.status_code, f"{error.error}: {error.message}"[:500])
    if isinstance(error, TlsError):
        return SearchUnavailable(f"Elasticsearch's certificate is not trusted: {error}.")
    return SearchUnavailable(f"Elasticsearch does not answer: {error}.")


def for_status(status: int, reason: str) -> DatelineError:
    """Return what an HTTP status, of a request or of one bulk item, means."""
    if status == TOO_MANY_REQUESTS:
        return SearchThrottled(f"Elasticsearch asks for a pause: {reason}.")
    if status in WAITED_STATUSES or status >= 500:  # noqa: PLR2004 (HTTP: server errors)
        return SearchUnavailable(f"Elasticsearch answers {status}: {reason}.")
    return DocumentRefused(f"Elasticsearch refuses the document ({status}): {reason}")


def item_reason(item: Mapping[str, Any]) -> str:
    """Return the reason of a failed bulk item, with its cause."""
    error = item.get("error") or {}
    if isinstance(error, str):
        return error[:300]
    cause = error.get("caused_by") or {}
    reason = f"{error.get('type')}: {error.get('reason')}"
    return f"{reason}; {cause.get('reason')}"[:300] if cause else reason[:300]

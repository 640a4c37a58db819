"""Return our errors for those of the Elasticsearch client; the only place that knows theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, UnsupportedProductError

from dateline.errors import (
    ConfigError,
    DatelineError,
    DocumentRefused,
    SearchThrottled,
    SearchUnavailable,
)

TOO_MANY_REQUESTS = 429
# reliability.md 3.7: waited out although the request itself is at fault, because an operator or a
# free disk cures it: no permission, a read-only index, a missing index.
WAITED_STATUSES = frozenset({401, 403, 404, 408, 500, 502, 503, 504})
# Only these can be the fault of a document inside a request; any other answer is the server's, or
# that of a proxy in front of it (a page with status 200, a redirect to a login).
REFUSED_REQUEST_STATUSES = frozenset({400, 413})


def translated(error: TransportError | ApiError) -> DatelineError:
    """Return what a failed request means: wait, slow down, or give the record up."""
    if isinstance(error, UnsupportedProductError):
        return SearchUnavailable(
            f"Elasticsearch does not answer, another server does: {error}"[:300]
        )
    if isinstance(error, ApiError):
        status, reason = error.status_code, str(error)[:500]
        if status in REFUSED_REQUEST_STATUSES or status == TOO_MANY_REQUESTS:
            return for_status(status, reason)
        return SearchUnavailable(f"Elasticsearch answers {status}: {reason}.")
    if isinstance(error, TlsError):
        return SearchUnavailable(f"Elasticsearch's certificate is not trusted: {error}.")
    # Cut: a decoding error repeats the whole answer, which may quote articles. The message, not the
    # error: as text, an error of the connection has lost its cause.
    return SearchUnavailable(f"Elasticsearch does not answer: {error.message}"[:300])


@contextmanager
def request_errors_translated() -> Iterator[None]:
    """Turn errors of a search into ours: as ``translated``, but no document can be refused there.

    Raises:
        ConfigError: the request does not fit the index.
        SearchUnavailable, SearchThrottled: Elasticsearch does not answer, or asks for a pause.
    """
    try:
        yield
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DocumentRefused):
            raise ConfigError(
                f"Elasticsearch refuses the request: {str(error)[:500]}.",
                hint="`dateline index apply` brings the index up to date.",
            ) from error
        raise meaning from error


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
    # Elasticsearch quotes the value it could not parse; no text of an article belongs into a log.
    told = str(error.get("reason")).partition(" Preview of field's value")[0]
    reason = f"{error.get('type')}: {told}"
    return f"{reason}; {cause.get('reason')}"[:300] if cause else reason[:300]

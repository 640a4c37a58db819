"""Return one of our kinds of problem for each error of the HTTP library; the only such place."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

import aiohttp

from dateline.outbound.guarded_resolver import AddressForbidden
from producers.fetch.fetched import FetchProblem, ProblemKind

# The first row that fits decides; subclasses stand above their parents.
TABLE: tuple[tuple[type[Exception], ProblemKind, str], ...] = (
    (aiohttp.ClientConnectorDNSError, "dns", "the host name has no address"),
    (aiohttp.InvalidURL, "url", "cannot be parsed"),
    (aiohttp.NonHttpUrlClientError, "url", "only http and https are fetched"),
    (aiohttp.ServerFingerprintMismatch, "tls", "another certificate"),
    (aiohttp.ServerDisconnectedError, "connection", "closed without an answer"),
    (aiohttp.ClientPayloadError, "protocol", "the body ended early or is malformed"),
    (aiohttp.ClientResponseError, "protocol", "no valid HTTP answer"),
)


def to_problem(error: Exception) -> FetchProblem:
    """Return why nothing was received.

    The message names the kind of failure in our own words, never a text of the remote side.

    Args:
        error: what aiohttp, asyncio or the socket raised.
    """
    causes = list(_chain(error))
    if any(isinstance(each, AddressForbidden) for each in causes):
        return FetchProblem("address", "a private, loopback or otherwise not public address")
    if any(isinstance(each, TimeoutError) for each in causes):
        return FetchProblem("timeout", "no answer in time")
    if any(isinstance(each, ssl.SSLError | ssl.CertificateError) for each in causes):
        return FetchProblem("tls", _tls_reason(causes))
    return _by_type(error)


def _by_type(error: Exception) -> FetchProblem:
    for types, kind, message in TABLE:
        if isinstance(error, types):
            return FetchProblem(kind, message)
    if isinstance(error, OSError):
        known = error.errno is not None and error.errno > 0
        return FetchProblem("connection", os.strerror(error.errno or 0) if known else "failed")
    return FetchProblem("protocol", "no valid HTTP answer")


def _tls_reason(causes: list[BaseException]) -> str:
    # aiohttp's own class for it lacks the words of the error it stands for.
    for each in causes:
        words = getattr(each, "verify_message", "")
        if words:
            return f"the certificate cannot be verified ({words})"
    return "the handshake failed"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return the error and its causes; a connector wraps what the resolver or socket raised."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = getattr(current, "os_error", None)
        current = inner if isinstance(inner, BaseException) else current.__cause__

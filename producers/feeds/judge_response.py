"""Judge the answer to a poll: whether the feed changed, and whether its validators can be trusted.

Some feeds keep ETag and Last-Modified although they changed, or answer 304 to everything. So an
answer in full is asked for now and then, and compared by the hash of its body.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateline.outbound.retry_after import parse_retry_after
from producers.feeds.feed_record import FeedRecord
from producers.feeds.schedule import cache_seconds
from producers.fetch.fetched import Fetched, FetchProblem, ProblemKind

MAX_NOT_MODIFIED = 9  # in a row; then an answer in full, so every tenth
FULL_AFTER = timedelta(hours=6)
# A feed that moved for good may have moved by mistake: after so many errors every third poll asks
# at the address of the source list.
ERRORS_BEFORE_HOME = 3
MAX_VALIDATOR_CHARS = 1024

_STATUS_REASONS = {
    401: "forbidden: a login is needed (401)",
    402: "forbidden: a subscription is needed (402)",
    403: "forbidden: the server refuses us (403), perhaps for the user agent",
    404: "missing: nothing at this address (404)",
    407: "forbidden: a proxy wants a login (407)",
    408: "timeout: the server waited too long for us (408)",
    429: "busy: too many requests (429)",
    451: "forbidden: for legal reasons (451)",
}
_PROBLEM_WORDS: dict[ProblemKind, str] = {
    "address": "address",
    "url": "address",
    "redirects": "redirects",
    "too_large": "too large",
    "timeout": "timeout",
    "dns": "no such host",
    "tls": "certificate",
    "connection": "unreachable",
    "protocol": "broken answer",
    "robots": "robots.txt",
    "busy": "busy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What to remember of the answers for the next request."""

    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    is_trusted: bool
    is_on_trial: bool
    not_modified_count: int
    last_full_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A body to be parsed.

    ``permanent_url`` is where the feed has moved to, once it proves to be a feed; None: nowhere.
    ``cache_seconds`` is how long the server says the answer stays fresh.
    """

    body: bytes
    validators: Validators
    permanent_url: str | None = None
    cache_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A success that brings nothing new."""

    validators: Validators
    permanent_url: str | None = None
    cache_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An error, in words that begin with its class; ``is_missing`` is a 404."""

    reason: str
    is_missing: bool = False
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The publisher says that the feed has ended (410)."""

    reason: str = "gone: the publisher has ended this feed (410)"


Verdict = Changed | Unchanged | Failed | Gone


def feed_address(known: FeedRecord, configured_url: str) -> str:
    """Return where to ask: where the feed has moved to, at times of error also where it was."""
    is_lost = known.error_count >= ERRORS_BEFORE_HOME
    if is_lost and known.error_count % ERRORS_BEFORE_HOME == 0:
        return configured_url
    return known.url


def request_headers(
    known: FeedRecord, now: datetime, *, is_document_kept: bool = False
) -> dict[str, str]:
    """Return the conditional headers of the next poll; empty: an answer in full is wanted.

    It is wanted when the validators were found to lie, when entries of the last document still
    wait and the document was not kept, after nine 304 in a row, and when the last one is six hours
    old (or lies in the future: the clock was set back).
    """
    is_needed = known.pending_count > 0 and not is_document_kept
    if not known.is_validator_trusted or is_needed:
        return {}
    is_full_due = (
        known.not_modified_count >= MAX_NOT_MODIFIED
        or known.last_full_at is None
        or not timedelta(0) <= now - known.last_full_at < FULL_AFTER
    )
    if is_full_due and not known.is_validator_on_trial:
        return {}
    headers: dict[str, str] = {}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def judge(
    answer: Fetched | FetchProblem,
    known: FeedRecord,
    *,
    now: datetime,
    is_conditional: bool,
    is_document_kept: bool = False,
) -> Verdict:
    """Return what an answer means for the feed.

    Args:
        answer: what the fetch gave, or why it gave nothing.
        known: the feed as it was before.
        now: the time of the poll.
        is_conditional: the request had validators (``request_headers`` was not empty).
        is_document_kept: entries that still wait need no second look at an unchanged body.

    A lie is an answer in full with the validators we had and another body, or a 304 to validators
    that we know to be outdated. The second is tried once whenever an answer in full that followed a
    304 brings another body: the old validators are kept for one more poll.

    Raises: Nothing.
    """
    if isinstance(answer, FetchProblem):
        return Failed(
            reason=f"{_PROBLEM_WORDS[answer.kind]}: {answer.message}",
            retry_after_seconds=answer.retry_after_seconds,
        )
    if answer.status == 200:  # noqa: PLR2004 (HTTP)
        is_needed = known.pending_count > 0 and not is_document_kept
        return _full(
            answer, known, now=now, is_conditional=is_conditional, is_document_needed=is_needed
        )
    if answer.status == 304:  # noqa: PLR2004 (HTTP)
        return _not_modified(answer, known, is_conditional=is_conditional)
    return Gone() if answer.status == 410 else _failed(answer, now)  # noqa: PLR2004 (HTTP)


def _full(
    answer: Fetched,
    known: FeedRecord,
    *,
    now: datetime,
    is_conditional: bool,
    is_document_needed: bool,
) -> Verdict:
    if not answer.body.strip():
        return Failed(reason="empty: the answer has no content")
    digest = hashlib.sha256(answer.body).hexdigest()
    validators = _validators(answer, known, digest, now=now, is_conditional=is_conditional)
    fresh_seconds = cache_seconds(answer.headers)
    # With entries still to be taken the same document is needed once more.
    if digest == known.body_sha256 and not is_document_needed:
        return Unchanged(
            validators=validators, permanent_url=_moved(answer), cache_seconds=fresh_seconds
        )
    return Changed(
        body=answer.body,
        validators=validators,
        permanent_url=_moved(answer),
        cache_seconds=fresh_seconds,
    )


def _moved(answer: Fetched) -> str | None:
    return answer.permanent_url if answer.permanent_url != answer.url else None


def _not_modified(answer: Fetched, known: FeedRecord, *, is_conditional: bool) -> Verdict:
    if not is_conditional:
        return Failed(reason="broken answer: 304 to a request that asked for the feed itself")
    is_lie = known.is_validator_on_trial
    return Unchanged(
        validators=Validators(
            etag=known.etag,
            last_modified=known.last_modified,
            body_sha256=known.body_sha256,
            is_trusted=known.is_validator_trusted and not is_lie,
            is_on_trial=False,
            not_modified_count=known.not_modified_count + 1,
            last_full_at=known.last_full_at,
        ),
        permanent_url=_moved(answer),
        cache_seconds=cache_seconds(answer.headers),
    )


def _validators(
    answer: Fetched, known: FeedRecord, digest: str, *, now: datetime, is_conditional: bool
) -> Validators:
    etag = kept_validator(answer.headers.get("etag"))
    last_modified = kept_validator(answer.headers.get("last-modified"))
    is_other_body = known.body_sha256 is not None and digest != known.body_sha256
    is_lie = is_other_body and _is_same_version(known, etag, last_modified)
    # Nobody can tell a lie from a change between two polls by one answer: ask again as of old.
    is_on_trial = (
        is_other_body
        and not is_lie
        and not is_conditional
        and known.is_validator_trusted
        and known.not_modified_count > 0
        and bool(known.etag or known.last_modified)
    )
    return Validators(
        etag=known.etag if is_on_trial else etag,
        last_modified=known.last_modified if is_on_trial else last_modified,
        body_sha256=digest,
        is_trusted=known.is_validator_trusted and not is_lie,
        is_on_trial=is_on_trial,
        not_modified_count=0,
        last_full_at=now,
    )


def _is_same_version(known: FeedRecord, etag: str | None, last_modified: str | None) -> bool:
    """Return whether a conditional request would have been answered by 304 (RFC 9110 13.2.2)."""
    if known.is_validator_on_trial:
        return False
    if known.etag and etag:
        return known.etag.removeprefix("W/") == etag.removeprefix("W/")
    return bool(known.last_modified) and known.last_modified == last_modified


def kept_validator(value: str | None) -> str | None:
    """Return a validator that can be sent back, None for what no honest server writes."""
    if value is None or len(value) > MAX_VALIDATOR_CHARS or not value.isprintable():
        return None
    text = value.strip()
    return text if text.isascii() and text else None


def _failed(answer: Fetched, now: datetime) -> Failed:
    status = answer.status
    reason = _STATUS_REASONS.get(status)
    if reason is None:
        if status >= 500:  # noqa: PLR2004 (HTTP)
            reason = f"server error: the server cannot answer now ({status})"
        elif status >= 400:  # noqa: PLR2004 (HTTP)
            reason = f"refused: the server does not accept the request ({status})"
        else:
            reason = f"broken answer: status {status} where a feed was expected"
    asked = answer.headers.get("retry-after")
    return Failed(
        reason=reason,
        is_missing=status == 404,  # noqa: PLR2004 (HTTP)
        retry_after_seconds=parse_retry_after(asked, now) if asked else None,
    )

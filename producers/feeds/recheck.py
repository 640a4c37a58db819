"""Look again at articles that were sent: silent edits, deletions, and what has come back.

A kill is sticky, so nothing that is merely out of order may look like one: a refusal, a time-out or
a busy server tells nothing, and a missing page is asked for twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dateline import ids
from dateline.outbound.retry_after import parse_retry_after
from producers.extract.page_text import PageText
from producers.feeds.feed_record import RecheckRow
from producers.feeds.judge_response import kept_validator
from producers.feeds.missing_page import is_above, is_error_title, is_same_place
from producers.feeds.site_outage import SiteSigns, outage_reason
from producers.fetch.fetched import Fetched, FetchProblem
from producers.parsed import Refusal

STEPS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
# A killed article may come back after the last step, too: one more look.
LAST_CHANCE = timedelta(days=7)
ASK_AGAIN = timedelta(hours=1)
MAX_BACK_OFF = timedelta(days=1)
MAX_FAILURES = 5  # of one step, then the next step is waited for
MUCH_SHORTER = 0.3  # of the text before: a paywall, a consent page, or a real cut
LEAD_CHARS = 100  # a teaser begins like its article; a notice in its place does not


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """Nothing to tell: the text is as it was, or the killed article is still away."""

    page: PageText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """Another text at the same place."""

    page: PageText


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A killed article stands at its place again: send it, explicitly usable."""

    page: PageText


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Not there; a deletion only if it is still so at ``again_at``."""

    again_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """The publisher has taken it away: send a kill with this reason."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The look told nothing; it is repeated at ``again_at``."""

    again_at: datetime
    reason: str
    is_short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Gone, and so is its site, or may be: no kill; it is looked at anew at ``again_at``."""

    again_at: datetime
    reason: str


RecheckVerdict = Same | Edited | Back | Missing | Deleted | Unknown | Held


def next_recheck(first_seen_at: datetime, step: int) -> datetime | None:
    """Return when look number ``step`` (from 0) is due, None after the last."""
    return first_seen_at + STEPS[step] if 0 <= step < len(STEPS) else None


def recheck_headers(known: RecheckRow) -> dict[str, str]:
    """Return the conditional headers of a look; none where the body itself is wanted."""
    if known.is_killed or known.is_short_seen or known.text_sha256 is None:
        return {}
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value}


def normal_text(text: str) -> str:
    """Return the text that versions are compared by: every run of white space is one space."""
    return " ".join(text.split())


def normal_text_sha256(text: str) -> str:
    """Return the hash of ``normal_text``, as kept in ``RecheckRow.text_sha256``."""
    return ids.text_sha256(normal_text(text))


def with_page_text(row: RecheckRow, text: str) -> RecheckRow:
    """Return the row of an article whose page has this text."""
    normal = normal_text(text)
    return replace(
        row,
        text_sha256=ids.text_sha256(normal),
        text_chars=len(normal),
        lead_sha256=ids.text_sha256(normal[:LEAD_CHARS]),
    )


def judge_recheck(
    answer: Fetched | FetchProblem,
    page: PageText | Refusal | None,
    known: RecheckRow,
    *,
    now: datetime,
) -> RecheckVerdict:
    """Return what a look at the page of an article has shown.

    Args:
        answer: what the fetch gave, or why it gave nothing.
        page: the text of a 200 answer, or why it has none; None where there was no 200.
        known: the article.
        now: the time of the look.

    The rules:

    - 410: deleted. 404, an error page that comes as 200 (by its title), a redirect to the home
      page, to a section above or to an error page: missing; deleted when it is so twice in a row,
      an hour apart.
    - 401, 403, 429, 5xx, time-outs, robots.txt, and pages without a readable text: unknown.
    - Redirected to another article: unknown, unless the text is the same.
    - Less than 30 % of the text before: the same when it begins as before (a paywall went up), else
      unknown at first; when the next look, an hour later, finds as little, it is an edit.
    - A body that came from the feed is edited by the feed: the page says only whether it is there.
    - A killed article is back when its page has a text of the old length again.

    Raises: Nothing.
    """
    if isinstance(answer, FetchProblem):
        return _unknown(known, now, answer.kind, asked_seconds=answer.retry_after_seconds)
    if answer.status == 200:  # noqa: PLR2004 (HTTP)
        return _judge_page(answer, page, known, now)
    if answer.status == 304:  # noqa: PLR2004 (HTTP)
        return Same()
    if answer.status in (404, 410):
        reason = f"deleted by the publisher (HTTP {answer.status})"
        return _missing(known, now, reason, is_certain=answer.status == 410)  # noqa: PLR2004 (HTTP)
    asked = parse_retry_after(answer.headers.get("retry-after", ""), now)
    return _unknown(known, now, f"status {answer.status}", asked_seconds=asked)


def held_in_outage(
    verdict: Deleted, known: RecheckRow, signs: SiteSigns, *, now: datetime
) -> Deleted | Held:
    """Return `Held` in place of a deletion while the site itself is out of order.

    ``signs`` are what the site has shown since ``known.missing_at``.
    """
    reason = outage_reason(signs)
    if reason is None:
        return verdict
    return Held(again_at=_unknown(known, now, reason).again_at, reason=reason)


def after_recheck(
    known: RecheckRow, verdict: RecheckVerdict, answer: Fetched | FetchProblem, *, now: datetime
) -> RecheckRow | None:
    """Return the row after a verdict was acted upon, None when the article needs no more looks.

    A look that tells nothing is repeated at most five times, then the next step is waited for; so
    is one whose deletion was held.
    """
    if isinstance(verdict, Missing):
        due_at = verdict.again_at
        return replace(known, misses=known.misses + 1, missing_at=now, due_at=due_at)
    if isinstance(verdict, Held):
        # Missing since now only: an outage proves nothing, also when it is over.
        return _again(replace(known, misses=1, missing_at=now), verdict.again_at, now)
    if isinstance(verdict, Unknown):
        is_short_seen = verdict.is_short or known.is_short_seen
        return _again(replace(known, is_short_seen=is_short_seen), verdict.again_at, now)
    if isinstance(verdict, Deleted):
        return _next_step(replace(known, is_killed=True, misses=0, missing_at=None), now)
    seen = _seen_again(known, answer)
    if verdict.page is not None:
        seen = with_page_text(seen, verdict.page.text)
    return _next_step(replace(seen, is_killed=known.is_killed and isinstance(verdict, Same)), now)


def _judge_page(
    answer: Fetched, page: PageText | Refusal | None, known: RecheckRow, now: datetime
) -> RecheckVerdict:
    text = normal_text(page.text) if isinstance(page, PageText) else None
    is_same = text is not None and ids.text_sha256(text) == known.text_sha256
    if not is_same and is_above(answer.final_url, known.url):
        reason = "deleted by the publisher (redirected away from the article)"
        return _missing(known, now, reason, is_certain=False)
    if not isinstance(page, PageText) or text is None:
        # A body from the feed does not need the text of the page.
        if known.body_from == "feed" and not known.is_killed:
            return Same()
        return _unknown(known, now, page.reason if isinstance(page, Refusal) else "no text")
    # An edited article about error pages begins as it did.
    is_begun_alike = ids.text_sha256(text[:LEAD_CHARS]) == known.lead_sha256
    if not is_begun_alike and is_error_title(page.title):
        reason = "deleted by the publisher (an error page in its place)"
        return _missing(known, now, reason, is_certain=False)
    if not is_same and not is_same_place(answer.final_url, known.url):
        return _unknown(known, now, "redirected to another article")
    return _judge_text(page, text, known, now)


def _judge_text(page: PageText, text: str, known: RecheckRow, now: datetime) -> RecheckVerdict:
    is_short = known.text_chars is not None and len(text) < MUCH_SHORTER * known.text_chars
    if known.is_killed:
        return Same() if is_short else Back(page=page)
    if known.body_from == "feed" or ids.text_sha256(text) == known.text_sha256:
        return Same(page=page)
    if not is_short:
        return Edited(page=page)
    if ids.text_sha256(text[:LEAD_CHARS]) == known.lead_sha256:
        return Same()
    if known.is_short_seen:
        return Edited(page=page)
    return replace(_unknown(known, now, "much shorter than before"), is_short=True)


def _missing(known: RecheckRow, now: datetime, reason: str, *, is_certain: bool) -> RecheckVerdict:
    if known.is_killed:
        return Same()
    if is_certain:
        return Deleted(reason=reason)
    if known.missing_at is None or known.misses == 0:
        return Missing(again_at=now + ASK_AGAIN, reason=reason)
    # The clock may have been set back.
    again_at = min(known.missing_at, now) + ASK_AGAIN
    return Deleted(reason=reason) if again_at <= now else Missing(again_at=again_at, reason=reason)


def _unknown(
    known: RecheckRow, now: datetime, reason: str, *, asked_seconds: float | None = None
) -> Unknown:
    wait = min(ASK_AGAIN * 2 ** min(known.failure_count, MAX_FAILURES), MAX_BACK_OFF)
    if asked_seconds is not None:
        wait = max(wait, min(timedelta(seconds=asked_seconds), MAX_BACK_OFF))
    return Unknown(again_at=now + wait, reason=reason)


def _seen_again(known: RecheckRow, answer: Fetched | FetchProblem) -> RecheckRow:
    headers = answer.headers if isinstance(answer, Fetched) else {}
    etag, last_modified = (kept_validator(headers.get(n)) for n in ("etag", "last-modified"))
    return replace(
        known,
        misses=0,
        missing_at=None,
        is_short_seen=False,
        etag=etag or known.etag,
        last_modified=last_modified or known.last_modified,
    )


def _again(known: RecheckRow, again_at: datetime, now: datetime) -> RecheckRow | None:
    """Return the row with the same look once more, or the next one after five times."""
    if known.failure_count >= MAX_FAILURES:
        return _next_step(known, now)
    return replace(known, failure_count=known.failure_count + 1, due_at=again_at)


def _next_step(known: RecheckRow, now: datetime) -> RecheckRow | None:
    """Return the row with the next look that is not over yet, None when there is none."""
    for step in range(known.step + 1, len(STEPS)):
        due_at = known.first_seen_at + STEPS[step]
        if due_at > now or step == len(STEPS) - 1:
            return replace(known, step=step, due_at=due_at, failure_count=0)
    if known.is_killed and known.step < len(STEPS):
        return replace(known, step=len(STEPS), due_at=now + LAST_CHANCE, failure_count=0)
    return None

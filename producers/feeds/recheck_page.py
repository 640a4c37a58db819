"""Look at the page of an article again, and send what was found: an edit, a kill, a return."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import msgspec

from producers.feeds.compose import from_page
from producers.feeds.feed_record import RecheckRow
from producers.feeds.get_page import get_page
from producers.feeds.poll_tools import PollTools
from producers.feeds.recheck import (
    Back,
    Deleted,
    Edited,
    Held,
    Missing,
    RecheckVerdict,
    Same,
    Unknown,
    after_recheck,
    held_in_outage,
    judge_recheck,
    next_recheck,
    recheck_headers,
    with_page_text,
)
from producers.feeds.recheck_state import LookOutcome
from producers.fetch.fetched import FetchProblem
from producers.fetch.fetcher import Priority
from producers.ingest import Ingest
from producers.parse_input import Input
from producers.parsed import ParsedArticle
from producers.sent_state import SentRecord

OK = 200
# How old a sign of life may be where the first answer is a 410; a 404 must be older than its sign.
SIGNS_BEFORE = timedelta(days=1)


def first_recheck(
    article: ParsedArticle, *, article_id: str, key: str, source_id: str, now: datetime
) -> RecheckRow:
    """Return the row of an article that was sent for the first time: one hour from now."""
    is_from_page = article.page_text_sha256 is not None
    row = RecheckRow(
        article_id=article_id,
        key=key,
        source_id=source_id,
        url=article.url or "",
        first_seen_at=now,
        due_at=next_recheck(now, 0) or now,
        body_from="page" if is_from_page else "feed",
        article=msgspec.json.encode(replace(article, body="")),
    )
    return with_page_text(row, article.body) if is_from_page else row


async def recheck_page(known: RecheckRow, tools: PollTools) -> RecheckVerdict:
    """Return what the look has shown; it is sent, acknowledged and remembered already.

    When another version of the article was sent while its page was fetched, the look is void
    (`Unknown`): what it found is older than what was sent. Its row is left as it is.

    Raises:
        IntakeBusy: Kafka is slow; nothing was remembered, the look is to be repeated.
        IntakeEnded: this process is stopping.
        SourceBusy: another process sends this source; the look is to be repeated.
    """
    before = await tools.intake.submit(lambda ingest: _last(ingest, known))
    page = await get_page(
        known.url,
        fetcher=tools.fetcher,
        pool=tools.pool,
        priority=Priority.RECHECK,
        headers=recheck_headers(known),
    )
    answer = page.answer or page.problem or FetchProblem("protocol", "no answer")
    is_read = page.answer is not None and page.answer.status == OK
    now = tools.clock.now()
    overtaken = Unknown(again_at=now, reason="another version came meanwhile")
    if tools.state.recheck(known.article_id) != known:
        return overtaken
    verdict = judge_recheck(answer, page.content if is_read else None, known, now=now)
    if isinstance(verdict, Deleted):
        verdict = _believed(verdict, known, tools, now)
    version = _version(known, verdict)
    if version is not None:
        reported = await tools.intake.submit_reporting(
            partial(_send, known=known, version=version, before=before), label=known.url
        )
        if not reported.value:
            return overtaken
        tools.tell(f"{known.url}: {_words(verdict)}")
    # An edit in the feed that came after the look has made the row anew.
    if tools.state.recheck(known.article_id) == known:
        tools.state.update_recheck(
            known.article_id,
            after_recheck(known, verdict, answer, now=now),
            outcome=_outcome(known, verdict),
            at=now,
        )
    return verdict


def _believed(
    verdict: Deleted, known: RecheckRow, tools: PollTools, now: datetime
) -> Deleted | Held:
    """Return the deletion, or that it is held while the site is out of order."""
    since = min(known.missing_at or now - SIGNS_BEFORE, now)
    signs = tools.state.site_signs(known, since=since)
    found = held_in_outage(verdict, known, signs, now=now)
    if isinstance(found, Held) and not signs.held_count:
        tools.tell(f"{known.url}: {verdict.reason}, but {found.reason}: no kill for now")
    return found


def _outcome(known: RecheckRow, verdict: RecheckVerdict) -> LookOutcome | None:
    """Return what the look says of its site; None: nothing."""
    if isinstance(verdict, Held):
        return "held"
    if isinstance(verdict, Missing | Deleted):
        return "gone"
    # A killed article that is still away was taken down in earnest.
    is_away = known.is_killed and isinstance(verdict, Same)
    return None if is_away or isinstance(verdict, Unknown) else "there"


def _version(known: RecheckRow, verdict: RecheckVerdict) -> ParsedArticle | None:
    """Return what is to be sent; its time is that of the look, the page states none of its own."""
    if not isinstance(verdict, Deleted | Edited | Back):
        return None
    article = msgspec.json.decode(known.article, type=ParsedArticle)
    if isinstance(verdict, Deleted):
        return replace(article, pub_status="canceled", kill_reason=verdict.reason, updated_at=None)
    if isinstance(verdict, Edited):
        return replace(from_page(article, verdict.page), updated_at=None)
    found = from_page(article, verdict.page)
    return replace(found, is_pub_status_explicit=True, updated_at=None)


def _last(ingest: Ingest, known: RecheckRow) -> SentRecord | None:
    return ingest.last_sent(known.source_id, [known.key]).get(known.key)


def _send(
    ingest: Ingest,
    name: str,
    *,
    known: RecheckRow,
    version: ParsedArticle,
    before: SentRecord | None,
) -> bool:
    """Offer the version unless another was sent since; runs in the intake's thread."""
    if _last(ingest, known) != before:
        return False
    origin = Input(
        shown=name, origin=f"recheck {known.url}", format="feed", source_id=known.source_id
    )
    ingest.offer(version, origin, is_backfill=False, key=known.key)
    return True


def _words(verdict: RecheckVerdict) -> str:
    if isinstance(verdict, Deleted):
        return verdict.reason
    return "edited by the publisher" if isinstance(verdict, Edited) else "back at its place"

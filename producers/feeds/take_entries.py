"""Send the chosen entries of a feed, a chunk at a time, with the pages of those that need them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from dateline import ids
from producers.build_record import UNCHANGED
from producers.extract.page_text import PageText
from producers.feeds.compose import compose, needs_page
from producers.feeds.feed_record import FeedRecord, RecheckRow
from producers.feeds.get_page import Page, get_page
from producers.feeds.page_place import leads_elsewhere
from producers.feeds.poll_tools import PollTools
from producers.feeds.recheck_page import first_recheck
from producers.feeds.select_items import SelectedItem, Selection
from producers.feeds.source_list import SourceConfig
from producers.ingest import HELD_ALREADY, Event, Ingest
from producers.parse_input import Input
from producers.parsed import ParsedArticle, Refusal
from producers.sent_state import SentRecord

# Articles sent and remembered together: a kill in the middle of a long poll repeats no more.
CHUNK_ITEMS = 10
# Pages of one feed in the air: one host gives one at a time, and each waits here for its reading.
PAGES_IN_AIR = 4
# A page that cannot be had now is asked for so often; then the summary has to do.
PAGE_TRIES = 3
MAX_TRIED = 1000
# So many addresses with one text are a wall (a login, a consent page), not so many articles.
SHARED_BY = 3
# The texts of a feed that are compared; kept for as long as the process lives.
MAX_TEXTS = 50
# Kafka has it already, and a crash may have lost what was to be remembered of it.
KNOWN = frozenset({UNCHANGED, HELD_ALREADY})


@dataclass(slots=True, kw_only=True)
class Taken:
    """What became of the entries: ``again`` are those whose pages are asked for once more."""

    sent_count: int = 0
    live_count: int = 0
    again: dict[str, SelectedItem] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    selected: SelectedItem
    article: ParsedArticle
    article_id: str
    is_edit: bool


class EntryTaker:
    """Takes the entries of one feed, poll after poll; one poll at a time."""

    def __init__(self, source: SourceConfig, tools: PollTools) -> None:
        self._source = source
        self._tools = tools
        self._pages = asyncio.Semaphore(PAGES_IN_AIR)
        self._tries: dict[str, int] = {}
        self._keys_by_text: dict[str, tuple[str, ...]] = {}

    async def take(self, known: FeedRecord, selection: Selection) -> Taken:
        """Send what was selected; each chunk is remembered when Kafka has it.

        The record of the feed stays as it is: the cursor moves when all is taken.

        Raises:
            IntakeBusy, IntakeEnded, SourceBusy: the chunks before are safe.
        """
        taken = Taken()
        rows = {row.key: row for row in selection.seen_updates}
        edits = {each.key for each in selection.changed}
        chosen = [*selection.new, *selection.changed]
        last_sent = await self._last_sent(chosen)
        for start in range(0, len(chosen), CHUNK_ITEMS):
            chunk = chosen[start : start + CHUNK_ITEMS]
            # Asked before, so that no page is fetched in vain; what counts is asked when sending.
            mine = [
                each
                for each in chunk
                if each.key in edits
                or not _is_of_another_feed(
                    each.item.article, last_sent.get(each.key), known.feed_id
                )
            ]
            offers = await self._offers(mine, edits, taken)
            reported = await self._tools.intake.submit_reporting(
                partial(_send, feed_id=known.feed_id, source=self._source, offers=offers),
                label=known.feed_id,
            )
            rechecks = self._note(reported.events, offers, taken)
            self._tools.state.commit_poll(
                known,
                seen=[rows[each.key] for each in chunk if each.key not in taken.again],
                rechecks=rechecks,
            )
        return taken

    async def _last_sent(self, chosen: Sequence[SelectedItem]) -> Mapping[str, SentRecord]:
        if not chosen:
            return {}
        keys = [each.key for each in chosen]
        publisher = self._source.publisher
        return await self._tools.intake.submit(lambda ingest: ingest.last_sent(publisher, keys))

    async def _offers(
        self, mine: Sequence[SelectedItem], edits: Iterable[str], taken: Taken
    ) -> list[_Offer]:
        pages = await asyncio.gather(*(self._page(each) for each in mine))
        for each, page in zip(mine, pages, strict=True):
            self._count_text(each.key, page)
        offers = []
        for each, page in zip(mine, pages, strict=True):
            if page is not None and page.is_passing and self._is_worth_a_try(each.key):
                taken.again[each.key] = each
                continue
            self._tries.pop(each.key, None)
            offer = self._offer(each, self._text(page), is_edit=each.key in edits)
            if isinstance(offer, Refusal):
                taken.refused.append(offer.reason)
            else:
                offers.append(offer)
        return await asyncio.gather(*(self._with_host_rights(offer) for offer in offers))

    async def _with_host_rights(self, offer: _Offer) -> _Offer:
        """Return the offer with what the article's site says of rights beside its pages."""
        article, host_rights = offer.article, self._tools.host_rights
        if host_rights is None or not article.url or article.pub_status == "canceled":
            return offer
        stated = article.rights_signals
        found = await host_rights.signals(article.url, stated=stated)
        return replace(offer, article=replace(article, rights_signals=(*stated, *found)))

    async def _page(self, each: SelectedItem) -> Page | None:
        url = each.item.article.url
        if url is None or not needs_page(each.item, self._source.full_text):
            return None
        async with self._pages:
            page = await get_page(url, fetcher=self._tools.fetcher, pool=self._tools.pool)
        if page.answer is not None and leads_elsewhere(page.answer.final_url, url):
            refusal = Refusal(reason=f"page not fetched: it leads to {page.answer.final_url}")
            return replace(page, content=refusal)
        return page

    def _is_worth_a_try(self, key: str) -> bool:
        self._tries[key] = self._tries.pop(key, 0) + 1
        if len(self._tries) > MAX_TRIED:  # entries that left the feed untaken
            del self._tries[next(iter(self._tries))]
        return self._tries[key] < PAGE_TRIES

    def _count_text(self, key: str, page: Page | None) -> None:
        if page is None or isinstance(page.content, Refusal):
            return
        digest = page.content.text_sha256
        keys = self._keys_by_text.pop(digest, ())
        is_counted = key in keys or len(keys) >= SHARED_BY
        self._keys_by_text[digest] = keys if is_counted else (*keys, key)
        if len(self._keys_by_text) > MAX_TEXTS:
            del self._keys_by_text[next(iter(self._keys_by_text))]

    def _text(self, page: Page | None) -> PageText | Refusal | None:
        if page is None or isinstance(page.content, Refusal):
            return None if page is None else page.content
        if len(self._keys_by_text.get(page.content.text_sha256, ())) >= SHARED_BY:
            return Refusal(reason="page not fetched: the same text at many addresses")
        return page.content

    def _offer(
        self, each: SelectedItem, content: PageText | Refusal | None, *, is_edit: bool
    ) -> _Offer | Refusal:
        article_id = ids.article_id(self._source.publisher, each.key)
        if is_edit and isinstance(content, Refusal):
            before = self._tools.state.recheck(article_id)
            if before is not None and before.body_from == "page":
                # A summary would take the place of the text; the next look finds the edit.
                return Refusal(reason=f"{content.reason} (an edit; the text sent before stays)")
        composed = compose(each.item, content)
        if isinstance(composed, Refusal):
            return composed
        # The source list says who publishes a feed, whatever its entries claim.
        language = composed.language or self._source.language
        article = replace(composed, source=None, is_alone=False, language=language)
        return _Offer(selected=each, article=article, article_id=article_id, is_edit=is_edit)

    def _note(
        self, events: Iterable[Event], offers: Sequence[_Offer], taken: Taken
    ) -> list[RecheckRow]:
        """Count what became of the offers; return the articles to look at again."""
        by_id = {offer.article_id: offer for offer in offers}
        rechecks = []
        for event in events:
            if event.kind == "refused":
                taken.refused.append(event.reason)
            offer = by_id.get(event.article_id or "")
            if offer is None:
                continue
            is_live = not offer.selected.is_backfill
            if event.kind == "sent":
                taken.sent_count += 1
                taken.live_count += is_live
            is_known = event.kind == "skipped" and event.reason in KNOWN
            if not is_live or not (is_known or event.kind in ("sent", "held")):
                continue
            if offer.article.pub_status == "canceled":
                # Ahead of the commit: a crash between them repeats both.
                self._tools.state.update_recheck(offer.article_id, None)
            elif (row := self._recheck(offer, is_known=is_known)) is not None:
                rechecks.append(row)
        return rechecks

    def _recheck(self, offer: _Offer, *, is_known: bool) -> RecheckRow | None:
        """Return the row of an article, as new; None where there is none or it stays as it is."""
        article = offer.article
        if not self._source.recheck or not article.url or article.pub_status != "usable":
            return None
        now = self._tools.clock.now()
        row = first_recheck(
            article,
            article_id=offer.article_id,
            key=offer.selected.key,
            source_id=self._source.publisher,
            # Nobody can see the page of an article before its embargo is over.
            now=max(now, article.embargoed_until or now),
        )
        before = self._tools.state.recheck(offer.article_id)
        if before is None:
            # All looks at an edited article may be over.
            return None if is_known and offer.is_edit else row
        if is_known and before.text_sha256 == row.text_sha256:
            return None
        # A kill is sticky: only an explicit return ends it, here as at the reader's.
        return replace(row, is_killed=before.is_killed and not article.is_pub_status_explicit)


def _is_of_another_feed(article: ParsedArticle, last: SentRecord | None, feed_id: str) -> bool:
    """Return whether another feed of this publisher brought this version of the article."""
    if last is None or last.origin_file == feed_id or article.pub_status != "usable":
        return False
    if article.updated_at is None:
        return True
    if last.own_updated_at is None:
        # A look has no time of its own; what it killed comes back by an explicit newer word.
        is_return = last.pub_status == "canceled" and article.is_pub_status_explicit
        return not is_return or article.updated_at <= last.updated_at
    return article.updated_at <= last.own_updated_at


def _send(
    ingest: Ingest, name: str, *, feed_id: str, source: SourceConfig, offers: Sequence[_Offer]
) -> None:
    """Offer the articles of a chunk; runs in the intake's thread."""
    origin = Input(shown=name, origin=feed_id, format="feed", source_id=source.publisher)
    new = [offer.selected.key for offer in offers if not offer.is_edit]
    # Another feed may have sent the same article while the pages were fetched.
    last_sent = ingest.last_sent(source.publisher, new)
    for offer in offers:
        key = offer.selected.key
        if not offer.is_edit and _is_of_another_feed(offer.article, last_sent.get(key), feed_id):
            continue
        # A kill goes ahead of the backlog: its article may have come by another way.
        is_backfill = offer.selected.is_backfill and offer.article.pub_status != "canceled"
        ingest.offer(offer.article, origin, is_backfill=is_backfill, key=key)

"""Poll one feed: get it, choose, get pages, send; the cursor moves when Kafka has everything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from dateline import ids
from producers.feed_document import FeedDocument
from producers.feeds.compose import compose, needs_page
from producers.feeds.feed_progress import after_failure, after_poll, after_unchanged
from producers.feeds.feed_record import FeedRecord, RecheckRow, SeenItem, with_articles
from producers.feeds.get_page import get_page
from producers.feeds.judge_response import (
    Changed,
    Failed,
    Gone,
    Unchanged,
    feed_address,
    judge,
    request_headers,
)
from producers.feeds.poll_tools import PollTools
from producers.feeds.recheck_page import first_recheck
from producers.feeds.schedule import PollLimits
from producers.feeds.select_items import SelectedItem, Selection, select_items
from producers.feeds.sitemap_index import collect_children
from producers.feeds.source_list import SourceConfig
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.fetcher import Priority
from producers.ingest import Event, Ingest
from producers.parse_feed import parse_feed
from producers.parse_input import Input
from producers.parsed import ParsedArticle, Refusal
from producers.sent_state import SentRecord
from producers.source_lock import SourceBusy

# Articles sent and remembered together: a kill in the middle of a long poll repeats no more.
CHUNK_ITEMS = 10
# A page that cannot be had now is asked for so often; then the summary has to do.
PAGE_TRIES = 3
BUSY = timedelta(seconds=5)
PRUNE_EVERY_POLLS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    selected: SelectedItem
    article: ParsedArticle
    article_id: str


@dataclass(slots=True, kw_only=True)
class _Taken:
    """What became of the entries of a poll so far."""

    sent_count: int = 0
    live_count: int = 0
    again: dict[str, SelectedItem] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


class FeedPoll:
    """Polls of one feed; one at a time.

    ``source`` is what the source list says of it.
    """

    def __init__(self, source: SourceConfig, tools: PollTools) -> None:
        self.source = source
        self._tools = tools
        self._limits = PollLimits(
            min_seconds=source.min_interval_seconds or tools.limits.min_seconds,
            max_seconds=source.max_interval_seconds or tools.limits.max_seconds,
        )
        self._tries: dict[str, int] = {}

    async def run(self, known: FeedRecord) -> FeedRecord:
        """Return what is known of the feed after this poll; it is written already.

        Raises:
            IntakeBusy: Kafka is slow; nothing was remembered, the poll is to be repeated.
            IntakeEnded: this process is stopping.
        """
        now = self._tools.clock.now()
        headers = request_headers(known, now)
        answer: Fetched | FetchProblem
        address = feed_address(known, self.source.url)
        try:
            answer = await self._tools.fetcher.fetch(
                address, headers=headers, priority=Priority.FEED
            )
        except FetchProblem as problem:
            answer = problem
        verdict = judge(answer, known, now=now, is_conditional=bool(headers))
        if isinstance(verdict, Failed | Gone):
            return self._fail(known, verdict, now)
        # A feed that had moved by mistake is back where the source list has it.
        known = replace(known, url=address)
        if isinstance(verdict, Unchanged):
            record = after_unchanged(known, verdict, now=now, limits=self._limits)
            return self._commit(record)
        return await self._changed(known, verdict, answer, now)

    async def _changed(
        self, known: FeedRecord, verdict: Changed, answer: Fetched | FetchProblem, now: datetime
    ) -> FeedRecord:
        assert isinstance(answer, Fetched)  # noqa: S101 (a body has come with an answer)
        parsed = await self._tools.pool.run(
            parse_feed,
            verdict.body,
            base_url=answer.final_url,
            content_type=answer.headers.get("content-type"),
        )
        seen = self._tools.state.seen(known.feed_id)
        child_rows: tuple[SeenItem, ...] = ()
        is_index_left = False
        if isinstance(parsed, FeedDocument) and parsed.kind == "sitemap_index":
            children = await collect_children(
                parsed, seen=seen, now=now, fetcher=self._tools.fetcher, pool=self._tools.pool
            )
            parsed, child_rows = children.document, children.seen_updates
            is_index_left = children.is_more
        if isinstance(parsed, Refusal):
            return self._fail(known, Failed(reason=parsed.reason), now)
        selection = self._select(known, parsed, seen, now)
        try:
            taken = await self._take(known, selection)
        except SourceBusy as busy:
            self._tools.tell(f"{self.source.url}: waiting: {busy.message}")
            return self._commit(replace(known, next_poll_at=now + BUSY))
        self._report(parsed, taken)
        record = after_poll(known, verdict, parsed, selection, now=now, limits=self._limits)
        left_count = len(taken.again) + is_index_left
        record = replace(record, pending_count=record.pending_count + left_count)
        record = with_articles(record, count=taken.sent_count, now=now)
        rows = [*_rows_left(selection, taken), *child_rows]
        return self._commit(record, rows=rows, selection=selection)

    async def deliver(self, known: FeedRecord, data: bytes, content_type: str) -> FeedRecord:
        """Take a document that the feed's hub has sent; as `run`, but nothing is fetched first.

        Before the first poll it only brings that forward: what is news is not known yet.
        """
        now = self._tools.clock.now()
        if not known.is_first_poll_done:
            return self._commit(replace(known, next_poll_at=now))
        parsed = await self._tools.pool.run(
            parse_feed, data, base_url=known.url, content_type=content_type
        )
        if isinstance(parsed, Refusal):
            self._tools.tell(f"{self.source.url}: delivered by its hub: {parsed.reason}")
            return known
        selection = self._select(known, parsed, self._tools.state.seen(known.feed_id), now)
        taken = await self._take(known, selection)
        self._report(parsed, taken)
        is_left = selection.pending_count > 0 or bool(taken.again)
        record = replace(
            known,
            cursor_at=selection.cursor.at if selection.cursor else known.cursor_at,
            cursor_key=selection.cursor.key if selection.cursor else known.cursor_key,
            last_new_at=now if taken.live_count else known.last_new_at,
            next_poll_at=now if is_left else known.next_poll_at,
        )
        record = with_articles(record, count=taken.sent_count, now=now)
        return self._commit(record, rows=_rows_left(selection, taken), selection=selection)

    def _select(
        self, known: FeedRecord, document: FeedDocument, seen: Mapping[str, SeenItem], now: datetime
    ) -> Selection:
        return select_items(
            document,
            seen=seen,
            cursor=known.cursor,
            now=now,
            cap=self.source.max_items_per_poll or self._tools.max_items_per_poll,
            is_first_poll=not known.is_first_poll_done,
        )

    async def _take(self, known: FeedRecord, selection: Selection) -> _Taken:
        """Send what was selected, a chunk at a time; each is remembered when Kafka has it."""
        taken = _Taken()
        rows = {row.key: row for row in selection.seen_updates}
        chosen = [*selection.new, *selection.changed]
        changed_keys = {each.key for each in selection.changed}
        feed_id = known.feed_id
        last_sent = await self._last_sent(chosen)
        for start in range(0, len(chosen), CHUNK_ITEMS):
            chunk = chosen[start : start + CHUNK_ITEMS]
            mine = [
                each
                for each in chunk
                if each.key in changed_keys
                or not self._is_of_another_feed(each, last_sent, feed_id)
            ]
            offers = [
                offer
                for offer in await asyncio.gather(*(self._offer(each, taken) for each in mine))
                if offer is not None
            ]
            reported = await self._tools.intake.submit_reporting(
                partial(_send, feed_id=feed_id, source=self.source, offers=offers), label=feed_id
            )
            rechecks = self._note(reported.events, offers, taken)
            # The record stays as it was: the cursor moves with the last chunk.
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
        publisher = self.source.publisher
        return await self._tools.intake.submit(lambda ingest: ingest.last_sent(publisher, keys))

    def _is_of_another_feed(
        self, each: SelectedItem, last_sent: Mapping[str, SentRecord], feed_id: str
    ) -> bool:
        """Return whether another feed of this publisher brought this version of the article."""
        last = last_sent.get(each.key)
        article = each.item.article
        if last is None or last.origin_file == feed_id or article.pub_status != "usable":
            return False
        if article.updated_at is None or last.own_updated_at is None:
            return True
        return article.updated_at <= last.own_updated_at

    async def _offer(self, each: SelectedItem, taken: _Taken) -> _Offer | None:
        article = each.item.article
        content = None
        if needs_page(each.item, self.source.full_text) and article.url:
            page = await get_page(article.url, fetcher=self._tools.fetcher, pool=self._tools.pool)
            content = page.content
            if page.is_passing:
                self._tries[each.key] = self._tries.get(each.key, 0) + 1
                if self._tries[each.key] < PAGE_TRIES:
                    taken.again[each.key] = each
                    return None
        self._tries.pop(each.key, None)
        composed = compose(each.item, content)
        if isinstance(composed, Refusal):
            taken.refused.append(composed.reason)
            return None
        # The source list says who publishes a feed, whatever its entries claim.
        language = composed.language or self.source.language
        composed = replace(composed, source=None, is_alone=False, language=language)
        return _Offer(
            selected=each,
            article=composed,
            article_id=ids.article_id(self.source.publisher, each.key),
        )

    def _note(
        self, events: Iterable[Event], offers: Sequence[_Offer], taken: _Taken
    ) -> list[RecheckRow]:
        """Count what became of the offers; return the articles to look at again."""
        by_id = {offer.article_id: offer for offer in offers}
        rechecks = []
        for event in events:
            if event.kind == "refused":
                taken.refused.append(event.reason)
            offer = by_id.get(event.article_id or "")
            if event.kind != "sent" or offer is None:
                continue
            taken.sent_count += 1
            if offer.selected.is_backfill:
                continue
            taken.live_count += 1
            if self.source.recheck and offer.article.url and offer.article.pub_status == "usable":
                rechecks.append(
                    first_recheck(
                        offer.article,
                        article_id=offer.article_id,
                        key=offer.selected.key,
                        source_id=self.source.publisher,
                        now=self._tools.clock.now(),
                    )
                )
        return rechecks

    def _report(self, document: FeedDocument, taken: _Taken) -> None:
        refused = [*(refusal.reason for refusal in document.refusals), *taken.refused]
        if refused:
            self._tools.tell(
                f"{self.source.url}: {len(refused)} entries refused, the first: {refused[0]}"
            )

    def _fail(self, known: FeedRecord, verdict: Failed | Gone, now: datetime) -> FeedRecord:
        record = after_failure(known, verdict, now=now, limits=self._limits)
        if known.last_error != record.last_error:
            self._tools.tell(f"{self.source.url}: {record.last_error}")
        return self._commit(record)

    def _commit(
        self,
        record: FeedRecord,
        *,
        rows: Sequence[SeenItem] = (),
        selection: Selection | None = None,
    ) -> FeedRecord:
        self._tools.state.commit_poll(
            record, seen=rows, aliases=selection.aliases if selection else ()
        )
        if record.poll_count % PRUNE_EVERY_POLLS == 0:
            self._tools.state.prune(record.feed_id)
        return record


def _send(
    ingest: Ingest, name: str, *, feed_id: str, source: SourceConfig, offers: Sequence[_Offer]
) -> None:
    """Offer the articles of a chunk; runs in the intake's thread."""
    origin = Input(shown=name, origin=feed_id, format="feed", source_id=source.publisher)
    for offer in offers:
        ingest.offer(
            offer.article,
            origin,
            is_backfill=offer.selected.is_backfill,
            key=offer.selected.key,
        )


def _rows_left(selection: Selection, taken: _Taken) -> list[SeenItem]:
    """Return what is to be remembered of the entries that were not sent."""
    chosen = {each.key for each in (*selection.new, *selection.changed)}
    rows = [row for row in selection.seen_updates if row.key not in chosen]
    new = {each.key for each in selection.new}
    for row in selection.seen_updates:
        if row.key in taken.again and row.key in new:
            is_backfill = taken.again[row.key].is_backfill
            rows.append(replace(row, fingerprint="", taken_at=None, is_backfill=is_backfill))
    return rows

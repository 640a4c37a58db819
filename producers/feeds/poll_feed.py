"""Poll one feed: get it, choose, get pages, send; the cursor moves when Kafka has everything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from producers.feed_document import FeedDocument
from producers.feeds.feed_progress import after_failure, after_poll, after_unchanged
from producers.feeds.feed_record import FeedRecord, SeenItem, with_articles
from producers.feeds.judge_response import (
    Changed,
    Failed,
    Gone,
    Unchanged,
    feed_address,
    judge,
    request_headers,
)
from producers.feeds.next_pages import with_next_pages
from producers.feeds.poll_tools import PollTools
from producers.feeds.schedule import PollLimits
from producers.feeds.select_items import Selection, select_items
from producers.feeds.sitemap_index import collect_children
from producers.feeds.source_list import SourceConfig
from producers.feeds.take_entries import EntryTaker, Taken
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.fetcher import Priority
from producers.parse_feed import parse_feed
from producers.parsed import Refusal
from producers.source_lock import SourceBusy

PRUNE_EVERY_POLLS = 100

Turn = AbstractAsyncContextManager[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A document that was read and sorted: nothing of it but the chosen entries is kept.

    ``record`` is what is known of the feed once they are sent, ``child_rows`` are to be remembered
    when nothing was left over, ``refused`` are reasons of the parser.
    """

    record: FeedRecord
    selection: Selection
    child_rows: tuple[SeenItem, ...] = ()
    is_index_left: bool = False
    refused: tuple[str, ...] = ()


class FeedPoll:
    """Polls of one feed; one at a time.

    ``source`` is what the source list says of it.
    """

    def __init__(self, source: SourceConfig, tools: PollTools) -> None:
        self.source = source
        self._tools = tools
        self._taker = EntryTaker(source, tools)
        self._cap = source.max_items_per_poll or tools.max_items_per_poll
        self._limits = PollLimits(
            min_seconds=source.min_interval_seconds or tools.limits.min_seconds,
            max_seconds=source.max_interval_seconds or tools.limits.max_seconds,
        )

    async def run(self, known: FeedRecord, *, turn: Turn | None = None) -> FeedRecord:
        """Return what is known of the feed after this poll; it is written already.

        Args:
            known: the feed as it was before.
            turn: is held while the feed is fetched and read; not while its pages are fetched, which
                may take long at a slow site and holds little in memory.

        Raises:
            IntakeBusy: Kafka is slow; the cursor stays, the poll is to be repeated.
            IntakeEnded: this process is stopping.
        """
        async with turn or nullcontext():
            now = self._tools.clock.now()
            known, found = await self._fetch(known, now)
        if isinstance(found, FeedRecord):
            return self._commit(found)
        try:
            taken = await self._taker.take(known, found.selection)
        except SourceBusy as busy:
            self._tools.tell(f"{self.source.url}: waiting: {busy.message}")
            wait = timedelta(seconds=self._limits.min_seconds)
            return self._commit(replace(known, next_poll_at=self._tools.clock.now() + wait))
        self._report(found.refused, taken)
        left_count = len(taken.again) + found.is_index_left
        record = replace(found.record, pending_count=found.record.pending_count + left_count)
        record = with_articles(record, count=taken.sent_count, now=now)
        # A part of an index that has entries left is read again, though it does not change.
        child_rows = () if record.pending_count > found.is_index_left else found.child_rows
        return self._commit(record, rows=[*_rows_again(found.selection, taken), *child_rows])

    async def _fetch(
        self, known: FeedRecord, now: datetime
    ) -> tuple[FeedRecord, FeedRecord | _Read]:
        """Return the feed as known, and its entries or, where there are none, the record after."""
        is_kept = known.pending_count > 0 and self._tools.documents.has(
            known.feed_id, known.body_sha256
        )
        headers = request_headers(known, now, is_document_kept=is_kept)
        answer: Fetched | FetchProblem
        address = feed_address(known, self.source.url)
        try:
            answer = await self._tools.fetcher.fetch(
                address, headers=headers, priority=Priority.FEED
            )
        except FetchProblem as problem:
            answer = problem
        verdict = judge(
            answer, known, now=now, is_conditional=bool(headers), is_document_kept=is_kept
        )
        if isinstance(verdict, Failed | Gone):
            return known, self._failed(known, verdict, now)
        # A feed that had moved by mistake is back where the source list has it.
        known = replace(known, url=address)
        if isinstance(verdict, Unchanged) and not is_kept:
            return known, after_unchanged(known, verdict, now=now, limits=self._limits)
        if isinstance(verdict, Unchanged):
            # Entries of it still wait; it is neither sent nor parsed once more for their sake.
            document = await asyncio.to_thread(self._tools.documents.get, known.feed_id)
            return known, await self._sort(known, verdict, document, now)
        assert isinstance(answer, Fetched)  # noqa: S101 (a body has come with an answer)
        return known, await self._read(known, verdict, answer, now)

    async def _read(
        self, known: FeedRecord, verdict: Changed, answer: Fetched, now: datetime
    ) -> FeedRecord | _Read:
        parsed = await self._tools.pool.run(
            parse_feed,
            verdict.body,
            base_url=answer.final_url,
            content_type=answer.headers.get("content-type"),
        )
        if isinstance(parsed, FeedDocument) and not _is_wanted(parsed, self.source):
            reason = f"kind: {parsed.kind}, the source list wants {self.source.kind}"
            return self._failed(known, Failed(reason=reason), now)
        seen = self._tools.state.seen(known.feed_id)
        child_rows: tuple[SeenItem, ...] = ()
        is_index_left = False
        if isinstance(parsed, FeedDocument) and parsed.kind == "sitemap_index":
            children = await collect_children(
                parsed,
                seen=seen,
                now=now,
                enough=self._cap,
                fetcher=self._tools.fetcher,
                pool=self._tools.pool,
            )
            parsed, child_rows = children.document, children.seen_updates
            is_index_left = children.is_more
        if isinstance(parsed, FeedDocument) and parsed.kind == "json_feed":
            parsed = await with_next_pages(
                parsed,
                answer,
                seen=seen,
                pending_count=known.pending_count,
                cap=self._cap,
                tools=self._tools,
            )
        if isinstance(parsed, Refusal):
            return self._failed(known, Failed(reason=parsed.reason), now)
        found = await self._sort(known, verdict, parsed, now, seen=seen)
        # The newest of an index is behind what it names, changed or not: it is read every time.
        is_wanted_again = found.record.pending_count > 0 and not is_index_left
        await asyncio.to_thread(
            self._keep, known.feed_id, verdict, parsed if is_wanted_again else None
        )
        return replace(found, child_rows=child_rows, is_index_left=is_index_left)

    async def _sort(
        self,
        known: FeedRecord,
        verdict: Changed | Unchanged,
        document: FeedDocument,
        now: datetime,
        *,
        seen: Mapping[str, SeenItem] | None = None,
    ) -> _Read:
        if seen is None:
            seen = self._tools.state.seen(known.feed_id)
        # Half a second for a sitemap of 50,000 entries; pushes and hubs are answered meanwhile.
        selection = await asyncio.to_thread(self._select, known, document, seen, now)
        return _Read(
            record=after_poll(known, verdict, document, selection, now=now, limits=self._limits),
            selection=self._remember_rest(known, selection),
            refused=tuple(refusal.reason for refusal in document.refusals),
        )

    def _keep(self, feed_id: str, verdict: Changed, document: FeedDocument | None) -> None:
        """Keep a document whose entries wait; None: forget the last one.

        The record names its body afterwards: a crash between the two means a fetch in full.
        """
        digest = verdict.validators.body_sha256
        if document is not None and digest is not None:
            self._tools.documents.put(feed_id, digest, document)
        else:
            self._tools.documents.drop(feed_id)

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
        selection = self._remember_rest(known, selection)
        taken = await self._taker.take(known, selection)
        self._report([refusal.reason for refusal in parsed.refusals], taken)
        is_left = selection.pending_count > 0 or bool(taken.again)
        record = replace(
            known,
            cursor_at=selection.cursor.at if selection.cursor else known.cursor_at,
            cursor_key=selection.cursor.key if selection.cursor else known.cursor_key,
            last_new_at=now if taken.live_count else known.last_new_at,
            next_poll_at=now if is_left else known.next_poll_at,
        )
        record = with_articles(record, count=taken.sent_count, now=now)
        return self._commit(record, rows=_rows_again(selection, taken))

    def _select(
        self, known: FeedRecord, document: FeedDocument, seen: Mapping[str, SeenItem], now: datetime
    ) -> Selection:
        return select_items(
            document,
            seen=seen,
            cursor=known.cursor,
            now=now,
            cap=self._cap,
            is_first_poll=not known.is_first_poll_done,
        )

    def _remember_rest(self, known: FeedRecord, selection: Selection) -> Selection:
        """Write what is to be remembered of the entries not chosen; return the others alone.

        A sitemap has 50,000 of them: they are not kept in memory while pages are fetched.
        """
        chosen = {each.key for each in (*selection.new, *selection.changed)}
        rest = [row for row in selection.seen_updates if row.key not in chosen]
        if rest or selection.aliases:
            self._tools.state.commit_poll(known, seen=rest, aliases=selection.aliases)
        rows = tuple(row for row in selection.seen_updates if row.key in chosen)
        return replace(selection, seen_updates=rows, aliases=())

    def _report(self, reasons: Sequence[str], taken: Taken) -> None:
        refused = [*reasons, *taken.refused]
        if refused:
            self._tools.tell(
                f"{self.source.url}: {len(refused)} entries refused, the first: {refused[0]}"
            )

    def _failed(self, known: FeedRecord, verdict: Failed | Gone, now: datetime) -> FeedRecord:
        record = after_failure(known, verdict, now=now, limits=self._limits)
        if known.last_error != record.last_error:
            self._tools.tell(f"{self.source.url}: {record.last_error}")
        return record

    def _commit(self, record: FeedRecord, *, rows: Sequence[SeenItem] = ()) -> FeedRecord:
        self._tools.state.commit_poll(record, seen=rows)
        if record.poll_count % PRUNE_EVERY_POLLS == 0:
            self._tools.state.prune(record.feed_id)
        return record


def _rows_again(selection: Selection, taken: Taken) -> list[SeenItem]:
    """Return the rows of new entries that wait for their pages; an edit keeps the row it had."""
    new = {each.key for each in selection.new}
    return [
        replace(row, fingerprint="", taken_at=None, is_backfill=taken.again[row.key].is_backfill)
        for row in selection.seen_updates
        if row.key in taken.again and row.key in new
    ]


def _is_wanted(document: FeedDocument, source: SourceConfig) -> bool:
    """Return whether the document is of the kind that the source list asks for."""
    kind = "sitemap" if document.kind == "sitemap_index" else document.kind
    return source.kind in ("auto", kind)

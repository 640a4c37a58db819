"""Tell the watches of each article: match, claim, write the ledger, then publish."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from elasticsearch import AsyncElasticsearch

from dateline.alert_records import AlertContent
from dateline.alerts.claims import ClaimStore
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.alerts.mention_history import MentionHistory
from dateline.clock import Clock
from dateline.errors import RecordRejected
from dateline.outcomes import Outcome
from dateline.records import EntityRecord, GroupedArticle, StoryRecord
from dateline.search.record_documents import ensure_record_index, get_documents
from dateline.search.templates import ArticlesIndex
from dateline.settings import AlertsSettings
from dateline.topic_follower import TopicFollower
from dateline.watches.article_view import may_be_matched, view_article
from dateline.wire import from_wire, to_wire
from processors import failpoint
from processors.alerts.build_content import build_content
from processors.alerts.drafts import Draft, is_past, may_alert
from processors.alerts.entity_claims import named_in_full
from processors.alerts.find_drafts import DraftFinder
from processors.alerts.find_first import FirstMentions
from processors.alerts.follow_up import FOLLOWING, by_article, follow_ups, may_follow
from processors.alerts.plan_alerts import Plan, asked_ids, plan_alerts
from processors.alerts.seen_article import SeenArticle
from processors.alerts.watch_book import WatchBook
from processors.guard import Incoming, Result
from processors.kafka_out import Outgoing
from processors.waiting import Progress, wait_out

log = logging.getLogger(__name__)

# Of what was read before a crash or by another worker, only what is read next after partitions were
# assigned can be in the ledger and not on the topic: one batch of each partition.
READ_AGAIN_RECORDS = 10_000
Write = Callable[[Sequence[Outgoing]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStores:
    """What the stage keeps and asks in Elasticsearch."""

    client: AsyncElasticsearch
    index: ArticlesIndex
    ledger: Ledger
    claims: ClaimStore
    history: MentionHistory


class AlertsHandler:
    """Make alerts of grouped articles; nothing is done before ledger and topic have them."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        *,
        stores: AlertStores,
        watches: WatchBook,
        follower: TopicFollower,
        write: Write,
        alert_topic: str,
        settings: AlertsSettings,
        progress: Progress,
        retry_ceiling_seconds: float,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._watches = watches
        self._follower = follower
        self._write = write
        self._alert_topic = alert_topic
        self._settings = settings
        self._progress = progress
        self._retry_ceiling_seconds = retry_ceiling_seconds
        self._clock = clock
        self._may_be_again = READ_AGAIN_RECORDS
        self._is_unfinished = False
        self._firsts = FirstMentions(
            stores.claims, stores.history, learning_days=settings.learning_days
        )
        self._finder = DraftFinder(stores.claims, stores.history, self._firsts)

    async def start(self) -> None:
        """Make the indices, read all watches; returns when they are in force."""
        await self._waited_out(self._prepare)
        await self._waited_out(self._follower.start)
        # What is there now stays: the collector of garbage need not look at it again and again.
        gc.collect()
        gc.freeze()
        log.info("alerts: %d watches are in force", len(self._watches))

    async def stop(self) -> None:
        """End the following of watches and close the client."""
        await self._follower.stop()
        await self._stores.client.close()

    def partitions_changed(self) -> None:
        """Note that what comes may have been read before, by whoever had it until now."""
        self._may_be_again = READ_AGAIN_RECORDS

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record when all its alerts are in the ledger and on the topic."""
        self._follower.check()
        decoded = [_decoded(record) for record in records]
        articles = [each for each in decoded if isinstance(each, GroupedArticle)]
        is_again, self._is_unfinished = self._is_unfinished or self._may_be_again > 0, True
        self._may_be_again -= len(records)
        told = await self._tell_again(articles) if is_again else set()
        told |= await self._tell_matches(articles)
        told |= await self._tell_follow_ups([each for each in articles if may_follow(each)])
        self._is_unfinished = False
        return [_result(each, told) for each in decoded]

    async def _prepare(self) -> None:
        index = self._stores.index
        for each in (index.alerts, index.claims):
            await ensure_record_index(self._stores.client, each)
        await self._firsts.start(self._clock.now())

    async def _tell_again(self, articles: Sequence[GroupedArticle]) -> set[str]:
        """Publish what the ledger has of these very records: its writer may have died before.

        Whether they would become alerts again does not count: watches, index and time have gone on.
        """
        read = {(each.article_id, each.revision) for each in articles}
        if not read:
            return set()
        entries = await self._stores.ledger.of_articles(sorted({each for each, _ in read}))
        again = [each for each in entries if (each.alert.article_id, each.alert.revision) in read]
        return await self._publish(again)

    async def _tell_matches(self, articles: Sequence[GroupedArticle]) -> set[str]:
        """Return the ids of the articles that were told, or told again."""
        drafts = await self._finder.find([each async for each in self._seen(articles)])
        failpoint.hit("alerts.after_claims")
        if not drafts:
            return set()
        known = await self._stores.ledger.get(asked_ids(drafts))
        plan = plan_alerts(drafts, known, make_content=self._content, now=self._clock.now())
        return await self._carry_out(plan)

    async def _seen(self, articles: Sequence[GroupedArticle]) -> AsyncIterator[SeenArticle]:
        for grouped in articles:
            # A batch takes a second of the loop at most; what follows watches gets its turn.
            await asyncio.sleep(0)
            if not may_be_matched(grouped):
                continue
            # A backfill is claimed only: its words are nobody's business.
            view = view_article(grouped) if may_alert(grouped) and len(self._watches) else None
            matches = self._watches.match(view) if view else []
            yield SeenArticle(
                grouped=grouped, view=view, named=named_in_full(grouped),
                matches=tuple(row for row in matches if not is_past(grouped, row[0])),
            )  # fmt: skip

    def _content(self, draft: Draft, note: str) -> AlertContent:
        return build_content(
            draft.grouped, draft.watch, draft.reasons,
            excerpt_chars=self._settings.excerpt_chars, because=draft.because, note=note,
        )  # fmt: skip

    async def _tell_follow_ups(self, articles: Sequence[GroupedArticle]) -> set[str]:
        told: set[str] = set()
        if not articles:
            return told
        # One after the other: a kill behind a change of licence sees that this was told.
        entries = by_article(
            await self._stores.ledger.of_articles([each.article_id for each in articles])
        )
        for grouped in articles:
            new = follow_ups(
                grouped, entries.get(grouped.article_id, ()), find_watch=self._watches.find,
                excerpt_chars=self._settings.excerpt_chars, now=self._clock.now(),
            )  # fmt: skip
            told |= await self._carry_out(Plan(entries=tuple(new)))
            entries.setdefault(grouped.article_id, []).extend(new)
        return told

    async def _carry_out(self, plan: Plan) -> set[str]:
        """Write the ledger, then the topic; return the ids of the articles that were told."""
        if not plan.entries and not plan.again:
            return set()
        entries = await self._with_story_titles(plan.entries)
        created = await self._stores.ledger.create(entries)
        failpoint.hit("alerts.after_ledger")
        new = [entry for entry, is_new in zip(entries, created, strict=True) if is_new]
        lost = [entry for entry, is_new in zip(entries, created, strict=True) if not is_new]
        return await self._publish([*new, *await self._ours_of(lost), *plan.again])

    async def _publish(self, entries: Sequence[LedgerEntry]) -> set[str]:
        if entries:
            await self._write([record for each in entries for record in self._outgoing(each)])
            failpoint.hit("alerts.after_publish")
        return {each.alert.article_id for each in entries}

    async def _ours_of(self, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """Return those that exist and were made of the same record: it is read again.

        What another article was first with is published by whoever reads that one.
        """
        if not entries:
            return []
        found = await self._stores.ledger.get([each.alert.alert_id for each in entries])
        pairs = ((each.alert, found[each.alert.alert_id]) for each in entries)
        return [
            kept
            for wanted, kept in pairs
            if (wanted.article_id, wanted.revision) == (kept.alert.article_id, kept.alert.revision)
        ]

    async def _with_story_titles(self, entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
        entries = list(entries)
        story_ids = sorted({each.alert.story_id for each in entries})
        if not story_ids:
            return []
        found = await get_documents(
            self._stores.client, self._stores.index.stories, story_ids, fields=["title"]
        )
        titles = {key: str(source.get("title") or "") for key, source in found.items()}
        return [_with_story_title(each, titles.get(each.alert.story_id, "")) for each in entries]

    def _outgoing(self, entry: LedgerEntry) -> list[Outgoing]:
        return [
            Outgoing(
                topic=self._alert_topic,
                key=channel_id.encode(),
                value=to_wire(replace(entry.alert, channel_id=channel_id)),
            )
            for channel_id in entry.channel_ids or ("",)
        ]

    async def _waited_out(self, operation: Callable[[], Awaitable[None]]) -> None:
        await wait_out(
            operation, progress=self._progress, ceiling_seconds=self._retry_ceiling_seconds
        )


def _with_story_title(entry: LedgerEntry, title: str) -> LedgerEntry:
    content = entry.alert.content
    # What was withdrawn may be what the story is called after.
    if content is None or entry.alert.trigger in FOLLOWING:
        return entry
    return replace(entry, alert=replace(entry.alert, content=replace(content, story_title=title)))


def _decoded(record: Incoming) -> GroupedArticle | StoryRecord | EntityRecord | RecordRejected:
    try:
        return from_wire(record.payload, GroupedArticle, StoryRecord, EntityRecord)
    except RecordRejected as error:
        return error


def _result(
    found: GroupedArticle | StoryRecord | EntityRecord | RecordRejected, told: set[str]
) -> Result:
    if isinstance(found, RecordRejected):
        return found
    if isinstance(found, GroupedArticle) and found.article_id in told:
        return Outcome.PASSED
    return Outcome.UNWATCHED

"""Give revisions: the one writer between enrich and everything that reads current articles."""

from __future__ import annotations

import logging
from collections import ChainMap
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from dateline.clock import Clock
from dateline.errors import BrokerUnavailable, DependencyUnavailable, RecordRejected
from dateline.records import (
    ArticleState,
    EnrichedArticle,
    EntityCorrection,
    GroupedArticle,
    KillNotice,
    Record,
    Redecide,
    StoryRecord,
)
from dateline.rights.policy import Policy
from dateline.settings import StoriesSettings
from dateline.wire import from_wire, to_wire
from processors import failpoint
from processors.guard import Incoming, Result
from processors.kafka_out import Outgoing
from processors.stories.batch import Batch, ReadBack, StoriesInput, Told
from processors.stories.decider import Decider
from processors.stories.entity_book import EntityBook
from processors.stories.group_article import ArticleGrouper
from processors.stories.known_states import KnownStates
from processors.stories.session import Gone, Session
from processors.stories.story_book import StoryBook

log = logging.getLogger(__name__)

EVICT_EVERY_BATCHES = 200  # a pass over 100,000 states takes tens of milliseconds


OpenSession = Callable[[], Awaitable[Session]]
FindArchived = Callable[[Sequence[str]], Awaitable[Mapping[str, ArticleState]]]
FindArchivedStories = Callable[[Sequence[str]], Awaitable[Mapping[str, StoryRecord]]]


class StoriesHandler:
    """Assign revisions and decisions, and write state and output in one transaction a batch."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        *,
        open_session: OpenSession,
        find_archived: FindArchived,
        find_archived_stories: FindArchivedStories,
        close_readers: Callable[[], Awaitable[None]],
        policy: Policy,
        read_back: ReadBack,
        settings: StoriesSettings,
        enriched_topic: str,
        story_topic: str,
        grouped_topic: str,
        clock: Clock,
    ) -> None:
        self._open_session = open_session
        self._find_archived = find_archived
        self._find_archived_stories = find_archived_stories
        self._close_readers = close_readers
        self._decider = Decider(policy)
        self._read_back = read_back
        self._settings = settings
        self._enriched_topic = enriched_topic
        self._story_topic = story_topic
        self._grouped_topic = grouped_topic
        self._clock = clock
        self._session: Session | None = None
        self._is_session_stale = False
        self._is_stopped = False
        self._batches = 0
        self._gone_count = 0

    def partitions_changed(self) -> None:
        """Begin a new session before the next batch: another process may have written since."""
        self._is_session_stale = True

    async def start(self) -> None:
        """Do nothing: the session is opened with the first batch, by whoever has the partition."""

    async def stop(self) -> None:
        """Close the producer and the readers; a batch in flight gets no new session."""
        self._is_stopped = True
        await self._drop_session()
        await self._close_readers()

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record when state and output are committed together."""
        session = await self._current_session()
        decoded = [self._decoded(record) for record in records]
        taken = [item for item in decoded if not isinstance(item, RecordRejected)]
        states = await self._known_states(session, taken)
        stories = await self._known_stories(session, taken, states)
        try:
            return await self._handle(session, records, decoded, states, stories)
        except DependencyUnavailable:
            # Copies and stories have changed in place, and whether all was committed is not known:
            # a new session reads the truth back.
            await self._drop_session()
            raise
        except BaseException:
            # The same for a cancellation, but there is no time to wait. And after a record that the
            # broker refused as too large, the producer's numbering is off.
            self._is_session_stale = True
            raise

    async def _handle(
        self,
        session: Session,
        records: Sequence[Incoming],
        decoded: Sequence[StoriesInput | RecordRejected],
        states: Mapping[str, ArticleState],
        stories: Mapping[str, StoryRecord],
    ) -> list[Result]:
        entities = EntityBook(session.directory, session.corrections)
        book = StoryBook(session.clusters, stories, entities.who)
        batch = Batch(
            KnownStates(states, session.places),
            ArticleGrouper(session.copies, session.clusters, book, has_lanes=self._settings.lanes),
            book,
            entities,
            decider=self._decider,
            max_versions=self._settings.max_versions,
            read_back=self._read_back,
        )
        results: list[Result] = [
            item if isinstance(item, RecordRejected) else await batch.take(item, record.offset)
            for record, item in zip(records, decoded, strict=True)
        ]
        self._count_gone(batch.gone_count)
        told = batch.finish()
        changed = {key: new for key, new in batch.changed.items() if session.states.get(key) != new}
        await self._commit(session, changed, told, batch.outgoing)
        return results

    def _count_gone(self, count: int) -> None:
        if count:
            self._gone_count += count
            log.warning("stories: %d texts could not be read back so far", self._gone_count)

    async def _commit(
        self,
        session: Session,
        changed: Mapping[str, ArticleState],
        told: Told,
        grouped: Sequence[GroupedArticle],
    ) -> None:
        gone = self._evictable(session, changed, told)
        forgotten = (*gone.article_ids, *gone.story_ids, *gone.entity_ids)
        public: Mapping[str, Record] = {**told.stories, **told.entities}
        public_state = [_record(self._story_topic, *row) for row in public.items()]
        own: Mapping[str, Record] = {**changed, **told.corrections}
        # Made one by one: the broker takes in what was sent while the next ones are encoded.
        records = chain(
            (_record(self._story_topic, *row) for row in own.items()),
            public_state,
            (_record(self._story_topic, key, None) for key in forgotten),
            (_record(self._grouped_topic, item.article_id, item) for item in grouped),
            (replace(each, topic=self._grouped_topic) for each in public_state),
            (_record(self._enriched_topic, item.article_id, item) for item in told.requests),
        )
        failpoint.hit("stories.before_commit")
        await session.writer.write(records)
        failpoint.hit("stories.after_commit")
        session.put(changed, told)
        session.forget(gone)

    async def _current_session(self) -> Session:
        if self._is_stopped:
            # A new session would fence whoever has taken over.
            raise BrokerUnavailable("the stage is stopping")
        if self._is_session_stale:
            await self._drop_session()
        if self._session is None:
            self._is_session_stale = False
            self._session = await self._open_session()
        return self._session

    async def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _known_states(
        self, session: Session, records: Sequence[StoriesInput]
    ) -> Mapping[str, ArticleState]:
        """Return the session's state and, of what is older than the window, the index's.

        The last revision of an old article is there (contract point 4), and the rights of an old
        origin.
        """
        wanted = _article_ids(records)
        archived = await self._archived(session, wanted)
        states = ChainMap(archived, session.states)
        origins = {states[key].origin_article_id for key in wanted if key in states} - {None}
        archived.update(await self._archived(session, {key for key in origins if key} - wanted))
        return states

    async def _known_stories(
        self,
        session: Session,
        records: Sequence[StoriesInput],
        states: Mapping[str, ArticleState],
    ) -> Mapping[str, StoryRecord]:
        """Return the session's stories and, of articles older than the window, the index's."""
        # Asked one by one: a set less the keys of a dict goes through all of the dict.
        wanted = [key for key in _article_ids(records) if key not in session.states]
        named = {states[key].story_id for key in wanted if key in states}
        unknown = [story_id for story_id in named if story_id not in session.stories]
        archived = dict(await self._find_archived_stories(sorted(unknown))) if unknown else {}
        return ChainMap(archived, session.stories)

    async def _archived(self, session: Session, wanted: Iterable[str]) -> dict[str, ArticleState]:
        unknown = sorted(key for key in wanted if key not in session.states)
        return dict(await self._find_archived(unknown)) if unknown else {}

    def _evictable(
        self,
        session: Session,
        changed: Mapping[str, ArticleState],
        told: Told,
    ) -> Gone:
        self._batches += 1
        if self._batches % EVICT_EVERY_BATCHES:
            return Gone()
        oldest = self._clock.now() - timedelta(days=self._settings.window_days)
        return session.unchanged_since(oldest, changed, told)

    def _decoded(self, record: Incoming) -> StoriesInput | RecordRejected:
        try:
            item = from_wire(
                record.payload, EnrichedArticle, KillNotice, Redecide, EntityCorrection
            )
        except RecordRejected as error:
            return error
        if isinstance(item, Redecide):
            # A clock that is ahead must not end an embargo.
            return replace(item, requested_at=min(item.requested_at, self._clock.now()))
        return item


def _record(topic: str, key: str, value: Record | None) -> Outgoing:
    return Outgoing(topic=topic, key=key.encode(), value=None if value is None else to_wire(value))


def _article_ids(records: Sequence[StoriesInput]) -> set[str]:
    """Return the articles that the records are about; a correction is about none."""
    ids = {r.article_id for r in records if isinstance(r, KillNotice | Redecide)}
    return ids | {r.article.article_id for r in records if isinstance(r, EnrichedArticle)}

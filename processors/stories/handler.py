"""Give revisions: the one writer between enrich and everything that reads current articles."""

from __future__ import annotations

import logging
from collections import ChainMap
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from dateline.clock import Clock
from dateline.errors import BrokerUnavailable, DependencyUnavailable, RecordRejected
from dateline.records import (
    ArticleState,
    EnrichedArticle,
    GroupedArticle,
    KillNotice,
    Redecide,
)
from dateline.rights.policy import Policy
from dateline.settings import StoriesSettings
from dateline.wire import from_wire, to_wire
from processors import failpoint
from processors.guard import Incoming, Result
from processors.kafka_out import Outgoing, TransactionalWriter
from processors.stories.batch import Batch, ReadBack
from processors.stories.known_states import CopyIndex

log = logging.getLogger(__name__)

EVICT_EVERY_BATCHES = 200  # a pass over 100,000 states takes tens of milliseconds


class Session:
    """One reign of this process as the writer: its fenced producer and the state it read back."""

    def __init__(self, writer: TransactionalWriter, state: dict[str, ArticleState]) -> None:
        self.writer = writer
        self.state = state
        self.index = CopyIndex(state.values())

    def put(self, state: ArticleState) -> None:
        """Take the committed state of an article."""
        self.forget(state.article_id)
        self.state[state.article_id] = state
        self.index.add(state)

    def forget(self, article_id: str) -> None:
        """Drop an article; safe when it is not there."""
        before = self.state.pop(article_id, None)
        if before is not None:
            self.index.remove(before)


OpenSession = Callable[[], Awaitable[Session]]
FindArchived = Callable[[Sequence[str]], Awaitable[Mapping[str, ArticleState]]]


class StoriesHandler:
    """Assign revisions and decisions, and write state and output in one transaction a batch."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        *,
        open_session: OpenSession,
        find_archived: FindArchived,
        close_readers: Callable[[], Awaitable[None]],
        policy: Policy,
        read_back: ReadBack,
        settings: StoriesSettings,
        story_topic: str,
        grouped_topic: str,
        clock: Clock,
    ) -> None:
        self._open_session = open_session
        self._find_archived = find_archived
        self._close_readers = close_readers
        self._policy = policy
        self._read_back = read_back
        self._settings = settings
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
        batch = Batch(
            states,
            session.index,
            policy=self._policy,
            max_versions=self._settings.max_versions,
            read_back=self._read_back,
        )
        results: list[Result] = [
            item if isinstance(item, RecordRejected) else await batch.take(item, record.offset)
            for record, item in zip(records, decoded, strict=True)
        ]
        self._count_gone(batch.gone_count)
        changed = {key: new for key, new in batch.changed.items() if session.state.get(key) != new}
        await self._commit(session, changed, [self._outgoing(item) for item in batch.outgoing])
        return results

    def _count_gone(self, count: int) -> None:
        if count:
            self._gone_count += count
            log.warning("stories: %d texts could not be read back so far", self._gone_count)

    async def _commit(
        self, session: Session, changed: Mapping[str, ArticleState], outgoing: list[Outgoing]
    ) -> None:
        states = [
            Outgoing(topic=self._story_topic, key=key.encode(), value=to_wire(state))
            for key, state in changed.items()
        ]
        evicted = self._evictable(session.state, changed)
        tombstones = [
            Outgoing(topic=self._story_topic, key=key.encode(), value=None) for key in evicted
        ]
        failpoint.hit("stories.before_commit")
        try:
            await session.writer.write([*states, *tombstones, *outgoing])
        except DependencyUnavailable:
            # Whether it was committed is not known: a new session reads the truth back.
            await self._drop_session()
            raise
        except BaseException:
            # The same for a cancellation in the middle of a commit, but there is no time to wait.
            # And after a record that the broker refused as too large, its numbering is off.
            self._is_session_stale = True
            raise
        failpoint.hit("stories.after_commit")
        for state in changed.values():
            session.put(state)
        for key in evicted:
            session.forget(key)

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
            await session.writer.close()

    async def _known_states(
        self, session: Session, records: Iterable[EnrichedArticle | KillNotice | Redecide]
    ) -> Mapping[str, ArticleState]:
        """Return the session's state and, of what is older than the window, the index's.

        The last revision of an old article is there (contract point 4), and the rights of an old
        origin.
        """
        wanted = {_article_id(record) for record in records}
        archived = await self._archived(session, wanted)
        states = ChainMap(archived, session.state)
        origins = {states[key].origin_article_id for key in wanted if key in states} - {None}
        archived.update(await self._archived(session, {key for key in origins if key} - wanted))
        return states

    async def _archived(self, session: Session, wanted: Iterable[str]) -> dict[str, ArticleState]:
        unknown = sorted(key for key in wanted if key not in session.state)
        return dict(await self._find_archived(unknown)) if unknown else {}

    def _evictable(
        self, state: Mapping[str, ArticleState], changed: Mapping[str, ArticleState]
    ) -> list[str]:
        self._batches += 1
        if self._batches % EVICT_EVERY_BATCHES:
            return []
        oldest = self._clock.now() - timedelta(days=self._settings.window_days)
        return [
            key
            for key, article in state.items()
            if article.last_changed_at < oldest and key not in changed
        ]

    def _decoded(
        self, record: Incoming
    ) -> EnrichedArticle | KillNotice | Redecide | RecordRejected:
        try:
            item = from_wire(record.payload, EnrichedArticle, KillNotice, Redecide)
        except RecordRejected as error:
            return error
        if isinstance(item, Redecide):
            # A clock that is ahead must not end an embargo.
            return replace(item, requested_at=min(item.requested_at, self._clock.now()))
        return item

    def _outgoing(self, grouped: GroupedArticle) -> Outgoing:
        return Outgoing(
            topic=self._grouped_topic, key=grouped.article_id.encode(), value=to_wire(grouped)
        )


def _article_id(record: EnrichedArticle | KillNotice | Redecide) -> str:
    return record.article.article_id if isinstance(record, EnrichedArticle) else record.article_id

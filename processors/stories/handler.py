"""Give revisions: the one writer between enrich and everything that reads current articles."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from dateline.clock import Clock
from dateline.errors import BrokerUnavailable, DependencyUnavailable, RecordRejected
from dateline.records import (
    ArticleState,
    Decision,
    EnrichedArticle,
    GroupedArticle,
    KillNotice,
)
from dateline.settings import StoriesSettings
from dateline.wire import from_wire, to_wire
from processors import failpoint
from processors.guard import Incoming, Result
from processors.kafka_out import Outgoing, TransactionalWriter
from processors.stories.assign_revision import Assignment, assign_revision
from processors.stories.decide import Policy, decide

log = logging.getLogger(__name__)

EVICT_EVERY_BATCHES = 200  # a pass over 100,000 states takes tens of milliseconds


class Session:
    """One reign of this process as the writer: its fenced producer and the state it read back."""

    def __init__(self, writer: TransactionalWriter, state: dict[str, ArticleState]) -> None:
        self.writer = writer
        self.state = state


OpenSession = Callable[[], Awaitable[Session]]
FindArchived = Callable[[Sequence[str]], Awaitable[Mapping[str, ArticleState]]]


class StoriesHandler:
    """Assign revisions and decisions, and write state and output in one transaction a batch."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        *,
        open_session: OpenSession,
        find_archived: FindArchived,
        close_archive: Callable[[], Awaitable[None]],
        policies: Mapping[str, Policy],
        settings: StoriesSettings,
        story_topic: str,
        grouped_topic: str,
        clock: Clock,
    ) -> None:
        self._open_session = open_session
        self._find_archived = find_archived
        self._close_archive = close_archive
        self._policies = policies
        self._settings = settings
        self._story_topic = story_topic
        self._grouped_topic = grouped_topic
        self._clock = clock
        self._session: Session | None = None
        self._is_session_stale = False
        self._is_stopped = False
        self._batches = 0

    def partitions_changed(self) -> None:
        """Begin a new session before the next batch: another process may have written since."""
        self._is_session_stale = True

    async def start(self) -> None:
        """Do nothing: the session is opened with the first batch, by whoever has the partition."""

    async def stop(self) -> None:
        """Close the producer and the archive's client; a batch in flight gets no new session."""
        self._is_stopped = True
        await self._drop_session()
        await self._close_archive()

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record when state and output are committed together."""
        session = await self._current_session()
        decoded = [_decoded(record) for record in records]
        versions = [item for item in decoded if not isinstance(item, RecordRejected)]
        touched = await self._known_states(session, versions)
        results: list[Result] = []
        outgoing: list[Outgoing] = []
        for item in decoded:
            if isinstance(item, RecordRejected):
                results.append(item)
                continue
            version = item.article if isinstance(item, EnrichedArticle) else item
            assignment = assign_revision(
                touched.get(version.article_id), version, max_versions=self._settings.max_versions
            )
            touched[version.article_id] = assignment.state
            results.append(assignment.outcome)
            if assignment.revision is not None:
                outgoing.append(self._grouped(item, assignment))
        changed = {key: new for key, new in touched.items() if session.state.get(key) != new}
        await self._commit(session, changed, outgoing)
        return results

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
        session.state.update(changed)
        for key in evicted:
            del session.state[key]

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
        self, session: Session, versions: Iterable[EnrichedArticle | KillNotice]
    ) -> dict[str, ArticleState]:
        wanted = {_article_id(version) for version in versions}
        known = {key: session.state[key] for key in wanted if key in session.state}
        unknown = sorted(wanted - known.keys())
        if unknown:
            # Older than the window: the last revision is the index's (contract point 4).
            known.update(await self._find_archived(unknown))
        return known

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

    def _grouped(self, item: EnrichedArticle | KillNotice, assignment: Assignment) -> Outgoing:
        state = assignment.state
        version = item.article if isinstance(item, EnrichedArticle) else item
        is_killed = assignment.change == "kill"
        enriched = item if isinstance(item, EnrichedArticle) and not is_killed else None
        kill = None if enriched is not None else _kill_notice(item)
        grouped = GroupedArticle(
            article_id=state.article_id,
            source_id=state.source_id,
            revision=assignment.revision or state.revision,
            change=assignment.change,
            first_seen_at=state.first_seen_at,
            observed_at=version.observed_at,
            origin=version.origin,
            pub_status=state.pub_status,
            story_id=state.story_id,
            story_aliases=state.story_aliases,
            versions=state.versions,
            decisions=self._decisions(enriched),
            enriched=enriched,
            kill=kill,
        )
        return Outgoing(
            topic=self._grouped_topic, key=state.article_id.encode(), value=to_wire(grouped)
        )

    def _decisions(self, enriched: EnrichedArticle | None) -> tuple[Decision, ...]:
        if enriched is None:
            return ()
        return tuple(
            decide(enriched.rights, purpose=purpose, policy=policy)
            for purpose, policy in self._policies.items()
        )


def _decoded(record: Incoming) -> EnrichedArticle | KillNotice | RecordRejected:
    try:
        return from_wire(record.payload, EnrichedArticle, KillNotice)
    except RecordRejected as error:
        return error


def _article_id(version: EnrichedArticle | KillNotice) -> str:
    article = version.article if isinstance(version, EnrichedArticle) else version
    return article.article_id


def _kill_notice(item: EnrichedArticle | KillNotice) -> KillNotice:
    if isinstance(item, KillNotice):
        return item
    article = item.article
    return KillNotice(
        article_id=article.article_id,
        source_id=article.source_id,
        key=article.key,
        reason="the source canceled the article",
        origin=article.origin,
        observed_at=article.observed_at,
        updated_at=article.updated_at,
        url=article.url,
    )

"""Doubles of what surrounds the stories stage: Kafka's topics, the archive, a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sample_records import at

from dateline import ids
from dateline.clock import FixedClock
from dateline.errors import RecordRejected, WriterFenced
from dateline.records import (
    ArticleState,
    EnrichedArticle,
    EntityCorrection,
    EntityRecord,
    GroupedArticle,
    Redecide,
    StoryRecord,
)
from dateline.rights.policy import Policy, load_policy
from dateline.settings import PROJECT_DIR, StoriesSettings
from dateline.wire import from_wire, to_wire
from processors.guard import Incoming
from processors.kafka_out import Outgoing
from processors.stories.handler import StoriesHandler
from processors.stories.session import Session, cluster_settings
from processors.stories.state import KeptState

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")


class Broker:
    """What is committed, and which writer is the newest; the double of Kafka."""

    def __init__(self) -> None:
        self.state: dict[str, ArticleState] = {}
        self.stories: dict[str, StoryRecord] = {}
        self.entities: dict[str, EntityRecord] = {}
        self.corrections: dict[str, EntityCorrection] = {}
        self.grouped: list[GroupedArticle] = []
        self.told: list[StoryRecord] = []  # on the same topic as ``grouped``
        self.told_entities: list[EntityRecord] = []  # there too
        self.requests: list[int] = []  # of the stage itself: offsets in ``enriched``
        self.tombstones: list[str] = []
        self.transactions = 0
        self.writers: list[Writer] = []
        self.failures: list[BaseException | Callable[[], BaseException]] = []
        self.enriched: list[bytes | None] = []  # the topic that the stage reads, by offset

    async def read_back(self, offset: int) -> EnrichedArticle | None:
        """Return the article at an offset, as ``EnrichedReader`` does."""
        try:
            return from_wire(self.enriched[offset], EnrichedArticle)
        except (RecordRejected, IndexError):
            return None

    def commit(self, records: Iterable[Outgoing]) -> None:
        self.transactions += 1
        for record in records:
            key = (record.key or b"").decode()
            if record.value is None:
                self.tombstones.append(key)
                kinds: tuple[dict[str, Any], ...] = (self.state, self.stories, self.entities)
                next(kind for kind in kinds if key in kind).pop(key)
                continue
            if record.topic == "enriched":
                assert key == from_wire(record.value, Redecide).article_id
                self.requests.append(len(self.enriched))
                self.enriched.append(record.value)
                continue
            if record.topic == "story" and key in self._correction(record.value):
                continue
            item = from_wire(record.value, GroupedArticle, ArticleState, StoryRecord, EntityRecord)
            if isinstance(item, GroupedArticle):
                assert (record.topic, key) == ("grouped", item.article_id)
                self.grouped.append(item)
            elif isinstance(item, EntityRecord):
                assert key == item.entity_id
                if record.topic == "grouped":
                    self.told_entities.append(item)
                else:
                    self.entities[key] = item
            elif isinstance(item, ArticleState):
                assert (record.topic, key) == ("story", item.article_id)
                self.state[key] = item
            elif record.topic == "grouped":
                self.told.append(item)
            else:
                self.stories[key] = item

    def _correction(self, value: bytes) -> dict[str, EntityCorrection]:
        try:
            item = from_wire(value, EntityCorrection)
        except RecordRejected:
            return {}
        self.corrections[item.correction_id] = item
        return {item.correction_id: item}

    def emitted(self) -> list[tuple[str, int, str]]:
        return [(item.change, item.revision, text_of(item)) for item in self.grouped]


def text_of(item: GroupedArticle) -> str:
    return item.enriched.text if item.enriched else ""


class Writer:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.is_closed = False

    async def write(self, records: Iterable[Outgoing]) -> None:
        assert not self.is_closed
        if self._broker.writers[-1] is not self:
            raise WriterFenced("a newer stories writer has taken over")
        failure = self._broker.failures.pop(0) if self._broker.failures else None
        if isinstance(failure, AfterCommit):
            self._broker.commit(records)
            raise failure.error
        if isinstance(failure, BaseException):
            raise failure
        self._broker.commit(records)

    async def close(self) -> None:
        self.is_closed = True


class AfterCommit(Exception):
    """The transaction was committed, but the writer did not hear of it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Archive:
    def __init__(self, states: Mapping[str, ArticleState] | None = None) -> None:
        self.states = dict(states or {})
        self.stories: dict[str, StoryRecord] = {}
        self.asked: list[list[str]] = []
        self.failures: list[Exception] = []
        self.is_closed = False

    async def find(self, article_ids: Sequence[str]) -> Mapping[str, ArticleState]:
        self.asked.append(list(article_ids))
        if self.failures:
            raise self.failures.pop(0)
        return {key: self.states[key] for key in article_ids if key in self.states}

    async def find_stories(self, story_ids: Sequence[str]) -> Mapping[str, StoryRecord]:
        return {key: self.stories[key] for key in story_ids if key in self.stories}

    async def close(self) -> None:
        self.is_closed = True


class Process:
    """One process of the stage."""

    def __init__(
        self,
        broker: Broker,
        archive: Archive | None = None,
        policy: Policy = POLICY,
        **settings: Any,
    ) -> None:
        self.broker = broker
        self.archive = archive or Archive()
        self.clock = FixedClock(at(100))
        self.settings = StoriesSettings(**settings)
        self.handler = StoriesHandler(
            open_session=self._open,
            find_archived=self.archive.find,
            find_archived_stories=self.archive.find_stories,
            read_back=broker.read_back,
            close_readers=self.archive.close,
            policy=policy,
            settings=self.settings,
            enriched_topic="enriched",
            story_topic="story",
            grouped_topic="grouped",
            clock=self.clock,
        )

    async def _open(self) -> Session:
        writer = Writer(self.broker)
        self.broker.writers.append(writer)
        return await Session.restored(
            writer,  # type: ignore[arg-type]  # a double
            KeptState(
                articles=dict(self.broker.state),
                stories=dict(self.broker.stories),
                entities=dict(self.broker.entities),
                corrections=dict(self.broker.corrections),
            ),
            settings=cluster_settings(self.settings.cluster_days),
        )

    async def take(self, *records: Any) -> list[Any]:
        """Send records to the topic and handle them as one batch."""
        first = len(self.broker.enriched)
        self.broker.enriched += [
            record if isinstance(record, bytes | None) else to_wire(record) for record in records
        ]
        return await self.take_again(*range(first, len(self.broker.enriched)))

    async def take_requests(self) -> list[Any]:
        """Handle what the stage has asked itself, until it asks no more."""
        results: list[Any] = []
        while self.broker.requests:
            offsets, self.broker.requests = self.broker.requests, []
            results += await self.take_again(*offsets)
        return results

    async def take_again(self, *offsets: int) -> list[Any]:
        """Handle records that stand in the topic already as one batch."""
        return list(
            await self.handler.handle(
                [incoming(self.broker.enriched[offset], offset) for offset in offsets]
            )
        )


def incoming(payload: bytes | None, offset: int) -> Incoming:
    return Incoming(topic="enriched", partition=0, offset=offset, key=b"k", payload=payload)


def key_of(key: str = "k") -> str:
    return ids.article_id("wire.example", key)

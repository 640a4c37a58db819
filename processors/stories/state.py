"""Read the state of the stories stage back from its own compacted topic."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from dateline.errors import InvariantBroken, RecordRejected
from dateline.records import ArticleState, EntityCorrection, EntityRecord, StoryRecord
from dateline.wire import from_wire
from processors.kafka_failures import translated
from processors.stories.shared_values import shared_state, shared_story

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptState:
    """The last record of every article, story and entity, by id, and all corrections."""

    articles: dict[str, ArticleState] = field(default_factory=dict)
    stories: dict[str, StoryRecord] = field(default_factory=dict)
    entities: dict[str, EntityRecord] = field(default_factory=dict)
    corrections: dict[str, EntityCorrection] = field(default_factory=dict)


async def read_state(
    bootstrap_servers: str, topic: str, *, on_progress: Callable[[], None] = lambda: None
) -> KeptState:
    """Return the last state of every article and story; committed records only.

    Raises:
        BrokerUnavailable: Kafka does not answer; try again.
        InvariantBroken: a record of the topic is not ours; nothing may be written on top of it.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=8_388_608,
    )
    partition = TopicPartition(topic, 0)
    state = KeptState()
    try:
        await consumer.start()
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            batches = await consumer.getmany(partition, timeout_ms=1000)
            on_progress()
            for message in batches.get(partition, ()):
                _apply(state, message.key, message.value)
    except KafkaError as error:
        raise translated(error) from error
    finally:
        await consumer.stop()
    log.info(
        "stories: state of %d articles and %d stories read back",
        len(state.articles), len(state.stories),
    )  # fmt: skip
    return state


def _apply(state: KeptState, key: bytes | None, payload: bytes | None) -> None:
    try:
        name = (key or b"").decode()
        record = (
            None
            if payload is None
            else from_wire(payload, ArticleState, StoryRecord, EntityRecord, EntityCorrection)
        )
    except (RecordRejected, UnicodeDecodeError) as error:
        raise InvariantBroken(f"news.story.v1, key {key!r}: {error}") from error
    if record is None:
        # No two kinds share an id: all are hashes of different things, or Wikidata's.
        for records in (state.articles, state.stories, state.entities, state.corrections):
            records.pop(name, None)
    elif isinstance(record, ArticleState):
        state.articles[name] = shared_state(record)
    elif isinstance(record, StoryRecord):
        state.stories[name] = shared_story(record)
    elif isinstance(record, EntityRecord):
        state.entities[name] = record
    else:
        state.corrections[name] = record

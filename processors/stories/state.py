"""Read the state of the stories stage back from its own compacted topic."""

from __future__ import annotations

import logging
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from dateline.errors import InvariantBroken, RecordRejected
from dateline.records import ArticleState, StoryRecord
from dateline.wire import from_wire
from processors.kafka_failures import translated

log = logging.getLogger(__name__)


async def read_state(
    bootstrap_servers: str, topic: str, *, on_progress: Callable[[], None] = lambda: None
) -> dict[str, ArticleState]:
    """Return the last state of every article, by article id; committed records only.

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
    state: dict[str, ArticleState] = {}
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
    log.info("stories: state of %d articles read back", len(state))
    return state


def _apply(state: dict[str, ArticleState], key: bytes | None, payload: bytes | None) -> None:
    try:
        name = (key or b"").decode()
        record = None if payload is None else from_wire(payload, ArticleState, StoryRecord)
    except (RecordRejected, UnicodeDecodeError) as error:
        raise InvariantBroken(f"news.story.v1, key {key!r}: {error}") from error
    if record is None:
        state.pop(name, None)
    elif isinstance(record, ArticleState):
        state[name] = record

"""Read one enriched article back from its topic, by its offset."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from dateline.errors import BrokerUnavailable, RecordRejected
from dateline.records import EnrichedArticle
from dateline.wire import from_wire
from processors.kafka_failures import translated

# A record that the broker has is sent within milliseconds.
SILENCE_SECONDS = 20.0


class EnrichedReader:
    """A reader without a group; connects with the first read."""

    def __init__(
        self, bootstrap_servers: str, topic: str, *, on_progress: Callable[[], None] = lambda: None
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._partition = TopicPartition(topic, 0)
        self._on_progress = on_progress
        self._consumer: AIOKafkaConsumer | None = None
        self._end = 0  # as far as the topic is known to reach

    async def read(self, offset: int) -> EnrichedArticle | None:
        """Return the article at ``offset``, or None: it is gone, or no article stands there.

        Raises:
            BrokerUnavailable: Kafka does not answer; try again.
        """
        try:
            value = await self._value_at(offset)
        except KafkaError as error:
            await self.close()
            raise translated(error) from error
        self._on_progress()
        try:
            return from_wire(value, EnrichedArticle)
        except RecordRejected:
            return None

    async def close(self) -> None:
        """Disconnect; the next read connects again."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _value_at(self, offset: int) -> bytes | None:
        consumer = await self._started()
        if offset >= self._end:
            self._end = (await consumer.end_offsets([self._partition]))[self._partition]
        if not 0 <= offset < self._end:
            return None  # the broker would wait for it to be written
        consumer.seek(self._partition, offset)
        try:
            message = await asyncio.wait_for(consumer.getone(self._partition), SILENCE_SECONDS)
        except (OffsetOutOfRangeError, NoOffsetForPartitionError):
            return None  # deleted by retention, or the topic was made anew
        except TimeoutError as error:
            await self.close()
            raise BrokerUnavailable("Kafka sent no record to read back.") from error
        value: bytes | None = message.value
        return value if message.offset == offset else None

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap_servers,
                isolation_level="read_committed",
                enable_auto_commit=False,
                auto_offset_reset="none",
                # One record is wanted; a larger one than this is sent all the same.
                max_partition_fetch_bytes=65_536,
            )
            try:
                await consumer.start()
            except KafkaError:
                await consumer.stop()
                raise
            consumer.assign([self._partition])
            self._consumer = consumer
        return self._consumer

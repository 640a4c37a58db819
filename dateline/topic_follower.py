"""Follow a topic outside of any group: all that it holds, or what is written from now on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from dateline.errors import BrokerUnavailable, DependencyUnavailable, InvariantBroken

log = logging.getLogger(__name__)

# How long the broker is asked for news at once; a new record ends the wait.
POLL_MS = 1_000
RETRY_SECONDS = 1.0

Take = Callable[[Sequence[ConsumerRecord]], Awaitable[None]]


class TopicFollower:
    """Hand the records of a topic to ``take``, in order; one batch is done before the next.

    A batch for which ``take`` says that a server is away is tried again.

    Args:
        bootstrap_servers: of Kafka.
        topic: which must exist.
        take: gets the records of one partition, oldest first.
        is_whole: whether all that is there is taken before ``start`` returns; else only what is
            written after it.
        max_records: of one batch; the loop's other work gets its turn between two.
        on_progress: is told of each batch before ``start`` returns.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str,
        *,
        take: Take,
        is_whole: bool,
        max_records: int,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._take = take
        self._is_whole = is_whole
        self._max_records = max_records
        self._on_progress = on_progress
        self._consumer: AIOKafkaConsumer | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow; safe to call again after an error.

        Raises:
            BrokerUnavailable: Kafka does not answer, or has no such topic yet; try again.
        """
        if self._task is not None:
            return
        try:
            consumer = await self._opened()
            if self._is_whole:
                await self._read_all(consumer)
        except KafkaError as error:
            await self._drop()
            raise BrokerUnavailable(f"Kafka does not answer: {error!r}.") from error
        self._task = asyncio.create_task(self._follow())

    def check(self) -> None:
        """Do nothing while the topic is followed.

        Raises:
            InvariantBroken: it is not any more, for good; no record is to blame, and the process
                must end.
        """
        if self._task is not None and self._task.done() and not self._task.cancelled():
            failure = self._task.exception()
            raise InvariantBroken(
                f"{self._topic} is not followed any more: {failure!r}"
            ) from failure

    async def stop(self) -> None:
        """End the following."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._drop()

    async def _read_all(self, consumer: AIOKafkaConsumer) -> None:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                await self._read(consumer)
                self._on_progress()

    async def _follow(self) -> None:
        while True:
            try:
                await self._read(await self._opened())
            except KafkaError as error:
                # What was taken stays in force meanwhile.
                log.warning("%s cannot be followed: %r; tried again", self._topic, error)
                await self._drop()
                await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._max_records)
        for partition, records in batches.items():
            await self._taken(records)
            self._positions[partition] = records[-1].offset + 1
            await asyncio.sleep(0)

    async def _taken(self, records: Sequence[ConsumerRecord]) -> None:
        while True:
            try:
                await self._take(records)
            except DependencyUnavailable as error:
                log.warning("%s: %s; tried again", self._topic, error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                self._topic,
                bootstrap_servers=self._bootstrap_servers,
                enable_auto_commit=False,
                # A topic that was made anew begins again.
                auto_offset_reset="earliest" if self._is_whole else "latest",
            )
            # Kept before it is started: whatever fails, it is stopped.
            self._consumer = consumer
            await consumer.start()
            partitions = list(consumer.assignment())
            # Now, and not at the first fetch: what is written after the start is taken.
            find = consumer.beginning_offsets if self._is_whole else consumer.end_offsets
            self._positions = await find(partitions) | self._positions
            for partition, position in self._positions.items():
                consumer.seek(partition, position)
        return self._consumer

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

"""Follow ``news.alert.v1`` from now on, outside of any group."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from dateline.alert_records import Alert
from dateline.errors import (
    BrokerUnavailable,
    DependencyUnavailable,
    InvariantBroken,
    RecordRejected,
)
from dateline.wire import from_wire

log = logging.getLogger(__name__)

POLL_MS = 1_000
RETRY_SECONDS = 1.0
MAX_BATCH = 200


class AlertFollower:
    """Hand the alerts of the topic to ``take``, in batches; one batch is done before the next.

    A batch for which ``take`` says that a server is away is tried again.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str,
        *,
        take: Callable[[Sequence[Alert]], Awaitable[None]],
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._take = take
        self._consumer: AIOKafkaConsumer | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follow what is written from now on.

        Raises:
            BrokerUnavailable: Kafka does not answer; try again.
        """
        try:
            await self._opened()
        except KafkaError as error:
            await self._drop()
            raise BrokerUnavailable(f"Kafka does not answer: {error!r}.") from error
        self._task = asyncio.create_task(self._follow())

    def check(self) -> None:
        """Do nothing while the topic is followed.

        Raises:
            InvariantBroken: it is not any more, for good.
        """
        if self._task is not None and self._task.done() and not self._task.cancelled():
            failure = self._task.exception()
            raise InvariantBroken(
                f"news.alert.v1 is not followed any more: {failure!r}"
            ) from failure

    async def stop(self) -> None:
        """End the following."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._drop()

    async def _follow(self) -> None:
        while True:
            try:
                consumer = await self._opened()
                batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_BATCH)
            except KafkaError as error:
                log.warning("news.alert.v1 cannot be followed: %r; tried again", error)
                await self._drop()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for partition, messages in batches.items():
                read = [_alert(message.value) for message in messages]
                await self._taken([each for each in read if each is not None])
                self._positions[partition] = messages[-1].offset + 1
                # Readers get their turn also while there is a backlog.
                await asyncio.sleep(0)

    async def _taken(self, alerts: Sequence[Alert]) -> None:
        while True:
            try:
                await self._take(alerts)
            except DependencyUnavailable as error:
                log.warning("alerts cannot be told: %s; tried again", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                self._topic,
                bootstrap_servers=self._bootstrap_servers,
                enable_auto_commit=False,
                auto_offset_reset="latest",
            )
            # Kept before it is started: whatever fails, it is stopped.
            self._consumer = consumer
            await consumer.start()
            # Now, and not at the first fetch: what is written after the start is told.
            ends = await consumer.end_offsets(list(consumer.assignment()))
            self._positions = ends | self._positions
            for partition, position in self._positions.items():
                consumer.seek(partition, position)
        return self._consumer

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()


def _alert(payload: bytes | None) -> Alert | None:
    try:
        return from_wire(payload, Alert)
    except RecordRejected as error:
        log.critical("ALARM news.alert.v1: a record is not ours: %s", error)
        return None

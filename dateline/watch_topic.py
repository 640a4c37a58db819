"""Write watches and channels to ``news.watch.v1``, read them whole, and follow them.

The topic is compacted: the last record of a key counts. A record without a value takes its key
away, as does one that is not active.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError as StageKafkaError
from kafka import KafkaProducer
from kafka.errors import KafkaError

from dateline.alert_records import Channel, Watch
from dateline.endpoints import kafka_bootstrap
from dateline.errors import BrokerUnavailable, InvariantBroken, RecordRejected
from dateline.kafka_errors import translated
from dateline.settings import Settings
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.watches.watchlist import WatchChange, Watchlist, WatchRecord, record_key
from dateline.wire import from_wire, to_wire

log = logging.getLogger(__name__)

SEND_TIMEOUT_SECONDS = 30.0
# How long the follower asks the broker for news at once; a new record ends the wait.
POLL_MS = 1_000
RETRY_SECONDS = 1.0
# Queries are parsed as they come: the loop's other work gets its turn between so many.
RECORDS_A_TURN = 50


def send_records(settings: Settings, records: Sequence[WatchRecord]) -> None:
    """Write ``records`` in order; they are in force at the stages within a second.

    Raises:
        BrokerUnavailable: Kafka does not acknowledge; some may be written, and all may be again.
        ConfigError: no address is known, or Kafka refuses this client.
    """
    topic = load_topics(settings)["watch"].name
    try:
        producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
        try:
            futures = [
                producer.send(topic, key=record_key(record).encode(), value=to_wire(record))
                for record in records
            ]
            for future in futures:
                future.get(SEND_TIMEOUT_SECONDS)
        finally:
            producer.close(timeout=SEND_TIMEOUT_SECONDS)
    except KafkaError as error:
        raise translated(error) from error


def read_watchlist(settings: Settings) -> Watchlist:
    """Return all watches and channels, as far as the topic reaches now.

    A record that is not ours is left out, with a line in the log.

    Raises:
        BrokerUnavailable: Kafka does not answer.
        ConfigError: no address is known, or Kafka refuses this client.
    """
    topic = load_topics(settings)["watch"].name
    watchlist = Watchlist()
    with open_reader(settings) as reader:
        if not reader.partition_count(topic):
            return watchlist
        bounds = reader.bounds(topic, 0)
        for record in reader.scan(topic, 0, start=bounds.start, end=bounds.end):
            change = _change(record.key, record.value)
            if change is not None:
                watchlist.apply(change)
    return watchlist


def _change(key: bytes | None, value: bytes | None) -> WatchChange | None:
    try:
        name = (key or b"").decode()
        record = from_wire(value, Watch, Channel) if value is not None else None
    except (RecordRejected, UnicodeDecodeError) as error:
        log.critical("ALARM news.watch.v1: the record of key %r is not ours: %s", key, error)
        return None
    if record is not None and record_key(record) != name:
        log.critical("ALARM news.watch.v1: key %r holds the record of another id", name)
        return None
    return WatchChange(key=name, record=record)


class WatchFollower:
    """Hand every record of the topic to ``on_change``: all there are first, then each new one."""

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str,
        *,
        on_change: Callable[[WatchChange], None],
        on_progress: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._partition = TopicPartition(topic, 0)
        self._on_change = on_change
        self._on_progress = on_progress
        self._sleep = sleep
        self._consumer: AIOKafkaConsumer | None = None
        self._position = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read to the end of the topic, then follow it; safe to call again after an error.

        Raises:
            BrokerUnavailable: Kafka does not answer; try again.
        """
        if self._task is not None:
            return
        try:
            consumer = await self._opened()
            end = (await consumer.end_offsets([self._partition]))[self._partition]
            while await consumer.position(self._partition) < end:
                await self._take(consumer)
                self._on_progress()
        except StageKafkaError as error:
            await self._drop()
            raise BrokerUnavailable(f"Kafka does not answer: {error!r}.") from error
        self._task = asyncio.create_task(self._follow())

    def check(self) -> None:
        """Say loudly when the following has ended for good: alerts would go by old watches.

        Raises:
            InvariantBroken: it has; no record is to blame, and the process must end.
        """
        if self._task is not None and self._task.done() and not self._task.cancelled():
            failure = self._task.exception()
            raise InvariantBroken(
                f"news.watch.v1 is not followed any more: {failure!r}"
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
                await self._take(await self._opened())
            except StageKafkaError as error:
                # What is known stays in force meanwhile.
                log.warning("news.watch.v1 cannot be followed: %r; tried again", error)
                await self._drop()
                await self._sleep(RETRY_SECONDS)

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap_servers,
                enable_auto_commit=False,
                # A topic that was made anew begins again.
                auto_offset_reset="earliest",
            )
            self._consumer = consumer
            await consumer.start()
            consumer.assign([self._partition])
            if self._position:
                consumer.seek(self._partition, self._position)
            else:
                await consumer.seek_to_beginning(self._partition)
        return self._consumer

    async def _take(self, consumer: AIOKafkaConsumer) -> None:
        batches = await consumer.getmany(self._partition, timeout_ms=POLL_MS)
        for count, message in enumerate(batches.get(self._partition, ()), 1):
            change = _change(message.key, message.value)
            if change is not None:
                self._on_change(change)
            self._position = message.offset + 1
            if count % RECORDS_A_TURN == 0:
                await asyncio.sleep(0)

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

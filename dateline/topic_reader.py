"""Read single records of the topics from outside any group: for the trace and the dead letters.

Nothing is committed, and no stage is disturbed. Only committed transactions are seen, as the stages
see them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
)
from kafka.partitioner.default import murmur2
from kafka.structs import TopicPartition

from dateline.endpoints import kafka_bootstrap
from dateline.errors import BrokerUnavailable
from dateline.kafka_errors import translated
from dateline.settings import Settings

POLL_MS = 500
# A broker that sends nothing for so long, though records are there, is ill.
SILENCE_SECONDS = 30.0
# A fresh cluster makes its topic of committed offsets when the first group is asked for.
COORDINATOR_SECONDS = 20.0
COORDINATOR_PAUSE_SECONDS = 0.5
# Reading backwards in steps: what is looked for is usually young.
STEP_RECORDS = 5_000
MAX_FETCH_BYTES = 8_000_000
# A person waits for the answer; the client would try for 30 s.
BOOTSTRAP_MS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRecord:
    """One record as it stands in its topic."""

    topic: str
    partition: int
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The offsets of a partition: the first one kept, and the next one to be written."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The last record of a key, if any, and how far the search went."""

    record: TopicRecord | None
    scanned_count: int
    is_complete: bool


OnScan = Callable[[str, int, int], None]


def partition_of(key: bytes, partition_count: int) -> int:
    """Return where the default partitioner of the Kafka clients puts ``key``."""
    return (int(murmur2(key)) & 0x7FFFFFFF) % partition_count


class TopicReader:
    """A reader without a group; use it in one thread, from ``open_reader``."""

    def __init__(self, consumer: Any, admin: Any) -> None:
        self._consumer = consumer
        self._admin = admin

    def partition_count(self, topic: str) -> int:
        """Return the number of partitions; 0: there is no such topic."""
        return len(self._consumer.partitions_for_topic(topic) or ())

    def cluster_id(self) -> str:
        """Return the id of the Kafka cluster; the producer's state is kept by it."""
        return str(self._admin.describe_cluster()["cluster_id"])

    def bounds(self, topic: str, partition: int) -> Bounds:
        """Return the offsets that the partition has now."""
        place = TopicPartition(topic, partition)
        return Bounds(
            start=self._consumer.beginning_offsets([place])[place],
            end=self._consumer.end_offsets([place])[place],
        )

    def offset_at(self, topic: str, partition: int, moment: datetime) -> int | None:
        """Return the first offset written at or after ``moment``; None: nothing since."""
        place = TopicPartition(topic, partition)
        found = self._consumer.offsets_for_times({place: int(moment.timestamp() * 1000)})[place]
        return None if found is None else int(found.offset)

    def committed(self, group: str, topic: str, partition: int) -> int | None:
        """Return the next offset that ``group`` will read; None: it has never acknowledged."""
        place = TopicPartition(topic, partition)
        deadline = time.monotonic() + COORDINATOR_SECONDS
        while True:
            try:
                known = self._admin.list_group_offsets({group: [place]})[group].get(place)
            except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(COORDINATOR_PAUSE_SECONDS)
            else:
                return None if known is None or known.offset < 0 else int(known.offset)

    def read(self, topic: str, partition: int, offset: int) -> TopicRecord | None:
        """Return one record; None: it is gone by retention, or was never written."""
        if partition >= self.partition_count(topic):
            return None
        bounds = self.bounds(topic, partition)
        if not bounds.start <= offset < bounds.end:
            return None
        return next(self.scan(topic, partition, start=offset, end=offset + 1), None)

    def scan(self, topic: str, partition: int, *, start: int, end: int) -> Iterator[TopicRecord]:
        """Yield the records from ``start`` up to, not including, ``end``, in order.

        Raises:
            BrokerUnavailable: the broker stays silent for 30 s.
        """
        place = TopicPartition(topic, partition)
        self._consumer.assign([place])
        self._consumer.seek(place, start)
        heard_at = time.monotonic()
        while (position := self._consumer.position(place)) < end:
            for messages in self._consumer.poll(timeout_ms=POLL_MS).values():
                for message in messages:
                    if message.offset >= end:
                        return
                    yield _record(message)
            # Markers of transactions move the position without a message.
            if self._consumer.position(place) > position:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > SILENCE_SECONDS:
                raise BrokerUnavailable(
                    f"Kafka sent nothing of {topic}[{partition}] for {SILENCE_SECONDS:.0f} s."
                )

    def find_last(
        self,
        topic: str,
        key: bytes,
        *,
        max_records: int,
        since: datetime | None = None,
        on_scan: OnScan | None = None,
    ) -> Found:
        """Return the last record of ``key``, looking backwards in the one partition of the key.

        Args:
            topic: name on the server; one that does not exist holds nothing.
            key: as on the record.
            max_records: at most so many are read, the youngest ones.
            since: nothing older than this is looked for.
            on_scan: is told the topic, the records read and the records to read at most.
        """
        count = self.partition_count(topic)
        if not count:
            return Found(record=None, scanned_count=0, is_complete=True)
        partition = partition_of(key, count)
        bounds = self.bounds(topic, partition)
        first = bounds.start
        if since is not None:
            younger = self.offset_at(topic, partition, since)
            first = bounds.end if younger is None else max(first, younger)
        lowest = max(first, bounds.end - max_records)
        upper = bounds.end
        while upper > lowest:
            lower = max(lowest, upper - STEP_RECORDS)
            last = None
            for record in self.scan(topic, partition, start=lower, end=upper):
                last = record if record.key == key else last
            if on_scan:
                on_scan(topic, bounds.end - lower, bounds.end - lowest)
            if last:
                return Found(record=last, scanned_count=bounds.end - lower, is_complete=True)
            upper = lower
        return Found(record=None, scanned_count=bounds.end - lowest, is_complete=lowest == first)


@contextmanager
def open_reader(settings: Settings) -> Iterator[TopicReader]:
    """Return a reader, closed at the end; errors of Kafka become ours.

    Raises:
        BrokerUnavailable: Kafka does not answer.
        ConfigError: no address is known, or Kafka refuses this client.
    """
    servers = kafka_bootstrap(settings)
    consumer = admin = None
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=servers,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            # Asking for a topic by a mistyped name must not make one.
            allow_auto_create_topics=False,
            isolation_level="read_committed",
            max_partition_fetch_bytes=MAX_FETCH_BYTES,
            max_poll_records=STEP_RECORDS,
            bootstrap_timeout_ms=BOOTSTRAP_MS,
        )
        admin = KafkaAdminClient(bootstrap_servers=servers)
        yield TopicReader(consumer, admin)
    except KafkaError as error:
        raise translated(error) from error
    finally:
        if consumer is not None:
            consumer.close()
        if admin is not None:
            admin.close()


def _record(message: Any) -> TopicRecord:
    return TopicRecord(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        at=datetime.fromtimestamp(message.timestamp / 1000, tz=UTC),
        key=message.key,
        value=message.value,
        headers=tuple((name, value or b"") for name, value in message.headers or ()),
    )

"""Write records to Kafka from a stage, and return only when the broker has them.

Faust's own producer is not idempotent in at-least-once mode, so stages do not use it
(reliability.md rule 9).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, KafkaError, ProducerFenced
from aiokafka.partitioner import DefaultPartitioner

from dateline.errors import BrokerUnavailable, WriterFenced
from processors.kafka_failures import translated
from processors.kafka_gzip import use_fast_gzip

MAX_REQUEST_BYTES = 17_500_000  # above the dead letters' max.message.bytes (config/topics.toml)

use_fast_gzip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One record to write."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class Partitioner(DefaultPartitioner):  # type: ignore[misc]  # the library has no types
    """Kafka's own partitioner, which needs no hash (pure Python) where there is one partition."""

    def __call__(
        self, key: bytes | None, all_partitions: Sequence[int], available: Sequence[int]
    ) -> int:
        """Return one of ``all_partitions``."""
        if len(all_partitions) == 1:
            return all_partitions[0]
        chosen: int = super().__call__(key, all_partitions, available)
        return chosen


class RecordWriter:
    """Write batches with an idempotent producer; one object a process."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: AIOKafkaProducer | None = None

    async def write(self, records: Sequence[Outgoing]) -> None:
        """Return when every record is acknowledged; safe to repeat after an error.

        Raises:
            BrokerUnavailable: not all are acknowledged; write the whole batch again.
        """
        producer = await self._started()
        try:
            await send_all(producer, records)
        except KafkaError as error:
            # After a failed send an idempotent producer may be in a state it cannot leave.
            await self.close()
            raise translated(error) from error

    async def close(self) -> None:
        """Stop the producer; the next write starts a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap_servers,
                enable_idempotence=True,
                acks="all",
                compression_type="gzip",
                partitioner=Partitioner(),
                linger_ms=2,
                max_batch_size=262_144,
                max_request_size=MAX_REQUEST_BYTES,
            )
            await start_or_stop(producer)
            self._producer = producer
        return self._producer


class TransactionalWriter:
    """Write batches that a reader sees whole or not at all, and that no older writer can follow.

    Starting fences every earlier writer with the same ``transactional_id`` at the broker: whatever
    a paused process still sends is refused (contract point 4; docs/decisions/0004).
    """

    def __init__(self, bootstrap_servers: str, transactional_id: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers,
            transactional_id=transactional_id,
            acks="all",
            compression_type="gzip",
            partitioner=Partitioner(),
            linger_ms=0,
            max_batch_size=262_144,
            max_request_size=MAX_REQUEST_BYTES,
        )
        self._is_fenced = False

    async def start(self) -> None:
        """Fence earlier writers; open transactions of theirs are aborted.

        Raises:
            BrokerUnavailable: Kafka does not answer; make a new writer and try again.
        """
        try:
            await start_or_stop(self._producer)
        except KafkaError as error:
            raise translated(error) from error

    async def write(self, records: Iterable[Outgoing]) -> None:
        """Return when the transaction is committed; each record is asked for once.

        Raises:
            WriterFenced: a newer writer has started; this process must end.
            BrokerUnavailable: whether the batch is visible is not known; go on with a new writer.
            ArticleInvalid: a record is too large; nothing of the batch is visible; go on with a
                new writer.
        """
        if self._is_fenced:
            raise WriterFenced("a newer stories writer has taken over")
        try:
            async with self._producer.transaction():
                await send_all(self._producer, records)
        except ProducerFenced as error:
            self._is_fenced = True
            raise WriterFenced("a newer stories writer has taken over") from error
        except IllegalOperation as error:
            # The client's background task has ended the transaction between two records: for good
            # when a newer writer fenced it, or else for a reason that a new writer may not meet.
            if self._producer._txn_manager.is_fatal_error():  # noqa: SLF001 (told nowhere else)
                self._is_fenced = True
                raise WriterFenced("a newer stories writer has taken over") from error
            raise BrokerUnavailable(f"the transaction was ended: {error}") from error
        except KafkaError as error:
            raise translated(error) from error

    async def close(self) -> None:
        """Stop the producer."""
        await self._producer.stop()


async def start_or_stop(producer: AIOKafkaProducer) -> None:
    """Start ``producer``; leave nothing running when that fails."""
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise translated(error) from error


async def send_all(producer: AIOKafkaProducer, records: Iterable[Outgoing]) -> None:
    """Send ``records`` in order and return when each is acknowledged; every future is checked."""
    futures = [
        await producer.send(
            record.topic, value=record.value, key=record.key, headers=list(record.headers)
        )
        for record in records
    ]
    results = await asyncio.gather(*futures, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result

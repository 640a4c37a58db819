"""Enrich raw articles in child processes and write them to ``news.enriched.v1``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from dateline.errors import RecordRejected
from dateline.outcomes import Outcome
from processors.enrich.pool import EnrichPool
from processors.guard import Incoming, Result
from processors.kafka_out import Outgoing, RecordWriter
from processors.waiting import Progress, wait_out

WaitForTurn = Callable[[], Awaitable[None]]


class EnrichHandler:
    """One result a record; every passed record is acknowledged by the broker."""

    def __init__(
        self,
        *,
        pool: EnrichPool,
        writer: RecordWriter,
        enriched_topic: str,
        progress: Progress,
        retry_ceiling_seconds: float,
        wait_for_turn: WaitForTurn | None = None,
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._enriched_topic = enriched_topic
        self._progress = progress
        self._retry_ceiling_seconds = retry_ceiling_seconds
        self._wait_for_turn = wait_for_turn

    async def start(self) -> None:
        """Do nothing: the pool starts with the first batch."""

    async def stop(self) -> None:
        """End the children."""
        self._pool.close()

    def partitions_changed(self) -> None:
        """Do nothing: the stage keeps no state."""

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record when all that passed is acknowledged."""
        if self._wait_for_turn is not None:
            await self._wait_for_turn()
        enriched = await self._pool.enrich([record.payload or b"" for record in records])
        outgoing = [
            Outgoing(topic=self._enriched_topic, key=result.key, value=result.payload)
            for result in enriched
            if not isinstance(result, RecordRejected)
        ]
        # Retried here: a broker that is away must not cost the same NLP again and again.
        await wait_out(
            lambda: self._writer.write(outgoing),
            progress=self._progress,
            ceiling_seconds=self._retry_ceiling_seconds,
        )
        return [
            result if isinstance(result, RecordRejected) else Outcome.PASSED for result in enriched
        ]

"""Give every record of a batch exactly one outcome before anything is acknowledged.

This is the only place with a broad ``except`` beside the tops of the command line. What a handler
cannot foresee is our bug: the record is tried alone, the third failure sends it to the dead letters
with an alarm, and several such records in a row stop the stage (contract point 13).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dateline.clock import Clock
from dateline.dead_letters import MAX_ERROR_CHARS, dead_letter_key, to_headers
from dateline.errors import (
    DependencyUnavailable,
    InvariantBroken,
    RecordCrashesStage,
    RecordRejected,
)
from dateline.outcomes import Outcome, OutcomeCounts
from dateline.records import DeadLetter
from processors.kafka_out import Outgoing
from processors.waiting import Progress, wait_out

log = logging.getLogger(__name__)

MAX_ATTEMPTS_ALONE = 3  # contract point 13
MAX_BUGS_IN_A_ROW = 5  # more is no odd record: the stage itself is broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One record as it was read: bytes and where they stand."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    payload: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


Result = Outcome | RecordRejected


class Handler(Protocol):
    """What a stage does with a batch."""

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record, in order, when all effects are durable; safe to repeat."""
        ...


class Guard:
    """Run a handler over batches; when ``process`` returns, the batch may be acknowledged."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        handler: Handler,
        *,
        stage: str,
        dead_letter_topic: str,
        write: Callable[[Sequence[Outgoing]], Awaitable[None]],
        clock: Clock,
        progress: Progress,
        retry_ceiling_seconds: float,
    ) -> None:
        self._handler = handler
        self._stage = stage
        self._dead_letter_topic = dead_letter_topic
        self._write = write
        self._clock = clock
        self._progress = progress
        self._retry_ceiling_seconds = retry_ceiling_seconds
        self._bugs_in_a_row = 0
        self.counts = OutcomeCounts()

    async def process(self, records: Sequence[Incoming]) -> None:
        """Return when every record has its outcome and nothing of it can be lost.

        Raises:
            InvariantBroken: our bug; acknowledge nothing and end the process.
        """
        results = await self._handled(records)
        rejected = [
            (record, result)
            for record, result in zip(records, results, strict=True)
            if isinstance(result, RecordRejected)
        ]
        if rejected:
            await self._bury([self._letter(record, error, 1) for record, error in rejected])
        for result in results:
            self.counts.record(
                Outcome.DEAD_LETTER if isinstance(result, RecordRejected) else result
            )
        self._progress.touch()

    async def _handled(self, records: Sequence[Incoming]) -> Sequence[Result]:
        try:
            results = await self._tried(records)
        except (InvariantBroken, DependencyUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (what a handler cannot foresee: module docstring)
            log.error(  # noqa: TRY400 (the library's traceback would print whole messages)
                "%s: a batch of %d failed; each record alone\n%s",
                self._stage, len(records), _trace(error),
            )  # fmt: skip
            return [await self._alone(record) for record in records]
        self._bugs_in_a_row = 0
        return results

    async def _tried(self, records: Sequence[Incoming]) -> Sequence[Result]:
        async def operation() -> Sequence[Result]:
            return await self._handler.handle(records)

        return await wait_out(
            operation, progress=self._progress, ceiling_seconds=self._retry_ceiling_seconds
        )

    async def _alone(self, record: Incoming) -> Result:
        for attempt in range(1, MAX_ATTEMPTS_ALONE + 1):
            try:
                result = (await self._tried([record]))[0]
            except (InvariantBroken, DependencyUnavailable):
                raise
            except RecordRejected as error:
                self._bugs_in_a_row = 0
                return error  # the record made its whole batch fail, and is to blame alone
            except Exception as error:  # noqa: BLE001 (as above)
                log.error(  # noqa: TRY400 (as above)
                    "%s: %s[%d] offset %d failed alone, try %d\n%s",
                    self._stage, record.topic, record.partition, record.offset, attempt,
                    _trace(error),
                )  # fmt: skip
                failure = error
            else:
                self._bugs_in_a_row = 0
                return result
        return await self._our_bug(record, failure)

    async def _our_bug(self, record: Incoming, failure: Exception) -> Result:
        self._bugs_in_a_row += 1
        if self._bugs_in_a_row >= MAX_BUGS_IN_A_ROW:
            raise RecordCrashesStage(
                f"{self._stage}: {self._bugs_in_a_row} records in a row raised unforeseen errors,"
                f" the last {_brief(failure)}; the stage stops and acknowledges nothing."
            ) from failure
        crash = RecordCrashesStage(_brief(failure))
        log.critical(
            "ALARM %s: our bug, %s[%d] offset %d goes to the dead letters: %s",
            self._stage, record.topic, record.partition, record.offset, crash,
        )  # fmt: skip
        await self._bury([self._letter(record, crash, MAX_ATTEMPTS_ALONE)])
        return Outcome.DEAD_LETTER

    def _letter(
        self, record: Incoming, error: RecordRejected | RecordCrashesStage, attempts: int
    ) -> DeadLetter:
        return DeadLetter(
            payload=record.payload or b"",
            code=error.code,
            stage=self._stage,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            attempts=attempts,
            first_failed_at=self._clock.now(),
            error=str(error),
            key=record.key,
            headers=record.headers,
        )

    async def _bury(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            log.error(
                "dead letter %s %s[%d] offset %d: %s",
                letter.code, letter.topic, letter.partition, letter.offset,
                letter.error[:MAX_ERROR_CHARS],
            )  # fmt: skip
        try:
            await self._post(letters)
        except RecordRejected:
            for letter in letters:
                await self._bury_large(letter)

    async def _bury_large(self, letter: DeadLetter) -> None:
        try:
            await self._post([letter])
        except RecordRejected:
            # Compressed, a record can be larger than the dead letters' topic takes; the original
            # stays in its own topic for as long as that keeps it.
            where = f"{letter.topic}/{letter.partition}/{letter.offset}"
            note = f" ({len(letter.payload)} bytes are too large for a dead letter: see {where})"
            reason = letter.error[: max(0, MAX_ERROR_CHARS - len(note))]
            await self._post([replace(letter, payload=b"", headers=(), error=reason + note)])

    async def _post(self, letters: Sequence[DeadLetter]) -> None:
        outgoing = [
            Outgoing(
                topic=self._dead_letter_topic,
                key=dead_letter_key(letter.topic, letter.partition, letter.offset),
                value=letter.payload,
                headers=to_headers(letter),
            )
            for letter in letters
        ]
        await wait_out(
            lambda: self._write(outgoing),
            progress=self._progress,
            ceiling_seconds=self._retry_ceiling_seconds,
        )


def _brief(error: BaseException) -> str:
    """Return kind and message, cut: the message of an unforeseen error may hold a whole article."""
    return f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARS]


def _trace(error: BaseException) -> str:
    """Return the traceback with every message cut, the causes first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = "".join(traceback.format_tb(error.__traceback__))
    before = f"{_trace(cause)}\n... and then:\n" if cause is not None else ""
    return f"{before}{frames}{_brief(error)}"

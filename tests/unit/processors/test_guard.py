from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import pytest
from sample_records import at

from dateline.clock import FixedClock
from dateline.dead_letters import from_record
from dateline.errors import (
    ArticleInvalid,
    BrokerUnavailable,
    DocumentRefused,
    RecordCrashesStage,
    SchemaMismatch,
    SearchUnavailable,
    WriterFenced,
)
from dateline.outcomes import Outcome
from dateline.records import DeadLetter
from processors import guard as guard_module
from processors.guard import Guard, Incoming, Result
from processors.kafka_out import Outgoing
from processors.waiting import Progress

BODY = "The whole text of an article that nobody may read in a log. " * 40


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for dependencies without waiting."""
    monkeypatch.setattr("processors.waiting.FIRST_PAUSE_SECONDS", 0.0)


def record(offset: int, payload: bytes | None = b"{}", **fields: object) -> Incoming:
    row: dict[str, object] = {"key": b"key", "headers": (("h", b"1"),)} | fields
    return Incoming(topic="t", partition=2, offset=offset, payload=payload, **row)  # type: ignore[arg-type]  # made up in tests


class Script:
    """A handler that does what it is told for each offset; a list is used up call by call."""

    def __init__(self, plan: dict[int, object] | None = None) -> None:
        self._plan = plan or {}
        self.calls: list[list[int]] = []

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        self.calls.append([item.offset for item in records])
        results: list[Result] = []
        for item in records:
            step = self._plan.get(item.offset, Outcome.PASSED)
            if isinstance(step, list):
                step = step.pop(0) if step else Outcome.PASSED
            if isinstance(step, ReturnedError):
                results.append(step.error)
            elif isinstance(step, BaseException):
                raise step
            else:
                assert isinstance(step, Outcome)
                results.append(step)
        return results


class ReturnedError:
    def __init__(self, error: ArticleInvalid | SchemaMismatch | DocumentRefused) -> None:
        self.error = error


class Topic:
    """A dead letter topic that refuses the first ``failures`` writes."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.attempts = 0
        self.written: list[Outgoing] = []

    async def write(self, records: Sequence[Outgoing]) -> None:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise BrokerUnavailable("away")
        self.written.extend(records)

    def letters(self) -> list[DeadLetter]:
        return [from_record(item.value, item.headers) for item in self.written]

    def keys(self) -> list[bytes | None]:
        return [item.key for item in self.written]


def make_guard(handler: Script, write: Callable[[Sequence[Outgoing]], Awaitable[None]]) -> Guard:
    return Guard(
        handler,
        stage="index",
        dead_letter_topic="dead",
        write=write,
        clock=FixedClock(at(0)),
        progress=Progress(),
        retry_ceiling_seconds=0.001,
    )


def process(handler: Script, topic: Topic, *batches: Sequence[Incoming]) -> Guard:
    guard = make_guard(handler, topic.write)

    async def main() -> None:
        for batch in batches:
            await guard.process(batch)

    asyncio.run(main())
    return guard


BUG = ValueError("unforeseen")


def test_each_record_is_counted_once() -> None:
    handler = Script(
        {1: Outcome.DUPLICATE, 2: ReturnedError(ArticleInvalid("empty")), 4: [BUG, BUG, BUG, BUG]}
    )

    guard = process(handler, Topic(), [record(i) for i in range(5)], [record(5)])

    assert guard.counts.summary() == {"dead_letter": 2, "duplicate": 1, "passed": 3}


def test_rejected_record_becomes_a_dead_letter_as_it_was_read() -> None:
    payload = b'\xff\x00 {"not": JSON'
    headers = (("trace", b"\x00\xff"), ("trace", b"second"), ("code", b"mine"))
    topic = Topic()

    process(
        Script({7: ReturnedError(SchemaMismatch("no record - at `$.schema`"))}),
        topic,
        [record(6), record(7, payload, key=b"\xfekey", headers=headers), record(8)],
    )

    (letter,) = topic.letters()
    assert letter == DeadLetter(
        payload=payload, code="E202", stage="index", topic="t", partition=2, offset=7, attempts=1,
        first_failed_at=at(0), error="no record - at `$.schema`", key=b"\xfekey", headers=headers,
    )  # fmt: skip
    assert topic.keys() == [b"t/2/7"]
    assert topic.written[0].topic == "dead"


@pytest.mark.parametrize(("key", "payload"), [(None, None), (b"", b"")])
def test_record_without_key_or_value_becomes_a_dead_letter(
    key: bytes | None, payload: bytes | None
) -> None:
    topic = Topic()

    process(Script({1: ReturnedError(ArticleInvalid("x"))}), topic, [record(1, payload, key=key)])

    (letter,) = topic.letters()
    assert (letter.key, letter.payload) == (key, b"")


def test_process_returns_only_after_the_dead_letter_is_acknowledged() -> None:
    acknowledged = asyncio.Event()

    async def slow(_records: Sequence[Outgoing]) -> None:
        await acknowledged.wait()

    async def main() -> None:
        guard = make_guard(Script({1: ReturnedError(ArticleInvalid("x"))}), slow)
        task = asyncio.create_task(guard.process([record(1)]))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not task.done()
        acknowledged.set()
        await asyncio.wait_for(task, 5)

    asyncio.run(main())


def test_unwritable_dead_letter_topic_is_waited_out_and_gets_one_letter() -> None:
    topic = Topic(failures=12)

    process(Script({1: ReturnedError(ArticleInvalid("x"))}), topic, [record(1)])

    assert topic.attempts == 13
    assert topic.keys() == [b"t/2/1"]


def test_dead_letter_that_kafka_finds_too_large_keeps_its_reason_and_its_place() -> None:
    """A poison record must not block: the original stays where the letter says."""
    topic = Topic()

    async def write(records: Sequence[Outgoing]) -> None:
        if any(len(item.value or b"") > 100 for item in records):
            raise ArticleInvalid("Kafka refuses the record as too large")
        await topic.write(records)

    guard = make_guard(
        Script({n: ReturnedError(ArticleInvalid("too long")) for n in (1, 2)}), write
    )
    asyncio.run(guard.process([record(1, b"x" * 101), record(2, b"small")]))

    large, small = topic.letters()
    assert (large.payload, large.headers, large.offset) == (b"", (), 1)
    assert large.error == "too long (101 bytes are too large for a dead letter: see t/2/1)"
    assert (small.payload, small.error) == (b"small", "too long")


def test_unforeseen_error_makes_each_record_run_alone_in_order() -> None:
    handler = Script({2: [BUG]})

    guard = process(handler, Topic(), [record(i) for i in range(1, 5)])

    assert handler.calls == [[1, 2, 3, 4], [1], [2], [3], [4]]
    assert guard.counts.summary() == {"passed": 4}


def test_third_failure_alone_is_our_bug(caplog: pytest.LogCaptureFixture) -> None:
    topic = Topic()
    handler = Script({2: [BUG, BUG, BUG, BUG]})

    process(handler, topic, [record(1), record(2, b"bytes"), record(3)])

    assert handler.calls == [[1, 2, 3], [1], [2], [2], [2], [3]]
    (letter,) = topic.letters()
    assert (letter.code, letter.attempts, letter.payload) == ("E901", 3, b"bytes")
    assert letter.error == "ValueError: unforeseen"
    alarms = [entry for entry in caplog.records if entry.levelno == logging.CRITICAL]
    assert [alarm.getMessage() for alarm in alarms] == [
        "ALARM index: our bug, t[2] offset 2 goes to the dead letters: ValueError: unforeseen"
    ]


def test_record_rejected_by_raising_keeps_its_own_code() -> None:
    topic = Topic()
    handler = Script({2: DocumentRefused("mapping conflict")})

    guard = process(handler, topic, [record(1), record(2), record(3)])

    assert [(letter.code, letter.error) for letter in topic.letters()] == [
        ("E204", "mapping conflict")
    ]
    assert handler.calls == [[1, 2, 3], [1], [2], [3]]
    assert guard.counts.summary() == {"dead_letter": 1, "passed": 2}


def test_five_bugs_in_a_row_stop_the_stage() -> None:
    topic = Topic()
    handler = Script(dict.fromkeys(range(9), BUG))

    with pytest.raises(RecordCrashesStage, match="5 records in a row"):
        process(handler, topic, [record(i) for i in range(9)])
    assert [letter.offset for letter in topic.letters()] == [0, 1, 2, 3]


def test_bugs_in_a_row_are_counted_across_batches() -> None:
    handler = Script(dict.fromkeys(range(9), BUG))

    with pytest.raises(RecordCrashesStage):
        process(handler, Topic(), *([record(i)] for i in range(9)))


@pytest.mark.parametrize("between", [Outcome.PASSED, DocumentRefused("no")])
def test_bugs_with_a_foreseen_record_between_them_are_not_in_a_row(between: object) -> None:
    plan: dict[int, object] = {i: between if i == 4 else BUG for i in range(9)}

    guard = process(Script(plan), Topic(), [record(i) for i in range(8)])

    assert sum(guard.counts.summary().values()) == 8


def test_cancellation_passes_and_writes_nothing() -> None:
    topic = Topic()
    handler = Script({1: asyncio.CancelledError()})

    with pytest.raises(asyncio.CancelledError):
        process(handler, topic, [record(1)])
    assert (topic.attempts, handler.calls) == (0, [[1]])


def test_absent_dependency_is_waited_out_in_place() -> None:
    handler = Script({2: [SearchUnavailable("away"), SearchUnavailable("away")]})
    topic = Topic()

    guard = process(handler, topic, [record(1), record(2)], [record(3)])

    assert handler.calls == [[1, 2], [1, 2], [1, 2], [3]]
    assert guard.counts.summary() == {"passed": 3}
    assert topic.attempts == 0


def test_absent_dependency_is_waited_out_for_a_record_alone() -> None:
    handler = Script({2: [BUG, SearchUnavailable("away"), BUG, SearchUnavailable("away")]})

    process(handler, Topic(), [record(2)])

    assert handler.calls == [[2]] * 5  # waiting is no attempt


def test_broken_invariant_ends_the_stage_at_once() -> None:
    topic = Topic()
    handler = Script({2: WriterFenced("taken over")})

    with pytest.raises(WriterFenced):
        process(handler, topic, [record(1), record(2)])
    assert (handler.calls, topic.attempts) == ([[1, 2]], 0)


def test_missing_result_acknowledges_nothing() -> None:
    class Forgetful(Script):
        async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
            return (await super().handle(records))[:-1]

    with pytest.raises((ValueError, RecordCrashesStage)):
        process(Forgetful(), Topic(), [record(1), record(2)])


def leaky_errors() -> list[Exception]:
    chained = RuntimeError("outer")
    chained.__cause__ = ValueError(BODY)
    return [
        ValueError(BODY),
        UnicodeEncodeError("utf-8", BODY + "\ud800", len(BODY), len(BODY) + 1, "surrogates"),
        chained,
    ]


@pytest.mark.parametrize("error", leaky_errors(), ids=["message", "repr", "cause"])
def test_no_log_line_and_no_header_holds_the_article(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    topic = Topic()
    plan: dict[int, object] = dict.fromkeys(range(6), error)
    formatter = logging.Formatter()

    with pytest.raises(RecordCrashesStage) as stopped:
        process(Script(plan), topic, [record(i, BODY.encode()) for i in range(6)])

    assert BODY[:300] not in str(stopped.value)
    assert caplog.records
    for entry in caplog.records:
        assert BODY[:300] not in formatter.format(entry)
    for item in topic.written:
        assert all(len(value.decode()) <= 200 for name, value in item.headers if name == "error")


def test_rejection_that_quotes_the_article_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    topic = Topic()

    process(Script({1: ReturnedError(ArticleInvalid(BODY))}), topic, [record(1)])

    (letter,) = topic.letters()
    assert len(letter.error) == 200
    assert letter.error.endswith("…")
    assert BODY[:210] not in caplog.text


def test_bug_is_logged_with_the_place_it_happened(caplog: pytest.LogCaptureFixture) -> None:
    process(Script({1: [BUG]}), Topic(), [record(1)])

    assert "in handle" in caplog.text
    assert "ValueError: unforeseen" in caplog.text


def test_limits_are_those_of_the_contract() -> None:
    assert (guard_module.MAX_ATTEMPTS_ALONE, guard_module.MAX_BUGS_IN_A_ROW) == (3, 5)

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from dateline.errors import InvariantBroken
from dateline.settings import load_settings
from processors import stage as stage_module
from processors.guard import Incoming
from processors.stage import Stage, StageRunner, _incoming, create_app


@dataclass
class Message:
    topic: str = "t"
    partition: int = 1
    offset: int = 5
    key: bytes | None = b"k"
    value: bytes | None = b"v"
    headers: Any = ()


def incoming(**fields: Any) -> Incoming:
    return _incoming(SimpleNamespace(message=Message(**fields)))


def test_incoming_keeps_every_header_in_order() -> None:
    headers = [("trace", b"1"), ("trace", b"2"), ("a", bytearray(b"3"))]

    record = incoming(headers=headers)

    assert record.headers == (("trace", b"1"), ("trace", b"2"), ("a", b"3"))


def test_incoming_takes_a_header_without_a_value() -> None:
    """Kafka allows it; a stage that fails on it would be killed by one record for ever."""
    assert incoming(headers=[("empty", None)]).headers == (("empty", b""),)


def test_incoming_takes_a_tombstone_without_key_and_headers() -> None:
    record = incoming(key=None, value=None, headers=None)

    assert (record.key, record.payload, record.headers) == (None, None, ())


def an_app(**assignments: Any) -> Any:
    settings = load_settings(
        environ={}, assignments=[f"{key.replace('__', '.')}={v}" for key, v in assignments.items()]
    )
    stage = Stage(name="index", reads="grouped", build=lambda _: None)  # type: ignore[arg-type,return-value]  # never built
    return create_app(settings, stage, "one:9092,two:9092")


def test_app_has_the_safe_shape() -> None:
    """reliability.md section 1; each default of Faust that loses or hangs is replaced."""
    conf = an_app(project__namespace="ns", stages__session_timeout_seconds=20).conf

    assert conf.id == "ns-dateline-index"
    assert [str(url) for url in conf.broker] == ["kafka://one:9092", "kafka://two:9092"]
    assert (conf.key_serializer, conf.value_serializer) == ("raw", "raw")
    assert str(conf.processing_guarantee.value) == "at_least_once"
    assert conf.stream_wait_empty is False
    assert conf.topic_allow_declare is False
    assert conf.topic_disable_leader is True
    assert conf.broker_session_timeout == 20
    assert conf.broker_max_poll_interval >= 3600
    assert conf.web_enabled is False


class Stream:
    """What an agent reads: it notes what is acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []

    async def ack(self, event: Any) -> None:
        self.acknowledged.append(event.message.offset)


class Ended(BaseException):
    """Raised in place of ``os._exit``."""


def run_batch(
    monkeypatch: pytest.MonkeyPatch, error: BaseException | None
) -> tuple[list[int], BaseException | None]:
    class Guard:
        async def process(self, records: Sequence[Incoming]) -> None:
            assert [record.offset for record in records] == [5, 6]
            if error is not None:
                raise error

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(stage_module, "end_process", end)
    runner = StageRunner.__new__(StageRunner)
    runner._guard = Guard()  # type: ignore[assignment]  # a double
    runner._stage = SimpleNamespace(name="index")  # type: ignore[assignment]  # a double
    runner._reported_at = float("inf")
    stream = Stream()
    events = [SimpleNamespace(message=Message(offset=offset)) for offset in (5, 6)]
    try:
        asyncio.run(runner._batch(stream, events))
    except (Ended, asyncio.CancelledError) as ended:
        return stream.acknowledged, ended
    return stream.acknowledged, None


def test_batch_is_acknowledged_in_offset_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_batch(monkeypatch, None) == ([5, 6], None)


@pytest.mark.parametrize("error", [InvariantBroken("bug"), RuntimeError("unforeseen")])
def test_failed_batch_ends_the_process_and_acknowledges_nothing(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    acknowledged, ended = run_batch(monkeypatch, error)

    assert acknowledged == []
    assert isinstance(ended, Ended)
    assert ended.args == (70,)


def test_cancelled_batch_acknowledges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    acknowledged, ended = run_batch(monkeypatch, asyncio.CancelledError())

    assert acknowledged == []
    assert isinstance(ended, asyncio.CancelledError)

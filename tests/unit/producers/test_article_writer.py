from __future__ import annotations

import threading
from typing import Any

import pytest
from kafka.errors import (
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)

from dateline.errors import BrokerUnavailable, ConfigError
from dateline.settings import Settings
from producers import article_writer
from producers.article_writer import (
    Cluster,
    Delivered,
    KafkaArticleWriter,
    Outgoing,
    Undeliverable,
)


class Future:
    """A future of the client: it has an answer, or none for ever."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.is_done = answer is not None

    def get(self, timeout: float) -> Any:  # noqa: ARG002 (the client's signature)
        if self._answer is None:
            raise KafkaTimeoutError("slice over")
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def succeeded(self) -> bool:
        return self.is_done and not isinstance(self._answer, Exception)

    @property
    def value(self) -> Any:
        return self._answer


class Answer:
    topic, partition = "t", 3

    def __init__(self, offset: int) -> None:
        self.offset = offset


class Client:
    """A KafkaProducer that answers as it is told, then well."""

    def __init__(self, answers: list[Any], log: list[bytes]) -> None:
        self._answers = answers
        self._log = log
        self.is_closed = False

    def send(self, topic: str, *, key: bytes, value: bytes) -> Future:  # noqa: ARG002 (as there)
        self._log.append(value)
        answer = self._answers.pop(0) if self._answers else Answer(len(self._log))
        if answer == "raises":
            raise KafkaTimeoutError("no metadata")
        return Future(None if answer == "silent" else answer)

    def close(self, timeout: float) -> None:  # noqa: ARG002 (the client's signature)
        self.is_closed = True


class World:
    def __init__(self) -> None:
        self.log: list[bytes] = []
        self.notices: list[str] = []
        self.stop = threading.Event()
        self.opened: list[Client] = []
        self.answers: list[list[Any]] = []
        self.cluster_id = "c1"

    def writer(self) -> KafkaArticleWriter[int]:
        return KafkaArticleWriter(
            Settings(),
            cluster_id="c1",
            stop=self.stop,
            notice=self.notices.append,
            grace_seconds=0.3,
        )

    def open(self, settings: Settings) -> Client:  # noqa: ARG002 (as there)
        answers = self.answers.pop(0) if self.answers else []
        if answers == ["away"]:
            raise BrokerUnavailable("Kafka does not answer")
        self.opened.append(Client(answers, self.log))
        return self.opened[-1]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(article_writer, "_open_producer", world.open)
    monkeypatch.setattr(
        article_writer,
        "read_cluster",
        lambda _: Cluster(cluster_id=world.cluster_id, topics=frozenset()),
    )
    monkeypatch.setattr(article_writer, "SLICE_SECONDS", 0.01)
    monkeypatch.setattr(article_writer, "FIRST_PAUSE_SECONDS", 0.01)
    return world


def outgoing(number: int) -> Outgoing[int]:
    return Outgoing(topic="t", key=b"k%d" % number, payload=b"p%d" % number, tag=number)


def tags(results: list[Delivered[int] | Undeliverable[int]]) -> list[int]:
    return [each.outgoing.tag for each in results]


def test_writer_returns_the_place_of_each_record(world: World) -> None:
    writer = world.writer()
    for number in range(3):
        writer.send(outgoing(number))
    assert (writer.pending_count, writer.pending_bytes) == (3, 6)
    assert writer.is_pending(b"k1")
    results = list(writer.collect(keep=1))
    assert tags(results) == [0, 1]
    assert isinstance(results[1], Delivered)
    assert (results[1].topic, results[1].partition, results[1].offset) == ("t", 3, 2)
    assert not writer.is_pending(b"k1")
    assert (writer.pending_count, writer.pending_bytes) == (1, 2)


@pytest.mark.parametrize("failure", [KafkaTimeoutError("expired"), "raises"])
def test_writer_sends_again_what_the_client_dropped(world: World, failure: object) -> None:
    world.answers = [[Answer(0), failure, KafkaTimeoutError("expired")], ["away"], []]
    writer = world.writer()
    for number in range(3):
        writer.send(outgoing(number))
    assert tags(list(writer.collect())) == [0, 1, 2]
    assert world.log == [b"p0", b"p1", b"p2", b"p1", b"p2"]
    assert world.opened[0].is_closed
    assert len(world.notices) == 2
    assert world.notices[0].startswith("waiting for Kafka, nothing is lost: Kafka does not answer")
    assert world.notices[1] == "Kafka acknowledges again"


def test_writer_says_which_record_is_too_large_and_goes_on(world: World) -> None:
    world.answers = [[MessageSizeTooLargeError("9 bytes")]]
    writer = world.writer()
    writer.send(outgoing(0))
    writer.send(outgoing(1))
    first, second = writer.collect()
    assert isinstance(first, Undeliverable)
    assert "too large" in first.reason
    assert isinstance(second, Delivered)


def test_writer_that_is_not_allowed_stops(world: World) -> None:
    world.answers = [[TopicAuthorizationFailedError("t")]]
    writer = world.writer()
    writer.send(outgoing(0))
    with pytest.raises(ConfigError, match="Kafka refuses this client"):
        list(writer.collect())
    assert writer.pending_count == 1


def test_writer_refuses_another_cluster(world: World) -> None:
    world.answers = [[KafkaTimeoutError("expired")]]
    writer = world.writer()
    writer.send(outgoing(0))
    world.cluster_id = "c2"
    with pytest.raises(ConfigError) as caught:
        list(writer.collect())
    assert str(caught.value) == (
        "Kafka came back as another cluster (c2, was c1)."
        " Run the command again: the new cluster gets everything."
    )


@pytest.mark.parametrize("answers", [["silent"], [KafkaTimeoutError("expired")]])
def test_writer_gives_up_after_a_stop_and_its_grace(world: World, answers: list[Any]) -> None:
    world.answers = [answers, *([["away"]] * 1000)]
    writer = world.writer()
    writer.send(outgoing(0))
    world.stop.set()
    assert list(writer.collect()) == []
    assert writer.pending_count == 1
    writer.close()
    assert world.opened[0].is_closed


def test_writer_waits_for_a_silent_broker_until_it_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_writer, "WARN_SECONDS", 0.05)
    world.answers = [["silent"]]
    writer = world.writer()
    writer.send(outgoing(0))
    threading.Timer(0.3, _answer, args=(writer, 0)).start()
    assert tags(list(writer.collect())) == [0]
    assert world.notices == [
        "waiting for Kafka, nothing is lost: no acknowledgement for 0 s",
        "Kafka acknowledges again",
    ]


def test_writer_lets_the_old_client_finish_before_it_opens_another(world: World) -> None:
    world.answers = [[KafkaTimeoutError("expired"), "silent"]]
    writer = world.writer()
    writer.send(outgoing(0))
    writer.send(outgoing(1))
    threading.Timer(0.3, _answer, args=(writer, 1)).start()
    assert tags(list(writer.collect())) == [0, 1]
    assert world.log == [b"p0", b"p1", b"p0"]


def test_writer_sends_again_what_the_client_never_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_writer, "OVERDUE_SECONDS", -119.9)  # beside 120 s of delivery
    world.answers = [["silent", Answer(0)]]
    writer = world.writer()
    writer.send(outgoing(0))
    writer.send(outgoing(1))
    assert tags(list(writer.collect())) == [0, 1]
    assert world.log == [b"p0", b"p1", b"p0"]
    assert "lost track of a record" in world.notices[0]


def _answer(writer: KafkaArticleWriter[int], position: int) -> None:
    future = writer._pending[position].future
    future._answer, future.is_done = Answer(7), True

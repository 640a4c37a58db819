"""The stories writer against the real broker: fencing, the state topic, and a zombie."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from sample_records import enriched_article, kill_notice
from story_records import about, article_id, killed

from dateline.clock import SystemClock
from dateline.endpoints import kafka_bootstrap
from dateline.errors import ArticleInvalid, InvariantBroken, WriterFenced
from dateline.outcomes import Outcome
from dateline.records import ArticleState, GroupedArticle, StoryRecord
from dateline.rights.policy import load_policy
from dateline.settings import PROJECT_DIR, Settings
from dateline.topics import load_topics
from dateline.wire import from_wire, to_wire
from processors import failpoint
from processors.guard import Incoming
from processors.kafka_out import (
    MAX_REQUEST_BYTES,
    Outgoing,
    RecordWriter,
    TransactionalWriter,
    send_all,
)
from processors.stories.assign_revision import assign_revision
from processors.stories.handler import StoriesHandler
from processors.stories.read_back import EnrichedReader
from processors.stories.session import Session, cluster_settings
from processors.stories.state import KeptState, read_state

pytestmark = pytest.mark.integration
T = TypeVar("T")
DEADLINE_SECONDS = 60.0
SETTLE_SECONDS = 3.0
OFFSETS = itertools.count()


class Bench:
    """Writers and readers of one namespace; what is opened is closed at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.servers = kafka_bootstrap(settings)
        topics = load_topics(settings)
        self.story, self.grouped = topics["story"].name, topics["grouped"].name
        self.enriched = topics["enriched"].name
        self.grouped_partitions = topics["grouped"].partitions
        self._writers: list[TransactionalWriter] = []
        self._readers: list[EnrichedReader] = []

    async def writer(self) -> TransactionalWriter:
        writer = TransactionalWriter(self.servers, self.settings.scoped("dateline-stories"))
        await writer.start()
        self._writers.append(writer)
        return writer

    async def close(self) -> None:
        for writer in self._writers:
            await writer.close()
        for reader in self._readers:
            await reader.close()

    async def kept(self) -> KeptState:
        return await read_state(self.servers, self.story)

    async def state(self) -> dict[str, ArticleState]:
        return (await self.kept()).articles

    async def read(self, topic: str, partitions: int, isolation: str) -> list[bytes | None]:
        """Return the values of a topic, as far as it reaches now."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers, isolation_level=isolation, enable_auto_commit=False
        )
        await consumer.start()
        try:
            parts = [TopicPartition(topic, number) for number in range(partitions)]
            consumer.assign(parts)
            await consumer.seek_to_beginning(*parts)
            await self._settled(consumer, parts)
            ends = await consumer.end_offsets(parts)
            values: list[bytes | None] = []
            for part in parts:
                while await consumer.position(part) < ends[part]:
                    for batch in (await consumer.getmany(timeout_ms=500)).values():
                        values.extend(message.value for message in batch)
            return values
        finally:
            await consumer.stop()

    async def _settled(self, reader: AIOKafkaConsumer, parts: list[TopicPartition]) -> None:
        """Wait until ``reader`` may read all there is: a commit returns before its markers stand.

        What stays open, such as a killed writer's transaction, is waited for in vain, but not long.
        """
        every = AIOKafkaConsumer(bootstrap_servers=self.servers, enable_auto_commit=False)
        await every.start()
        try:
            deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
            while asyncio.get_running_loop().time() < deadline:
                if await reader.end_offsets(parts) == await every.end_offsets(parts):
                    return
                await asyncio.sleep(0.05)
        finally:
            await every.stop()

    async def emitted(self) -> list[tuple[int, str]]:
        values = await self.read(self.grouped, self.grouped_partitions, "read_committed")
        records = [from_wire(value, GroupedArticle, StoryRecord) for value in values]
        return [
            (r.revision, r.enriched.text if r.enriched else "")
            for r in records
            if isinstance(r, GroupedArticle)
        ]

    async def told(self) -> list[StoryRecord]:
        values = await self.read(self.grouped, self.grouped_partitions, "read_committed")
        records = [from_wire(value, GroupedArticle, StoryRecord) for value in values]
        return [record for record in records if isinstance(record, StoryRecord)]

    async def give(self, *records: Any) -> list[Incoming]:
        """Write records to the topic that the stage reads; return them as it gets them."""
        producer = AIOKafkaProducer(bootstrap_servers=self.servers)
        await producer.start()
        try:
            written = [
                await producer.send_and_wait(self.enriched, value=to_wire(record), key=b"k")
                for record in records
            ]
        finally:
            await producer.stop()
        return [
            Incoming(topic=self.enriched, partition=0, offset=each.offset, key=b"k",
                     payload=to_wire(record))
            for each, record in zip(written, records, strict=True)
        ]  # fmt: skip

    def handler(self) -> StoriesHandler:
        async def open_session() -> Session:
            writer = await self.writer()
            return await Session.restored(
                writer,
                await self.kept(),
                settings=cluster_settings(self.settings.stories.cluster_days),
            )

        async def archived(_ids: Sequence[str]) -> Mapping[str, ArticleState]:
            return {}

        async def archived_stories(_ids: Sequence[str]) -> Mapping[str, StoryRecord]:
            return {}

        reader = EnrichedReader(self.servers, self.enriched)
        self._readers.append(reader)
        return StoriesHandler(
            open_session=open_session,
            find_archived=archived,
            find_archived_stories=archived_stories,
            read_back=reader.read,
            close_readers=reader.close,
            policy=load_policy(PROJECT_DIR / "config" / "policies.toml"),
            settings=self.settings.stories,
            enriched_topic=self.enriched,
            story_topic=self.story,
            grouped_topic=self.grouped,
            clock=SystemClock(),
        )


def run(bench: Bench, main: Coroutine[Any, Any, T]) -> T:
    async def guarded() -> T:
        try:
            return await asyncio.wait_for(main, DEADLINE_SECONDS)
        finally:
            await bench.close()

    return asyncio.run(guarded())


@pytest.fixture
def bench(pipeline_settings: Settings) -> Bench:
    return Bench(pipeline_settings)


def incoming(*records: Any) -> list[Incoming]:
    """Return records that stand behind all that were taken before."""
    return [
        Incoming(topic="t", partition=0, offset=next(OFFSETS), key=b"k", payload=to_wire(record))
        for record in records
    ]


def state_of(text: str, minute: float, key: str) -> ArticleState:
    article = enriched_article(text, minute, key=key).article
    return assign_revision(None, article, max_versions=10).state


def state_record(bench: Bench, key: str, value: bytes | None) -> Outgoing:
    return Outgoing(topic=bench.story, key=key.encode(), value=value)


def test_second_start_fences_the_first_writer(bench: Bench) -> None:
    async def main() -> tuple[list[bytes | None], list[bytes | None]]:
        first = await bench.writer()
        await first.write([Outgoing(topic=bench.story, key=b"k", value=b"first")])
        second = await bench.writer()
        with pytest.raises(WriterFenced, match="taken over"):
            await first.write([Outgoing(topic=bench.story, key=b"k", value=b"zombie")])
        with pytest.raises(WriterFenced):  # and it stays fenced
            await first.write([Outgoing(topic=bench.story, key=b"k", value=b"zombie again")])
        await second.write([Outgoing(topic=bench.story, key=b"k", value=b"second")])
        return (
            await bench.read(bench.story, 1, "read_committed"),
            await bench.read(bench.story, 1, "read_uncommitted"),
        )

    committed, _ = run(bench, main())

    assert committed == [b"first", b"second"]


def test_writer_fenced_in_mid_transaction_leaves_nothing_visible(bench: Bench) -> None:
    async def main() -> tuple[list[bytes | None], list[bytes | None]]:
        first = await bench.writer()
        producer = first._producer
        await producer.begin_transaction()
        await producer.send_and_wait(bench.story, value=b"zombie", key=b"k")
        second = await bench.writer()  # aborts what the first has open
        await second.write([Outgoing(topic=bench.story, key=b"k", value=b"second")])
        with pytest.raises(Exception, match=r"(?i)fenced|epoch"):
            await producer.commit_transaction()
        return (
            await bench.read(bench.story, 1, "read_committed"),
            await bench.read(bench.story, 1, "read_uncommitted"),
        )

    committed, everything = run(bench, main())

    assert b"zombie" in everything  # the test would prove nothing without it
    assert committed == [b"second"]


def test_failed_transaction_is_not_visible_and_the_writer_goes_on(bench: Bench) -> None:
    large = Outgoing(topic=bench.grouped, key=b"k", value=b"x" * (MAX_REQUEST_BYTES + 1))

    async def main() -> list[bytes | None]:
        writer = await bench.writer()
        with pytest.raises(ArticleInvalid, match="too large"):
            await writer.write([Outgoing(topic=bench.story, key=b"k", value=b"lost"), large])
        await writer.write([Outgoing(topic=bench.story, key=b"k", value=b"kept")])
        return await bench.read(bench.story, 1, "read_committed")

    assert run(bench, main()) == [b"kept"]


def test_record_that_the_broker_refuses_is_the_records_fault(bench: Bench) -> None:
    """Above the topic's limit but below the client's: random bytes do not compress."""
    import random

    noise = random.Random(1).randbytes(2_500_000)  # noqa: S311 (no secret)
    large = Outgoing(topic=bench.story, key=b"k", value=noise)

    async def main() -> list[bytes | None]:
        writer = await bench.writer()
        with pytest.raises(ArticleInvalid, match="too large"):
            await writer.write([large])
        newer = await bench.writer()
        await newer.write([Outgoing(topic=bench.story, key=b"k", value=b"kept")])
        plain = RecordWriter(bench.servers)
        with pytest.raises(ArticleInvalid, match="too large"):
            await plain.write([large])
        await plain.write([Outgoing(topic=bench.story, key=b"k", value=b"plain")])
        await plain.close()
        return await bench.read(bench.story, 1, "read_committed")

    assert run(bench, main()) == [b"kept", b"plain"]


def test_empty_transaction_is_harmless(bench: Bench) -> None:
    async def main() -> dict[str, ArticleState]:
        writer = await bench.writer()
        await writer.write([])
        await writer.write([])
        return await bench.state()

    assert run(bench, main()) == {}


def test_state_of_an_empty_topic_is_empty(bench: Bench) -> None:
    assert run(bench, bench.state()) == {}


def test_state_is_the_last_committed_record_of_each_article(bench: Bench) -> None:
    one, two, newer = state_of("A", 1, "1"), state_of("B", 1, "2"), state_of("C", 2, "1")

    async def main() -> dict[str, ArticleState]:
        writer = await bench.writer()
        await writer.write(
            [
                state_record(bench, one.article_id, to_wire(one)),
                state_record(bench, two.article_id, to_wire(two)),
            ]
        )
        await writer.write([state_record(bench, one.article_id, to_wire(newer))])
        await writer.write([state_record(bench, two.article_id, None)])
        producer = writer._producer
        await producer.begin_transaction()  # the last thing in the topic is an abort
        await producer.send_and_wait(bench.story, value=b"no record", key=one.article_id.encode())
        await producer.abort_transaction()
        return await bench.state()

    assert run(bench, main()) == {newer.article_id: newer}


def test_state_with_a_record_that_is_not_ours_stops_the_stage(bench: Bench) -> None:
    async def main() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bench.servers)
        await producer.start()
        await producer.send_and_wait(bench.story, value=b"{}", key=b"\xff")
        await producer.stop()
        with pytest.raises(InvariantBroken, match=r"news\.story\.v1, key b'\\xff'"):
            await bench.state()

    run(bench, main())


def test_session_after_session_goes_on_with_the_revisions(bench: Bench) -> None:
    async def main() -> list[tuple[int, str]]:
        for batch in (
            [enriched_article("A", 1)],
            [enriched_article("A", 1), enriched_article("B", 2)],
            [enriched_article("B", 2), kill_notice(3), enriched_article("C", 4)],
        ):
            handler = bench.handler()
            await handler.handle(incoming(*batch))
            await handler.stop()
        return await bench.emitted()

    assert run(bench, main()) == [(1, "A"), (1, "A"), (2, "B"), (2, "B"), (3, "")]


def test_zombie_does_no_harm(bench: Bench) -> None:
    """Contract point 4: A was paused past its session, and B has taken over and gone on."""
    old, newer, newest = (enriched_article(t, m) for t, m in (("A", 1), ("B", 2), ("C", 3)))

    async def main() -> tuple[dict[str, ArticleState], list[tuple[int, str]]]:
        zombie, successor = bench.handler(), bench.handler()
        await zombie.handle(incoming(enriched_article("other", 1, key="other")))
        results = await successor.handle(incoming(old, newer, newest))
        assert results == [Outcome.PASSED] * 3
        with pytest.raises(WriterFenced):
            await zombie.handle(incoming(enriched_article("Z", 9)))
        await successor.handle(incoming(kill_notice(4)))
        return await bench.state(), await bench.emitted()

    state, emitted = run(bench, main())

    article = state[old.article.article_id]
    assert (article.revision, article.pub_status) == (4, "canceled")
    assert sorted(emitted) == [(1, "A"), (1, "other"), (2, "B"), (3, "C"), (4, "")]


def merging() -> list[Any]:
    """Two stories, the articles that make them one, a near copy of the first, and its kill."""
    one, two = about("x", "one").text, about("x", "two").text
    made = [about("a", text=one), about("b", text=two, minute=2)]
    for number in range(10):
        halves = zip(one.split()[number % 2 :: 2], two.split()[number % 2 :: 2], strict=False)
        words = [word for pair in halves for word in pair]
        made.append(about(f"m{number}", text=" ".join(words), minute=3 + number))
    copy = about("c", text=" ".join(one.split()[8:]), minute=20)
    return [*made, copy, killed("a", 21)]


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@pytest.mark.parametrize("place", ["stories.before_commit", "stories.after_commit", "sent"])
def test_merge_in_the_transaction_that_is_killed_happens_once(
    bench: Bench, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies at any point of the write leaves a whole batch, or none of it."""
    records = merging()
    is_armed = True

    def hit(name: str) -> None:
        if is_armed and name == place:
            raise Killed

    async def main() -> tuple[KeptState, list[tuple[int, str]], list[StoryRecord]]:
        nonlocal is_armed
        given = await bench.give(*records)
        first = bench.handler()
        is_armed = False
        await first.handle(given[:2])
        is_armed = True
        if place == "sent":
            await _send_and_die(first, given[2:])
        else:
            monkeypatch.setattr(failpoint, "hit", hit)
            with pytest.raises(Killed):
                await first.handle(given[2:])
        is_armed = False
        second = bench.handler()
        await second.handle(given[2:])
        if place == "sent":  # it was only paused, and wakes up
            with pytest.raises(WriterFenced):
                await _write_again(first)
        third = bench.handler()
        await third.handle(given)
        return await bench.kept(), await bench.emitted(), await bench.told()

    kept, emitted, told = run(bench, main())

    closed = [record for record in kept.stories.values() if record.merged_into]
    assert len(closed) == 1
    moved = [state for state in kept.articles.values() if state.revision == 2]
    assert len(moved) >= 2
    assert len({state.story_id for state in kept.articles.values()} - {closed[0].story_id}) == 1
    copy = next(s for s in kept.articles.values() if s.source_id == "c.example")
    assert (copy.role, copy.origin_article_id) == ("copy", article_id("a"))
    revisions: dict[str, list[int]] = {}
    for record in told:
        revisions.setdefault(record.story_id, []).append(record.revision)
    assert all(each == sorted(set(each)) for each in revisions.values())
    assert len(emitted) > len(records)


async def _send_and_die(handler: StoriesHandler, given: list[Incoming]) -> None:
    """Send the whole batch inside a transaction that is never committed."""
    session = handler._session
    assert session is not None
    producer = session.writer._producer

    async def send(records: Sequence[Outgoing]) -> None:
        await producer.begin_transaction()
        await send_all(producer, records)
        raise Killed

    session.writer.write = send  # type: ignore[method-assign]  # a fault
    with pytest.raises(Killed):
        await handler.handle(given)


async def _write_again(handler: StoriesHandler) -> None:
    session = handler._session
    assert session is not None
    try:
        await session.writer._producer.commit_transaction()
    except KafkaError as error:
        raise WriterFenced("refused by the broker") from error

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from push_doubles import Room, until

from dateline.errors import ConfigError
from producers.ingest import Event, Ingest
from producers.parse_input import Input
from producers.parsed import ParsedArticle
from producers.push.intake import Intake, IntakeBusy, IntakeEnded
from producers.source_lock import SourceBusy, SourceLocks

SOURCE = Input(shown="", origin="push:wire", format="json", source_id="wire", mtime_ns=1)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def article(number: int, *, body: str = "") -> ParsedArticle:
    return ParsedArticle(body=body or f"Text {number}.", media_type="text/plain", guid=str(number))


def offering(*articles: ParsedArticle) -> Callable[[Ingest, str], int]:
    def job(ingest: Ingest, name: str) -> int:
        for each in articles:
            ingest.offer(each, replace(SOURCE, shown=name))
        return len(articles)

    return job


async def offer(intake: Intake, *articles: ParsedArticle) -> tuple[Event, ...]:
    return (await intake.submit_reporting(offering(*articles), label="test")).events


def test_intake_resolves_a_job_only_when_kafka_has_acknowledged(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake() as intake:
            room.writer.is_up.clear()
            task = asyncio.create_task(offer(intake, article(1)))
            await until(room.writer.is_waited_for.is_set)
            assert not task.done()
            room.writer.is_up.set()
            [event] = await task
        assert (event.kind, event.key) == ("sent", "1")

    asyncio.run(scenario())


def test_intake_settles_the_jobs_that_wait_together_once(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake() as intake:
            room.writer.is_up.clear()
            first = asyncio.create_task(offer(intake, article(0)))
            await until(room.writer.is_waited_for.is_set)
            others = [asyncio.create_task(offer(intake, article(n))) for n in range(1, 31)]
            await asyncio.sleep(0)
            before = room.writer.collect_count
            room.writer.is_up.set()
            await asyncio.gather(first, *others)
            assert room.writer.collect_count == before + 1
        assert len(room.writer.records) == 31

    asyncio.run(scenario())


def test_intake_tells_each_job_of_its_own_articles_only(room: Room) -> None:
    async def scenario() -> list[tuple[Event, ...]]:
        async with room.intake() as intake:
            await offer(intake, article(0))
            return await asyncio.gather(
                offer(intake, article(0), article(1)),
                offer(intake, article(2)),
                offer(intake),
            )

    mixed, one, none = asyncio.run(scenario())
    assert [(event.kind, event.reason) for event in mixed] == [
        ("skipped", "unchanged"),
        ("sent", ""),
    ]
    assert [event.key for event in one] == ["2"]
    assert none == ()
    assert len(room.events) == 4  # the general listener hears everything


def test_intake_returns_what_a_job_returns(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake() as intake:
            assert await intake.submit(lambda ingest: ingest.totals.sent) == 0

    asyncio.run(scenario())


def test_intake_is_busy_when_no_place_becomes_free(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake(max_jobs=2, busy_seconds=0.05) as intake:
            room.writer.is_up.clear()
            waiting = [asyncio.create_task(offer(intake, article(n))) for n in range(2)]
            await until(lambda: intake.is_full)
            with pytest.raises(IntakeBusy):
                await offer(intake, article(9))
            room.writer.is_up.set()
            await asyncio.gather(*waiting)
            await offer(intake, article(3))
        assert [record.guid for record in room.writer.articles()] == ["0", "1", "3"]

    asyncio.run(scenario())


def test_intake_keeps_the_place_of_a_cancelled_job_until_its_thread_has_seen_it(
    room: Room,
) -> None:
    # Else clients that come and go while Kafka is away would fill the memory.
    async def scenario() -> None:
        async with room.intake(max_jobs=3, busy_seconds=0.05) as intake:
            room.writer.is_up.clear()
            first = asyncio.create_task(offer(intake, article(0)))
            await until(room.writer.is_waited_for.is_set)
            for number in (1, 2):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(offer(intake, article(number)), 0.02)
            with pytest.raises(IntakeBusy):
                await offer(intake, article(3))
            room.writer.is_up.set()
            await first
            await offer(intake, article(4))
            room.writer.is_up.clear()
            # All three places are there again.
            tasks = [asyncio.create_task(offer(intake, article(n))) for n in (5, 6, 7)]
            await until(lambda: intake.is_full)
            room.writer.is_up.set()
            await asyncio.gather(*tasks)
        guids = [record.guid for record in room.writer.articles()]
        assert guids == ["0", "4", "5", "6", "7"]

    asyncio.run(scenario())


def test_intake_gives_a_busy_source_to_its_job_only(room: Room) -> None:
    other = replace(SOURCE, source_id="taken")

    async def scenario() -> None:
        async with room.intake() as intake:
            with pytest.raises(SourceBusy):
                await intake.submit(lambda ingest: ingest.offer(article(1), other))
            [event] = await offer(intake, article(2))
            assert event.kind == "sent"

    with SourceLocks(room.tmp_path) as locks:
        locks.acquire("taken")
        asyncio.run(scenario())


def test_intake_ends_loudly_when_settling_fails(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake() as intake:
            room.writer.error = ConfigError("Kafka refuses this client.")
            with pytest.raises(IntakeEnded):
                await offer(intake, article(1))
            with pytest.raises(IntakeEnded):
                await offer(intake, article(2))
            await intake.join()

    with pytest.raises(ConfigError, match="refuses this client"):
        asyncio.run(scenario())


def test_intake_ends_loudly_when_a_job_fails_by_our_bug(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake() as intake:
            room.writer.is_up.clear()
            first = asyncio.create_task(offer(intake, article(1)))
            await until(room.writer.is_waited_for.is_set)
            bad = asyncio.create_task(intake.submit(lambda _: {}["missing"]))
            late = asyncio.create_task(offer(intake, article(2)))
            await asyncio.sleep(0)
            room.writer.is_up.set()
            await first
            with pytest.raises(IntakeEnded):
                await bad
            with pytest.raises(IntakeEnded):
                await late

    with pytest.raises(KeyError, match="missing"):
        asyncio.run(scenario())


def test_intake_start_fails_with_what_opening_raises(room: Room, tmp_path: Path) -> None:
    (tmp_path / "sent.sqlite").write_bytes(b"no database at all, " * 100)

    async def scenario() -> None:
        async with room.intake():
            pytest.fail("it has started")

    with pytest.raises(ConfigError, match="cannot be used"):
        asyncio.run(scenario())


def test_intake_stop_settles_what_is_in_flight(room: Room) -> None:
    is_inside, may_go_on = threading.Event(), threading.Event()

    def slow(ingest: Ingest, name: str) -> None:
        offering(article(1))(ingest, name)
        is_inside.set()
        may_go_on.wait()

    async def scenario() -> None:
        async with room.intake() as intake:
            running = asyncio.create_task(intake.submit_reporting(slow, label="test"))
            await until(is_inside.is_set)
            queued = asyncio.create_task(offer(intake, article(2)))
            await asyncio.sleep(0)
            stopping = asyncio.create_task(intake.stop())
            await until(room.writer.stop.is_set)
            may_go_on.set()
            await stopping
            for task in (running, queued):
                with pytest.raises(IntakeEnded):
                    await task

    asyncio.run(scenario())
    assert [record.guid for record in room.writer.articles()] == ["1"]


def test_intake_stop_does_not_wait_for_a_kafka_that_is_away(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake() as intake:
            room.writer.is_up.clear()
            task = asyncio.create_task(offer(intake, article(1)))
            await until(room.writer.is_waited_for.is_set)
            await intake.stop()
            with pytest.raises(IntakeEnded, match="not acknowledged"):
                await task
        assert room.writer.records == []

    asyncio.run(scenario())


def test_intake_turns_those_away_who_wait_for_a_place_when_it_ends(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake(max_jobs=1) as intake:
            room.writer.is_up.clear()
            tasks = [asyncio.create_task(offer(intake, article(n))) for n in range(5)]
            await until(room.writer.is_waited_for.is_set)
            await intake.stop()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(each) for each in found] == [IntakeEnded] * 5

    asyncio.run(scenario())


def test_intake_tells_of_a_held_article_and_its_release(room: Room) -> None:
    held = replace(article(1), embargoed_until=room.clock.now() + timedelta(hours=1))

    async def scenario() -> None:
        async with room.intake() as intake:
            [event] = await offer(intake, held)
            assert event.kind == "held"
            room.clock.advance(seconds=3601)
            await intake.submit(lambda ingest: ingest.release_due())

    asyncio.run(scenario())
    assert [event.kind for event in room.events] == ["held", "sent"]


def test_intake_takes_many_jobs_from_many_tasks(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake(max_jobs=16) as intake:
            await asyncio.gather(*(offer(intake, article(n % 200)) for n in range(1000)))

    asyncio.run(scenario())
    assert len(room.writer.records) == 200
    assert sum(event.reason == "unchanged" for event in room.events) == 800

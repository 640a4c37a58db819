from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from sample_records import at, enriched_article, kill_notice, raw_article, sha
from stories_doubles import AfterCommit, Archive, Broker, Process, key_of

from dateline import ids
from dateline.errors import (
    ArticleInvalid,
    BrokerUnavailable,
    PayloadUndecodable,
    SchemaMismatch,
    SearchUnavailable,
    WriterFenced,
)
from dateline.outcomes import Outcome
from dateline.records import ArticleState, KillNotice
from dateline.rights.record import PURPOSES
from dateline.wire import to_wire
from processors.kafka_out import Outgoing
from processors.stories import handler as handler_module
from processors.stories.session import Session


def spied(broker: Broker) -> list[Outgoing]:
    """Return what gets every record that the broker commits from now on."""
    written: list[Outgoing] = []
    commit = broker.commit

    def note(records: Iterable[Outgoing]) -> None:
        rows = list(records)
        written.extend(rows)
        commit(rows)

    broker.commit = note  # type: ignore[method-assign]
    return written


def test_each_version_becomes_state_and_output_in_one_transaction() -> None:
    broker = Broker()

    results = asyncio.run(Process(broker).take(enriched_article("A", 1)))

    assert results == [Outcome.PASSED]
    assert broker.transactions == 1
    assert broker.state[key_of()].revision == 1
    (item,) = broker.grouped
    assert (item.revision, item.change, item.origin) == (1, "new", "live")
    assert item.first_seen_at == at(1)
    assert item.enriched == enriched_article("A", 1)
    assert tuple(decision.purpose for decision in item.decisions) == PURPOSES


def test_versions_of_one_article_in_one_batch_follow_each_other() -> None:
    broker = Broker()

    results = asyncio.run(
        Process(broker).take(
            enriched_article("A", 1),
            enriched_article("X", 1, key="other"),
            enriched_article("B", 2),
            enriched_article("A", 1),
            kill_notice(3),
            enriched_article("C", 4),
        )
    )

    assert results == [
        Outcome.PASSED, Outcome.PASSED, Outcome.PASSED, Outcome.DUPLICATE, Outcome.PASSED,
        Outcome.REFUSED_KILLED,
    ]  # fmt: skip
    assert broker.emitted() == [
        ("new", 1, "A"), ("new", 1, "X"), ("content", 2, "B"), ("content", 1, "A"), ("kill", 3, ""),
    ]  # fmt: skip
    assert broker.state[key_of()].pub_status == "canceled"
    assert broker.transactions == 1


def test_output_is_keyed_by_the_article() -> None:
    broker = Broker()
    written = spied(broker)

    asyncio.run(Process(broker).take(enriched_article("A", 1)))

    story = broker.grouped[0].story_id.encode()
    assert [(item.topic, item.key) for item in written] == [
        ("story", key_of().encode()), ("story", story), ("grouped", key_of().encode()),
        ("grouped", story),
    ]  # fmt: skip


def test_poison_in_the_middle_leaves_the_others_alone() -> None:
    broker = Broker()

    results = asyncio.run(
        Process(broker).take(
            enriched_article("A", 1), b"\xff{", None, to_wire(raw_article("B", 2)),
            enriched_article("C", 3),
        )
    )  # fmt: skip

    assert [type(result) for result in results] == [
        Outcome, PayloadUndecodable, PayloadUndecodable, SchemaMismatch, Outcome,
    ]  # fmt: skip
    assert broker.emitted() == [("new", 1, "A"), ("content", 2, "C")]


def test_kill_leaves_no_text_and_no_decision() -> None:
    broker = Broker()

    asyncio.run(Process(broker).take(enriched_article("A", 1), kill_notice(2)))

    assert broker.grouped[-1].kill == kill_notice(2)
    assert (broker.grouped[-1].enriched, broker.grouped[-1].decisions) == (None, ())


def test_article_with_status_canceled_becomes_a_kill_notice_without_its_text() -> None:
    broker = Broker()
    canceled = enriched_article(
        article=raw_article("secret", 2, pub_status="canceled", url="https://wire.example/1")
    )

    asyncio.run(Process(broker).take(enriched_article("A", 1), canceled))

    last = broker.grouped[-1]
    assert (last.change, last.revision, last.enriched) == ("kill", 2, None)
    assert isinstance(last.kill, KillNotice)
    assert (last.kill.url, last.kill.updated_at) == ("https://wire.example/1", at(2))


def test_record_that_comes_again_is_emitted_again_without_writing_state() -> None:
    broker = Broker()

    async def main() -> list[Outgoing]:
        process = Process(broker)
        await process.take(enriched_article("A", 1))
        written = spied(broker)
        await process.take_again(0)
        return written

    assert [record.topic for record in asyncio.run(main())] == ["grouped"]
    assert broker.emitted() == [("new", 1, "A"), ("content", 1, "A")]


# ---- sessions ------------------------------------------------------------------------------------


def test_one_session_serves_many_batches() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        for minute in range(1, 4):
            await process.take(enriched_article(str(minute), minute))

    asyncio.run(main())

    assert len(broker.writers) == 1
    assert broker.state[key_of()].revision == 3


def test_state_is_not_kept_when_the_write_failed() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        broker.failures = [BrokerUnavailable("away")]
        with pytest.raises(BrokerUnavailable):
            await process.take(enriched_article("A", 1))
        await process.take(enriched_article("B", 1))

    asyncio.run(main())

    assert broker.emitted() == [("new", 1, "B")]
    assert [writer.is_closed for writer in broker.writers] == [True, False]


def test_state_changes_only_after_the_commit() -> None:
    broker = Broker()
    seen: list[dict[str, ArticleState]] = []
    commit = broker.commit

    async def main() -> dict[str, ArticleState]:
        process = Process(broker)
        await process.take(enriched_article("A", 1))
        session = process.handler._session
        assert session is not None
        broker.commit = lambda records: (seen.append(dict(session.states)), commit(records))[1]  # type: ignore[method-assign,assignment]  # a spy
        await process.take(enriched_article("B", 2))
        return session.states

    after = asyncio.run(main())

    assert [state[key_of()].revision for state in seen] == [1]
    assert after[key_of()].revision == 2


def test_batch_repeated_after_an_unheard_commit_changes_nothing() -> None:
    broker = Broker()

    async def main() -> list[Any]:
        process = Process(broker)
        broker.failures = [AfterCommit(BrokerUnavailable("no answer"))]
        with pytest.raises(BrokerUnavailable):
            await process.take(enriched_article("A", 1), enriched_article("B", 2))
        return await process.take(enriched_article("A", 1), enriched_article("B", 2))

    assert asyncio.run(main()) == [Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert broker.state[key_of()].revision == 2
    assert {(revision, text) for _, revision, text in broker.emitted()} == {(1, "A"), (2, "B")}


@pytest.mark.parametrize("error", [asyncio.CancelledError(), AssertionError("invalid state")])
def test_state_is_read_again_after_any_end_of_a_write_but_success(error: BaseException) -> None:
    """A write that is cancelled in mid commit may be committed all the same."""
    broker = Broker()

    async def main() -> list[Any]:
        process = Process(broker)
        broker.failures = [AfterCommit(error)]
        with pytest.raises(type(error)):
            await process.take(enriched_article("A", 1))
        return await process.take(enriched_article("B", 2))

    asyncio.run(main())

    assert broker.emitted() == [("new", 1, "A"), ("content", 2, "B")]


def test_record_too_large_for_kafka_is_the_records_fault() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        broker.failures = [ArticleInvalid("too large")]
        with pytest.raises(ArticleInvalid):
            await process.take(enriched_article("A", 1))
        await process.take(enriched_article("B", 1))

    asyncio.run(main())

    assert broker.emitted() == [("new", 1, "B")]
    assert len(broker.writers) == 2  # the old producer's sequence numbers are out of order


def test_fenced_writer_ends_and_writes_nothing() -> None:
    broker = Broker()

    async def main() -> None:
        old, new = Process(broker), Process(broker)
        await old.take(enriched_article("A", 1))
        await new.take(enriched_article("B", 2))
        with pytest.raises(WriterFenced):
            await old.take(enriched_article("C", 3))

    asyncio.run(main())

    assert broker.emitted() == [("new", 1, "A"), ("content", 2, "B")]


def test_new_partitions_mean_a_new_session() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(enriched_article("A", 1))
        broker.state[key_of()] = _revised(broker.state[key_of()])  # another process wrote since
        process.handler.partitions_changed()
        await process.take(enriched_article("C", 9))

    asyncio.run(main())

    assert broker.emitted() == [("new", 1, "A"), ("content", 6, "C")]
    assert [writer.is_closed for writer in broker.writers] == [True, False]


def _revised(state: ArticleState) -> ArticleState:
    return ArticleState(
        **{name: getattr(state, name) for name in ArticleState.__slots__} | {"revision": 5}
    )


def test_partitions_that_change_while_a_session_opens_make_it_stale() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        opened = process._open

        async def slow() -> Session:
            session = await opened()
            if len(broker.writers) == 1:
                process.handler.partitions_changed()
            return session

        process.handler._open_session = slow
        await process.take(enriched_article("A", 1))
        await process.take(enriched_article("B", 2))

    asyncio.run(main())

    assert len(broker.writers) == 2


def test_stopped_handler_opens_no_session_that_would_fence_another() -> None:
    broker = Broker()

    async def main() -> Process:
        process = Process(broker)
        await process.take(enriched_article("A", 1))
        await process.handler.stop()
        with pytest.raises(BrokerUnavailable, match="stopping"):
            await process.take(enriched_article("B", 2))
        return process

    process = asyncio.run(main())

    assert len(broker.writers) == 1
    assert broker.writers[0].is_closed
    assert process.archive.is_closed


# ---- articles older than the window --------------------------------------------------------------


def archived(key: str, revision: int, text: str = "A") -> ArticleState:
    return ArticleState(
        article_id=key_of(key), source_id="wire.example", revision=revision, story_id="s" * 64,
        first_seen_at=at(-999), last_changed_at=at(-900), current_sha256=sha(text),
        current_updated_at=at(-900), pub_status="usable", versions=(),
    )  # fmt: skip


def test_unknown_articles_are_looked_up_in_one_call() -> None:
    broker = Broker()
    archive = Archive()

    async def main() -> None:
        process = Process(broker, archive)
        await process.take(*(enriched_article("A", 1, key=key) for key in "cab"), b"poison")
        await process.take(*(enriched_article("B", 2, key=key) for key in "abd"))

    asyncio.run(main())

    assert archive.asked == [sorted(map(key_of, "abc")), [key_of("d")]]


def test_archived_article_goes_on_with_its_revision_and_first_sight() -> None:
    broker = Broker()
    archive = Archive({key_of("old"): archived("old", 7)})

    asyncio.run(Process(broker, archive).take(enriched_article("B", 5, key="old")))

    (item,) = broker.grouped
    assert (item.change, item.revision, item.first_seen_at) == ("content", 8, at(-999))
    assert item.story_id == "s" * 64
    assert broker.state[key_of("old")].revision == 8


def test_absent_archive_writes_nothing() -> None:
    """Without the archive's answer an old article would begin again at revision 1."""
    broker = Broker()
    archive = Archive({key_of("old"): archived("old", 7)})
    archive.failures = [SearchUnavailable("away")]

    async def main() -> None:
        process = Process(broker, archive)
        with pytest.raises(SearchUnavailable):
            await process.take(enriched_article("B", 5, key="old"))
        assert broker.transactions == 0
        await process.take(enriched_article("B", 5, key="old"))

    asyncio.run(main())

    assert broker.emitted() == [("content", 8, "B")]


def test_article_unchanged_for_longer_than_the_window_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler_module, "EVICT_EVERY_BATCHES", 3)
    broker = Broker()
    archive = Archive()

    async def main() -> Process:
        process = Process(broker, archive, window_days=1)
        await process.take(
            enriched_article("A", 1, key="old"), enriched_article("A", 1, key="used")
        )
        await process.take(enriched_article("A", 1440 * 2, key="young"))
        process.clock.advance(seconds=86_400 * 2)
        broker.failures = [BrokerUnavailable("away")]
        with pytest.raises(BrokerUnavailable):
            await process.take(enriched_article("B", 1440 * 2, key="used"))
        assert broker.tombstones == []
        for _ in range(3):
            await process.take(enriched_article("B", 1440 * 2, key="used"))
        return process

    process = asyncio.run(main())

    assert broker.tombstones == [key_of("old"), ids.story_id(key_of("old"))]
    assert set(broker.state) == {key_of("used"), key_of("young")}
    assert set(broker.stories) == {ids.story_id(key_of("used")), ids.story_id(key_of("young"))}
    archive.states = {key_of("old"): archived("old", 4, "A")}
    asyncio.run(process.take(enriched_article("B", 3000, key="old")))
    assert broker.grouped[-1].revision == 5


def test_article_that_changes_in_the_batch_that_forgets_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tombstone behind its new state would lose the revision."""
    monkeypatch.setattr(handler_module, "EVICT_EVERY_BATCHES", 2)
    broker = Broker()

    async def main() -> None:
        process = Process(broker, window_days=1)
        await process.take(enriched_article("A", 1))
        process.clock.advance(seconds=86_400 * 9)
        await process.take(enriched_article("B", 1440 * 9))

    asyncio.run(main())

    assert broker.tombstones == []
    assert broker.state[key_of()].revision == 2

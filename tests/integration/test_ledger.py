"""Ledger, claims and the topic of watches on the real servers, from several sides at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from elasticsearch import AsyncElasticsearch
from grouped_articles import PERSON, article_id, grouped, story_id, watch
from kafka import KafkaProducer
from sample_records import at

from dateline import ids
from dateline.alert_records import Alert
from dateline.alerts.claims import ClaimStore
from dateline.alerts.first_mention import Claim, is_first
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.endpoints import async_search_client, kafka_bootstrap
from dateline.errors import DocumentRefused, InvariantBroken
from dateline.search.templates import ArticlesIndex, articles_index
from dateline.settings import Settings
from dateline.topics import load_topics
from dateline.watch_topic import WatchChange, follow_watches, read_watchlist, send_records
from processors.alerts.entity_claims import claims_of, named_in_full

pytestmark = pytest.mark.integration
T = TypeVar("T")


def run(settings: Settings, work: Callable[[AsyncElasticsearch, ArticlesIndex], Awaitable[T]]) -> T:
    async def main() -> T:
        client = async_search_client(settings)
        try:
            return await work(client, articles_index(settings))
        finally:
            await client.close()

    return asyncio.run(main())


def entry(number: int, **fields: Any) -> LedgerEntry:
    row: dict[str, Any] = {
        "alert_id": ids.alert_id("w", "match", str(number)), "watch_id": "w", "channel_id": "",
        "trigger": "match", "subject": str(number), "article_id": article_id("one"),
        "revision": 1, "story_id": story_id("one"), "story_aliases": (),
        "created_at": at(number),
    }  # fmt: skip
    return LedgerEntry(alert=Alert(**(row | fields)), channel_ids=("mail",), display="full")


def test_an_id_is_written_once_whoever_asks(pipeline_settings: Settings) -> None:
    async def work(client: AsyncElasticsearch, index: ArticlesIndex) -> Any:
        ledger = Ledger(client, index.alerts)
        nothing_yet = await ledger.get([entry(1).alert.alert_id]), await ledger.find()
        other = replace(entry(1), channel_ids=("late",))
        created = await ledger.create([entry(1), other, entry(2)])
        again = await asyncio.gather(*(ledger.create([entry(2), entry(3)]) for _ in range(4)))
        return nothing_yet, created, again, await ledger.get([entry(1).alert.alert_id, "none"])

    nothing_yet, created, again, found = run(pipeline_settings, work)

    assert nothing_yet == ({}, [])
    assert created == [True, False, True]
    assert [each[0] for each in again] == [False] * 4
    assert [each[1] for each in again].count(True) == 1
    assert found == {entry(1).alert.alert_id: entry(1)}


def test_all_that_was_told_of_an_article_is_found_however_much(
    pipeline_settings: Settings,
) -> None:
    entries = [entry(number) for number in range(7)]
    other = entry(8, article_id=article_id("two"))

    async def work(client: AsyncElasticsearch, index: ArticlesIndex) -> list[LedgerEntry]:
        ledger = Ledger(client, index.alerts, page_entries=3)
        await ledger.create([*reversed(entries), other])
        return await ledger.of_articles([article_id("one")])

    assert run(pipeline_settings, work) == entries


def test_find_narrows_and_gives_the_newest_first(pipeline_settings: Settings) -> None:
    entries = [
        entry(1), entry(2, watch_id="x", story_aliases=(story_id("old"),)),
        entry(3, trigger="correction"),
    ]  # fmt: skip

    async def work(client: AsyncElasticsearch, index: ArticlesIndex) -> list[list[LedgerEntry]]:
        ledger = Ledger(client, index.alerts)
        await ledger.create(entries)
        await client.indices.refresh(index=index.alerts.alias)
        return [
            await ledger.find(),
            await ledger.find(limit=1),
            await ledger.find(watch_id="x"),
            await ledger.find(trigger="correction", channel_id="mail"),
            await ledger.find(story_id=story_id("old")),
            await ledger.find(since=at(2), article_id=article_id("one")),
            await ledger.find(channel_id="nobody"),
        ]

    one, two, three = entries
    assert run(pipeline_settings, work) == [
        [three, two, one], [three], [two], [three], [two], [three, two], [],
    ]  # fmt: skip


def test_entry_that_does_not_fit_is_refused(pipeline_settings: Settings) -> None:
    async def work(client: AsyncElasticsearch, index: ArticlesIndex) -> None:
        await Ledger(client, index.alerts).create([entry(1, subject="x" * 40_000)])

    with pytest.raises(DocumentRefused):
        run(pipeline_settings, work)


def claims(name: str, **fields: Any) -> tuple[Claim, ...]:
    record = grouped(name, **fields)
    return claims_of(record, named_in_full(record)[0])


def test_of_many_workers_one_has_the_first_mention(pipeline_settings: Settings) -> None:
    rows = [claims(f"paper{number}", qids={PERSON: "Q42"}) for number in range(12)]

    async def work(client: AsyncElasticsearch, index: ArticlesIndex) -> list[bool]:
        stores = [ClaimStore(client, index.claims) for _ in rows]
        held = await asyncio.gather(
            *(store.claim(row) for store, row in zip(stores, rows, strict=True))
        )
        return [is_first(row, holders) for row, holders in zip(rows, held, strict=True)]

    assert run(pipeline_settings, work).count(True) == 1


def test_claims_are_the_same_after_a_restart_and_from_the_cache(
    pipeline_settings: Settings,
) -> None:
    async def work(client: AsyncElasticsearch, index: ArticlesIndex) -> Any:
        store = ClaimStore(client, index.claims, cached_count=1)
        first = await store.claim([*claims("one"), *claims("two")])
        later = await store.claim(claims("two", qids={PERSON: "Q42"}))
        restarted = ClaimStore(client, index.claims)
        fresh = await restarted.claim(claims("one"))
        cached = await restarted.claim(claims("two"))
        since = [
            await each.learning_since(at(minute)) for each, minute in ((store, 1), (restarted, 9))
        ]
        return first, later, fresh, cached, since

    first, later, fresh, cached, since = run(pipeline_settings, work)

    assert is_first(claims("one"), first)
    assert not is_first(claims("two"), first)
    assert not is_first(claims("two", qids={PERSON: "Q42"}), later)
    assert fresh == cached == {key: first[key] for key in fresh}
    assert since == [at(1), at(1)]


def test_follower_reads_all_then_each_new_record_and_says_when_it_ends(
    pipeline_settings: Settings,
) -> None:
    settings = pipeline_settings
    topic = load_topics(settings)["watch"].name
    first = [watch(f"w{number}") for number in range(120)]
    send_records(settings, first)

    async def main() -> tuple[list[str], float]:
        seen: list[WatchChange] = []
        arrived = asyncio.Event()

        def take(change: WatchChange) -> None:
            seen.append(change)
            arrived.set()
            if change.key == "poison":
                raise RuntimeError("a bug of ours")

        follower = follow_watches(kafka_bootstrap(settings), topic, on_change=take)
        await follower.start()
        at_start = [each.key for each in seen]
        arrived.clear()
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(send_records, settings, [watch("new")])
        sent_at = loop.time()
        await asyncio.wait_for(arrived.wait(), 30)
        delay_seconds = loop.time() - sent_at
        follower.check()
        arrived.clear()
        await asyncio.to_thread(send_records, settings, [watch("poison")])
        await asyncio.wait_for(arrived.wait(), 30)
        await asyncio.sleep(0)
        with pytest.raises(InvariantBroken, match="not followed any more: RuntimeError"):
            follower.check()
        await follower.stop()
        return at_start, delay_seconds

    at_start, delay_seconds = asyncio.run(main())

    assert at_start == [each.watch_id for each in first]
    assert delay_seconds < 1.0


def test_records_of_the_topic_that_are_not_ours_are_left_out(
    pipeline_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = pipeline_settings
    topic = load_topics(settings)["watch"].name
    send_records(settings, [watch("kept"), watch("gone")])
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    producer.send(topic, key=b"bad", value=b"no JSON").get(30)
    producer.send(topic, key=b"gone", value=None).get(30)
    producer.close()

    assert list(read_watchlist(settings).watches) == ["kept"]
    assert "ALARM news.watch.v1: the record of key b'bad' is not ours" in caplog.text

"""The simulated web serves what it says, notes what it is asked, and its oracle sees damage."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import feedparser
import lxml.etree
import pytest
import trafilatura
from web.articles import closing, opening
from web.oracle import Found, Result, compare
from web.plans import (
    FeedPlan,
    SitePlan,
    hostile_sites,
    mixed_sites,
    plain_sites,
    sources_toml,
)
from web.process import start_web
from web.script import Script
from web.site import SimulatedWeb, min_gap_seconds

from dateline import ids

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LATER = START + timedelta(days=30)


def one_site(**plan: object) -> SimulatedWeb:
    feed = FeedPlan(path="/feed", **plan)  # type: ignore[arg-type]  # a test names the fields it sets
    return SimulatedWeb([SitePlan(name="paper", feeds=(feed,))], start_at=START)


@asynccontextmanager
async def client_of(simulated: SimulatedWeb) -> AsyncIterator[aiohttp.ClientSession]:
    async with simulated.serve(), aiohttp.ClientSession() as session:
        yield session


def on_site(
    simulated: SimulatedWeb,
    work: Callable[[aiohttp.ClientSession, str], Awaitable[None]],
) -> None:
    """Run ``work`` with a session and the origin of the first publisher."""

    async def run() -> None:
        async with client_of(simulated) as session:
            await work(session, f"http://{simulated.hosts()[0]}")

    asyncio.run(run())


def test_same_seed_and_script_give_the_same_feeds() -> None:
    def bodies(seed: int) -> list[bytes]:
        # Addresses hold the port, which differs; texts and structure must not.
        simulated = SimulatedWeb(mixed_sites(11), seed=seed, start_at=START)
        simulated.advance(200)
        return [
            publisher.feed(feed).body.replace(str(simulated.port).encode(), b"PORT")
            for publisher in simulated.publishers.values()
            for feed in publisher.plan.feeds
            if not feed.is_gzip_file
        ]

    assert bodies(7) == bodies(7)
    assert bodies(7) != bodies(8)


@pytest.mark.parametrize("kind", ["rss20", "rss10", "atom"])
def test_xml_feed_shows_the_last_twenty_with_full_text(kind: str) -> None:
    simulated = one_site(kind=kind, has_full_text=True)
    publisher = simulated.publishers["paper"]
    for _ in range(30):
        publisher.publish(simulated.tick())
    newest = publisher.articles()[0]

    parsed = feedparser.parse(publisher.feed(publisher.plan.feeds[0]).body)

    assert not parsed.bozo
    assert len(parsed.entries) == 20
    assert parsed.entries[0].link == f"{publisher.origin}{newest.path}"
    assert closing(newest.token) in parsed.entries[0].content[0].value


def test_sitemap_index_names_a_gzipped_news_sitemap() -> None:
    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        index = lxml.etree.fromstring(await (await session.get(f"{origin}/sitemap.xml")).read())
        [child] = index.xpath("//*[local-name()='sitemap']/*[local-name()='loc']/text()")
        answer = await session.get(child)
        urls = lxml.etree.fromstring(gzip.decompress(await answer.read()))
        assert len(urls) == 5

    on_site(SimulatedWeb([mixed_sites(2)[1]]), work)


def test_page_gives_the_article_and_its_licence_to_an_extractor() -> None:
    simulated = SimulatedWeb([replace(plain_sites(1)[0], has_cc_notice=True)])
    article = simulated.publishers["paper-0"].articles()[0]

    html = simulated.publishers["paper-0"].page(article.number).body
    text = trafilatura.extract(html) or ""

    assert opening(article.token) in text
    assert closing(article.token) in text
    assert "creativecommons.org/licenses/by/4.0" in html.decode()


@pytest.mark.parametrize(
    ("validators", "statuses"),
    [
        pytest.param("honest", (304, 200), id="honest"),
        pytest.param("always_304", (304, 304), id="always-304"),
        pytest.param("never_304", (200, 200), id="never-304"),
        pytest.param("constant_etag", (200, 200), id="constant-etag"),
        pytest.param("none", (200, 200), id="none"),
    ],
)
def test_validators_are_as_honest_as_planned(validators: str, statuses: tuple[int, int]) -> None:
    simulated = one_site(validators=validators)

    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        first = await session.get(f"{origin}/feed")
        headers = {"If-None-Match": first.headers.get("ETag", '"x"')}
        unchanged = await session.get(f"{origin}/feed", headers=headers)
        simulated.publishers["paper"].edit(4, simulated.tick())
        changed = await session.get(f"{origin}/feed", headers=headers)
        assert (unchanged.status, changed.status) == statuses
        if validators == "constant_etag":
            assert changed.headers["ETag"] == first.headers["ETag"]
            assert await changed.read() != await first.read()

    on_site(simulated, work)


@pytest.mark.parametrize(
    ("delivery", "statuses"),
    [
        pytest.param("gone_then_back", [200, 200, 410, 410, 410, 200], id="gone"),
        pytest.param("too_many", [200, 200, 429, 429, 429, 200], id="too-many"),
    ],
)
def test_feed_in_trouble_comes_back(delivery: str, statuses: list[int]) -> None:
    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        assert [(await session.get(f"{origin}/feed")).status for _ in statuses] == statuses

    on_site(one_site(delivery=delivery), work)


def test_moved_feed_redirects_for_good() -> None:
    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        answer = await session.get(f"{origin}/feed")
        assert [hop.status for hop in answer.history] == [301]
        assert answer.url.path == "/moved-feed"
        assert len(feedparser.parse(await answer.read()).entries) == 5

    on_site(one_site(delivery="moved"), work)


@pytest.mark.parametrize("delivery", ["reset", "wrong_length"])
def test_broken_answer_is_an_error_of_the_client(delivery: str) -> None:
    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        with pytest.raises(aiohttp.ClientError):
            await (await session.get(f"{origin}/feed")).read()

    on_site(one_site(delivery=delivery), work)


def test_gzip_bomb_is_small_on_the_wire() -> None:
    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        answer = await session.get(f"{origin}/feed")
        assert int(answer.headers["Content-Length"]) < 300_000
        assert answer.headers["Content-Encoding"] == "gzip"
        answer.close()

    on_site(one_site(delivery="gzip_bomb"), work)


@pytest.mark.parametrize("delivery", ["endless", "drip"])
def test_endless_answer_starts_and_survives_a_client_that_leaves(delivery: str) -> None:
    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        answer = await session.get(f"{origin}/feed")
        assert (await answer.content.readany()).startswith(b"<?xml")
        answer.close()
        assert (await session.get(f"{origin}/robots.txt")).status == 200

    on_site(one_site(delivery=delivery), work)


@pytest.mark.parametrize("deletes_with", [404, 410])
def test_deleted_article_leaves_feed_and_page(deletes_with: int) -> None:
    plan = SitePlan(name="paper", feeds=(FeedPlan(path="/feed"),), deletes_with=deletes_with)
    simulated = SimulatedWeb([plan])
    publisher = simulated.publishers["paper"]
    article = publisher.articles()[0]

    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        assert (await session.get(f"{origin}{article.path}")).status == 200
        publisher.delete(article.number, simulated.tick())
        assert (await session.get(f"{origin}{article.path}")).status == deletes_with
        assert article.path not in await (await session.get(f"{origin}/feed")).text()

    on_site(simulated, work)


def test_sections_spell_one_key_five_ways() -> None:
    simulated = SimulatedWeb([mixed_sites(1)[0]])
    publisher = simulated.publishers["paper-0"]
    links = {
        feedparser.parse(publisher.feed(feed).body).entries[0].link
        for feed in publisher.plan.feeds
    }  # fmt: skip

    assert len(links) == 5
    [first, *_] = sorted(publisher.expected(), key=lambda each: each.key)
    assert first.key == f"https://{simulated.hosts()[0]}/news/0/story-0"


def test_new_guids_change_every_entry_and_no_key() -> None:
    simulated = one_site()
    publisher = simulated.publishers["paper"]

    def shown() -> tuple[list[str], list[str]]:
        entries = feedparser.parse(publisher.feed(publisher.plan.feeds[0]).body).entries
        return [entry.id for entry in entries], [each.key for each in publisher.expected()]

    guids_before, keys_before = shown()
    publisher.change_guids(simulated.tick())
    guids_after, keys_after = shown()

    assert not set(guids_before) & set(guids_after)
    assert keys_before == keys_after


def test_requests_are_noted_by_host_with_their_conditions() -> None:
    simulated = SimulatedWeb(plain_sites(2))
    first, second = simulated.hosts()

    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        await session.get(f"{origin}/feed", headers={"User-Agent": "probe/1"})
        await session.get(f"{origin}/feed", headers={"If-None-Match": '"x"'})

    on_site(simulated, work)

    seen = simulated.requests(first)
    assert [(each.path, each.status, each.if_none_match) for each in seen] == [
        ("/feed", 200, None),
        ("/feed", 200, '"x"'),
    ]
    assert seen[0].user_agent == "probe/1"
    assert simulated.requests(second) == []
    assert simulated.min_gap_seconds(first) == seen[1].at_seconds - seen[0].at_seconds
    assert min_gap_seconds([3.0, 4.5, 5.0]) == 0.5


def test_one_core_serves_far_more_than_two_hundred_a_second() -> None:
    simulated = SimulatedWeb(plain_sites(20))
    count = 1000

    async def work(session: aiohttp.ClientSession, origin: str) -> None:
        urls = [url for url, _ in simulated.feed_urls()]
        started = time.process_time()
        for number in range(count):
            async with session.get(urls[number % len(urls)]) as answer:
                await answer.read()
        # Client and server together: 200 a second on a quarter core are 1.25 ms a request.
        assert time.process_time() - started < count * 0.00125 * 2

    on_site(simulated, work)


def test_process_is_steered_and_asked_from_outside() -> None:
    with start_web(["--mixed", "4", "--seed", "3"]) as simulated:
        before = simulated.expected()
        simulated.advance(5, Script(publish=1, burst=0, edit=0, cancel=0, revive=0, new_guids=0))
        number = simulated.act("publish", "mixed-paper-2", embargo_seconds=3600)
        simulated.act("cancel", "mixed-paper-2", number=0)
        after = simulated.expected()

        assert len(after) == len(before) + 6
        assert [each.state for each in after].count("canceled") == 1
        assert sum(each.embargoed_until is not None for each in after) == 1
        assert number is not None
        assert len(simulated.journal().splitlines()) == len(before) + 7
        assert len(simulated.feeds()) == 5 + 1 + 1 + 1
        assert simulated.requests() == []


def test_hostile_sites_expect_nothing() -> None:
    simulated = SimulatedWeb(hostile_sites())
    assert simulated.expected() == []
    assert 'publisher = "trick-drip"' in sources_toml(simulated.feed_urls())


# The oracle


def found_of(simulated: SimulatedWeb) -> list[Found]:
    """Return the records of a poller without a fault."""
    return [
        Found(
            source_id=wanted.source_id,
            key=wanted.key,
            text=f"{opening(token)} {closing(token)}" if wanted.state == "usable" else None,
        )
        for wanted in simulated.expected()
        for token in wanted.current
    ]


def lived_in() -> SimulatedWeb:
    simulated = SimulatedWeb(mixed_sites(11), start_at=START)
    simulated.advance(300)
    return simulated


def examine(simulated: SimulatedWeb, records: list[Found]) -> Result:
    return compare(simulated.expected(), records, now=LATER)


def test_oracle_is_content_with_a_faultless_poller() -> None:
    simulated = lived_in()
    result = examine(simulated, found_of(simulated))
    assert result.is_clean
    assert result.is_caught_up
    assert result.articles > 100
    assert result.versions > result.articles


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        pytest.param(lambda _: [], "lost", id="lost"),
        pytest.param(lambda record: [replace(record, text=None)], "killed_wrongly", id="killed"),
        pytest.param(
            lambda record: [record, replace(record, key=record.key + "?utm_source=x")],
            "doubled",
            id="doubled",
        ),
        pytest.param(lambda record: [replace(record, text=opening("0" * 16))], "stale", id="stale"),
        pytest.param(
            lambda record: [replace(record, text=(record.text or "").split(" This is")[0])],
            "cut",
            id="cut",
        ),
        pytest.param(
            lambda record: [record, replace(record, key="x", text=opening("0" * 16))],
            "unexpected",
            id="unexpected",
        ),
    ],
)
def test_oracle_sees_one_fault(fault: Callable[[Found], list[Found]], field: str) -> None:
    simulated = lived_in()
    records = found_of(simulated)
    place = next(number for number, record in enumerate(records) if record.text)
    records[place : place + 1] = fault(records[place])

    result = examine(simulated, records)

    assert len(getattr(result, field)) == 1
    assert not result.is_clean
    assert f"{field.replace('_', ' ')} 1" in str(result)


def test_oracle_sees_a_kill_that_never_came() -> None:
    simulated = lived_in()
    records = found_of(simulated)
    killed = next(number for number, record in enumerate(records) if record.text is None)
    records[killed] = replace(records[killed], text=opening("0" * 16))

    assert len(examine(simulated, records).unkilled) == 1


def test_oracle_sees_an_embargo_that_was_broken() -> None:
    simulated = SimulatedWeb([mixed_sites(3)[2]], start_at=START)
    publisher = simulated.publishers["paper-2"]
    publisher.publish(simulated.tick(), embargoed_until=LATER + timedelta(days=1))

    assert len(examine(simulated, found_of(simulated)).too_early) == 1
    assert examine(simulated, found_of(simulated)[:-1]).is_clean


def test_oracle_counts_a_record_that_came_twice_as_harmless() -> None:
    simulated = lived_in()
    records = found_of(simulated)
    result = examine(simulated, [records[0], *records])
    assert result.is_clean
    assert result.repeated_count == 1


def test_silent_edit_leaves_two_versions_right() -> None:
    simulated = one_site()
    publisher = simulated.publishers["paper"]
    before = publisher.articles()[0]
    after = publisher.edit(before.number, simulated.tick(), is_silent=True)

    [wanted] = [each for each in publisher.expected() if len(each.current) > 1]

    assert wanted.current == (before.token, after.token)
    assert opening(before.token) in publisher.feed(publisher.plan.feeds[0]).body.decode()
    assert opening(after.token) in publisher.page(before.number).body.decode()


def test_article_ids_of_expected_keys_differ_by_publisher() -> None:
    simulated = lived_in()
    rows = simulated.expected()
    assert len({ids.article_id(row.source_id, row.key) for row in rows}) == len(rows)

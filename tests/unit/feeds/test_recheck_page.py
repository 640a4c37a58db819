"""Articles are looked at again: edits, deletions and returns reach Kafka, each once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from poll_doubles import LONG, PollBench, entry, open_bench, page

from dateline.records import KillNotice, RawArticle
from producers.feeds.recheck import Back, Deleted, Edited, Held, Missing, Same
from producers.feeds.recheck_page import recheck_page

HOUR = 3600
DAY = 24 * HOUR


async def one_live_article(bench: PollBench) -> None:
    bench.site.put("/one", page(LONG))
    bench.site.feed(entry("zero", path="zero"))
    await bench.poll(full_text="never")
    bench.site.feed(entry("one"), entry("zero", path="zero"))
    bench.restart()
    await bench.poll()
    assert [article.origin for article in bench.articles] == ["backfill", "live"]


async def look(bench: PollBench, *, after_seconds: float) -> list[type]:
    bench.room.clock.advance(seconds=after_seconds)
    due = bench.tools.state.due_rechecks(bench.room.clock.now())
    due.sort(key=lambda row: row.url)  # those due at the same moment come in any order
    return [type(await recheck_page(row, bench.tools)) for row in due]


def test_only_news_is_looked_at_again_after_an_hour_a_day_and_a_week(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            await one_live_article(bench)
            assert await look(bench, after_seconds=HOUR / 2) == []
            assert await look(bench, after_seconds=HOUR) == [Same]
            assert await look(bench, after_seconds=HOUR) == []
            assert await look(bench, after_seconds=DAY) == [Same]
            assert await look(bench, after_seconds=7 * DAY) == [Same]
            assert await look(bench, after_seconds=70 * DAY) == []
            assert len(bench.sent) == 2

    asyncio.run(work())


def test_a_silent_edit_is_a_version_of_the_same_article(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            await one_live_article(bench)
            bench.site.put("/one", page(LONG.replace("town", "harbour")))
            assert await look(bench, after_seconds=HOUR) == [Edited]
            first, second = bench.articles[1:]
            assert (second.article_id, second.key) == (first.article_id, first.key)
            assert "harbour" in second.body
            assert second.title == "A title"
            assert second.updated_at == second.observed_at > first.updated_at
            assert await look(bench, after_seconds=DAY) == [Same]
            assert len(bench.sent) == 3

    asyncio.run(work())


def test_gone_is_a_kill_and_what_comes_back_says_so(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            await one_live_article(bench)
            bench.site.put("/one", status=410)
            assert await look(bench, after_seconds=HOUR) == [Deleted]
            kill = bench.sent[-1]
            assert isinstance(kill, KillNotice)
            assert "410" in kill.reason
            bench.site.put("/one", page(LONG))
            await look(bench, after_seconds=DAY)
            back = bench.sent[-1]
            assert isinstance(back, RawArticle)
            assert back.is_pub_status_explicit
            assert back.updated_at > kill.updated_at
            assert back.article_id == kill.article_id

    asyncio.run(work())


def test_not_found_is_a_kill_only_when_it_is_still_so_an_hour_later(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            await one_live_article(bench)
            del bench.site.answers["/one"]
            await look(bench, after_seconds=HOUR)
            assert len(bench.sent) == 2
            await bench.poll()
            await look(bench, after_seconds=HOUR + 1)
            assert isinstance(bench.sent[-1], KillNotice)

    asyncio.run(work())


async def some_live_articles(bench: PollBench, *names: str) -> None:
    bench.site.feed(entry("zero", path="zero"))
    await bench.poll(full_text="never")
    for name in names:
        bench.site.put(f"/{name}", page(LONG.replace("town", name)))
    bench.site.feed(*(entry(name) for name in names), entry("zero", path="zero"))
    bench.restart()
    await bench.poll()
    assert len(bench.sent) == len(names) + 1


def test_a_site_that_is_down_for_hours_loses_no_article(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            names = ("one", "two")
            await some_live_articles(bench, *names)
            answers = dict(bench.site.answers)
            bench.site.answers.clear()
            await bench.poll()
            assert await look(bench, after_seconds=HOUR) == [Missing, Missing]
            await bench.poll()
            assert await look(bench, after_seconds=HOUR) == [Held, Held]
            assert bench.tools.state.held_counts() == {"paper": 2}
            assert [line for line in bench.lines if "no kill" in line] == [
                f"{bench.site.base}/one: deleted by the publisher (HTTP 404), but neither its feed"
                " nor another of its articles could be read since: no kill for now"
            ]
            bench.site.answers = answers | {"/two": (410, {}, "taken down")}
            await bench.poll()
            assert await look(bench, after_seconds=2 * HOUR) == [Same, Deleted]
            assert bench.tools.state.held_counts() == {}
            assert [type(record) for record in bench.sent[3:]] == [KillNotice]

    asyncio.run(work())


def test_pages_that_are_all_gone_are_an_outage_though_the_feed_is_there(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            names = [f"n{number}" for number in range(6)]
            await some_live_articles(bench, *names)
            pages = {f"/{name}": bench.site.answers.pop(f"/{name}") for name in names}
            assert set(await look(bench, after_seconds=HOUR)) == {Missing}
            await bench.poll()
            assert set(await look(bench, after_seconds=HOUR)) == {Held}
            assert len([line for line in bench.lines if "no kill" in line]) == 1
            bench.site.answers |= pages
            del bench.site.answers["/n3"]
            await bench.poll()
            verdicts = await look(bench, after_seconds=2 * HOUR)
            assert sorted(each.__name__ for each in verdicts) == ["Deleted", *["Same"] * 5]
            bench.site.answers |= pages
            assert Back in await look(bench, after_seconds=DAY)
            assert len(bench.sent) == 9

    asyncio.run(work())


def test_a_server_that_is_ill_kills_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            await one_live_article(bench)
            for status in (500, 503, 403, 429):
                bench.site.put("/one", status=status)
                await look(bench, after_seconds=DAY)
            assert len(bench.sent) == 2

    asyncio.run(work())


def test_the_feed_that_still_shows_a_killed_article_does_not_revive_it(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            await one_live_article(bench)
            bench.site.put("/one", status=410)
            await look(bench, after_seconds=HOUR)
            bench.restart()
            await bench.poll()
            assert [type(record) for record in bench.sent[2:]] == [KillNotice]

    asyncio.run(work())

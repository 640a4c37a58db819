"""Crashes between two writes, feeds and looks that meet, lists that change in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from poll_doubles import LONG, PollBench, entry, open_bench, page
from push_doubles import until

from dateline.records import KillNotice, RawArticle
from producers.feeds import recheck_page as recheck_module
from producers.feeds.feed_state import FeedState
from producers.feeds.recheck_page import recheck_page
from producers.held_articles import HeldArticles
from producers.ingest import Ingest
from producers.push.intake import IntakeBusy

Scene = Callable[[PollBench], Awaitable[None]]
HOUR = 3600
DAY = 24 * HOUR
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Crash(BaseException):
    """What a kill looks like from inside."""


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scene], None]:
    """Run a scene on a fresh bench."""

    def run(scene: Scene) -> None:
        async def work() -> None:
            async with open_bench(tmp_path) as bench:
                await scene(bench)

        asyncio.run(work())

    return run


def failing_at(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, number: int
) -> Callable[[], None]:
    """Let call ``number`` of a method raise before it does anything; returns how to mend it."""
    real = getattr(owner, name)
    calls = 0

    def failing(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise Crash
        return real(*args, **named)

    monkeypatch.setattr(owner, name, failing)
    return lambda: monkeypatch.setattr(owner, name, real)


def ninjs(bench: PollBench, *items: dict[str, Any]) -> None:
    """Let the feed be a list of ninjs items."""
    bench.site.put("/feed", json.dumps(list(items)), kind="application/json")


def wire_item(name: str, **more: Any) -> dict[str, Any]:
    return {
        "uri": f"urn:wire:{name}",
        "type": "text",
        "versioncreated": "2026-11-23T10:00:00Z",
        "headline": name,
        "pubstatus": "usable",
        "body_text": f"{name}. {LONG}",
        **more,
    }


async def first_poll(bench: PollBench) -> None:
    """Make all that comes later news."""
    bench.site.feed(entry("zero"))
    await bench.poll(full_text="never")
    bench.restart()


async def one_live_article(bench: PollBench) -> None:
    await first_poll(bench)
    bench.site.put("/one", page(LONG))
    bench.site.feed(entry("one"), entry("zero"))
    await bench.poll()


async def look(bench: PollBench, *, after_seconds: float) -> list[str]:
    bench.room.clock.advance(seconds=after_seconds)
    due = bench.tools.state.due_rechecks(bench.room.clock.now())
    return [type(await recheck_page(row, bench.tools)).__name__ for row in due]


def live_article_id(bench: PollBench) -> str:
    return next(article.article_id for article in bench.articles if article.guid == "one")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_crash_before_any_commit_of_a_poll_loses_nothing(
    play, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    async def scene(bench: PollBench) -> None:
        await first_poll(bench)
        names = [f"n{each}" for each in range(25)]
        bench.site.feed(*(entry(name) for name in names), entry("zero"))
        mend = failing_at(monkeypatch, FeedState, "commit_poll", number)
        with pytest.raises(Crash):
            await bench.poll(full_text="never")
        mend()
        bench.restart()
        await bench.poll(full_text="never")
        await bench.poll(full_text="never")
        sent = [article.guid for article in bench.articles]
        assert sorted(sent) == sorted(["zero", *names])
        assert {article.origin for article in bench.articles[1:]} == {"live"}
        rechecks = bench.tools.state.due_rechecks(bench.room.clock.now().replace(year=2027))
        assert len(rechecks) == 25

    play(scene)


def test_a_part_of_an_index_is_read_until_all_of_it_is_taken(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put(
            "/map",
            f"<sitemapindex {SITEMAP}><sitemap><loc>{{base}}/new.xml</loc>"
            "<lastmod>2026-11-23T11:00:00Z</lastmod></sitemap></sitemapindex>",
            kind="application/xml",
        )
        urls = "".join(f"<url><loc>{{base}}/n{each}</loc></url>" for each in range(12))
        bench.site.put("/new.xml", f"<urlset {SITEMAP}>{urls}</urlset>", kind="application/xml")
        for each in range(12):
            bench.site.put(f"/n{each}", page(LONG.replace("town", f"town {each}")))
        for _ in range(4):
            await bench.poll("/map", max_items_per_poll=5)
        assert len(bench.sent) == 12

    play(scene)


def test_a_page_of_an_index_that_is_away_is_asked_for_again(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put(
            "/map",
            f"<sitemapindex {SITEMAP}><sitemap><loc>{{base}}/new.xml</loc>"
            "<lastmod>2026-11-23T11:00:00Z</lastmod></sitemap></sitemapindex>",
            kind="application/xml",
        )
        bench.site.put(
            "/new.xml",
            f"<urlset {SITEMAP}><url><loc>{{base}}/one</loc></url></urlset>",
            kind="application/xml",
        )
        bench.site.put("/one", status=500)
        await bench.poll("/map")
        bench.site.put("/one", page(LONG))
        await bench.poll("/map")
        assert len(bench.sent) == 1

    play(scene)


def test_a_look_that_began_before_an_edit_sends_nothing_older(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: PollBench) -> None:
        await one_live_article(bench)
        bench.room.clock.advance(seconds=HOUR)
        [row] = bench.tools.state.due_rechecks(bench.room.clock.now())
        bench.site.put("/one", page(LONG.replace("town", "village")))
        real = recheck_module.get_page

        async def late(*args: Any, **named: Any) -> Any:
            found = await real(*args, **named)
            bench.site.put("/one", page(LONG.replace("town", "harbour")))
            bench.site.feed(entry("one", summary="What really happened."), entry("zero"))
            await bench.poll()
            return found

        monkeypatch.setattr(recheck_module, "get_page", late)
        await recheck_page(row, bench.tools)
        monkeypatch.setattr(recheck_module, "get_page", real)
        assert "harbour" in bench.bodies[-1]
        assert len(bench.articles) == 3
        assert await look(bench, after_seconds=HOUR) == ["Same"]
        assert len(bench.articles) == 3

    play(scene)


def test_a_look_and_an_edit_on_their_way_at_once_leave_the_newer_text(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: PollBench) -> None:
        await one_live_article(bench)
        bench.room.clock.advance(seconds=HOUR)
        [row] = bench.tools.state.due_rechecks(bench.room.clock.now())
        bench.site.put("/one", page(LONG.replace("town", "village")))
        bench.site.feed(entry("one", summary="What really happened."), entry("zero"))
        real, edits = recheck_module.get_page, []

        async def late(*args: Any, **named: Any) -> Any:
            found = await real(*args, **named)
            bench.restart()
            bench.room.writer.is_waited_for.clear()
            bench.room.writer.is_up.clear()
            edits.append(asyncio.create_task(bench.poll(full_text="never")))
            await asyncio.to_thread(bench.room.writer.is_waited_for.wait, 20)
            return found

        monkeypatch.setattr(recheck_module, "get_page", late)
        look_now = asyncio.create_task(recheck_page(row, bench.tools))
        await until(lambda: bool(edits) and not bench.tools.intake._queue.empty())
        bench.room.writer.is_up.set()
        await asyncio.gather(look_now, *edits)
        assert bench.bodies[2:] == ["What really happened."]

    play(scene)


def test_an_edit_in_the_feed_leaves_a_kill_by_a_look_a_kill(play) -> None:
    async def scene(bench: PollBench) -> None:
        await one_live_article(bench)
        bench.site.put("/one", status=410)
        assert await look(bench, after_seconds=HOUR) == ["Deleted"]
        bench.site.feed(entry("one", summary="Taken away."), entry("zero"))
        await bench.poll()
        row = bench.tools.state.recheck(live_article_id(bench))
        assert row is not None
        assert row.is_killed
        bench.site.put("/one", page(LONG))
        await look(bench, after_seconds=DAY)
        back = bench.sent[-1]
        assert isinstance(back, RawArticle)
        assert back.is_pub_status_explicit

    play(scene)


def test_what_the_feed_withdraws_is_not_looked_at_again(play) -> None:
    async def scene(bench: PollBench) -> None:
        ninjs(bench, wire_item("zero"))
        await bench.poll()
        bench.site.put("/one", page(LONG))
        one = {"uri": f"{bench.site.base}/one"}
        ninjs(bench, wire_item("zero"), wire_item("one", **one))
        await bench.poll()
        assert bench.tools.state.next_recheck_at() is not None
        gone = wire_item("one", pubstatus="canceled", versioncreated="2026-11-23T11:00:00Z", **one)
        ninjs(bench, wire_item("zero"), gone)
        await bench.poll()
        assert isinstance(bench.sent[-1], KillNotice)
        assert bench.tools.state.next_recheck_at() is None

    play(scene)


def test_an_embargoed_entry_is_looked_at_again_after_it_was_due(play) -> None:
    async def scene(bench: PollBench) -> None:
        ninjs(bench, wire_item("zero"))
        await bench.poll()
        item = wire_item("one", uri=f"{bench.site.base}/one", embargoed="2026-11-23T18:00:00Z")
        ninjs(bench, wire_item("zero"), item)
        for _ in range(3):
            await bench.poll()
            bench.restart()
        assert len(bench.sent) == 1
        assert await look(bench, after_seconds=HOUR) == []
        bench.room.clock.advance(seconds=6 * HOUR)
        await bench.tools.intake.submit(lambda ingest: ingest.release_due())
        await bench.tools.intake.submit(lambda ingest: ingest.release_due())
        assert [each.guid for each in bench.articles] == ["urn:wire:zero", item["uri"]]
        bench.site.put("/one", status=410)
        assert await look(bench, after_seconds=HOUR) == ["Deleted"]

    play(scene)


def test_a_second_withdrawal_takes_back_what_is_held(play) -> None:
    async def scene(bench: PollBench) -> None:
        ninjs(bench, wire_item("one"))
        await bench.poll()
        for hour in (10, 12):
            stated = f"2026-11-23T{hour}:10:00Z"
            ninjs(bench, wire_item("one", pubstatus="canceled", versioncreated=stated))
            await bench.poll()
            ninjs(
                bench,
                wire_item(
                    "one",
                    versioncreated=f"2026-11-23T{hour}:20:00Z",
                    embargoed="2026-11-23T20:00:00Z",
                    body_text="New. " + LONG,
                ),
            )
            if hour == 10:
                await bench.poll()
        assert len(bench.sent) == 2
        bench.room.clock.advance(seconds=DAY)
        await bench.tools.intake.submit(lambda ingest: ingest.release_due())
        assert isinstance(bench.sent[-1], KillNotice)

    play(scene)


def test_two_feeds_with_one_article_at_the_same_moment_bring_one_version(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.feed(entry("one", summary="Long words of the first feed."), path="/a")
        bench.site.feed(entry("one", summary="Short."), path="/b")
        await asyncio.gather(
            bench.poll("/a", full_text="never"), bench.poll("/b", full_text="never")
        )
        assert len(bench.sent) == 1

    play(scene)


def test_a_crash_between_kafka_and_the_state_keeps_the_looks(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: PollBench) -> None:
        await first_poll(bench)
        bench.site.put("/one", page(LONG))
        bench.site.feed(entry("one"), entry("zero"))
        mend = failing_at(monkeypatch, FeedState, "commit_poll", 1)
        with pytest.raises(Crash):
            await bench.poll()
        mend()
        bench.restart()
        await bench.poll()
        assert len(bench.articles) == 2
        assert bench.tools.state.recheck(live_article_id(bench)) is not None

    play(scene)


@pytest.mark.parametrize("where", ["/login?next=/one", "/consent", "/"])
def test_a_page_that_leads_elsewhere_is_not_the_text(play, where: str) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/one", status=302, headers={"Location": where})
        bench.site.put(where.partition("?")[0], page(LONG.replace("article", "agreement")))
        bench.site.feed(entry("one"))
        await bench.poll()
        assert bench.bodies == ["What happened."]

    play(scene)


def test_an_address_that_moved_still_brings_its_text(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/2026/one", page(LONG))
        bench.site.put("/one", status=301, headers={"Location": "/2026/one"})
        bench.site.feed(entry("one"))
        await bench.poll()
        assert "Sentence 12" in bench.bodies[0]

    play(scene)


def test_one_text_at_all_addresses_is_nobodys(play) -> None:
    async def scene(bench: PollBench) -> None:
        for name in ("one", "two", "three"):
            bench.site.put(f"/{name}", page(LONG))
        bench.site.feed(
            *(entry(name, summary=f"About {name}.") for name in ("one", "two", "three"))
        )
        await bench.poll()
        assert sorted(bench.bodies) == ["About one.", "About three.", "About two."]

    play(scene)


def test_an_edit_whose_page_is_away_does_not_replace_a_text_by_a_summary(play) -> None:
    async def scene(bench: PollBench) -> None:
        await one_live_article(bench)
        bench.site.put("/one", status=403)
        bench.site.feed(entry("one", summary="Another teaser."), entry("zero"))
        await bench.poll()
        assert "Sentence 12" in [each.body for each in bench.articles if each.guid == "one"][-1]

    play(scene)


def test_a_crash_between_the_version_of_a_look_and_its_row_sends_it_once(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: PollBench) -> None:
        await one_live_article(bench)
        bench.site.put("/one", page(LONG.replace("town", "harbour")))
        mend = failing_at(monkeypatch, FeedState, "update_recheck", 1)
        with pytest.raises(Crash):
            await look(bench, after_seconds=HOUR)
        mend()
        await look(bench, after_seconds=1)
        assert len(bench.articles) == 3
        assert await look(bench, after_seconds=DAY) == ["Same"]

    play(scene)


@pytest.mark.parametrize("number", [1, 2])
def test_an_intake_that_is_full_in_the_middle_of_a_poll_loses_nothing(
    play, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    async def scene(bench: PollBench) -> None:
        await first_poll(bench)
        names = [f"n{each}" for each in range(25)]
        bench.site.feed(*(entry(name) for name in names), entry("zero"))
        real = type(bench.tools.intake).submit_reporting
        calls = 0

        async def full(self: Any, job: Any, *, label: str) -> Any:
            nonlocal calls
            calls += label != "job"
            if label != "job" and calls == number:
                raise IntakeBusy(1.0)
            return await real(self, job, label=label)

        monkeypatch.setattr(type(bench.tools.intake), "submit_reporting", full)
        with pytest.raises(IntakeBusy):
            await bench.poll(full_text="never")
        record = await bench.poll(full_text="never")
        sent = [article.guid for article in bench.articles]
        assert sorted(sent) == sorted(["zero", *names])
        assert record.pending_count == 0

    play(scene)


def test_an_explicit_newer_word_in_another_feed_brings_a_killed_article_back(play) -> None:
    async def scene(bench: PollBench) -> None:
        ninjs(bench, wire_item("zero"))
        await bench.poll()
        uri = f"{bench.site.base}/one"
        ninjs(bench, wire_item("zero"), wire_item("one", uri=uri))
        await bench.poll()
        bench.site.put("/one", status=410)
        assert await look(bench, after_seconds=HOUR) == ["Deleted"]
        again = wire_item("one", uri=uri, versioncreated="2026-11-24T09:00:00Z")
        bench.site.put("/b", json.dumps([wire_item("one", uri=uri)]), kind="application/json")
        await bench.poll("/b")
        assert isinstance(bench.sent[-1], KillNotice)
        bench.room.clock.advance(seconds=DAY)
        bench.site.put("/c", json.dumps([again]), kind="application/json")
        await bench.poll("/c")
        back = bench.sent[-1]
        assert isinstance(back, RawArticle)
        assert back.is_pub_status_explicit

    play(scene)


def test_an_embargo_survives_edits_a_lift_and_a_restart_in_the_middle(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: PollBench) -> None:
        ninjs(bench, wire_item("zero"))
        await bench.poll()
        held = {"embargoed": "2026-11-23T18:00:00Z"}
        for text, hour in (("First. ", 10), ("Second. ", 11)):
            stated = f"2026-11-23T{hour}:30:00Z"
            item = wire_item("one", versioncreated=stated, body_text=text + LONG, **held)
            ninjs(bench, wire_item("zero"), item)
            await bench.poll()
        assert len(bench.sent) == 1
        bench.room.clock.advance(seconds=DAY)
        mend = failing_at(monkeypatch, HeldArticles, "drop", 1)

        def crashing(ingest: Ingest) -> None:
            with pytest.raises(Crash):
                ingest.release_due()

        await bench.tools.intake.submit(crashing)
        mend()
        bench.restart()
        await bench.tools.intake.submit(lambda ingest: ingest.release_due())
        lifted = wire_item(
            "one", versioncreated="2026-11-23T11:30:00Z", body_text="Second. " + LONG
        )
        ninjs(bench, wire_item("zero"), lifted)
        await bench.poll()
        assert [body[:7] for body in bench.bodies[1:]] == ["Second."]

    play(scene)


def test_an_index_of_many_parts_reads_no_more_of_them_than_a_poll_takes(play) -> None:
    async def scene(bench: PollBench) -> None:
        parts = "".join(
            f"<sitemap><loc>{{base}}/part{part}.xml</loc>"
            f"<lastmod>2026-11-2{part}T11:00:00Z</lastmod></sitemap>"
            for part in range(3)
        )
        bench.site.put(
            "/map", f"<sitemapindex {SITEMAP}>{parts}</sitemapindex>", kind="application/xml"
        )
        for part in range(3):
            urls = "".join(f"<url><loc>{{base}}/p{part}n{n}</loc></url>" for n in range(6))
            bench.site.put(
                f"/part{part}.xml", f"<urlset {SITEMAP}>{urls}</urlset>", kind="application/xml"
            )
            for n in range(6):
                bench.site.put(f"/p{part}n{n}", page(LONG.replace("town", f"town {part} {n}")))
        await bench.poll("/map", max_items_per_poll=4)
        assert [bench.site.asked(f"/part{part}.xml") for part in range(3)] == [0, 0, 1]
        for _ in range(6):
            await bench.poll("/map", max_items_per_poll=4)
        assert len(bench.sent) == 18

    play(scene)

"""One feed, polled for real: what is sent, as what, and what is asked of the site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from poll_doubles import LONG, PollBench, entry, open_bench, page

from dateline.records import KillNotice

Scene = Callable[[PollBench], Awaitable[None]]


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scene], None]:
    """Run a scene on a fresh bench."""

    def run(scene: Scene) -> None:
        async def work() -> None:
            async with open_bench(tmp_path) as bench:
                await scene(bench)

        asyncio.run(work())

    return run


def test_the_first_poll_is_backfill_and_what_comes_later_is_news(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/one", page(LONG))
        bench.site.put("/two", page(LONG.replace("town", "city")))
        bench.site.feed(entry("one"))
        await bench.poll()
        bench.site.feed(entry("two"), entry("one"))
        record = await bench.poll()
        assert [article.origin for article in bench.articles] == ["backfill", "live"]
        topics = [each.topic for each in bench.room.writer.records]
        assert topics == ["news.raw_backfill.v1", "news.raw.v1"]
        assert [article.key for article in bench.articles] == [
            f"{bench.site.base}/{name}".replace("http:", "https:") for name in ("one", "two")
        ]
        assert (record.articles_total, record.error_count) == (2, 0)

    play(scene)


def test_a_summary_brings_the_page_and_both_texts_are_hashed(play) -> None:
    async def scene(bench: PollBench) -> None:
        head = '<meta name="copyright" content="Free to share"><link rel="canonical" href="/orig">'
        bench.site.put("/one", page(LONG, head=head))
        bench.site.feed(entry("one"))
        await bench.poll()
        [article] = bench.articles
        assert "Sentence 12 of the article" in article.body
        assert article.extraction_method.startswith("trafilatura@")
        assert article.feed_text_sha256 != article.page_text_sha256 is not None
        assert article.feed_text_sha256 is not None
        assert [(s.layer, s.value) for s in article.rights_signals] == [("html", "Free to share")]
        assert article.canonical_url == f"{bench.site.base}/orig"

    play(scene)


def test_a_full_text_in_the_feed_leaves_the_page_alone(play) -> None:
    async def scene(bench: PollBench) -> None:
        content = (
            '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"{LONG}</content:encoded>"
        )
        bench.site.feed(entry("one", extra=content))
        await bench.poll()
        [article] = bench.articles
        assert article.body == LONG
        assert article.page_text_sha256 is None
        assert bench.site.asked("/one") == 0

    play(scene)


def test_what_is_known_is_neither_fetched_nor_sent_again(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/one", page(LONG))
        bench.site.feed(entry("one"))
        await bench.poll()
        bench.restart()
        bench.site.feed(entry("one"), "<!-- another time stamp -->")
        await bench.poll()
        assert (len(bench.sent), bench.site.asked("/one")) == (1, 1)

    play(scene)


def test_an_edit_in_the_feed_is_a_version_of_the_same_article(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/one", page(LONG))
        bench.site.feed(entry("one"))
        await bench.poll()
        bench.site.put("/one", page(LONG.replace("town", "harbour")))
        bench.site.feed(entry("one", summary="What really happened."))
        await bench.poll()
        first, second = bench.articles
        assert first.article_id == second.article_id
        assert "harbour" in second.body

    play(scene)


def test_one_article_in_five_section_feeds_is_one(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/one", page(LONG))
        for number in range(5):
            twin = entry("one", path=f"one?utm_source=section{number}")
            bench.site.feed(twin, path=f"/feed{number}")
            await bench.poll(f"/feed{number}")
        assert (len(bench.sent), bench.site.asked("/one")) == (1, 1)

    play(scene)


def test_a_second_feed_with_another_summary_brings_no_version(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.feed(entry("one", summary=f"Long. {LONG}"), path="/a")
        bench.site.feed(entry("one", summary="Short."), path="/b")
        for _ in range(3):
            await bench.poll("/a", full_text="never")
            await bench.poll("/b", full_text="never")
        assert len(bench.sent) == 1

    play(scene)


def test_a_page_that_is_away_is_asked_for_again_and_then_the_summary_has_to_do(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/one", status=500)
        bench.site.feed(entry("one"))
        first = await bench.poll()
        assert (bench.sent, first.pending_count) == ([], 1)
        bench.site.put("/one", page(LONG))
        await bench.poll()
        assert "Sentence 12 of the article" in bench.bodies[0]
        assert bench.articles[0].origin == "backfill"
        bench.site.put("/two", status=500)
        bench.site.feed(entry("two"), entry("one"))
        for _ in range(3):
            await bench.poll()
        assert bench.articles[1].body == "What happened."
        assert bench.articles[1].extraction_method == "feed-summary"
        assert bench.site.asked("/two") == 3

    play(scene)


def test_robots_keeps_the_page_away_but_not_the_summary(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/robots.txt", "User-agent: *\nDisallow: /one\n", kind="text/plain")
        bench.site.put("/one", page(LONG))
        bench.site.feed(entry("one"))
        await bench.poll()
        assert bench.bodies == ["What happened."]
        assert bench.site.asked("/one") == 0

    play(scene)


def test_the_cap_takes_all_in_the_end_and_stays_backfill(play) -> None:
    async def scene(bench: PollBench) -> None:
        names = [f"n{number}" for number in range(25)]
        bench.site.feed(*(entry(name) for name in names), headers={"ETag": '"same"'})
        for _ in range(4):
            await bench.poll(full_text="never", max_items_per_poll=8)
        assert {article.guid for article in bench.articles} == set(names)
        assert len(bench.articles) == 25
        assert {article.origin for article in bench.articles} == {"backfill"}

    play(scene)


def test_a_hostile_feed_costs_one_line_and_the_next_poll_goes_on(play) -> None:
    async def scene(bench: PollBench) -> None:
        bomb = (
            '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
            "<rss><channel><title>&b;</title></channel></rss>"
        )
        bench.site.put("/feed", bomb, kind="application/rss+xml")
        for _ in range(3):
            record = await bench.poll()
        assert record.error_count == 3
        assert len(bench.lines) == 1
        bench.site.feed(entry("one"))
        record = await bench.poll(full_text="never")
        assert (record.error_count, len(bench.sent)) == (0, 1)

    play(scene)


def test_a_feed_that_is_gone_is_retired_and_taken_back(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.put("/feed", status=410)
        record = await bench.poll()
        assert record.status == "retired"
        assert (record.next_poll_at - record.last_poll_at).days >= 7
        bench.site.feed(entry("one"))
        record = await bench.poll(full_text="never")
        assert (record.status, len(bench.sent)) == ("active", 1)

    play(scene)


def test_the_cursor_does_not_move_before_kafka_has_everything(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.feed(entry("one"))
        bench.room.writer.is_up.clear()
        task = asyncio.create_task(bench.poll(full_text="never"))
        await asyncio.to_thread(bench.room.writer.is_waited_for.wait, 20)
        [feed] = [f"{bench.site.base}/feed".replace("http:", "https:")]
        assert bench.tools.state.feed(feed) is None
        assert bench.tools.state.seen(feed) == {}
        bench.room.writer.is_up.set()
        await task
        assert len(bench.tools.state.seen(feed)) == 1

    play(scene)


def test_a_sitemap_index_brings_its_newest_parts(play) -> None:
    async def scene(bench: PollBench) -> None:
        ns = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        bench.site.put(
            "/map",
            f"<sitemapindex {ns}>"
            "<sitemap><loc>{base}/new.xml</loc><lastmod>2026-11-23T11:00:00Z</lastmod></sitemap>"
            "<sitemap><loc>{base}/old.xml</loc><lastmod>2019-01-01T00:00:00Z</lastmod></sitemap>"
            "</sitemapindex>",
            kind="application/xml",
        )
        bench.site.put(
            "/new.xml",
            f"<urlset {ns}><url><loc>{{base}}/one</loc></url></urlset>",
            kind="application/xml",
        )
        bench.site.put("/one", page(LONG))
        await bench.poll("/map")
        await bench.poll("/map")
        assert len(bench.sent) == 1
        assert (bench.site.asked("/new.xml"), bench.site.asked("/old.xml")) == (1, 0)

    play(scene)


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
<title>Paper</title>{entries}</feed>"""


def test_a_deletion_in_atom_finds_the_article_by_its_guid(play) -> None:
    async def scene(bench: PollBench) -> None:
        found = (
            "<entry><id>tag:one</id><title>One</title><link href='{base}/one'/>"
            "<updated>2026-11-23T10:00:00Z</updated><summary>What happened.</summary></entry>"
        )
        bench.site.put("/feed", ATOM.replace("{entries}", found), kind="application/atom+xml")
        await bench.poll(full_text="never")
        gone = "<at:deleted-entry ref='tag:one' when='2026-11-23T11:00:00Z'/>"
        bench.site.put("/feed", ATOM.replace("{entries}", gone), kind="application/atom+xml")
        await bench.poll(full_text="never")
        article, kill = bench.sent
        assert isinstance(kill, KillNotice)
        assert kill.article_id == article.article_id

    play(scene)


def test_a_feed_of_another_kind_than_listed_is_an_error(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.site.feed(entry("one"))
        record = await bench.poll(kind="atom", full_text="never")
        assert record.last_error == "kind: rss, the source list wants atom"
        assert bench.sent == []

    play(scene)


def test_a_kill_in_a_first_poll_does_not_wait_behind_news(play) -> None:
    async def scene(bench: PollBench) -> None:
        item = (
            '{"uri": "urn:a", "type": "text", "pubstatus": "canceled",'
            ' "versioncreated": "2026-11-23T10:00:00Z"}'
        )
        bench.site.put("/feed", f"[{item}]", kind="application/json")
        await bench.poll()
        [kill] = bench.sent
        assert (type(kill), kill.origin) == (KillNotice, "live")

    play(scene)

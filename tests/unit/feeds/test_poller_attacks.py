"""The poller while lists, clocks and hubs change under it, and while hosts and Kafka are slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from poll_doubles import LONG, RSS, PollBench, entry, open_bench, page
from push_doubles import until

from producers.feeds.feed_record import RecheckRow
from producers.feeds.poller import Poller
from producers.feeds.recheck_page import first_recheck
from producers.parsed import ParsedArticle
from producers.push.intake import IntakeBusy
from producers.source_lock import SourceLocks

Scene = Callable[[PollBench, Path], Awaitable[None]]


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scene], None]:
    """Run a scene on a fresh bench with a place for a source list."""

    def run(scene: Scene) -> None:
        async def work() -> None:
            async with open_bench(tmp_path) as bench:
                await scene(bench, tmp_path / "sources.toml")

        asyncio.run(work())

    return run


def write_list(path: Path, *urls: str, publisher: str = "paper", more: str = "") -> None:
    tables = (f'[[sources]]\nurl = "{url}"\npublisher = "{publisher}"\n{more}\n' for url in urls)
    path.write_text("".join(tables), encoding="utf-8")


@asynccontextmanager
async def running(bench: PollBench, path: Path, *, concurrency: int = 4) -> AsyncIterator[Poller]:
    """Let a poller run whose first polls are due at once."""
    poller, stop = Poller(path, bench.tools, concurrency=concurrency), asyncio.Event()
    task = asyncio.create_task(poller.run(stop))
    await asyncio.sleep(0)
    bench.room.clock.advance(seconds=61)
    try:
        yield poller
    finally:
        stop.set()
        await task


@asynccontextmanager
async def slow_host(site_answer: str) -> AsyncIterator[tuple[str, asyncio.Event, list[str]]]:
    """Serve another host that answers only when it is let; gives its address, gate and requests."""
    gate, requests = asyncio.Event(), list[str]()

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        requests.append(request.path)
        await gate.wait()
        return web.Response(text=site_answer, content_type="text/xml")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.2", 0).start()
        yield f"http://127.0.0.2:{runner.addresses[0][1]}", gate, requests
    finally:
        gate.set()
        await runner.cleanup()


def test_many_feeds_of_a_slow_host_do_not_keep_a_quick_feed_waiting(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        bench.site.feed(entry("one"))
        async with slow_host(RSS.format(items="")) as (slow, gate, requests):
            urls = [f"{slow}/feed{number}" for number in range(8)]
            write_list(path, *urls, f"{bench.site.base}/feed", more='full_text = "never"')
            async with running(bench, path, concurrency=2):
                await until(lambda: bool(requests) and len(bench.sent) == 1)
                gate.set()

    play(scene)


def test_slow_pages_of_one_feed_do_not_keep_another_feed_waiting(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        async with slow_host(page(LONG)) as (slow, gate, requests):
            item = f"<item><title>a</title><link>{slow}/page</link></item>"
            bench.site.feed(item, path="/a")
            write_list(path, f"{bench.site.base}/a")
            async with running(bench, path, concurrency=1):
                await until(lambda: bool(requests))
                bench.site.feed(entry("one"), path="/b")
                bench.site.put("/one", page(LONG))
                write_list(path, f"{bench.site.base}/a", f"{bench.site.base}/b")

                def is_sent() -> bool:
                    bench.room.clock.advance(seconds=1)
                    return len(bench.sent) == 1

                await until(is_sent)
                gate.set()

    play(scene)


def test_a_source_that_leaves_while_its_hub_delivers_stays_away(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        link = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{base}/hub"/>'
        bench.site.feed(link, entry("one"))
        url = f"{bench.site.base}/feed"
        write_list(path, url, more='full_text = "never"')
        async with running(bench, path) as poller:
            await until(lambda: len(poller.hubs()) == 1)
            [(feed_id, _, _)] = poller.hubs()
            bench.room.writer.is_waited_for.clear()
            bench.room.writer.is_up.clear()
            delivered = RSS.format(items=entry("two").replace("{base}", bench.site.base)).encode()
            delivery = asyncio.create_task(
                poller.deliver(feed_id, delivered, "application/rss+xml")
            )
            await asyncio.to_thread(bench.room.writer.is_waited_for.wait, 20)
            path.write_text("", encoding="utf-8")
            await until(lambda: poller.hubs() == [])
            bench.room.writer.is_up.set()
            await delivery
            assert poller.hubs() == []
            assert len(bench.sent) == 2

    play(scene)


def test_a_source_that_left_and_a_hub_that_goes_on_for_it_leave_nothing_in_memory(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        bench.site.feed(entry("one"))
        write_list(path, f"{bench.site.base}/feed", more='full_text = "never"')
        async with running(bench, path) as poller:
            await until(lambda: len(bench.sent) == 1)
            path.write_text("", encoding="utf-8")
            await until(lambda: not poller._records)
            await poller.deliver(f"{bench.site.base}/feed", b"", "application/rss+xml")
            await until(lambda: not poller._turns and not poller._hosts)

    play(scene)


def test_a_hint_of_a_hub_during_a_poll_is_not_lost(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        async with slow_host(RSS.format(items="")) as (slow, gate, requests):
            write_list(path, f"{slow}/feed")
            async with running(bench, path) as poller:
                await until(lambda: len(requests) == 1)
                [feed_id] = poller._records
                await poller.poll_soon(feed_id)
                gate.set()
                await until(lambda: len(requests) == 2)

    play(scene)


def test_a_clock_that_was_ahead_stops_no_feed(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        bench.site.feed(entry("one"))
        write_list(path, f"{bench.site.base}/feed", more='full_text = "never"')
        bench.room.clock.advance(seconds=365 * 86400)
        async with running(bench, path):
            await until(lambda: len(bench.sent) == 1)
        bench.room.clock.advance(seconds=-365 * 86400)
        bench.site.feed(entry("two"), entry("one"))
        async with running(bench, path):
            await until(lambda: len(bench.sent) == 2)

    play(scene)


def test_another_publisher_in_the_list_holds_for_what_comes_later(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        bench.site.feed(entry("one"))
        url = f"{bench.site.base}/feed"
        write_list(path, url, more='full_text = "never"')
        async with running(bench, path) as poller:
            await until(lambda: len(bench.sent) == 1)
            write_list(path, url, publisher="other", more='full_text = "never"')
            await until(lambda: {r.source_id for r in poller._records.values()} == {"other"})
            bench.site.feed(entry("two"), entry("one"))

            def is_sent() -> bool:
                bench.room.clock.advance(seconds=5)
                return len(bench.sent) == 2

            await until(is_sent)
        assert [article.source_id for article in bench.articles] == ["paper", "other"]

    play(scene)


def test_a_source_switched_off_in_a_poll_is_left_alone_and_loses_nothing(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        async with slow_host(page(LONG)) as (slow, gate, requests):
            bench.site.feed(f"<item><title>a</title><link>{slow}/page</link></item>")
            url = f"{bench.site.base}/feed"
            write_list(path, url)
            async with running(bench, path) as poller:
                await until(lambda: bool(requests))
                write_list(path, url, more="is_active = false")
                await until(lambda: not poller._running)
                assert bench.sent == []
                gate.set()
                write_list(path, url)

                def is_sent() -> bool:
                    bench.room.clock.advance(seconds=1)
                    return len(bench.sent) == 1

                await until(is_sent)

    play(scene)


def test_while_kafka_is_away_sites_are_not_asked_again_and_again(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        async def busy(*_: object, **__: object) -> None:
            raise IntakeBusy(0.01)

        bench.site.feed(entry("one"))
        write_list(path, f"{bench.site.base}/feed", more='full_text = "never"')
        with monkeypatch.context() as patched:
            patched.setattr(type(bench.tools.intake), "submit", busy)
            async with running(bench, path) as poller:
                await until(lambda: bool(bench.lines))
                for _ in range(5):
                    bench.room.clock.advance(seconds=10)
                    await poller._tick()
                    await until(lambda: not set(poller._running) & set(poller._records))
                assert bench.site.asked("/feed") == 1
                assert len(bench.lines) == 1
        async with running(bench, path):
            await until(lambda: len(bench.sent) == 1)

    play(scene)


def test_a_source_that_another_process_sends_is_polled_again_after_its_interval(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        bench.site.feed(entry("one"))
        with SourceLocks(bench.room.tmp_path) as locks:
            locks.acquire("paper")
            record = await bench.poll(full_text="never")
            assert record.next_poll_at - bench.room.clock.now() >= timedelta(0)
            assert not record.is_first_poll_done
        await bench.poll(full_text="never")
        assert len(bench.sent) == 1

    play(scene)


def row(url: str, name: str, due_at: datetime) -> RecheckRow:
    article = ParsedArticle(body="", media_type="text/html", url=url)
    return first_recheck(
        replace(article, page_text_sha256="x", body=LONG),
        article_id=name,
        key=url,
        source_id="paper",
        now=due_at - timedelta(hours=1),
    )


def list_paper(bench: PollBench, path: Path, *, more: str = "") -> None:
    """List the source of the rows; its feed is there and has no entries."""
    bench.site.feed()
    write_list(path, f"{bench.site.base}/feed", more=more)


def test_looks_at_a_slow_host_do_not_keep_the_others_waiting(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        list_paper(bench, path)
        bench.site.put("/one", status=410)
        now = bench.room.clock.now()
        async with slow_host(page(LONG)) as (slow, gate, requests):
            for number in range(40):
                each = row(f"{slow}/page{number}", f"slow{number}", now - timedelta(hours=1))
                bench.tools.state.update_recheck(each.article_id, each)
            quick = row(f"{bench.site.base}/one", "quick", now)
            bench.tools.state.update_recheck(quick.article_id, quick)
            async with running(bench, path):
                await until(lambda: len(bench.sent) == 1)
                assert len(requests) == 1
                gate.set()

    play(scene)


def test_looks_at_a_source_that_another_process_sends_are_put_off(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        list_paper(bench, path)
        bench.site.put("/one", status=410)
        due = row(f"{bench.site.base}/one", "quick", bench.room.clock.now())
        bench.tools.state.update_recheck(due.article_id, due)
        with SourceLocks(bench.room.tmp_path) as locks:
            locks.acquire("paper")
            async with running(bench, path):
                await until(lambda: bench.tools.state.recheck("quick") != due)
                assert bench.sent == []
        bench.room.clock.advance(seconds=61)
        async with running(bench, path):
            await until(lambda: len(bench.sent) == 1)

    play(scene)


async def ticks(bench: PollBench, poller: Poller, count: int = 5) -> None:
    """Let so many ticks go by, each with all that it starts."""
    for _ in range(count):
        bench.room.clock.advance(seconds=1)
        await poller._tick()
        await asyncio.gather(*poller._running.values())


def test_articles_of_a_paused_source_wait_until_it_is_resumed(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        list_paper(bench, path, more="is_active = false")
        bench.site.put("/one", status=410)
        due = row(f"{bench.site.base}/one", "one", bench.room.clock.now() - timedelta(days=30))
        bench.tools.state.update_recheck(due.article_id, due)
        async with running(bench, path) as poller:
            await ticks(bench, poller)
            assert bench.site.requests == []
            list_paper(bench, path)
            await until(lambda: len(bench.sent) == 1)

    play(scene)


def test_articles_of_a_removed_source_are_forgotten_after_a_day(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        write_list(path, f"{bench.site.base}/feed", publisher="another")
        now = bench.room.clock.now()
        for name, age in (("old", timedelta(days=2)), ("new", timedelta(hours=2))):
            due = row(f"{bench.site.base}/{name}", name, now - age)
            bench.tools.state.update_recheck(name, due)
        async with running(bench, path) as poller:
            await ticks(bench, poller)
            assert bench.site.asked("/old") == bench.site.asked("/new") == 0
            assert bench.tools.state.recheck("old") is None
            assert bench.tools.state.recheck("new") is not None

    play(scene)


def test_articles_of_a_source_that_is_not_rechecked_any_more_wait(play) -> None:
    async def scene(bench: PollBench, path: Path) -> None:
        list_paper(bench, path, more="recheck = false")
        due = row(f"{bench.site.base}/one", "one", bench.room.clock.now())
        bench.tools.state.update_recheck(due.article_id, due)
        async with running(bench, path) as poller:
            await ticks(bench, poller)
            assert bench.site.asked("/feed") == 1
            assert bench.site.asked("/one") == 0

    play(scene)

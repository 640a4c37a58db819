from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web
from fetch_servers import LOCAL, serve

from dateline.clock import FixedClock, SystemClock
from producers.fetch.fetcher import FetcherOptions, open_fetcher
from producers.fetch.robots_store import RobotsStore


def test_a_fetcher_that_starts_again_asks_for_no_robots_txt(tmp_path: Path) -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="User-agent: *\nDisallow: /private\n")

    async def fetch_once(url: str) -> None:
        clock = FixedClock(SystemClock().now())
        options = FetcherOptions(http=LOCAL, min_host_delay_seconds=0.0)
        with RobotsStore(tmp_path / "robots.sqlite", now=clock.now()) as store:
            async with open_fetcher(options, clock=clock, robots_store=store) as fetcher:
                await fetcher.fetch(url)

    async def run() -> None:
        async with serve(handle) as site:
            await fetch_once(site.url("/one"))
            await fetch_once(site.url("/two"))

    asyncio.run(run())
    assert asked == ["/robots.txt", "/one", "/two"]

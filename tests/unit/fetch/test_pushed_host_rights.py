"""What sites say of rights beside a pushed article: only what is known, nobody is asked."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from fetch_servers import LOCAL, serve
from push_doubles import Room, served

from dateline.clock import FixedClock
from dateline.records import RawArticle
from producers.fetch.fetcher import FetcherOptions, open_fetcher
from producers.fetch.host_rights import HostRights
from producers.fetch.host_signals import TDM_PATH

TDM = '[{"location":"/news/","tdm-reservation":1}]'


def article(number: int, url: str | None) -> dict[str, str]:
    address = {} if url is None else {"url": url}
    return {"id": str(number), "text": "The harbour was opened again on Monday.", **address}


def layers(record: RawArticle) -> list[str]:
    return [signal.layer for signal in record.rights_signals]


async def answer(request: web.Request) -> web.Response:
    texts = {"/robots.txt": "Content-Usage: train-ai=n", TDM_PATH: TDM, "/news/1": "<p>x</p>"}
    text = texts.get(request.path)
    return web.Response(status=404 if text is None else 200, text=text or "")


def test_a_pushed_article_has_what_is_known_of_its_site_and_asks_nobody(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    options = FetcherOptions(http=LOCAL, min_host_delay_seconds=0.0)
    room = Room(tmp_path)

    async def run() -> None:
        async with serve(answer) as site, open_fetcher(options, clock=clock) as fetcher:
            rights = HostRights(fetcher, clock=clock)
            async with served(room, known_files=rights.known_files) as client:
                await client.push(article(1, site.url("/news/1")))
                assert site.paths == []
                await fetcher.fetch(site.url("/news/1"))
                await rights.signals(site.url("/news/1"))
                count = len(site.paths)
                lines = [
                    article(2, site.url("/news/2")),
                    article(3, site.url("/else")),
                    article(4, site.url("/news/4", host="127.0.0.2")),
                    article(5, None),
                ]
                body = "\n".join(map(json.dumps, lines)).encode()
                status, found, _ = await client.push(body, content_type="application/x-ndjson")
                assert (status, found["accepted"], len(site.paths)) == (200, 4, count)

    asyncio.run(run())
    assert [layers(record) for record in room.writer.articles()] == [
        [],
        ["robots", "wellknown"],
        ["robots"],
        [],
        [],
    ]

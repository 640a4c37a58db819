"""A real web server, fetcher, parser pool and state around one feed; Kafka is a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from aiohttp import web
from push_doubles import Room

from dateline.records import KillNotice, RawArticle
from dateline.wire import from_wire
from producers.extract.pool import ExtractPool
from producers.feeds.document_store import DocumentStore
from producers.feeds.feed_progress import first_record
from producers.feeds.feed_record import FeedRecord
from producers.feeds.feed_state import FeedState
from producers.feeds.poll_feed import FeedPoll
from producers.feeds.poll_tools import PollTools
from producers.feeds.schedule import PollLimits
from producers.feeds.source_list import SourceConfig
from producers.fetch.fetcher import FetcherOptions, open_fetcher
from producers.fetch.http_client import HttpOptions

RSS = '<rss version="2.0"><channel><title>Paper</title>{items}</channel></rss>'
LONG = " ".join(
    f"Sentence {number} of the article says what happened in the town on that day."
    for number in range(1, 13)
)


def entry(name: str, *, summary: str = "What happened.", extra: str = "", path: str = "") -> str:
    """Return one RSS item; ``{base}`` becomes the server's address."""
    return (
        f"<item><title>{name}</title><link>{{base}}/{path or name}</link><guid>{name}</guid>"
        f"<description>{summary}</description>{extra}</item>"
    )


def page(text: str, *, title: str = "A title", head: str = "") -> str:
    """Return a page whose article is ``text``."""
    paragraphs = "".join(f"<p>{part}.</p>" for part in text.strip(".").split(". "))
    return (
        f"<html lang='en'><head><title>{title}</title>{head}</head><body><nav>Home</nav>"
        f"<article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


@dataclass
class Site:
    """What the server answers, by path; a path without an answer is 404."""

    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base: str = ""

    def put(
        self,
        path: str,
        text: str = "",
        *,
        status: int = 200,
        kind: str = "text/html",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer ``path`` with this from now on."""
        known = {"Content-Type": f"{kind}; charset=utf-8", **(headers or {})}
        self.answers[path] = (status, known, text.replace("{base}", self.base))

    def feed(self, *entries: str, path: str = "/feed", **more: Any) -> None:
        """Let the feed hold these entries."""
        self.put(path, RSS.format(items="".join(entries)), kind="application/rss+xml", **more)

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(asked == path for asked, _ in self.requests)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, dict(request.headers)))
        status, headers, text = self.answers.get(request.path, (404, {}, "not here"))
        etag = headers.get("ETag")
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(status=status, body=text.encode(), headers=headers)


class PollBench:
    """One feed of one publisher, polled by hand."""

    def __init__(self, site: Site, room: Room, tools: PollTools) -> None:
        self.site = site
        self.room = room
        self.tools = tools
        self.lines: list[str] = []
        self.polls: dict[str, FeedPoll] = {}

    async def poll(self, path: str = "/feed", **config: Any) -> FeedRecord:
        """Poll once and return the record, as written."""
        source = SourceConfig(url=f"{self.site.base}{path}", publisher="paper", **config)
        poll = self.polls.setdefault(path, FeedPoll(source, self.tools))
        known = self.tools.state.feed(source.feed_id) or first_record(
            feed_id=source.feed_id, url=source.url, source_id="paper", now=self.room.clock.now()
        )
        record = await poll.run(known)
        assert self.tools.state.feed(source.feed_id) == record
        self.room.clock.advance(seconds=60)
        return record

    def restart(self) -> None:
        """Forget what only this process knew."""
        self.polls.clear()

    @property
    def sent(self) -> list[RawArticle | KillNotice]:
        """Return what Kafka has, in order."""
        return [
            from_wire(each.payload, RawArticle, KillNotice) for each in self.room.writer.records
        ]

    @property
    def articles(self) -> list[RawArticle]:
        return [record for record in self.sent if isinstance(record, RawArticle)]

    @property
    def bodies(self) -> list[str]:
        return [article.body for article in self.articles]


@asynccontextmanager
async def open_bench(tmp_path: Path) -> AsyncIterator[PollBench]:
    """Open everything on real sockets and files."""
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    room = Room(tmp_path)
    lines: list[str] = []
    options = FetcherOptions(
        http=HttpOptions(user_agent="Dateline/test", allowed_networks=(ip_network("127.0.0.0/8"),)),
        min_host_delay_seconds=0.0,
    )
    try:
        server = web.TCPSite(runner, "127.0.0.1", 0)
        await server.start()
        site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        with (
            FeedState(tmp_path / "feeds.sqlite") as state,
            DocumentStore(tmp_path / "documents.sqlite") as documents,
            ExtractPool(processes=1, timeout_seconds=30, max_tasks_per_process=500) as pool,
        ):
            async with (
                room.intake() as intake,
                open_fetcher(options, clock=room.clock) as fetcher,
            ):
                tools = PollTools(
                    fetcher=fetcher,
                    pool=pool,
                    intake=intake,
                    state=state,
                    documents=documents,
                    clock=room.clock,
                    tell=lines.append,
                    max_items_per_poll=100,
                    start_spread_seconds=60,
                    limits=PollLimits(min_seconds=60, max_seconds=3600),
                )
                bench = PollBench(site, room, tools)
                bench.lines = lines
                yield bench
                await asyncio.to_thread(pool.close)
    finally:
        await runner.cleanup()

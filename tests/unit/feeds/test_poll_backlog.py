"""A backlog that is taken in portions: an unchanged document is read once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from poll_doubles import PollBench, entry, open_bench

from producers.parse_feed import parse_feed

Scene = Callable[["Backlog"], Awaitable[None]]
ETAG = {"ETag": '"1"'}


class Backlog:
    """A feed of more entries than a poll takes, and how often one was parsed."""

    def __init__(self, bench: PollBench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = bench
        self.documents = bench.tools.documents
        self.parse_count = 0
        run = bench.tools.pool.run

        async def counted(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
            self.parse_count += function is parse_feed
            return await run(function, *args, **named)

        monkeypatch.setattr(bench.tools.pool, "run", counted)

    async def poll(self, path: str = "/feed") -> int:
        """Poll once and return how many entries wait."""
        record = await self.bench.poll(path, full_text="never", max_items_per_poll=4)
        assert record.error_count == 0
        return record.pending_count

    @property
    def keys(self) -> list[str]:
        return [article.key.rpartition("/")[2] for article in self.bench.articles]

    @property
    def is_conditional(self) -> list[bool]:
        """Return of each request for the feed whether it could be answered with 304."""
        return [
            "If-None-Match" in headers
            for path, headers in self.bench.site.requests
            if path == "/feed"
        ]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scene], None]:
    """Run a scene on a fresh bench."""

    def run(scene: Scene) -> None:
        async def work() -> None:
            async with open_bench(tmp_path) as bench:
                await scene(Backlog(bench, monkeypatch))

        asyncio.run(work())

    return run


def entries(count: int) -> list[str]:
    return [entry(f"e{number:02}") for number in range(count)]


def test_a_backlog_is_neither_sent_nor_parsed_again(play) -> None:
    async def scene(backlog: Backlog) -> None:
        backlog.bench.site.feed(*entries(10), headers=ETAG)
        assert [await backlog.poll() for _ in range(4)] == [6, 2, 0, 0]
        assert sorted(backlog.keys) == [f"e{number:02}" for number in range(10)]
        assert {article.origin for article in backlog.bench.articles} == {"backfill"}
        assert backlog.is_conditional == [False, True, True, True]
        assert backlog.parse_count == 1

    play(scene)


def test_a_backlog_without_validators_is_sent_again_and_not_parsed(play) -> None:
    async def scene(backlog: Backlog) -> None:
        backlog.bench.site.feed(*entries(10))
        assert [await backlog.poll() for _ in range(4)] == [6, 2, 0, 0]
        assert len(set(backlog.keys)) == len(backlog.keys) == 10
        assert backlog.parse_count == 1

    play(scene)


def test_news_is_taken_before_the_rest_of_a_backlog(play) -> None:
    async def scene(backlog: Backlog) -> None:
        backlog.bench.site.feed(*entries(10), headers=ETAG)
        await backlog.poll()
        backlog.bench.site.feed(*entries(11), headers={"ETag": '"2"'})
        assert [await backlog.poll() for _ in range(2)] == [3, 0]
        assert (backlog.keys[4:].index("e10") < 4, backlog.parse_count) == (True, 2)
        assert len(set(backlog.keys)) == len(backlog.keys) == 11
        assert [a.key[-3:] for a in backlog.bench.articles if a.origin == "live"] == ["e10"]

    play(scene)


def test_a_restart_goes_on_with_what_was_kept(play) -> None:
    async def scene(backlog: Backlog) -> None:
        backlog.bench.site.feed(*entries(10), headers=ETAG)
        await backlog.poll()
        backlog.bench.restart()
        assert [await backlog.poll() for _ in range(2)] == [2, 0]
        assert (len(set(backlog.keys)), backlog.parse_count) == (10, 1)

    play(scene)


def test_a_document_that_was_lost_is_read_again(play) -> None:
    async def scene(backlog: Backlog) -> None:
        backlog.bench.site.feed(*entries(10), headers=ETAG)
        await backlog.poll()
        (known,) = backlog.bench.tools.state.feeds()
        backlog.documents.drop(known.feed_id)
        assert [await backlog.poll() for _ in range(2)] == [2, 0]
        assert backlog.is_conditional == [False, False, True]
        assert len(set(backlog.keys)) == len(backlog.keys) == 10

    play(scene)


def test_a_kill_between_document_and_record_means_a_fetch_in_full(
    play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(backlog: Backlog) -> None:
        bench = backlog.bench
        bench.site.feed(*entries(6), headers=ETAG)
        assert await backlog.poll() == 2
        bench.site.feed(*entries(12), headers={"ETag": '"2"'})
        with monkeypatch.context() as killed:
            killed.setattr(bench.tools.intake, "submit_reporting", _killed)
            with pytest.raises(_Killed):
                await backlog.poll()
        bench.restart()
        # The record still names the first body; the second was kept and does not count as it.
        assert [await backlog.poll() for _ in range(2)] == [4, 0]
        assert backlog.is_conditional[2] is False
        assert len(set(backlog.keys)) == len(backlog.keys) == 12

    play(scene)


class _Killed(BaseException):
    pass


async def _killed(*_: Any, **__: Any) -> None:
    raise _Killed


def test_nothing_is_kept_once_nothing_waits(play) -> None:
    async def scene(backlog: Backlog) -> None:
        site = backlog.bench.site
        site.feed(*entries(6), headers=ETAG)
        await backlog.poll()
        digest = hashlib.sha256(site.answers["/feed"][2].encode()).hexdigest()
        (feed_id,) = [record.feed_id for record in backlog.bench.tools.state.feeds()]
        assert backlog.documents.has(feed_id, digest)
        await backlog.poll()
        site.feed(*entries(7), headers={"ETag": '"2"'})
        await backlog.poll()
        with pytest.raises(LookupError):
            backlog.documents.get(feed_id)

    play(scene)


def test_an_index_with_more_behind_it_is_read_every_time(play) -> None:
    async def scene(backlog: Backlog) -> None:
        site = backlog.bench.site
        ns = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        site.put(
            "/map",
            f"<sitemapindex {ns}><sitemap><loc>{{base}}/part</loc></sitemap></sitemapindex>",
            kind="application/xml",
        )
        site.put("/part", f"<urlset {ns}>{_urls(range(6))}</urlset>", kind="application/xml")
        await backlog.poll("/map")
        site.put("/part", f"<urlset {ns}>{_urls(range(7))}</urlset>", kind="application/xml")
        await backlog.poll("/map")
        assert backlog.parse_count == 4

    play(scene)


def _urls(numbers: range) -> str:
    return "".join(f"<url><loc>{{base}}/p{number}</loc></url>" for number in numbers)

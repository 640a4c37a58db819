"""The poller goes by its clock and its list, and stops at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from poll_doubles import PollBench, entry, open_bench

from dateline.errors import ConfigError
from producers.feeds.poller import Poller


def source_list(path: Path, bench: PollBench, *feeds: str) -> Path:
    tables = (
        f'[[sources]]\nurl = "{bench.site.base}{feed}"\npublisher = "paper"\nfull_text = "never"\n'
        for feed in feeds
    )
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_feeds_are_polled_when_due_and_the_list_may_change(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            bench.site.feed(entry("one"), path="/a")
            bench.site.feed(entry("two"), path="/b")
            path = source_list(tmp_path / "sources.toml", bench, "/a")
            stop = asyncio.Event()
            task = asyncio.create_task(Poller(path, bench.tools, concurrency=4).run(stop))

            def has_sent(count: int) -> bool:
                bench.room.clock.advance(seconds=1)  # first polls are spread over a minute
                return len(bench.sent) == count

            await until(lambda: has_sent(1))
            assert bench.site.asked("/b") == 0
            source_list(path, bench, "/a", "/b")
            await until(lambda: has_sent(2))
            path.write_text("[[sources]]\nurll = 1\n", encoding="utf-8")
            await until(lambda: any("not taken over" in line for line in bench.lines))
            began = time.monotonic()
            stop.set()
            await task
            assert time.monotonic() - began < 5

    asyncio.run(work())


def test_a_list_that_is_wrong_at_the_start_is_an_error(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            path = tmp_path / "sources.toml"
            path.write_text('[[sources]]\nurl = "ftp://a.example/"\n', encoding="utf-8")
            with pytest.raises(ConfigError, match="http"):
                await Poller(path, bench.tools, concurrency=4).run(asyncio.Event())

    asyncio.run(work())


def test_a_bug_in_one_poll_ends_the_poller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with open_bench(tmp_path) as bench:
            path = source_list(tmp_path / "sources.toml", bench, "/a")

            async def broken(self: object, known: object, *, turn: object) -> None:
                raise AssertionError("a bug")

            monkeypatch.setattr("producers.feeds.poll_feed.FeedPoll.run", broken)
            bench.room.clock.advance(seconds=61)
            poller = Poller(path, bench.tools, concurrency=4)
            poller._reload(is_start=True)
            bench.room.clock.advance(seconds=61)
            with pytest.raises(AssertionError, match="a bug"):
                await asyncio.wait_for(poller.run(asyncio.Event()), 30)

    asyncio.run(work())

"""A JSON Feed of several pages: the older ones are read when the first may not be all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from poll_doubles import LONG, PollBench, open_bench, page

from producers.sources.json_feed import next_page_url

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


def put_pages(bench: PollBench, numbers: list[int], *, size: int = 3, **more: Any) -> None:
    """Serve articles, the newest first, so many a page: /feed, /page1, /page2 and so on."""
    parts = [numbers[at : at + size] for at in range(0, len(numbers), size)] or [[]]
    for at, part in enumerate(parts):
        document: dict[str, Any] = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Paper",
            "items": [
                {"id": str(n), "url": f"{bench.site.base}/a{n}", "title": f"Article {n}",
                 "content_text": f"What happened in {n}."}
                for n in part
            ],
        }  # fmt: skip
        if at + 1 < len(parts):
            document["next_url"] = f"page{at + 1}"
        path = f"/page{at}" if at else "/feed"
        bench.site.put(path, json.dumps(document | more), kind="application/feed+json")


def sent(bench: PollBench) -> list[int]:
    return [int(article.guid or "") for article in bench.articles]


def test_the_first_poll_takes_older_pages_as_backfill_within_its_cap(play) -> None:
    async def scene(bench: PollBench) -> None:
        put_pages(bench, list(range(20, 0, -1)))
        record = await bench.poll(full_text="never", max_items_per_poll=8)
        assert sorted(sent(bench)) == list(range(13, 21))
        assert {article.origin for article in bench.articles} == {"backfill"}
        assert record.pending_count == 0
        assert [bench.site.asked(f"/page{number}") for number in (1, 2, 3)] == [1, 1, 0]
        await bench.poll(full_text="never", max_items_per_poll=8)
        assert len(bench.sent) == 8
        assert bench.site.asked("/page1") == 1

    play(scene)


def test_no_more_than_five_pages_are_read(play) -> None:
    async def scene(bench: PollBench) -> None:
        put_pages(bench, list(range(30, 0, -1)))
        await bench.poll(full_text="never")
        assert sorted(sent(bench)) == list(range(13, 31))

    play(scene)


def test_what_overtook_the_first_page_is_found_and_is_news(play) -> None:
    async def scene(bench: PollBench) -> None:
        put_pages(bench, [3, 2, 1])
        await bench.poll(full_text="never")
        put_pages(bench, list(range(11, 0, -1)))
        await bench.poll(full_text="never")
        assert sorted(sent(bench)) == list(range(1, 12))
        assert [article.origin for article in bench.articles] == ["backfill"] * 3 + ["live"] * 8
        # The page that shows what was known is the last.
        assert [bench.site.asked(f"/page{number}") for number in (1, 2, 3)] == [1, 1, 0]
        put_pages(bench, list(range(12, 0, -1)))
        await bench.poll(full_text="never")
        assert sent(bench)[-1] == 12
        assert bench.site.asked("/page1") == 1

    play(scene)


def test_an_entry_of_an_older_page_is_not_forgotten_while_its_page_is_away(play) -> None:
    async def scene(bench: PollBench) -> None:
        put_pages(bench, [5, 4, 3, 2])
        for number in (3, 4, 5):
            bench.site.put(f"/a{number}", page(LONG.replace("town", f"town {number}")))
        bench.site.put("/a2", status=500)
        record = await bench.poll(full_text="always")
        assert sorted(sent(bench)) == [3, 4, 5]
        assert record.pending_count == 1
        bench.site.put("/a2", page(LONG))
        record = await bench.poll(full_text="always")
        assert sent(bench)[-1] == 2
        assert record.pending_count == 0
        await bench.poll(full_text="always")
        assert (len(bench.sent), bench.site.asked("/page1")) == (4, 2)

    play(scene)


@pytest.mark.parametrize(
    ("next_url", "asked"),
    [
        ("feed", 0),
        ("http://127.0.0.2:9/page1", 0),
        ("ftp://127.0.0.1/x", 0),
        (True, 0),
        ("page9", 1),
    ],
)
def test_a_next_page_elsewhere_or_away_or_in_a_circle_costs_nothing_else(
    play, next_url: object, asked: int
) -> None:
    async def scene(bench: PollBench) -> None:
        put_pages(bench, [2, 1], next_url=next_url)
        record = await bench.poll(full_text="never")
        assert sorted(sent(bench)) == [1, 2]
        assert record.error_count == 0
        assert (bench.site.asked("/feed"), bench.site.asked("/page9")) == (1, asked)
        assert len(bench.lines) == asked
        assert all("/page9: status: 404" in line for line in bench.lines)

    play(scene)


@pytest.mark.parametrize(
    ("data", "url"),
    [
        (b'{"next_url": "/p?page=2"}', "https://p.example/p?page=2"),
        (b'{"next_url": ["x"]}', None),
        (b"[]", None),
        (b"{", None),
        (b"\xff", None),
        (b"{}", None),
    ],
)
def test_the_address_of_the_next_page(data: bytes, url: str | None) -> None:
    assert next_page_url(data, base_url="https://p.example/feed") == url

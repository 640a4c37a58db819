"""What a site says of rights beside its pages comes with its articles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from poll_doubles import LONG, PollBench, entry, open_bench, page

from dateline.clock import SystemClock
from dateline.records import RightsSignal
from dateline.settings import FetchSettings, ProjectSettings, Settings
from producers import run_feeds
from producers.build_record import content_sha256
from producers.fetch.fetcher import open_fetcher
from producers.fetch.fetcher_options import fetcher_options
from producers.fetch.host_rights import HostRights
from producers.fetch.host_signals import TDM_PATH
from producers.parsed import ParsedArticle

Scene = Callable[[PollBench], Awaitable[None]]
TDM = '[{"location":"/","tdm-reservation":1}]'
ROBOTS = "User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n"


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scene], None]:
    """Run a scene on a fresh bench that asks sites for their rights files."""

    def run(scene: Scene) -> None:
        async def work() -> None:
            async with open_bench(tmp_path) as bench:
                tools = bench.tools
                rights = HostRights(tools.fetcher, clock=tools.clock)
                bench.tools = replace(tools, host_rights=rights)
                bench.site.put("/robots.txt", ROBOTS, kind="text/plain")
                bench.site.put(TDM_PATH, TDM, kind="application/json")
                await scene(bench)

        asyncio.run(work())

    return run


def site_signals(signals: tuple[RightsSignal, ...]) -> list[str]:
    return [each.layer for each in signals if each.layer in ("robots", "wellknown", "rsl")]


@pytest.mark.parametrize("full_text", ["never", "always"])
def test_articles_from_feeds_and_pages_carry_what_their_site_says(play, full_text: str) -> None:
    async def scene(bench: PollBench) -> None:
        for name in ("one", "two"):
            bench.site.put(f"/{name}", page(LONG.replace("town", name)))
        bench.site.feed(entry("one"), entry("two"))
        await bench.poll(full_text=full_text)
        assert [site_signals(article.rights_signals) for article in bench.articles] == [
            ["robots", "wellknown"]
        ] * 2
        assert bench.site.asked(TDM_PATH) == 1
        assert bench.articles[0].rights_signals[-1].source_url == f"{bench.site.base}{TDM_PATH}"

    play(scene)


def test_a_page_s_own_rsl_document_comes_along(play) -> None:
    async def scene(bench: PollBench) -> None:
        head = '<link rel="license" type="application/rsl+xml" href="/rsl.xml">'
        bench.site.put("/one", page(LONG, head=head))
        rsl = '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"/></rsl>'
        bench.site.put("/rsl.xml", rsl, kind="application/rsl+xml")
        bench.site.feed(entry("one"))
        await bench.poll()
        (article,) = bench.articles
        assert site_signals(article.rights_signals) == ["robots", "wellknown", "rsl"]
        assert article.rights_signals[-1].value == rsl

    play(scene)


def test_a_site_that_says_something_else_edits_no_article() -> None:
    article = ParsedArticle(body=LONG, media_type="text/plain")
    site = RightsSignal(layer="wellknown", field="tdmrep.json", value=TDM)
    item = RightsSignal(layer="feed", field="item/license", value="CC BY 4.0")
    hashes = [
        content_sha256(replace(article, rights_signals=signals))
        for signals in ((), (site,), (item,), (item, site))
    ]
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]


def test_without_the_setting_nothing_is_asked(play) -> None:
    async def scene(bench: PollBench) -> None:
        bench.tools = replace(bench.tools, host_rights=None)
        bench.site.feed(entry("one"))
        await bench.poll(full_text="never")
        assert site_signals(bench.articles[0].rights_signals) == []
        assert bench.site.asked(TDM_PATH) == 0

    play(scene)


@pytest.mark.parametrize("is_on", [True, False])
def test_the_setting_switches_it(tmp_path: Path, is_on: bool) -> None:
    project = ProjectSettings(state_dir=str(tmp_path))
    settings = Settings(project=project, fetch=FetchSettings(host_rights=is_on))

    async def work() -> None:
        clock = SystemClock()
        async with AsyncExitStack() as stack:
            fetcher = await stack.enter_async_context(open_fetcher(fetcher_options(settings)))
            rights = run_feeds._host_rights(settings, fetcher, clock, stack)
            assert (rights is not None) is is_on
        assert (tmp_path / "host_rights.sqlite").exists() is is_on

    asyncio.run(work())

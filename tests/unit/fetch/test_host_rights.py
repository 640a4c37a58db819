"""What a site says of rights beside its pages, asked of real servers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from fetch_servers import LOCAL, Site, serve

from dateline.clock import FixedClock
from dateline.records import RightsSignal
from dateline.rights.signals.preferences import read_preferences
from producers.fetch import host_rights
from producers.fetch.fetcher import Fetcher, FetcherOptions, open_fetcher
from producers.fetch.host_rights import MAX_RSL_DOCUMENTS_OF_HOST, HostRights
from producers.fetch.host_signals import MAX_DOCUMENT_BYTES, TDM_PATH, host_signals
from producers.fetch.robots_store import RobotsStore

TDM = '[{"location":"/news/","tdm-reservation":1}]'
RSL = (
    '<rsl xmlns="https://rslstandard.org/rsl"><content url="{}"><license>'
    '<prohibits type="usage">ai-train</prohibits></license></content></rsl>'
)
DAY = 86_400


class Bench:
    """A site whose answers can change, and what asks it."""

    def __init__(self, site: Site, fetcher: Fetcher, rights: HostRights, clock: FixedClock) -> None:
        self.site, self.fetcher, self.rights, self.clock = site, fetcher, rights, clock
        self.answers: dict[str, tuple[int, str]] = {}

    def put(self, path: str, text: str, status: int = 200) -> None:
        self.answers[path] = (status, text.replace("{base}", self.site.url()))

    async def read(self, path: str = "/news/1", **stated: str) -> tuple[RightsSignal, ...]:
        """Fetch the page, as whoever takes an article does, then ask what the site says."""
        await self.fetcher.fetch(self.site.url(path))
        signals = [
            RightsSignal(layer="http", field=name, value=value) for name, value in stated.items()
        ]
        return await self.rights.signals(self.site.url(path), stated=signals)

    def asked(self, path: str) -> int:
        return self.site.paths.count(path)


Scene = Callable[[Bench], Awaitable[None]]


def play(scene: Scene) -> None:
    async def run() -> None:
        clock = FixedClock(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
        bench: Bench

        async def handle(request: web.Request) -> web.Response:
            status, text = bench.answers.get(request.path, (404, "not here"))
            return web.Response(status=status, text=text, content_type="application/xml")

        options = FetcherOptions(http=LOCAL, min_host_delay_seconds=0.0)
        async with serve(handle) as site, open_fetcher(options, clock=clock) as fetcher:
            bench = Bench(site, fetcher, HostRights(fetcher, clock=clock), clock)
            await scene(bench)

    asyncio.run(run())


def test_all_that_a_site_says_comes_with_its_address() -> None:
    async def scene(bench: Bench) -> None:
        lines = ["License: {base}rsl.xml", "User-agent: *", "Content-Signal: search=yes"]
        bench.put("/robots.txt", "\n".join([*lines, "Disallow: /admin"]))
        bench.put(TDM_PATH, TDM)
        bench.put("/rsl.xml", RSL.format("/"))
        found = await bench.read()
        base = bench.site.url()
        assert [(each.layer, each.field, each.source_url) for each in found] == [
            ("robots", "robots.txt", f"{base}robots.txt"),
            ("wellknown", "tdmrep.json", f"{base}.well-known/tdmrep.json"),
            ("rsl", "document", f"{base}rsl.xml"),
        ]
        assert "Disallow" not in found[0].value
        assert (found[1].value, found[2].value) == (TDM, RSL.format("/"))
        stated = read_preferences(found, article_url=bench.site.url("/news/1"))
        assert [each.tdm_reservation for each in stated if each.tdm_reservation] == [True]
        assert "disallowed" in [each.ai_train for each in stated]

    play(scene)


def test_each_document_is_asked_for_once_a_day() -> None:
    async def scene(bench: Bench) -> None:
        bench.put("/robots.txt", "License: {base}rsl.xml")
        bench.put("/rsl.xml", RSL.format("/"))
        for number in range(5):
            await bench.read(f"/news/{number}")
        counts = [bench.asked(path) for path in ("/robots.txt", TDM_PATH, "/rsl.xml")]
        assert counts == [1, 1, 1]
        bench.clock.advance(seconds=DAY + 1)
        await bench.read()
        assert (bench.asked(TDM_PATH), bench.asked("/rsl.xml")) == (2, 2)

    play(scene)


def test_articles_at_the_same_time_ask_once() -> None:
    async def scene(bench: Bench) -> None:
        bench.put(TDM_PATH, TDM)
        await bench.fetcher.fetch(bench.site.url("/news/1"))
        found = await asyncio.gather(
            *(bench.rights.signals(bench.site.url(f"/news/{n}")) for n in range(8))
        )
        assert [signals[0].value for signals in found] == [TDM] * 8
        assert bench.asked(TDM_PATH) == 1

    play(scene)


@pytest.mark.parametrize(
    ("status", "text", "again_seconds"),
    [
        pytest.param(404, "", DAY, id="none"),
        pytest.param(403, "", DAY, id="forbidden"),
        pytest.param(500, TDM, 6 * 3600, id="out of order"),
        pytest.param(200, "<!doctype html><html>Home</html>", DAY, id="a page for everything"),
        pytest.param(200, "{}", DAY, id="no array"),
        pytest.param(200, "[" + " " * MAX_DOCUMENT_BYTES + "]", DAY, id="too large"),
    ],
)
def test_without_an_answer_nothing_is_said_and_later_asked_again(
    status: int, text: str, again_seconds: int
) -> None:
    async def scene(bench: Bench) -> None:
        bench.put(TDM_PATH, text, status=status)
        assert await bench.read() == ()
        bench.put(TDM_PATH, TDM)
        bench.clock.advance(seconds=again_seconds - 1)
        assert await bench.read() == ()
        bench.clock.advance(seconds=2)
        assert [each.layer for each in await bench.read()] == ["wellknown"]

    play(scene)


def test_an_outage_gives_nothing_away() -> None:
    async def scene(bench: Bench) -> None:
        bench.put(TDM_PATH, TDM)
        await bench.read()
        bench.put(TDM_PATH, "", status=500)
        bench.clock.advance(seconds=DAY + 1)
        assert [each.value for each in await bench.read()] == [TDM]
        bench.put(TDM_PATH, "", status=404)
        bench.clock.advance(seconds=DAY + 1)
        assert await bench.read() == ()

    play(scene)


def test_what_robots_txt_forbids_is_not_asked_for() -> None:
    async def scene(bench: Bench) -> None:
        bench.put("/robots.txt", "User-agent: *\nDisallow: /.well-known/\n")
        bench.put(TDM_PATH, TDM)
        assert await bench.read() == ()
        assert bench.asked(TDM_PATH) == 0

    play(scene)


def test_a_site_that_nothing_was_asked_of_is_left_alone() -> None:
    async def scene(bench: Bench) -> None:
        bench.put(TDM_PATH, TDM)
        assert await bench.rights.signals(bench.site.url("/news/1")) == ()
        assert await bench.rights.signals("no address") == ()
        assert bench.site.paths == []

    play(scene)


def test_the_document_that_a_page_names_is_asked_for_as_well() -> None:
    async def scene(bench: Bench) -> None:
        bench.put("/page.xml", RSL.format("/news/"))
        link = '</page.xml>; rel="license"; type="application/rsl+xml"'
        (found,) = await bench.read(link=link)
        assert (found.layer, found.source_url) == ("rsl", bench.site.url("/page.xml"))

    play(scene)


def test_a_document_elsewhere_has_to_be_behind_https() -> None:
    async def scene(bench: Bench) -> None:
        other = bench.site.url("/rsl.xml", host="127.0.0.2")
        bench.put("/robots.txt", f"License: {other}")
        bench.put("/rsl.xml", RSL.format("/"))
        assert [each.layer for each in await bench.read()] == ["robots"]
        assert bench.asked("/rsl.xml") == 0

    play(scene)


def test_pages_that_each_name_a_document_of_their_own_are_not_followed_for_ever() -> None:
    async def scene(bench: Bench) -> None:
        for number in range(MAX_RSL_DOCUMENTS_OF_HOST + 5):
            link = f'</rsl/{number}>; rel="license"; type="application/rsl+xml"'
            await bench.read(f"/news/{number}", link=link)
        asked = [path for path in bench.site.paths if path.startswith("/rsl/")]
        assert len(asked) == MAX_RSL_DOCUMENTS_OF_HOST

    play(scene)


def test_a_long_document_is_cut_to_the_article() -> None:
    async def scene(bench: Bench) -> None:
        rules = ",".join(f'{{"location":"/{n}/","tdm-reservation":0}}' for n in range(200))
        bench.put(TDM_PATH, f"[{rules},{TDM[1:]}")
        (found,) = await bench.read()
        assert len(found.value) < 100
        (stated,) = read_preferences([found], article_url=bench.site.url("/news/1"))
        assert stated.tdm_reservation is True
        assert await bench.read("/else") == ()

    play(scene)


def test_nothing_is_asked_again_after_a_restart(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.put(TDM_PATH, TDM)
        path, clock = tmp_path / "host_rights.sqlite", bench.clock
        for _ in range(2):
            with RobotsStore(path, now=clock.now()) as store:
                bench.rights = HostRights(bench.fetcher, clock=clock, store=store)
                assert [each.value for each in await bench.read()] == [TDM]
        assert bench.asked(TDM_PATH) == 1
        clock.advance(seconds=DAY + 1)
        with RobotsStore(path, now=clock.now()) as store:
            bench.rights = HostRights(bench.fetcher, clock=clock, store=store)
            await bench.read()
        assert bench.asked(TDM_PATH) == 2

    play(scene)


def test_what_is_known_of_a_site_is_told_without_a_request() -> None:
    async def scene(bench: Bench) -> None:
        bench.put("/robots.txt", "License: {base}rsl.xml")
        bench.put(TDM_PATH, TDM)
        bench.put("/rsl.xml", RSL.format("/"))
        url = bench.site.url("/news/2")
        for address in (url, "no address", "ftp://post.example/1", "http://10.0.0.1/news/2"):
            assert bench.rights.known_files(address) is None
        assert bench.site.paths == []
        asked = await bench.read("/news/1")
        count = len(bench.site.paths)
        bench.clock.advance(seconds=30 * DAY)
        files = bench.rights.known_files(url)
        assert files is not None
        assert host_signals(files, url) == asked
        assert [each.layer for each in host_signals(files, bench.site.url("/else"))] == [
            "robots",
            "rsl",
        ]
        assert len(bench.site.paths) == count

    play(scene)


def test_a_restart_forgets_no_file_of_a_site_that_is_asked_again(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.put(TDM_PATH, TDM)
        with RobotsStore(tmp_path / "host_rights.sqlite", now=bench.clock.now()) as store:
            bench.rights = HostRights(bench.fetcher, clock=bench.clock, store=store)
            await bench.read()
            rights = HostRights(bench.fetcher, clock=bench.clock, store=store)
            files = rights.known_files(bench.site.url("/news/1"))
        assert files is not None
        assert (files.tdmrep, bench.asked(TDM_PATH)) == (TDM, 1)

    play(scene)


def test_no_more_is_kept_in_memory_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_rights, "MAX_KEPT_CHARS", 3000)

    async def scene(bench: Bench) -> None:
        for number in range(6):
            bench.put(f"/rsl/{number}", RSL.format("/") + " " * 100 + "<!--" + "x" * 1000 + "-->")
            link = f'</rsl/{number}>; rel="license"; type="application/rsl+xml"'
            await bench.read(f"/news/{number}", link=link)
        assert bench.rights.kept_chars <= 3000
        link = '</rsl/0>; rel="license"; type="application/rsl+xml"'
        assert [each.layer for each in await bench.read("/news/0", link=link)] == ["rsl"]
        assert bench.asked("/rsl/0") == 2

    play(scene)

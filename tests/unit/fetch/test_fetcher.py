from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from fetch_servers import LOCAL, OPTIONS, Site, names, problem_of, serve, serve_raw

from dateline.clock import FixedClock
from dateline.errors import ConfigError
from producers.fetch.fetcher import Fetcher, FetcherOptions, Priority, open_fetcher, user_agent

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LOOKUP = names(one="127.0.0.1", two="127.0.0.1")


class World:
    """A site whose every path can be given an answer, and when each request began."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[], web.Response]] = {
            "/robots.txt": lambda: web.Response(text="User-agent: *\nDisallow: /private\n")
        }
        self.began: list[float] = []
        self.running = 0
        self.most_running = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.began.append(time.monotonic())
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        host = request.host.partition(":")[0]
        make = self.answers.get(f"{host}{request.path}") or self.answers.get(request.path)
        return make() if make else web.Response(text="news")

    @property
    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.began, self.began[1:], strict=False)]


def play(
    main: Callable[[World, Site, Fetcher], Coroutine[Any, Any, None]],
    *,
    min_delay: float = 0.0,
    clock: FixedClock | None = None,
) -> None:
    async def run() -> None:
        world = World()
        options = FetcherOptions(http=LOCAL, min_host_delay_seconds=min_delay)
        async with (
            serve(world.handle) as site,
            open_fetcher(options, clock=clock or FixedClock(NOW), lookup=LOOKUP) as fetcher,
        ):
            await main(world, site, fetcher)

    asyncio.run(run())


def redirect(to: str, status: int = 302) -> Callable[[], web.Response]:
    return lambda: web.Response(status=status, headers={"Location": to})


def test_fetcher_asks_robots_first_and_once() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        first = await fetcher.fetch(site.url("/a"))
        await fetcher.fetch(site.url("/b"), headers={"If-None-Match": '"1"'})

        assert first.body == b"news"
        assert site.paths == ["/robots.txt", "/a", "/b"]
        assert site.headers[2]["if-none-match"] == '"1"'
        assert fetcher.robots.raw(site.url()) == "User-agent: *\nDisallow: /private\n"

    play(main)


def test_fetcher_does_not_ask_for_what_is_forbidden() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        problem = await problem_of(fetcher.fetch(site.url("/private/1")))

        assert str(problem) == "robots: robots.txt forbids this address"
        assert problem.retry_after_seconds is None
        assert site.paths == ["/robots.txt"]

    play(main)


def test_fetcher_asks_the_robots_of_every_host_on_the_way() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        world.answers["one.example/go"] = redirect(site.url("/there", host="two.example"))
        world.answers["one.example/in"] = redirect(site.url("/private/1", host="two.example"))

        answer = await fetcher.fetch(site.url("/go", host="one.example"))
        problem = await problem_of(fetcher.fetch(site.url("/in", host="one.example")))

        assert (answer.status, problem.kind) == (200, "robots")
        assert site.requests == [
            "one.example /robots.txt", "one.example /go",
            "two.example /robots.txt", "two.example /there", "one.example /in",
        ]  # fmt: skip

    play(main)


def test_fetcher_follows_redirects_of_robots() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        world.answers["one.example/robots.txt"] = redirect(site.url("/rules", host="two.example"))
        world.answers["/rules"] = lambda: web.Response(text="User-agent: *\nDisallow: /a")

        assert (
            await problem_of(fetcher.fetch(site.url("/a", host="one.example")))
        ).kind == "robots"
        assert site.requests == ["one.example /robots.txt", "two.example /rules"]

    play(main)


def test_fetcher_takes_five_redirects_of_robots_for_none() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        for number in range(9):
            world.answers[f"/r{number}"] = redirect(f"/r{number + 1}")
        world.answers["/robots.txt"] = redirect("/r0")

        assert (await fetcher.fetch(site.url("/a"))).status == 200
        assert len(site.requests) == 1 + 5 + 1

    play(main)


@pytest.mark.parametrize(
    ("robots", "is_allowed"),
    [
        pytest.param(lambda: web.Response(status=404), True, id="404"),
        pytest.param(lambda: web.Response(status=403), True, id="403"),
        pytest.param(lambda: web.Response(status=500), False, id="500"),
        pytest.param(lambda: web.Response(status=503), False, id="503"),
        pytest.param(
            lambda: web.Response(text="<html>User-agent: *\nDisallow: /</html>"), True, id="html"
        ),
        pytest.param(
            lambda: web.Response(body=b"User-agent: *\nDisallow: /", content_type="image/png"),
            False,
            id="wrong-type",
        ),
        pytest.param(
            lambda: web.Response(body=b"#" * 12_000_000 + b"\nUser-agent: *\nDisallow: /"),
            True,
            id="beyond-all-limits",
        ),
        pytest.param(
            lambda: web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
            False,
            id="broken",
        ),
    ],
)
def test_fetcher_reads_robots_of_every_sort(
    robots: Callable[[], web.Response], is_allowed: bool
) -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        world.answers["/robots.txt"] = robots
        if is_allowed:
            assert (await fetcher.fetch(site.url("/a"))).status == 200
        else:
            assert (await problem_of(fetcher.fetch(site.url("/a")))).kind in ("robots", "busy")
            assert site.paths == ["/robots.txt"]

    play(main)


def test_fetcher_reads_no_half_rule_of_a_huge_robots() -> None:
    head = b"User-agent: *\n" + (b"# " + b"x" * 97 + b"\n") * 5119
    rule = b"Disallow: /" + b"private" * 20 + b"\n"
    assert len(head) + 20 < 512_000 < len(head + rule)

    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        world.answers["/robots.txt"] = lambda: web.Response(body=head + rule + b"#" * 500_000)
        path = "/" + "private" * 20
        assert (await fetcher.fetch(site.url(path))).status == 200

    play(main)


def test_fetcher_waits_for_a_robots_that_does_not_come() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        http = replace(LOCAL, total_timeout_seconds=0.2)
        options = FetcherOptions(http=http, min_host_delay_seconds=0.0)
        async with serve_raw(silent) as site, open_fetcher(options) as fetcher:
            problem = await problem_of(fetcher.fetch(site.url("/a")))
            again = await problem_of(fetcher.fetch(site.url("/b")))

            assert (problem.kind, again.kind, site.connections) == ("robots", "robots", 1)

    asyncio.run(main())


def test_fetcher_paces_two_feeds_of_one_host_together() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        await asyncio.gather(*(fetcher.fetch(site.url(f"/feed{i}")) for i in range(4)))

        assert len(world.began) == 5  # robots.txt has its turn too
        assert min(world.gaps) >= 0.09
        assert world.most_running == 1

    play(main, min_delay=0.1)


def test_fetcher_keeps_its_floor_below_a_smaller_crawl_delay() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        text = "User-agent: *\nCrawl-delay: 0.2"
        world.answers["/robots.txt"] = lambda: web.Response(text=text)
        await asyncio.gather(*(fetcher.fetch(site.url(f"/{i}")) for i in range(3)))

        assert min(world.gaps) >= 0.29

    play(main, min_delay=0.3)


def test_fetcher_keeps_a_larger_crawl_delay() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        text = "User-agent: *\nCrawl-delay: 0.3"
        world.answers["/robots.txt"] = lambda: web.Response(text=text)
        await asyncio.gather(*(fetcher.fetch(site.url(f"/{i}")) for i in range(3)))

        assert min(world.gaps[1:]) >= 0.29

    play(main)


def test_fetcher_lets_feeds_go_before_pages() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        await fetcher.fetch(site.url("/first"))
        wanted = [
            ("/recheck", Priority.RECHECK),
            ("/page", Priority.PAGE),
            ("/feed", Priority.FEED),
        ]
        await asyncio.gather(
            *(fetcher.fetch(site.url(path), priority=rank) for path, rank in wanted)
        )
        assert site.paths[2:] == ["/feed", "/page", "/recheck"]

    play(main, min_delay=0.05)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        ("120", 120.0),
        ("Fri, 20 Nov 2026 08:10:00 GMT", 600.0),
        ("soon", 30.0),
        (None, 30.0),
        ("99999999", 86_400.0),
    ],
)
def test_fetcher_leaves_a_host_alone_that_asks_for_it(
    status: int, retry_after: str | None, pause: float
) -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        headers = {"Retry-After": retry_after} if retry_after else {}
        world.answers["/busy"] = lambda: web.Response(status=status, headers=headers)

        refused = await fetcher.fetch(site.url("/busy"))
        problem = await problem_of(fetcher.fetch(site.url("/other")))

        assert (refused.status, problem.kind) == (status, "busy")
        assert problem.retry_after_seconds == pytest.approx(pause, abs=2)
        assert site.paths == ["/robots.txt", "/busy"]

    play(main)


def test_fetcher_does_not_pause_one_host_for_another() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        world.answers["two.example/busy"] = lambda: web.Response(status=429)
        world.answers["one.example/go"] = redirect(site.url("/busy", host="two.example"))

        assert (await fetcher.fetch(site.url("/go", host="one.example"))).status == 429
        assert (await fetcher.fetch(site.url("/a", host="one.example"))).status == 200
        assert (await problem_of(fetcher.fetch(site.url("/a", host="two.example")))).kind == "busy"

    play(main)


def test_fetcher_names_the_problem_of_a_private_address() -> None:
    async def main() -> None:
        options = FetcherOptions(http=OPTIONS)
        async with open_fetcher(options, lookup=LOOKUP) as fetcher:
            for url in ("http://127.0.0.1/", "http://one.example/", "http://[::1]/"):
                assert (await problem_of(fetcher.fetch(url))).kind == "address"
            assert (await problem_of(fetcher.fetch("file:///etc/hostname"))).kind == "url"

    asyncio.run(main())


def test_fetcher_passes_its_limit_on() -> None:
    async def main(world: World, site: Site, fetcher: Fetcher) -> None:
        assert (await problem_of(fetcher.fetch(site.url(), max_body_bytes=3))).kind == "too_large"

    play(main)


def test_user_agent_says_who_and_why() -> None:
    assert user_agent("0.1", "https://example.org/about") == (
        "Dateline/0.1 (+https://example.org/about; news monitoring)"
    )
    assert user_agent("0.1", "") == "Dateline/0.1 (news monitoring)"


@pytest.mark.parametrize("contact", ["a\r\nX: y", "a(b", "é@example.org", " ", "a" * 300])
def test_user_agent_refuses_what_would_break_the_header(contact: str) -> None:
    with pytest.raises(ConfigError, match=r"fetch\.contact"):
        user_agent("0.1", contact)

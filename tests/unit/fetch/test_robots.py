from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest
from fetch_servers import problem_of
from hypothesis import given
from hypothesis import strategies as st

from dateline.clock import FixedClock
from producers.fetch.fetched import Fetched, FetchProblem, ProblemKind
from producers.fetch.fetcher import PRODUCT_TOKEN
from producers.fetch.parse_robots import RobotsRules, parse_robots
from producers.fetch.robots import RobotsCache

DAY = 86_400
SITE = "https://news.example"
PAGE = f"{SITE}/private/1"
FORBIDS = b"User-agent: *\nDisallow: /private\nCrawl-delay: 4\nSitemap: /map.xml\n"


class Answers:
    """The robots.txt of all sites; what it is can change."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.reply: Callable[[], Fetched] = lambda: answer(FORBIDS)

    async def get(self, url: str) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(0)
        return self.reply()

    def fail(self, kind: ProblemKind, retry_after_seconds: float | None = None) -> None:
        def reply() -> Fetched:
            raise FetchProblem(kind, "x", retry_after_seconds=retry_after_seconds)

        self.reply = reply


def answer(body: bytes = b"", status: int = 200, **headers: str) -> Fetched:
    return Fetched(
        url="", final_url="", permanent_url="", status=status, body=body, seconds=0.1,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )  # fmt: skip


def check(main: Callable[[RobotsCache, Answers, FixedClock], Coroutine[Any, Any, None]]) -> None:
    answers, clock = Answers(), FixedClock(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    asyncio.run(main(RobotsCache(answers.get, clock=clock), answers, clock))


def rules(text: str | bytes) -> RobotsRules:
    data = text.encode() if isinstance(text, str) else text
    return parse_robots(data, origin=SITE, token=PRODUCT_TOKEN)


def test_robots_keeps_what_a_site_says_for_a_day() -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        assert robots.raw(PAGE) is None
        assert not await robots.may_fetch(PAGE)
        assert await robots.may_fetch(f"{SITE}/news/1")
        assert robots.crawl_delay_seconds(PAGE) == 4.0
        assert robots.sitemaps(SITE) == (f"{SITE}/map.xml",)
        assert robots.raw(SITE) == FORBIDS.decode()
        clock.advance(seconds=DAY - 1)
        await robots.may_fetch(PAGE)
        assert answers.asked == [f"{SITE}/robots.txt"]
        clock.advance(seconds=1)
        await robots.may_fetch(PAGE)
        assert len(answers.asked) == 2

    check(main)


def test_robots_asks_each_origin_for_itself() -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        for url in (
            "https://news.example/a", "https://NEWS.example:443/b", "http://news.example/",
            "http://news.example:8080/", "https://www.news.example/", "http://[2606:4700::1]/",
        ):  # fmt: skip
            await robots.may_fetch(url)
        assert answers.asked == [
            "https://news.example/robots.txt", "http://news.example/robots.txt",
            "http://news.example:8080/robots.txt", "https://www.news.example/robots.txt",
            "http://[2606:4700::1]/robots.txt",
        ]  # fmt: skip

    check(main)


def test_robots_asks_once_for_many_at_the_same_time() -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        allowed = await asyncio.gather(*(robots.may_fetch(f"{SITE}/{i}") for i in range(50)))
        assert all(allowed)
        assert len(answers.asked) == 1

    check(main)


@pytest.mark.parametrize(
    ("cache_control", "kept_seconds"),
    [
        ("max-age=3600", 3600), ("public, MAX-AGE=7200", 7200), ("max-age=0", 600),
        ("max-age=10", 600), ("max-age=31536000", DAY), ("no-cache", DAY), ("max-age=-1", DAY),
        ("s-maxage=3600", DAY), ('max-age="3600"', 3600), ("max-age=" + "9" * 5000, DAY),
    ],
)  # fmt: skip
def test_robots_honours_shorter_ages_down_to_a_floor(cache_control: str, kept_seconds: int) -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.reply = lambda: answer(FORBIDS, cache_control=cache_control)
        await robots.may_fetch(PAGE)
        clock.advance(seconds=kept_seconds - 1)
        await robots.may_fetch(PAGE)
        assert len(answers.asked) == 1
        clock.advance(seconds=1)
        await robots.may_fetch(PAGE)
        assert len(answers.asked) == 2

    check(main)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301, 304])
def test_robots_allows_all_where_there_is_no_file(status: int) -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.reply = lambda: answer(FORBIDS, status=status)
        assert await robots.may_fetch(PAGE)
        assert robots.raw(PAGE) is None

    check(main)


def test_robots_allows_all_after_too_many_redirects() -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.fail("redirects")
        assert await robots.may_fetch(PAGE)

    check(main)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_robots_waits_while_the_server_fails(status: int) -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.reply = lambda: answer(status=status)
        problem = await problem_of(robots.may_fetch(f"{SITE}/news/1"))
        assert str(problem) == f"robots: robots.txt cannot be had for now (status {status})"
        assert problem.retry_after_seconds == 600
        clock.advance(seconds=599)
        assert (await problem_of(robots.may_fetch(PAGE))).retry_after_seconds == 1
        assert len(answers.asked) == 1

        answers.reply = lambda: answer(FORBIDS)
        clock.advance(seconds=1)
        assert not await robots.may_fetch(PAGE)

    check(main)


@pytest.mark.parametrize("kind", ["timeout", "dns", "tls", "connection", "protocol", "too_large"])
def test_robots_waits_while_the_server_cannot_be_reached(kind: ProblemKind) -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.fail(kind)
        problem = await problem_of(robots.may_fetch(PAGE))
        assert str(problem) == f"robots: robots.txt cannot be had for now ({kind})"

    check(main)


def test_robots_waits_as_long_as_the_server_asks() -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.reply = lambda: answer(status=503, retry_after="7200")
        assert (await problem_of(robots.may_fetch(PAGE))).retry_after_seconds == 7200

    check(main)


@pytest.mark.parametrize("kind", ["address", "url", "busy"])
def test_robots_passes_on_what_is_no_matter_of_the_file(kind: ProblemKind) -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        answers.fail(kind, retry_after_seconds=9.0)
        problem = await problem_of(robots.may_fetch(PAGE))
        assert (problem.kind, problem.retry_after_seconds) == (kind, 9.0)
        answers.reply = lambda: answer(FORBIDS)
        assert await robots.may_fetch(f"{SITE}/news/1")

    check(main)


@pytest.mark.parametrize("has_copy", [True, False])
def test_robots_uses_the_last_copy_after_thirty_days_of_silence(has_copy: bool) -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        if has_copy:
            await robots.may_fetch(PAGE)
            clock.advance(seconds=DAY)
        answers.fail("timeout")
        for _ in range(30):
            assert (await problem_of(robots.may_fetch(f"{SITE}/news/1"))).kind == "robots"
            clock.advance(seconds=DAY)
        assert await robots.may_fetch(f"{SITE}/news/1")
        assert await robots.may_fetch(PAGE) is not has_copy

        # Back for a day, then away again: the thirty days begin anew.
        answers.reply = lambda: answer(FORBIDS)
        clock.advance(seconds=DAY)
        assert not await robots.may_fetch(PAGE)
        answers.fail("timeout")
        clock.advance(seconds=DAY)
        assert (await problem_of(robots.may_fetch(PAGE))).kind == "robots"

    check(main)


def test_robots_forgets_the_sites_not_used_for_longest() -> None:
    answers = Answers()
    robots = RobotsCache(answers.get, max_origins=100)

    async def main() -> None:
        for number in range(300):
            await robots.may_fetch(f"https://n{number}.example/")
            await robots.may_fetch(PAGE)
        assert robots.raw("https://n299.example/") is not None
        assert robots.raw("https://n100.example/") is None
        assert answers.asked.count(f"{SITE}/robots.txt") == 1

    asyncio.run(main())


def test_robots_bounds_the_text_it_keeps() -> None:
    answers = Answers()
    answers.reply = lambda: answer(b"# comment\n" * 50_000)
    robots = RobotsCache(answers.get)

    async def main() -> None:
        for number in range(60):
            await robots.may_fetch(f"https://n{number}.example/")
        kept = [robots.raw(f"https://n{number}.example/") for number in range(60)]
        assert 20 < len([text for text in kept if text]) <= 40

    asyncio.run(main())


def test_robots_survives_the_end_of_the_one_who_asked_first() -> None:
    async def main(robots: RobotsCache, answers: Answers, clock: FixedClock) -> None:
        first = asyncio.create_task(robots.may_fetch(PAGE))
        second = asyncio.create_task(robots.may_fetch(PAGE))
        await asyncio.sleep(0)
        first.cancel()
        assert not await second

    check(main)


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("user-AGENT: *\r\ndisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /\r", False),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: dateline\nDisallow: /", False),
        ("User-agent: Dateline/0.1 # us\nDisallow: /", False),
        ("User-agent: Dateline\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: dateline\nDisallow: /", False),
        ("User-agent: date\nDisallow: /", True),
        ("User-agent: datelinebot\nDisallow: /", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: other\nUser-agent: dateline\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nAllow: /a/", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", True),
        ("User-agent: *\nDisallow: /*.html$", False),
        ("User-agent: *\nDisallow: /*/c", True),
        ("Disallow: /", True),
        ("<!DOCTYPE html><p>User-agent: *\nDisallow: /\n", True),
        (b"\xff\xfe" + "User-agent: *\nDisallow: /".encode("utf-16-le"), False),
        (b"User-agent: *\nDisallow: /\xff\xfe\nDisallow: /", False),
        ("User-agent: *\n" + "x" * 10_000 + "\nDisallow: /", False),
        ("User-agent: dateline\nDisallow: /x\nUser-agent: dateline\nDisallow: /a", False),
    ],
)
def test_parse_robots_reads_what_sites_write(text: str | bytes, is_allowed: bool) -> None:
    assert rules(text).may_fetch(f"{SITE}/a/b.html") is is_allowed


def test_parse_robots_stops_at_500_kib_on_a_whole_line() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    head = b"User-agent: *\n" + filler * 5119
    cut_rule = b"Disallow: /" + b"private" * 20 + b"\n"
    parsed = rules(head + cut_rule + filler * 100 + b"Disallow: /\n")

    assert len(head) < 512_000 < len(head + cut_rule)
    assert parsed.may_fetch(f"{SITE}/private/")
    assert parsed.may_fetch(f"{SITE}/")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 0.2", 0.2),
        ("User-agent: *\nCrawl-delay: 10\nUser-agent: dateline\nCrawl-delay: 3", 3.0),
        ("User-agent: *\nRequest-rate: 1/30s", 30.0),
        ("User-agent: *\nCrawl-delay: ten", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: other\nCrawl-delay: 5", None),
    ],
)
def test_parse_robots_tells_the_wished_spacing(text: str, delay: float | None) -> None:
    assert rules(text).crawl_delay_seconds == delay


def test_parse_robots_lists_sitemaps_once_and_only_those_of_the_web() -> None:
    text = (
        "Sitemap: https://cdn.example/a.xml\nSitemap: /b.xml\nSitemap: /b.xml\n"
        "Sitemap: file:///etc/hostname\nSitemap: http://[::1\nsitemap:https://news.example/c.xml\n"
    )

    assert rules(text).sitemaps == (
        "https://cdn.example/a.xml", f"{SITE}/b.xml", f"{SITE}/c.xml"
    )  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "Disallow: /" + "*a" * 1000 + "b$",
        "Allow: /" + "%zz" * 1000,
        "Disallow: /\u0130" + "x" * 4000,
        "User-agent: " + "a" * 2000,
        "Sitemap: " + "a" * 2000,
        "Crawl-delay: " + "9" * 5000,
    ],
)
def test_parse_robots_is_quick_about_hostile_files(line: str) -> None:
    text = "User-agent: *\n" + f"{line}\n" * (500_000 // len(line.encode()))
    started_at = time.monotonic()

    rules(text).may_fetch(f"{SITE}/" + "a" * 3000)

    assert time.monotonic() - started_at < 5


LINES = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}: {}".format,
        st.sampled_from(
            ["User-agent", "Disallow", "Allow", "Crawl-delay", "Request-rate", "Visit-time",
             "Sitemap", "Host", "user agent"]
        ),
        st.text(max_size=30),
    ),
)  # fmt: skip


@given(st.lists(LINES, max_size=20), st.text(max_size=40))
def test_parse_robots_answers_for_any_text(lines: list[str], path: str) -> None:
    parsed = rules("\n".join(lines).encode("utf-8", "surrogatepass"))

    assert parsed.may_fetch(f"{SITE}/{path.encode('ascii', 'ignore').decode()}") in (True, False)
    assert parsed.crawl_delay_seconds is None or 0 <= parsed.crawl_delay_seconds < float("inf")


@given(st.binary(max_size=300))
def test_parse_robots_answers_for_any_bytes(data: bytes) -> None:
    assert rules(data).may_fetch(f"{SITE}/a") in (True, False)

"""Find the feeds and sitemaps of a site, and say what each would give; nothing is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from producers.extract.pool import ExtractPool
from producers.feed_document import ChildSitemap, FeedDocument
from producers.feeds.candidate import (
    SITEMAPS,
    Candidate,
    describe,
    with_duplicates,
    with_entries,
    with_recommendations,
)
from producers.feeds.feed_links import (
    USUAL_FEEDS,
    USUAL_SITEMAPS,
    FeedLink,
    page_links,
    unique_links,
    usual_links,
)
from producers.fetch.fetched import Fetched, FetchProblem
from producers.normalize_url import normalize_url
from producers.parse_feed import parse_feed
from producers.parsed import Refusal

Fetch = Callable[[str], Awaitable[Fetched]]
Parsed = TypeVar("Parsed")

MAX_REQUESTS = 20
# robots.txt of large sites names hundreds of sitemaps, of which the first are the main ones.
FIRST_LINKS, FIRST_SITEMAPS = 12, 4
# How the pool says that a document cost a child process, and perhaps all its time.
LOST = ("extraction ", "our bug")
# Each takes up to a minute; a person waits.
MAX_TIMEOUTS = 2
OK = 200
# Without the site itself there is no use in trying more of its addresses.
AWAY = frozenset({"address", "url", "dns", "connection", "tls", "robots", "busy", "timeout"})
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An address that gave nothing, and why."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a site has.

    ``is_direct``: the address itself is a feed or sitemap. ``comment_feeds`` and ``unchecked`` were
    found and not fetched: they look like readers' comments, or the requests were used up.
    """

    url: str
    is_direct: bool
    feeds: tuple[Candidate, ...]
    sitemaps: tuple[Candidate, ...]
    problems: tuple[Problem, ...]
    comment_feeds: tuple[str, ...]
    unchecked: tuple[str, ...]
    request_count: int

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Return feeds, then sitemaps."""
        return self.feeds + self.sitemaps


async def discover(
    url: str,
    fetch: Fetch,
    *,
    pool: ExtractPool,
    named_sitemaps: Callable[[str], Sequence[str]],
    max_requests: int = MAX_REQUESTS,
    on_fetch: Callable[[str], None] | None = None,
) -> Discovery:
    """Return the feeds and sitemaps of a site, each fetched and read.

    Looked at are, in this order: the address itself, what its page announces, the sitemaps that
    robots.txt names, feeds that the page links to, and, where that gave none, a few usual places.

    Args:
        url: a page, a feed or a sitemap.
        fetch: gets one address, or raises `FetchProblem`.
        pool: parses what was fetched: a hostile page or feed costs a child process, no more.
        named_sitemaps: returns those of the robots.txt of an address that was fetched.
        max_requests: of ``fetch``, redirects not counted.
        on_fetch: is told each address before it is fetched.

    Raises: Nothing of the site's doing; what failed is in ``problems``.
    """
    return await _Search(
        url,
        fetch,
        pool=pool,
        named_sitemaps=named_sitemaps,
        max_requests=max_requests,
        on_fetch=on_fetch,
    ).run()


class _Search:
    """One discovery at work."""

    def __init__(
        self,
        url: str,
        fetch: Fetch,
        *,
        pool: ExtractPool,
        named_sitemaps: Callable[[str], Sequence[str]],
        max_requests: int,
        on_fetch: Callable[[str], None] | None,
    ) -> None:
        self._url = url
        self._site_url = url
        self._fetch = fetch
        self._pool = pool
        self._named_sitemaps = named_sitemaps
        self._left = max_requests
        self._max_requests = max_requests
        self._on_fetch = on_fetch
        self._found: dict[str, Candidate] = {}
        self._asked: set[str] = set()
        self._problems: list[Problem] = []
        self._unchecked: dict[str, None] = {}
        self._comments: tuple[str, ...] = ()
        self._is_away = False
        self._timeouts = 0

    async def run(self) -> Discovery:
        page = await self._get(self._url)
        is_direct = False
        if page is not None:
            self._site_url = page.final_url
            is_direct = await self._read(page, FeedLink(url=self._url, found_in="given"))
        if not is_direct and not self._is_away:
            await self._look_around(page)
        return self._discovery(is_direct=is_direct)

    @property
    def _may_ask(self) -> bool:
        return self._left > 0 and self._timeouts < MAX_TIMEOUTS

    async def _look_around(self, page: Fetched | None) -> None:
        links = await self._links(page) if page is not None else ()
        self._comments = tuple(link.url for link in links if link.is_comments)
        announced = [link for link in links if link.found_in == "link" and not link.is_comments]
        linked = [link for link in links if link.found_in == "anchor" and not link.is_comments]
        named = self._from_robots()
        await self._check(
            announced[:FIRST_LINKS] + named[:FIRST_SITEMAPS] + announced[FIRST_LINKS:] + linked
            + named[FIRST_SITEMAPS:]
        )  # fmt: skip
        kinds = {candidate.kind for candidate in self._found.values()}
        if not kinds & SITEMAPS:
            await self._check_usual(USUAL_SITEMAPS)
        if not kinds - SITEMAPS:
            await self._check_usual(USUAL_FEEDS)

    async def _links(self, page: Fetched) -> tuple[FeedLink, ...]:
        if page.status != OK:
            self._problems.append(Problem(url=page.url, reason=f"HTTP status {page.status}"))
            return ()
        found = await self._in_child(page, page_links, base_url=page.final_url)
        return () if isinstance(found, Refusal) else found

    def _from_robots(self) -> list[FeedLink]:
        named = self._named_sitemaps(self._site_url)
        # Sitemaps of news hold the last two days, all others mostly what is no news any more.
        ordered = sorted(named, key=lambda url: "news" not in url.lower())
        return [FeedLink(url=url, found_in="robots.txt") for url in ordered]

    async def _check(self, links: list[FeedLink]) -> None:
        for link in unique_links(links):
            if (normalize_url(link.url) or link.url) in self._asked:
                continue
            if not self._may_ask:
                self._unchecked[link.url] = None
                continue
            answer = await self._get(link.url)
            if answer is None or await self._read(answer, link):
                continue
            if all(problem.url != answer.url for problem in self._problems):
                self._problems.append(Problem(url=answer.url, reason=_no_feed(answer)))

    async def _check_usual(self, paths: tuple[str, ...]) -> None:
        """Look at places that may well not exist, up to the first that does."""
        for link in usual_links(self._site_url, paths):
            if not self._may_ask:
                return
            if (normalize_url(link.url) or link.url) in self._asked:
                continue
            answer = await self._get(link.url, is_guess=True)
            if answer is not None and await self._read(answer, link):
                return

    async def _get(self, url: str, *, is_guess: bool = False) -> Fetched | None:
        self._asked.add(normalize_url(url) or url)
        self._left -= 1
        if self._on_fetch:
            self._on_fetch(url)
        try:
            return await self._fetch(url)
        except FetchProblem as problem:
            self._is_away = self._is_away or _is_away(problem)
            self._timeouts += problem.kind == "timeout"
            if not is_guess:
                self._problems.append(Problem(url=url, reason=str(problem)))
            return None

    async def _read(self, answer: Fetched, link: FeedLink) -> bool:
        """Keep what ``answer`` holds, if it is a feed or sitemap."""
        document = await self._parsed(answer)
        if document is None:
            return False
        url = answer.permanent_url
        key = normalize_url(url) or url
        # Two addresses that lead to one place are one feed.
        if not any(key == (normalize_url(known) or known) for known in self._found):
            candidate = describe(document, url=url, link=link, site_url=self._site_url)
            if document.kind == "sitemap_index":
                candidate = await self._with_sample(candidate, document.children)
            self._found[url] = candidate
        return True

    async def _with_sample(
        self, candidate: Candidate, children: Sequence[ChildSitemap]
    ) -> Candidate:
        """Return an index described by its newest part; nothing deeper is looked at."""
        if not children or not self._may_ask:
            return candidate
        newest = max(children, key=lambda c: ("news" in c.url.lower(), c.modified_at or EARLIEST))
        answer = await self._get(newest.url)
        document = await self._parsed(answer) if answer is not None else None
        if document is None:
            return candidate
        return replace(
            with_entries(candidate, document, site_url=self._site_url), sample_url=newest.url
        )

    async def _parsed(self, answer: Fetched) -> FeedDocument | None:
        if answer.status != OK:
            return None
        document = await self._in_child(
            answer,
            parse_feed,
            base_url=answer.final_url,
            content_type=answer.headers.get("content-type"),
        )
        return None if isinstance(document, Refusal) else document

    async def _in_child(
        self, answer: Fetched, parse: Callable[..., Parsed], **named: Any
    ) -> Parsed | Refusal:
        """Return what a child process makes of the body; one that is lost is a problem."""
        found = await self._pool.run(parse, answer.body, **named)
        if isinstance(found, Refusal) and found.reason.startswith(LOST):
            self._timeouts += 1
            self._problems.append(Problem(url=answer.url, reason=found.reason))
        return found

    def _discovery(self, *, is_direct: bool) -> Discovery:
        found = with_duplicates(tuple(self._found.values()))
        if is_direct:
            found = tuple(replace(candidate, is_recommended=True) for candidate in found)
        else:
            found = with_recommendations(found)
        return Discovery(
            url=self._url,
            is_direct=is_direct,
            feeds=tuple(candidate for candidate in found if candidate.kind not in SITEMAPS),
            sitemaps=tuple(candidate for candidate in found if candidate.kind in SITEMAPS),
            problems=tuple(self._problems),
            comment_feeds=self._comments,
            unchecked=tuple(self._unchecked),
            request_count=self._max_requests - self._left,
        )


def _no_feed(answer: Fetched) -> str:
    return f"HTTP status {answer.status}" if answer.status != OK else "no feed or sitemap"


def _is_away(problem: FetchProblem) -> bool:
    is_forbidden = problem.kind == "robots" and problem.retry_after_seconds is None
    return problem.kind in AWAY and not is_forbidden

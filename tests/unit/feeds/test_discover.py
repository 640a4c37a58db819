"""Finding the feeds of a site that is served on this machine."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from dateline.cli.preview_site import PARSERS
from dateline.outbound.address_guard import parse_networks
from producers.extract.pool import ExtractPool
from producers.feeds.discover import MAX_REQUESTS, Discovery, discover
from producers.feeds.feed_links import is_same_site, page_links, unique_links
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.fetcher import FetcherOptions, open_fetcher
from producers.fetch.http_client import HttpOptions

Page = tuple[str, str] | int | Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML, RSS, ATOM, XML = "text/html", "application/rss+xml", "application/atom+xml", "text/xml"
LONG = "The harbour board met on Friday and voted for the longer pier. " * 20


def rss(
    *slugs: str, title: str = "Coast Wire", site: str = "{base}", full: bool = False,
    channel: str = "",
) -> tuple[str, str]:  # fmt: skip
    """Return an RSS feed; ``{base}`` becomes the address of the site."""
    body = f"<content:encoded><![CDATA[<p>{LONG}</p>]]></content:encoded>" if full else ""
    items = "".join(
        f"<item><title>Story {slug}</title><link>{site}/{slug}</link>"
        f"<description>About {slug}</description>{body}"
        f"<pubDate>Fri, 20 Nov 2026 0{number % 10}:00:00 GMT</pubDate></item>"
        for number, slug in enumerate(slugs)
    )
    return RSS, (
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule">'
        f"<channel><title>{title}</title><link>{site}/</link>{channel}{items}</channel></rss>"
    )


def atom(*slugs: str, title: str = "Coast Wire") -> tuple[str, str]:
    entries = "".join(
        f'<entry><id>tag:{slug}</id><title>Story {slug}</title><link href="{{base}}/{slug}"/>'
        "<updated>2026-11-20T08:00:00Z</updated></entry>"
        for slug in slugs
    )
    return ATOM, (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{title}</title><id>x</id>'
        f"<updated>2026-11-20T08:00:00Z</updated>{entries}</feed>"
    )


def sitemap(*slugs: str, is_news: bool = False) -> tuple[str, str]:
    rows = "".join(
        f"<url><loc>{{base}}/{slug}</loc><lastmod>2026-11-20T08:00:00Z</lastmod>"
        + (
            "<n:news><n:publication><n:name>Coast Wire</n:name><n:language>en</n:language>"
            "</n:publication><n:publication_date>2026-11-20T08:00:00Z</n:publication_date>"
            f"<n:title>Story {slug}</n:title></n:news>"
            if is_news
            else ""
        )
        + "</url>"
        for slug in slugs
    )
    return XML, (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'
    )


def index(*paths: str) -> tuple[str, str]:
    rows = "".join(
        f"<sitemap><loc>{{base}}{path}</loc><lastmod>2026-11-{number + 1:02}</lastmod></sitemap>"
        for number, path in enumerate(paths)
    )
    return XML, (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
    )


def home(*links: str, body: str = "") -> tuple[str, str]:
    return HTML, f"<html><head>{''.join(links)}</head><body><p>Coast</p>{body}</body></html>"


def link(href: str, kind: str = RSS, title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


class Site:
    """Pages on this machine, and the paths that were asked for, in order."""

    def __init__(self, pages: Mapping[str, Page], *, host: str = "127.0.0.1") -> None:
        self._pages = pages
        self._host = host
        self.requests: list[str] = []
        self.base = ""

    async def __aenter__(self) -> Site:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://{self._host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path_qs)
        page = self._pages.get(request.path_qs, 404)
        if isinstance(page, int):
            return web.Response(status=page)
        if callable(page):
            return await page(request)
        kind, text = page
        return web.Response(text=text.replace("{base}", self.base), content_type=kind)

    @property
    def paths(self) -> list[str]:
        return [path for path in self.requests if path != "/robots.txt"]


POOL = ExtractPool(processes=1, timeout_seconds=20, max_tasks_per_process=0, preload=PARSERS)


@pytest.fixture(scope="module", autouse=True)
def _end_of_pool() -> Iterator[None]:
    """One pool for all: a child takes half a second to start."""
    yield
    POOL.close()


async def _discover(url: str, *, pool: ExtractPool = POOL, **options: Any) -> Discovery:
    http = HttpOptions(user_agent="test", allowed_networks=parse_networks(["127.0.0.0/8"]))
    async with open_fetcher(FetcherOptions(http=http, min_host_delay_seconds=0)) as fetcher:
        named = fetcher.robots.sitemaps
        return await discover(url, fetcher.fetch, pool=pool, named_sitemaps=named, **options)


def find(pages: Mapping[str, Page], path: str = "/", **options: Any) -> tuple[Discovery, Site]:
    async def run() -> tuple[Discovery, Site]:
        async with Site(pages) as site:
            return await _discover(site.base + path, **options), site

    return asyncio.run(run())


def paths(urls: Sequence[str], site: Site) -> list[str]:
    return [url.removeprefix(site.base) for url in urls]


def test_a_feed_that_the_page_announces_is_previewed() -> None:
    found, site = find({"/": home(link("feed.xml")), "/feed.xml": rss("a", "b", full=True)})

    (feed,) = found.feeds
    assert feed.url == f"{site.base}/feed.xml"
    assert (feed.kind, feed.found_in, feed.entry_count) == ("rss", "link", 2)
    assert feed.titles == ("Story a", "Story b")
    assert feed.full_text_count == 2
    assert feed.newest_at is not None
    assert feed.newest_at.isoformat() == "2026-11-20T01:00:00+00:00"
    assert feed.is_same_site
    assert feed.is_recommended
    assert not found.is_direct


def test_an_address_that_is_a_feed_is_taken_as_it_is() -> None:
    found, site = find({"/feed.xml": rss("a")}, "/feed.xml")

    assert found.is_direct
    assert [feed.is_recommended for feed in found.feeds] == [True]
    assert site.paths == ["/feed.xml"]


def test_licence_statements_of_the_feed_are_shown_once() -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    channel = f"<creativeCommons:license>{licence}</creativeCommons:license>"

    found, _ = find({"/feed.xml": rss("a", "b", channel=channel)}, "/feed.xml")

    assert [signal.value for signal in found.feeds[0].licences] == [licence]


def test_feeds_with_the_same_entries_are_duplicates_and_the_fuller_one_is_recommended() -> None:
    slugs = [f"s{number}" for number in range(10)]
    found, site = find(
        {
            "/": home(link("/rss.xml"), link("/atom.xml", ATOM), link("/sport.xml")),
            "/atom.xml": atom(*slugs),
            "/rss.xml": rss(*slugs[1:], "s10", full=True),
            "/sport.xml": rss("x", "s1"),
        }
    )

    by_path = {feed.url.removeprefix(site.base): feed for feed in found.feeds}
    assert paths(by_path["/atom.xml"].duplicates, site) == ["/rss.xml"]
    assert paths(by_path["/rss.xml"].duplicates, site) == ["/atom.xml"]
    assert by_path["/sport.xml"].duplicates == ()
    assert {path for path, feed in by_path.items() if feed.is_recommended} == {
        "/rss.xml", "/sport.xml",
    }  # fmt: skip


def test_feeds_of_comments_are_named_and_not_fetched() -> None:
    found, site = find(
        {
            "/": home(link("/feed"), link("/comments/feed"), link("/?feed=comments-rss2")),
            "/feed": rss("a"),
            "/comments/feed": rss("c"),
        }
    )

    assert paths(found.comment_feeds, site) == ["/comments/feed", "/?feed=comments-rss2"]
    assert [feed.url for feed in found.feeds] == [f"{site.base}/feed"]
    assert "/comments/feed" not in site.paths


def test_a_feed_whose_own_title_says_comments_is_not_recommended() -> None:
    found, _ = find({"/": home(link("/f")), "/f": rss("a", title="Comments on: New pier")})

    assert [(feed.is_comments, feed.is_recommended) for feed in found.feeds] == [(True, False)]


def test_links_in_the_text_count_where_they_look_like_feeds() -> None:
    body = '<a href="/news.rss">RSS</a><a href="/about">About</a><a href="javascript:rss">x</a>'

    found, site = find({"/": home(body=body), "/news.rss": rss("a")})

    assert [(f.url.removeprefix(site.base), f.found_in) for f in found.feeds] == [
        ("/news.rss", "anchor")
    ]
    assert "/about" not in site.paths


def test_sitemaps_of_robots_are_read_news_first_and_an_index_by_its_newest_part() -> None:
    found, site = find(
        {
            "/": home(link("/feed")),
            "/feed": rss("a"),
            "/robots.txt": (
                "text/plain",
                "User-agent: *\nSitemap: {base}/sitemap.xml\nSitemap: {base}/news.xml\n",
            ),
            "/sitemap.xml": index("/old.xml", "/new.xml"),
            "/new.xml": sitemap("a", "b", "c"),
            "/news.xml": sitemap("a", "b", is_news=True),
        }
    )

    news, whole = found.sitemaps
    assert (paths([news.url], site), news.kind, news.titles) == (
        ["/news.xml"], "sitemap", ("Story a", "Story b"),
    )  # fmt: skip
    assert (whole.kind, whole.part_count, whole.entry_count) == ("sitemap_index", 2, 3)
    assert whole.sample_url == f"{site.base}/new.xml"
    assert "/old.xml" not in site.paths
    assert not news.is_recommended


def test_without_a_feed_a_sitemap_with_titles_is_recommended() -> None:
    robots = "User-agent: *\nSitemap: {base}/sitemap.xml\nSitemap: {base}/titles.xml\n"
    found, site = find(
        {
            "/": home(),
            "/robots.txt": ("text/plain", robots),
            "/sitemap.xml": sitemap("a", "b"),
            "/titles.xml": sitemap("a", is_news=True),
        }
    )

    recommended = [c.url for c in found.candidates if c.is_recommended]
    assert paths(recommended, site) == ["/titles.xml"]


def test_usual_places_are_tried_when_nothing_is_announced() -> None:
    found, site = find({"/": home(), "/sitemap.xml": sitemap("a"), "/rss.xml": rss("a")})

    assert paths([c.url for c in found.candidates], site) == ["/rss.xml", "/sitemap.xml"]
    assert all(c.found_in == "usual place" for c in found.candidates)
    assert found.problems == ()


def test_usual_places_are_left_alone_when_the_site_says_where_its_feeds_are() -> None:
    robots = "User-agent: *\nSitemap: {base}/map.xml\n"
    _, site = find(
        {
            "/": home(link("/feed.rss")), "/feed.rss": rss("a"),
            "/robots.txt": ("text/plain", robots), "/map.xml": sitemap("a"),
        }
    )  # fmt: skip

    assert site.paths == ["/", "/feed.rss", "/map.xml"]


def test_no_more_requests_than_allowed_and_the_rest_is_named() -> None:
    links = [link(f"/f{number}.xml") for number in range(60)]
    pages: dict[str, Page] = {f"/f{number}.xml": rss(f"s{number}") for number in range(60)}

    found, site = find({"/": home(*links), **pages})

    assert len(site.paths) == found.request_count == MAX_REQUESTS
    assert len(found.feeds) == MAX_REQUESTS - 1
    assert len(found.unchecked) == 60 - len(found.feeds)


def test_one_feed_behind_two_addresses_is_one() -> None:
    async def moved(request: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently("/feed.xml")

    found, site = find(
        {"/": home(link("/old.xml"), link("/feed.xml")), "/old.xml": moved, "/feed.xml": rss("a")}
    )

    assert paths([feed.url for feed in found.feeds], site) == ["/feed.xml"]


def test_what_is_no_feed_is_a_problem_and_the_rest_goes_on() -> None:
    found, site = find(
        {
            "/": home(link("/page"), link("/gone"), link("/bomb"), link("/feed")),
            "/page": home(body="no feed"),
            "/bomb": (
                RSS,
                '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
                "<rss version='2.0'><channel><title>&b;</title></channel></rss>",
            ),
            "/feed": rss("a"),
        }
    )

    reasons = {problem.url.removeprefix(site.base): problem.reason for problem in found.problems}
    assert reasons["/page"] == "no feed or sitemap"
    assert reasons["/gone"] == "HTTP status 404"
    assert "/bomb" in reasons
    assert paths([feed.url for feed in found.feeds], site) == ["/feed"]


# 60 kB on the way, and 10 s to read.
SLOW = gzip.compress(
    b"<urlset>" + b"<url><loc>https://x.example/?a&b</loc></url>" * 480_000 + b"</x>"
)


def test_a_document_that_takes_too_long_costs_its_process_and_no_more() -> None:
    async def slow(_: web.Request) -> web.StreamResponse:
        return web.Response(body=SLOW, content_type="application/xml")

    with ExtractPool(
        processes=1, timeout_seconds=2, max_tasks_per_process=0, preload=PARSERS
    ) as pool:
        found, site = find(
            {"/": home(link("/slow"), link("/feed")), "/slow": slow, "/feed": rss("a")}, pool=pool
        )

    assert paths([feed.url for feed in found.feeds], site) == ["/feed"]
    assert [(problem.url, problem.reason) for problem in found.problems] == [
        (f"{site.base}/slow", "extraction too slow: over 2 s")
    ]


def test_two_documents_that_take_too_long_are_enough() -> None:
    async def slow(_: web.Request) -> web.StreamResponse:
        return web.Response(body=SLOW, content_type="application/xml")

    pages: dict[str, Page] = {f"/{number}": slow for number in range(9)}
    pages["/"] = home(*(link(path) for path in pages))
    with ExtractPool(
        processes=1, timeout_seconds=1, max_tasks_per_process=0, preload=PARSERS
    ) as pool:
        found, _ = find(pages, pool=pool)

    assert (found.request_count, len(found.problems), len(found.unchecked)) == (3, 2, 7)


def test_a_page_that_is_refused_still_leads_to_the_usual_places() -> None:
    found, site = find({"/": 403, "/feed": rss("a")})

    assert paths([feed.url for feed in found.feeds], site) == ["/feed"]
    assert [problem.reason for problem in found.problems] == ["HTTP status 403"]


def test_robots_are_obeyed() -> None:
    robots = "User-agent: *\nDisallow: /feed\n"
    found, site = find(
        {"/": home(link("/feed")), "/feed": rss("a"), "/robots.txt": ("text/plain", robots)}
    )

    assert found.feeds == ()
    assert "/feed" not in site.paths
    assert found.problems[0].reason.startswith("robots:")


def test_a_site_that_is_not_there_is_asked_once() -> None:
    asked: list[str] = []

    found = asyncio.run(_discover("http://127.0.0.1:1/", on_fetch=asked.append))

    assert asked == ["http://127.0.0.1:1/"]
    assert found.candidates == ()
    assert len(found.problems) == 1


def test_two_timeouts_are_enough() -> None:
    asked: list[str] = []

    async def fetch(url: str) -> Fetched:
        asked.append(url)
        if url != "https://news.example/":
            raise FetchProblem("timeout", "60 s")
        page = home(*[link(f"/f{number}") for number in range(9)])[1]
        return Fetched(
            url=url, final_url=url, permanent_url=url, status=200, seconds=0.0, headers={},
            body=page.encode(),
        )  # fmt: skip

    found = asyncio.run(
        discover("https://news.example/", fetch, pool=POOL, named_sitemaps=lambda _: ())
    )

    assert len(asked) == 3
    assert len(found.unchecked) == 7


def test_a_private_address_is_refused() -> None:
    found = asyncio.run(_discover("http://10.0.0.1/"))

    assert [problem.reason.partition(":")[0] for problem in found.problems] == ["address"]


def test_a_feed_kept_elsewhere_is_the_sites_own_by_where_its_entries_lead() -> None:
    async def run() -> tuple[Discovery, str, str]:
        pages: dict[str, Page] = {}
        async with Site(pages) as site, Site({}, host="127.0.0.2") as other:
            own = rss("a", "b", site=site.base)
            other._pages = {"/own": own, "/partner": rss("x", site="http://partner.example")}
            pages["/"] = home(link(f"{other.base}/own"), link(f"{other.base}/partner"))
            return await _discover(f"{site.base}/"), site.base, other.base

    found, _, other_base = asyncio.run(run())

    by_path = {feed.url.removeprefix(other_base): feed for feed in found.feeds}
    assert (by_path["/own"].is_same_site, by_path["/own"].own_share) == (False, 1.0)
    assert by_path["/own"].is_recommended
    assert not by_path["/partner"].is_recommended


def test_an_empty_feed_is_shown_and_not_recommended() -> None:
    found, _ = find({"/": home(link("/feed")), "/feed": rss()})

    assert [(feed.entry_count, feed.is_recommended) for feed in found.feeds] == [(0, False)]


def test_page_links_understand_what_sites_write() -> None:
    page = b"""<html><head><base href="/sub/">
      <link rel='ALTERNATE' type='application/rss+xml; charset=utf-8' href=' a.xml#top '>
      <link rel="alternate" type="application/feed+json" href="feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
      <link rel="alternate" type="application/json+oembed" href="/oembed?x">
      <link rel="alternate" type="text/html" hreflang="fr" href="/fr/">
      <link rel="alternate stylesheet" type="text/xml" href="x.xml">
      <link rel="alternate" type="application/rss+xml" href="feed:https://news.example/f">
      <link rel="alternate" type="application/rss+xml" href="feed://news.example/g">
      <link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">
      <link rel="alternate" type="application/rss+xml" href="http://[bad/">
      <link rel="alternate" type="application/rss+xml">
      </head><body><a href="/x.rss">Feed</a></body></html>"""

    links = page_links(page, base_url="https://news.example/home")

    assert [(link.url, link.found_in) for link in links] == [
        ("https://news.example/sub/a.xml", "link"),
        ("https://news.example/sub/feed.json", "link"),
        ("https://news.example/f", "link"),
        ("https://news.example/g", "link"),
        ("https://news.example/x.rss", "anchor"),
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0", b"<", b"%PDF-1.4 ...", b"<a href=rss>" * 50_000, b"<div>" * 50_000, b"\xff\xfe"],
    ids=["empty", "nul", "open", "pdf", "many links", "deep", "half bom"],
)
def test_hostile_pages_have_few_links(data: bytes) -> None:
    assert len(page_links(data, base_url="https://news.example/")) <= 1


@given(st.binary(max_size=300), st.text(max_size=60))
def test_page_links_never_raise(data: bytes, href: str) -> None:
    page = b"<html><head>" + data + f'<a href="{href}rss">x</a>'.encode("utf-8", "replace")

    for found in page_links(page, base_url="https://news.example/"):
        assert found.url.startswith(("http://", "https://"))


def test_unique_links_know_twins() -> None:
    page = home(link("http://n.example/f"), link("https://n.example/f?utm_source=x"))[1]

    assert len(unique_links(list(page_links(page.encode(), base_url="https://n.example/")))) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://www.coast.co.uk/", "https://feeds.coast.co.uk/x", True),
        ("https://coast.co.uk/", "https://wire.co.uk/", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9000/", True),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("https://a.coast.example/", "https://b.coast.example/", True),
    ],
)
def test_is_same_site(one: str, other: str, *, expected: bool) -> None:
    assert is_same_site(one, other) is expected


def test_fetched_is_what_a_fetch_gives() -> None:
    """A fetch that is not ours fits, too."""

    async def fetch(url: str) -> Fetched:
        kind, text = rss("a", site="https://news.example")
        return Fetched(
            url=url, final_url=url, permanent_url=url, status=200, seconds=0.0,
            headers={"content-type": kind}, body=text.encode(),
        )  # fmt: skip

    found = asyncio.run(
        discover("https://news.example/f", fetch, pool=POOL, named_sitemaps=lambda _: ())
    )

    assert found.is_direct

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from producers.feed_document import ChildSitemap, FeedDocument
from producers.parsed import ParsedArticle, Refusal
from producers.sources.sitemap import parse_sitemap

BASE = "https://paper.example/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://paper.example/a/1</loc><lastmod>2026-11-24</lastmod><news:news>
<news:publication><news:name>Paper</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-11-23T10:00:00+01:00</news:publication_date>
<news:title>One &amp; two</news:title></news:news></url>
</urlset>"""


def read(data: bytes, max_items: int = 50_000) -> FeedDocument:
    found = parse_sitemap(data, base_url=BASE, max_items=max_items)
    assert isinstance(found, FeedDocument)
    return found


@pytest.mark.parametrize("data", [NEWS, gzip.compress(NEWS[:99]) + gzip.compress(NEWS[99:])])
def test_a_news_sitemap_is_read_whole(data: bytes) -> None:
    sitemap = read(data)
    [item] = sitemap.items
    assert (sitemap.kind, item.has_full_text) == ("sitemap", False)
    assert item.article == ParsedArticle(
        body="",
        media_type="text/html",
        is_alone=False,
        url="https://paper.example/a/1",
        title="One & two",
        language="en",
        publisher="Paper",
        published_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        published_at_raw="2026-11-23T10:00:00+01:00",
        updated_at=datetime(2026, 11, 24, tzinfo=UTC),
        date_flags=("no_time",),
        extraction_method="sitemap",
    )


def test_an_index_names_its_sitemaps() -> None:
    index = read(
        b"<sitemapindex><sitemap><loc>/1.xml</loc><lastmod>2026-11-23T10:00:00Z</lastmod></sitemap>"
        b"<sitemap><loc>ftp://x.example/</loc></sitemap></sitemapindex>"
    )
    assert index.children == (
        ChildSitemap(
            url="https://paper.example/1.xml", modified_at=datetime(2026, 11, 23, 10, tzinfo=UTC)
        ),
    )
    assert [each.reason.partition(":")[0] for each in index.refusals] == ["no address"]


def test_a_text_sitemap_has_one_address_a_line() -> None:
    sitemap = read(b"\xef\xbb\xbfhttps://paper.example/1\r\n\r\nnonsense\nhttp://paper.example/2\n")
    assert [item.article.url for item in sitemap.items] == [
        "https://paper.example/1",
        "http://paper.example/2",
    ]
    assert {item.article.date_flags for item in sitemap.items} == {("missing",)}
    assert [each.reason for each in sitemap.refusals] == ["no address: 'nonsense'"]


def test_items_over_the_limit_are_said_to_be_left_out() -> None:
    sitemap = read(b"\n".join(b"https://paper.example/%d" % number for number in range(9)), 5)
    assert len(sitemap.items) == 5
    assert [each.reason for each in sitemap.refusals] == ["too many items: 9, read 5"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(gzip.compress(b"\0" * 200_000_000), "too large", id="bomb"),
        pytest.param(gzip.compress(NEWS)[:-9], "broken gzip", id="cut"),
        pytest.param(b"\x1f\x8bnonsense", "broken gzip", id="nonsense"),
        pytest.param(gzip.compress(b"") * 5000, "broken gzip", id="members"),
        pytest.param(b"<foo/>", "no sitemap", id="other"),
        pytest.param(b"", "empty", id="empty"),
    ],
)
def test_what_is_no_sitemap_is_refused(data: bytes, reason: str) -> None:
    found = parse_sitemap(data, base_url=BASE)
    assert isinstance(found, Refusal)
    assert found.reason.partition(":")[0] == reason


def test_a_full_sitemap_takes_two_seconds_at_most() -> None:
    data = b"<urlset>%b</urlset>" % b"".join(
        b"<url><loc>https://paper.example/%d</loc><lastmod>2026-11-23T10:%02d:00Z</lastmod></url>"
        % (number, number % 60)
        for number in range(50_000)
    )
    began_at = time.process_time()
    assert len(read(data).items) == 50_000
    assert time.process_time() - began_at < 2


PEAK_OF_PARSING = """
from producers.parse_feed import parse_feed

def peak_bytes():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))

entry = (
    "<url><loc>https://paper.example/2026/11/23/an-address-as-long-as-most-{0}</loc>"
    "<lastmod>2026-11-23T10:00:00Z</lastmod><n:news><n:publication><n:name>Paper</n:name>"
    "<n:language>en</n:language></n:publication>"
    "<n:publication_date>2026-11-23T10:00:00Z</n:publication_date>"
    "<n:title>Title {0}</n:title></n:news></url>"
)
data = "".join(
    ["<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>",
     *(entry.format(number) for number in range(50_000)), "</urlset>"]
).encode()
before = peak_bytes()
found = parse_feed(data, base_url="https://paper.example/map.xml")
print(len(found.items), (peak_bytes() - before) / len(data))
"""


def test_a_full_sitemap_is_never_in_memory_as_a_tree() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PEAK_OF_PARSING], check=True, capture_output=True, text=True
    )
    count, ratio = run.stdout.split()
    assert count == "50000"
    # The text, once more as bytes, and the entries: 4; the tree made it 11.
    assert float(ratio) < 6

from __future__ import annotations

import gzip
import time
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.feed_document import FeedDocument
from producers.parse_feed import parse_feed
from producers.parsed import Refusal

BASE = "https://paper.example/feed"
RSS = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>P</title>
<item><title>One &amp; two</title><link>https://paper.example/1</link><guid>1</guid>
<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate><description>&lt;p&gt;x&lt;/p&gt;</description>
</item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>P</title>
<entry><id>urn:1</id><link href="/1" rel="alternate"/><updated>2026-11-23T10:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content></entry>
</feed>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/1",
"content_html": "<p>x</p>", "date_published": "2026-11-23T10:00:00Z", "authors":
[{"name": "A"}]}]}"""
SITEMAP = b"""<urlset><url><loc>https://paper.example/1</loc><lastmod>2026-11-23</lastmod></url>
</urlset>"""
INDEX = b"<sitemapindex><sitemap><loc>https://paper.example/1.xml</loc></sitemap></sitemapindex>"
NINJS = b'{"uri": "urn:x:1", "body_text": "x", "firstcreated": "2026-11-23T10:00:00Z"}'
SAMPLES = (RSS, ATOM, JSON, SITEMAP, INDEX, NINJS)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (RSS, "rss"),
        (ATOM, "atom"),
        (JSON, "json_feed"),
        (b"\xef\xbb\xbf\n" + JSON.replace(b"\n", b" "), "json_feed"),
        (SITEMAP, "sitemap"),
        (b"https://paper.example/1\nhttps://paper.example/2", "sitemap"),
        (INDEX, "sitemap_index"),
        (NINJS, "ninjs"),
        (gzip.compress(RSS), "rss"),
        (RSS.decode().replace("utf-8", "utf-16").encode("utf-16"), "rss"),
    ],
)
def test_the_kind_is_told_by_the_content(data: bytes, kind: str) -> None:
    found = parse_feed(data, base_url=BASE, content_type="text/html; charset=utf-8")
    assert isinstance(found, FeedDocument)
    assert found.kind == kind
    assert len(found.items) + len(found.children) >= 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<!DOCTYPE html><html><p>x", "no feed: an HTML page"),
        (b"\n<HTML><p>x</p></HTML>", "no feed: an HTML page"),
        (
            b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"/>',
            "no feed: an HTML page",
        ),
        (b"<foo/>", "no feed: the document is <foo>"),
        (b"plain words", "no XML: no markup"),
        (b"", "empty: 0 bytes"),
        (b"\0\1\2", "no XML: no markup"),
    ],
)
def test_what_is_no_feed_says_why(data: bytes, reason: str) -> None:
    assert parse_feed(data, base_url=BASE) == Refusal(reason=reason)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid sample with some bytes cut, doubled or replaced."""
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(
            st.one_of(
                st.binary(max_size=20),
                st.just(data[start:end] * 3),
                st.sampled_from(
                    [b"", b"<", b"&", b"\0", b"]]>", b"<![CDATA[", b"<!--", b"&#xD800;", b"&#0;",
                     b'"', b"\xff", b"<item>", b"</item>", b"\xed\xa0\x80", b"\\ud800", b"1e999",
                     b"<!DOCTYPE a [", b"xmlns:a='b'", b" type='xhtml' ", b"<title/>", b"null"]
                ),
            )
        )  # fmt: skip
        data = data[:start] + piece + data[end:]
    return data


@settings(max_examples=300, deadline=None)
@given(st.one_of(mutated(), st.binary(max_size=400)))
def test_any_input_is_read_or_refused_and_always_alike(data: bytes) -> None:
    began_at = time.process_time()
    found = parse_feed(data, base_url=BASE)
    assert time.process_time() - began_at < 5
    assert found == parse_feed(data, base_url=BASE)
    if isinstance(found, Refusal):
        assert ":" in found.reason
        return
    for article in (item.article for item in found.items):
        assert article.date_flags if article.published_at is None else True
        for at in (article.published_at, article.updated_at):
            assert at is None or at.tzinfo is UTC
        assert article.url is None or article.url.startswith(("http", "HTTP"))
        for text in (article.body, article.title, article.guid, article.summary, *article.authors):
            assert (text or "").encode() is not None

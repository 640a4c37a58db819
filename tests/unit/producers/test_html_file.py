from __future__ import annotations

from datetime import UTC, datetime

import pytest

from producers.parsed import ParsedArticle, Refusal
from producers.sources.html_file import EXTRACTION_METHOD, html_to_text, parse_html

PAGE = """<!doctype html><html lang="en-GB"><head><title>Talks resume</title>
<meta name="author" content="Jane Doe; Ali Reza">
<link rel="canonical" href="https://example.org/talks?x=1">
<meta property="article:published_time" content="2024-05-06T07:08:09Z"></head><body>
<nav><a href="/">Home</a></nav><article><h1>Talks resume</h1>
<p>The minister said on Monday that talks had resumed after a week of silence in Café de Paris.</p>
<p>A second paragraph follows, long enough that nobody takes it for a caption or a menu.</p>
</article><footer>All the rest</footer></body></html>"""


def only(data: bytes) -> ParsedArticle:
    [article] = parse_html(data)
    assert isinstance(article, ParsedArticle)
    return article


def test_parse_html_returns_text_and_hints() -> None:
    article = only(PAGE.encode())
    assert "talks had resumed" in article.body
    assert "Home" not in article.body
    assert article.title == "Talks resume"
    assert article.authors == ("Jane Doe", "Ali Reza")
    assert article.language == "en-GB"
    assert article.url == "https://example.org/talks?x=1"
    assert article.published_at == datetime(2024, 5, 6, tzinfo=UTC)
    assert article.published_at_raw == "2024-05-06"
    assert article.media_type == "text/html"
    assert article.extraction_method == EXTRACTION_METHOD


def test_parse_html_finds_the_encoding() -> None:
    page = PAGE.replace("<head>", '<head><meta charset="iso-8859-1">')
    assert "Café" in only(page.encode("iso-8859-1")).body


def test_parse_html_takes_no_date_from_the_text() -> None:
    head = '<meta property="article:published_time" content="2024-05-06T07:08:09Z">'
    page = PAGE.replace(head, "").replace("on Monday", "on 3 May 2019")
    assert only(page.encode()).published_at is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty: 0 bytes"),
        (b" \n", "empty: no text"),
        (b"<p>a\0b</p>", "binary: NUL byte at position 4"),
        (b"<html></html>", "missing text: no article text found in the HTML"),
    ],
)
def test_parse_html_refuses_with_a_reason(data: bytes, reason: str) -> None:
    assert parse_html(data) == [Refusal(reason=reason)]


def test_html_to_text_keeps_paragraphs_and_drops_scripts() -> None:
    markup = "<p>One &amp; <b>two</b>.</p><script>evil()</script><p>Three<br/>four</p>"
    assert html_to_text(markup) == "One & two.\nThree\nfour"
    assert html_to_text("") == ""

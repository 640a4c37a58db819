from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<h5>Talks resume</h5>Lead.", "Talks resume|Lead."),
        ("Said:<blockquote>We talk.</blockquote>And left.", "Said:|We talk.|And left."),
        ("Seen<ul><li>one<li>two</ul>today", "Seen|one|two|today"),
        ("<dl><dt>When<dd>today<dt>Where<dd>here</dl>", "When|today|Where|here"),
        ("one<hr>two<section>three</section>four", "one|two|three|four"),
        ("<figure><img alt=x><figcaption>A boat</figcaption></figure>sails", "A boat|sails"),
        (
            "<table><caption>Goals</caption><tr><th>A</th><td>1</td></tr><tr><td>B<td>2</table>x",
            "Goals|A 1|B 2|x",
        ),
        ("<pre>one\n  two <b>x\ny</b>\nz</pre>", "one|two x|y|z"),
        ("<P>Line\r\nends of\nmark<i>\nup</i></P>", "Line ends of mark up"),
        ("First.\n \nSecond<br>third", "First.|Second|third"),
        ("No block,\n<i>but</i> lines", "No block,|but lines"),
    ],
)
def test_html_to_text_separates_blocks_as_a_browser_does(markup: str, text: str) -> None:
    assert html_to_text(markup).split("\n") == text.split("|")


WORDS = st.from_regex(r"[a-z]{1,8}( [a-zé<&]{1,8}){0,3}", fullmatch=True)
# Blocks that may stand beside and in one another without a parser that moves them.
HOLDERS = ("article", "aside", "blockquote", "center", "div", "figure", "header", "section")
LEAVES = ("address", "figcaption", "h1", "h3", "h6", "p", "pre")
# What goes into each row or list: (around, each)
LISTS = (("ul", "li"), ("ol", "li"), ("dl", "dd"), ("table", "tr"))


@st.composite
def inline(draw: st.DrawFn) -> tuple[str, str]:
    """Return the markup of one line of text, and the text."""
    words = draw(WORDS)
    tag = draw(st.sampled_from(["", "a", "b", "em", "span"]))
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return (f"<{tag}>{escaped}</{tag}>" if tag else escaped), words


@st.composite
def blocks(draw: st.DrawFn, depth: int = 3) -> tuple[str, list[str]]:
    """Return the markup of a block and the lines in it; there is no white space between tags."""
    kind = draw(st.sampled_from(["leaf", "list", "break", "holder"] if depth else ["leaf"]))
    if kind == "leaf":
        (markup, text), tag = draw(inline()), draw(st.sampled_from(LEAVES))
        return f"<{tag}>{markup}</{tag}>", [text]
    if kind == "list":
        around, each = draw(st.sampled_from(LISTS))
        lines = draw(st.lists(inline(), min_size=1, max_size=3))
        cells = [f"<td>{m}</td>" if each == "tr" else m for m, _ in lines]
        items = "".join(f"<{each}>{cell}</{each}>" for cell in cells)
        return f"<{around}>{items}</{around}>", [text for _, text in lines]
    if kind == "break":
        (before, first), (behind, second) = draw(inline()), draw(inline())
        tag = draw(st.sampled_from(["<br>", "<br/>", "<hr>", "<BR CLEAR=all>"]))
        return f"<div>{before}{tag}{behind}</div>", [first, second]
    tag = draw(st.sampled_from(HOLDERS))
    (opening, first), (closing, last) = draw(inline()), draw(inline())
    inside = draw(st.lists(blocks(depth - 1), min_size=1, max_size=3))
    return (
        f"<{tag}>{opening}{''.join(markup for markup, _ in inside)}{closing}</{tag}>",
        [first, *(line for _, lines in inside for line in lines), last],
    )


@given(st.lists(blocks(), min_size=1, max_size=4))
def test_html_to_text_gives_a_line_a_block_however_they_stand_in_one_another(
    parts: list[tuple[str, list[str]]],
) -> None:
    markup = "".join(each for each, _ in parts)
    assert html_to_text(markup).split("\n") == [line for _, lines in parts for line in lines]


@given(st.text(max_size=200))
def test_html_to_text_takes_any_text(markup: str) -> None:
    lines = html_to_text(markup).split("\n")
    assert [" ".join(line.split()) for line in lines] == lines

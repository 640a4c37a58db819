"""Return the article of a saved web page: its main text and what its head says of it."""

from __future__ import annotations

import re
from typing import Any

import lxml.etree
import trafilatura
from trafilatura.utils import load_html

from producers.normalize_url import normalize_url
from producers.parse_time import read_time
from producers.parsed import Parsed, ParsedArticle, Refusal

EXTRACTION_METHOD = f"trafilatura@{trafilatura.__version__}"
# Dates are read from the head and the address only; the extensive search would take any date in
# the text for that of the article.
DATE_PARAMS = {"extensive_search": False, "original_date": True}
# What browsers show as a block (HTML Standard, 15.3), and the line break.
BLOCKS = (
    "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "listing", "main",
    "menu", "nav", "ol", "optgroup", "option", "p", "plaintext", "pre", "search", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "xmp",
)  # fmt: skip
CELLS = ("td", "th")
PREFORMATTED = ("listing", "plaintext", "pre", "textarea", "xmp")
# Where a block begins and ends: a character that XML allows, in no text on purpose, and ASCII (a
# wider one would double the work on most texts).
_MARK = "\x7f"
_LINE_END = re.compile(rf"[{_MARK}\n]")
_PARAGRAPH_END = re.compile(rf"{_MARK}|\n[^\S\n]*\n")
# What lxml and trafilatura raise on hostile markup; anything else is caught by `parse_input`.
MARKUP_ERRORS = (lxml.etree.LxmlError, ValueError, TypeError, RecursionError)


def parse_html(data: bytes) -> list[Parsed]:
    """Return the one article in ``data``, or why it is none; the encoding is found by itself.

    ``url`` is the page's canonical address, a hint: it never becomes the key (design section 6).

    Raises: Nothing.
    """
    if not data.strip():
        return [Refusal(reason="empty: no text" if data else "empty: 0 bytes")]
    if b"\0" in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return [Refusal(reason=f"binary: NUL byte at position {data.find(0)}")]
    try:
        tree = load_html(data)
        if tree is None:
            return [Refusal(reason="no HTML: the file holds no markup that can be read")]
        language = tree.get("lang")
        document = _extract(tree)
    except MARKUP_ERRORS as error:
        return [Refusal(reason=f"HTML cannot be read: {type(error).__name__}")]
    if document is None or not (document.text or "").strip():
        return [Refusal(reason="missing text: no article text found in the HTML")]
    return [_article(document, language)]


def html_to_text(markup: str) -> str:
    """Return the text of an HTML fragment, one line a paragraph; "" when there is none.

    Every block is kept: a fragment from an agency is all article, there is nothing to cut away.
    The cells of a table's row share a line, the lines of ``pre`` stay lines. Line ends of the
    markup are white space as in a browser, but for blank lines, and but for a fragment that has no
    block at all: there they are all that tells paragraphs.
    """
    try:
        tree = load_html(f"<html><body>{markup}</body></html>")
        if tree is None:
            return ""
        for element in tree.iter("script", "style"):
            element.text = None
        has_blocks = _mark_blocks(tree)
        lines = (_PARAGRAPH_END if has_blocks else _LINE_END).split(tree.text_content())
        words = (" ".join(line.split()) for line in lines)
        return "\n".join(line for line in words if line)
    except MARKUP_ERRORS:
        return ""


def _mark_blocks(tree: Any) -> bool:
    """Put a mark before and behind the text of every block; return whether there was one."""
    for element in tree.iter(*PREFORMATTED):
        for each in element.iter():
            each.text = (each.text or "").replace("\n", _MARK)
            if each is not element:
                each.tail = (each.tail or "").replace("\n", _MARK)
    for element in tree.iter(*CELLS):
        element.tail = " " + (element.tail or "")
    has_blocks = False
    for element in tree.iter(*BLOCKS):
        has_blocks = True
        element.text = _MARK + (element.text or "")
        element.tail = _MARK + (element.tail or "")
    return has_blocks


def _extract(tree: Any) -> Any:
    return trafilatura.bare_extraction(
        tree,
        fast=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params=DATE_PARAMS,
    )


def _article(document: Any, language: str | None) -> ParsedArticle:
    url = document.url
    published = read_time(document.date)
    return ParsedArticle(
        body=document.text,
        media_type="text/html",
        url=url if url and normalize_url(url) else None,
        title=document.title or None,
        summary=document.description or None,
        language=(language or "").strip() or None,
        authors=tuple(name.strip() for name in (document.author or "").split(";") if name.strip()),
        publisher=document.sitename or None,
        published_at=published.at,
        published_at_raw=published.raw,
        date_flags=published.flags,
        extraction_method=EXTRACTION_METHOD,
    )

"""Return what a fetched document holds, whichever kind of feed it is."""

from __future__ import annotations

import re
from typing import Any

from producers.feed_document import FeedDocument
from producers.parsed import Refusal
from producers.sources.json_feed import parse_json_feed
from producers.sources.safe_xml import (
    XmlRefusedError,
    charset_of,
    decode_xml,
    local_name,
    parse_xml_tolerantly,
)
from producers.sources.sitemap import (
    GZIP_MARK,
    SITEMAP_ROOTS,
    decompress,
    is_text_sitemap,
    parse_sitemap,
)
from producers.sources.xml_feed import FEED_ROOTS, read_feed_tree

MAX_ITEMS = 50_000
SNIFFED_BYTES = 1024
NEWSML_ROOTS = frozenset({"newsmessage", "newsitem", "packageitem"})
HTML_OPENINGS = ("<!doctype html", "<html", "<head", "<body")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FIRST_ELEMENT = re.compile(r"<(?:[\w.-]+:)?(\w[\w.-]*)")


def parse_feed(
    data: bytes, *, base_url: str, content_type: str | None = None, max_items: int = MAX_ITEMS
) -> FeedDocument | Refusal:
    """Return the entries of a feed, sitemap or package of news items, in its order.

    The kind is told by the content alone: servers send feeds as ``text/html`` and pages as feeds.

    Args:
        data: the document, compressed by gzip or not.
        base_url: where it came from; relative addresses are resolved against it.
        content_type: of the HTTP header; only its character set is used.
        max_items: entries behind this one are left out, with a refusal that says so.

    Raises: Nothing for bad input.
    """
    plain = decompress(data) if data.startswith(GZIP_MARK) else data
    if isinstance(plain, Refusal):
        return plain
    try:
        opening = decode_xml(plain[:SNIFFED_BYTES]).lstrip("\ufeff \t\r\n").lower()
        if opening.startswith(("{", "[")):
            return parse_json_feed(plain, base_url=base_url, max_items=max_items)
        if opening.startswith(HTML_OPENINGS):
            return Refusal(reason="no feed: an HTML page")
        if is_text_sitemap(plain) or _root_name(opening) in SITEMAP_ROOTS:
            return parse_sitemap(
                plain, base_url=base_url, content_type=content_type, max_items=max_items
            )
        root = parse_xml_tolerantly(plain, charset=charset_of(content_type))
    except XmlRefusedError as error:
        return Refusal(reason=str(error))
    return _read_tree(root, plain, base_url, max_items)


def _root_name(opening: str) -> str:
    """Return the local name of the first element in the opening of a document, "" without one."""
    found = _FIRST_ELEMENT.search(_COMMENT.sub("", opening))
    return found[1] if found else ""


def _read_tree(root: Any, data: bytes, base_url: str, max_items: int) -> FeedDocument | Refusal:
    name = local_name(root).lower()
    if name in FEED_ROOTS:
        return read_feed_tree(root, base_url=base_url, max_items=max_items)
    if name in SITEMAP_ROOTS:
        # Its root stands behind a long comment; it is read once more, without a tree.
        return parse_sitemap(data, base_url=base_url, max_items=max_items)
    if name in NEWSML_ROOTS:
        from producers.sources.newsml_g2 import parse_newsml_g2  # takes 0.5 s

        return parse_newsml_g2(data)
    if name == "html":
        return Refusal(reason="no feed: an HTML page")
    return Refusal(reason=f"no feed: the document is <{local_name(root)[:40]}>")

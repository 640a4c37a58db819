"""Return what an RSS or Atom feed holds.

feedparser reads the fields that are text; addresses, identifiers and rights are read from the XML
itself, because feedparser resolves identifiers against the feed's address and loses rights. It is
given bytes that are well-formed by then, never an address: it would fetch it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import Any

import feedparser
import lxml.etree

from producers.feed_document import FeedDocument, FeedItem
from producers.parsed import Refusal
from producers.sources.feed_entry import (
    Channel,
    authors_of,
    language_of,
    read_deleted,
    read_entry,
    text_at,
    title_of,
)
from producers.sources.feed_names import child_text, children, name_of, resolved
from producers.sources.feed_rights import feed_rights
from producers.sources.media_rights import media_statements
from producers.sources.safe_xml import (
    XmlRefusedError,
    charset_of,
    local_name,
    parse_xml_tolerantly,
)
from producers.sources.slim_feed import slim_feed

# Feeds have 10 to 1,000 entries; feedparser takes 0.4 ms for the smallest.
MAX_ITEMS = 5_000
FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
ITEM_NAMES = frozenset({"item", "entry"})
# Elements that items may stand in; an `entry` inside a text is part of the text.
CONTAINERS = FEED_ROOTS | ITEM_NAMES | {"items", "entries"}
# feedparser's handlers stumble over odd values (numbers, dates, addresses) with one of these.
FEEDPARSER_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip
MARK_NAMESPACE = "urn:dateline:mark"
MARK_PREFIX = "datelinemark"
PERIOD_SECONDS = {
    "hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000,
}  # fmt: skip
MAX_TTL_SECONDS = 30 * 86400.0


def parse_xml_feed(
    data: bytes, *, base_url: str, content_type: str | None = None, max_items: int = MAX_ITEMS
) -> FeedDocument | Refusal:
    """Return the entries of an RSS (0.9x, 1.0, 2.0) or Atom (0.3, 1.0) feed, in its order.

    Args:
        data: the document; it need not be well-formed.
        base_url: where it came from; relative addresses are resolved against it.
        content_type: of the HTTP header.
        max_items: entries behind this one are left out, with a refusal that says so.

    Raises: Nothing.
    """
    try:
        root = parse_xml_tolerantly(data, charset=charset_of(content_type))
    except XmlRefusedError as error:
        return Refusal(reason=str(error))
    return read_feed_tree(root, base_url=base_url, max_items=max_items)


def read_feed_tree(
    root: Any, *, base_url: str, max_items: int = MAX_ITEMS
) -> FeedDocument | Refusal:
    """Return the feed of a tree from ``safe_xml``; the tree is changed on the way.

    Raises: Nothing.
    """
    if local_name(root).lower() not in FEED_ROOTS:
        return Refusal(reason=f"no feed: the document is <{local_name(root)[:40]}>")
    elements = list(_item_elements(root))
    head = _head(root)
    channel_rights = feed_rights(head, scope=_scope(root), base_url=base_url)
    channel_media = media_statements(head, scope=_scope(root))
    refusals = slim_feed(head, elements, max_items=min(max_items, MAX_ITEMS))
    _mark(elements)
    try:
        parsed = _parse_fields(lxml.etree.tostring(root, encoding="utf-8"), base_url)
    except FEEDPARSER_ERRORS as error:
        return Refusal(reason=f"feed cannot be read: {type(error).__name__}")
    channel = Channel(
        base_url=base_url,
        scope=_scope(root),
        rights=channel_rights,
        media=channel_media,
        authors=authors_of(parsed.feed),
        publisher=child_text(head, "dc:publisher"),
        language=language_of(text_at(parsed.feed, "language")),
    )
    items: list[FeedItem] = []
    for found in _read_items(parsed.entries, elements, channel):
        if isinstance(found, Refusal):
            refusals.append(found)
        else:
            items.append(found)
    items.extend(read_deleted(head))
    return _document(parsed, channel, head, items, refusals)


def _document(
    parsed: Any,
    channel: Channel,
    head: Any,
    items: list[FeedItem],
    refusals: list[Refusal],
) -> FeedDocument:
    feed = parsed.feed
    return FeedDocument(
        kind="atom" if channel.is_atom else "rss",
        version=parsed.version,
        items=tuple(items),
        refusals=tuple(refusals),
        title=title_of(feed),
        home_url=resolved(text_at(feed, "link"), element=None, base_url=channel.base_url),
        self_url=next(iter(_links(head, "self", channel.base_url)), None),
        hub_urls=tuple(dict.fromkeys(_links(head, "hub", channel.base_url))),
        language=channel.language,
        ttl_seconds=_ttl_seconds(head),
    )


def _parse_fields(xml: bytes, base_url: str) -> Any:
    return feedparser.parse(
        io.BytesIO(xml),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": base_url,
        },
        # Markup becomes text here and is never shown; what it would cut away is lost to the text.
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _item_elements(root: Any) -> Iterator[Any]:
    for element in root.iter(lxml.etree.Element):
        if local_name(element).lower() not in ITEM_NAMES or name_of(element).startswith("?"):
            continue
        if all(local_name(each).lower() in CONTAINERS for each in element.iterancestors()):
            yield element


def _mark(elements: list[Any]) -> None:
    """Number the items, so that the fields that feedparser found are matched to their elements.

    By position alone, one item that feedparser reads otherwise would shift the rights of all.
    """
    for number, element in enumerate(elements):
        mark = lxml.etree.Element(
            f"{{{MARK_NAMESPACE}}}number", nsmap={MARK_PREFIX: MARK_NAMESPACE}
        )
        mark.text = str(number)
        element.insert(0, mark)


def _read_items(
    entries: list[Any], elements: list[Any], channel: Channel
) -> Iterator[FeedItem | Refusal]:
    for entry in entries:
        mark = text_at(entry, f"{MARK_PREFIX}_number")
        number = int(mark) if mark.isascii() and mark.isdigit() and len(mark) < 10 else -1  # noqa: PLR2004
        if not 0 <= number < len(elements):
            yield Refusal(reason="broken item: its markup cannot be told from its text")
            continue
        yield read_entry(entry, elements[number], channel)


def _head(root: Any) -> Any:
    """Return the element that speaks for the feed: the channel of RSS, else the root."""
    return next(children(root, "channel"), root)


def _scope(root: Any) -> str:
    return "feed" if local_name(root).lower() == "feed" else "channel"


def _links(head: Any, relation: str, base_url: str) -> Iterator[str]:
    for link in children(head, "link", "atom:link"):
        if relation in (link.get("rel") or "").lower().split():
            url = resolved(link.get("href") or "", element=link, base_url=base_url)
            if url is not None:
                yield url


def _ttl_seconds(head: Any) -> float | None:
    """Return ``ttl`` (minutes), else the syndication module's period divided by its frequency."""
    minutes = _number(child_text(head, "ttl"))
    if minutes is not None:
        return min(minutes * 60, MAX_TTL_SECONDS)
    period = PERIOD_SECONDS.get((child_text(head, "sy:updateperiod") or "").lower())
    if period is None:
        return None
    return min(period / (_number(child_text(head, "sy:updatefrequency")) or 1), MAX_TTL_SECONDS)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None

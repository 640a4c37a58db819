"""Take from a feed's tree what would keep feedparser busy for minutes, and say what was taken.

feedparser takes some 20 microseconds for an element and squared time for long lists of some of them
(authors, categories) and for long names; an honest feed comes nowhere near these limits.
"""

from __future__ import annotations

from typing import Any

import lxml.etree

from producers.parsed import Refusal
from producers.sources.safe_xml import local_name

MAX_FEED_ELEMENTS = 60_000
MAX_ENTRY_ELEMENTS = 5_000  # a long XHTML article with tables has some 2,000
MAX_ENTRY_CHARS = 2_000_000  # a record may have 5 MB; markup of this size takes a second to read
MAX_CHILDREN = 300  # of a channel (entries apart) or an entry
MAX_SHORT_CHARS = 1000  # of names, dates and the like
# Longer escaped text is given to feedparser unescaped: it comes to it in far fewer pieces.
LONG_TEXT_CHARS = 500
LONG_NAMES = frozenset(
    {"description", "summary", "content", "encoded", "body", "fullitem", "title", "abstract",
     "subtitle", "tagline", "info", "guid", "id", "link", "identifier", "origlink"}
)  # fmt: skip


def slim_feed(head: Any, entries: list[Any], *, max_items: int) -> list[Refusal]:
    """Return what was left out of the tree; ``entries`` and the tree are changed.

    Args:
        head: the element that speaks for the feed.
        entries: the elements of its entries.
        max_items: how many of them are kept at most.
    """
    refusals = _cut_entries(entries, max_items)
    kept = set(entries)
    _slim_children(head, kept)
    for entry in entries:
        _slim_children(entry, kept)
    return refusals


def _cut_entries(entries: list[Any], max_items: int) -> list[Refusal]:
    refusals: list[Refusal] = []
    kept: list[Any] = []
    elements = 0
    total = len(entries)
    for entry in entries:
        count = sum(1 for _ in entry.iter())
        reason = _too_large(entry, count)
        if reason is not None:
            refusals.append(Refusal(reason=reason))
            continue
        elements += count
        if len(kept) >= max_items or elements > MAX_FEED_ELEMENTS:
            left_out = f"too many items: {total:,}, read {len(kept):,}"
            refusals.append(Refusal(reason=left_out))
            break
        kept.append(entry)
    chosen = set(kept)
    for entry in entries:
        parent = entry.getparent()
        if entry not in chosen and parent is not None:
            parent.remove(entry)
    entries[:] = kept
    return refusals


def _too_large(entry: Any, count: int) -> str | None:
    if count > MAX_ENTRY_ELEMENTS:
        return f"too large: an entry of {count:,} elements"
    chars = sum(map(len, entry.itertext()))
    if chars > MAX_ENTRY_CHARS:
        return f"too large: an entry of {chars:,} characters"
    return None


def _slim_children(element: Any, entries: set[Any]) -> None:
    others = [child for child in element if child not in entries]
    for child in others[MAX_CHILDREN:]:
        element.remove(child)
    for child in others[:MAX_CHILDREN]:
        is_short = local_name(child).lower() not in LONG_NAMES
        for each in child.iter(lxml.etree.Element):
            text = each.text
            if text is None or len(text) <= LONG_TEXT_CHARS:
                continue
            if is_short:
                each.text = text[:MAX_SHORT_CHARS]
            elif "]]>" not in text:
                each.text = lxml.etree.CDATA(text)

"""Return what a sitemap holds: the addresses of articles, or of further sitemaps.

Protocol 0.9 (sitemaps.org) with the news extension, index files, and plain text, one address a
line; each of them also compressed.
"""

from __future__ import annotations

import functools
import itertools
import zlib
from collections.abc import Iterator
from typing import Any

import lxml.etree

from dateline.records import DateFlag
from producers.feed_document import ChildSitemap, FeedDocument, FeedItem
from producers.parse_time import read_time
from producers.parsed import ParsedArticle, Refusal
from producers.sources.feed_entry import language_of
from producers.sources.feed_names import resolved
from producers.sources.safe_xml import (
    XmlRefusedError,
    charset_of,
    decode_xml,
    local_name,
    read_children_tolerantly,
)

MAX_ITEMS = 50_000  # the protocol's own limit of one file
MAX_SITEMAP_BYTES = 50 * 1024 * 1024  # likewise, uncompressed
MAX_REFUSALS = 100  # more of the same says nothing new
SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
GZIP_MARK = b"\x1f\x8b"
MAX_GZIP_MEMBERS = 1000  # a log that was appended to; each one copies the rest
_GZIP_WINDOW_BITS = 31  # zlib's name for "with a gzip header"
EXTRACTION_METHOD = "sitemap"


def parse_sitemap(
    data: bytes, *, base_url: str, content_type: str | None = None, max_items: int = MAX_ITEMS
) -> FeedDocument | Refusal:
    """Return the entries of a sitemap in its order; ``lastmod`` is their ``updated_at``.

    Args:
        data: XML or text, compressed or not.
        base_url: where it came from.
        content_type: of the HTTP header.
        max_items: entries behind this one are left out, with a refusal that says so.

    Raises: Nothing.
    """
    plain = decompress(data) if data.startswith(GZIP_MARK) else data
    if isinstance(plain, Refusal):
        return plain
    try:
        if is_text_sitemap(plain):
            return _text_sitemap(decode_xml(plain), max_items)
        return read_children_tolerantly(
            plain,
            functools.partial(_read_children, base_url=base_url, max_items=max_items),
            charset=charset_of(content_type),
        )
    except XmlRefusedError as error:
        return Refusal(reason=str(error))


def decompress(data: bytes, *, max_bytes: int = MAX_SITEMAP_BYTES) -> bytes | Refusal:
    """Return what gzip bytes hold (all their members), at most ``max_bytes``, or a refusal."""
    plain = bytearray()
    for _ in range(MAX_GZIP_MEMBERS):
        if not data.startswith(GZIP_MARK):
            return bytes(plain)
        member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        try:
            plain += member.decompress(data, max_bytes + 1 - len(plain))
        except zlib.error as error:
            return Refusal(reason=f"broken gzip: {str(error)[:80]}")
        if len(plain) > max_bytes:
            return Refusal(reason=f"too large: over {max_bytes:,} bytes uncompressed")
        if not member.eof:
            return Refusal(reason="broken gzip: it ends too early")
        data = member.unused_data
    return Refusal(reason=f"broken gzip: over {MAX_GZIP_MEMBERS} members")


def is_text_sitemap(data: bytes) -> bool:
    """Return whether ``data`` begins with an address, as only a text sitemap does."""
    opening = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return opening.startswith((b"http://", b"https://"))


def _read_children(
    root_name: str, children: Iterator[Any], *, base_url: str, max_items: int
) -> FeedDocument | Refusal:
    """Return the sitemap whose root has this name and these elements below it."""
    if root_name.lower() not in SITEMAP_ROOTS:
        return Refusal(reason=f"no sitemap: the document is <{root_name[:40]}>")
    is_index = root_name.lower() == "sitemapindex"
    entry_name = "sitemap" if is_index else "url"
    entries = (_fields(each) for each in children if local_name(each) == entry_name)
    refusals: list[Refusal] = []
    items: list[FeedItem] = []
    sitemaps: list[ChildSitemap] = []
    for fields in itertools.islice(entries, max_items):
        url = resolved(fields.get("loc", ""), element=None, base_url=base_url)
        if url is None:
            refusals.append(Refusal(reason=f"no address: <loc> {fields.get('loc', '')[:80]!r}"))
        elif is_index:
            modified_at = read_time(fields.get("lastmod")).at
            sitemaps.append(ChildSitemap(url=url, modified_at=modified_at))
        else:
            items.append(FeedItem(article=_article(url, fields), has_full_text=False))
    left_out = _left_out(max_items + sum(1 for _ in entries), max_items)
    return FeedDocument(
        kind="sitemap_index" if is_index else "sitemap",
        version="0.9",
        items=tuple(items),
        children=tuple(sitemaps),
        refusals=tuple([*left_out, *refusals][:MAX_REFUSALS]),
    )


def _text_sitemap(text: str, max_items: int) -> FeedDocument:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    refusals = _left_out(len(lines), max_items)
    items = []
    for line in lines[:max_items]:
        url = resolved(line, element=None, base_url="")
        if url is None:
            refusals.append(Refusal(reason=f"no address: {line[:80]!r}"))
        else:
            items.append(FeedItem(article=_article(url, {}), has_full_text=False))
    return FeedDocument(
        kind="sitemap",
        version="text",
        items=tuple(items),
        refusals=tuple(refusals[:MAX_REFUSALS]),
    )


def _left_out(count: int, max_items: int) -> list[Refusal]:
    if count <= max_items:
        return []
    return [Refusal(reason=f"too many items: {count:,}, read {max_items:,}")]


def _fields(element: Any) -> dict[str, str]:
    """Return the texts of an entry by local name; those of the news extension as ``news:``."""
    fields: dict[str, str] = {}
    for child in element:
        name = local_name(child)
        if name == "news":
            fields.update((f"news:{name}", text) for name, text in _news(child))
        elif name in ("loc", "lastmod"):
            fields.setdefault(name, (child.text or "").strip())
    return fields


def _news(element: Any) -> Iterator[tuple[str, str]]:
    for child in element.iter(lxml.etree.Element):
        text = " ".join((child.text or "").split())
        if text:
            yield local_name(child), text


def _article(url: str, fields: dict[str, str]) -> ParsedArticle:
    published = read_time(fields.get("news:publication_date"))
    updated = read_time(fields.get("lastmod"))
    flags: tuple[DateFlag, ...] = published.flags
    if "no_time" in updated.flags and "no_time" not in flags:
        flags = (*flags, "no_time")
    return ParsedArticle(
        body="",
        media_type="text/html",
        is_alone=False,
        url=url,
        title=fields.get("news:title"),
        language=language_of(fields.get("news:language", "")),
        publisher=fields.get("news:name"),
        published_at=published.at,
        published_at_raw=published.raw,
        updated_at=updated.at,
        date_flags=flags,
        extraction_method=EXTRACTION_METHOD,
    )

"""Return the articles of a file or an address, whatever its format, with their rights signals."""

from __future__ import annotations

import io
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec

from dateline.errors import ConfigError
from dateline.records import RawArticle
from dateline.settings import Settings
from producers.build_record import IngestOptions, identify, plan
from producers.extract.extract_page import extract_page
from producers.extract.page_text import PageText
from producers.feed_document import FeedItem
from producers.feeds.compose import compose
from producers.feeds.source_list import default_publisher
from producers.parse_feed import parse_feed
from producers.parse_input import Input, parse_input
from producers.parsed import Format, Parsed, ParsedArticle, Refusal, Skip
from producers.sources.sitemap import GZIP_MARK

STDIN = "-"
EXTENSIONS: dict[str, Format] = {
    ".txt": "txt", ".text": "txt", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".warc": "warc", ".xml": "feed", ".rss": "feed",
    ".atom": "feed", ".rdf": "feed",
}  # fmt: skip
JSON_FEED = "https://jsonfeed.org/version/"
_PAGE_ROOTS = (b"html", b"head", b"body", b"title", b"meta")
_FIRST_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([a-z][\w.-]*)")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_SNIFFED_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read: its bytes with name, address and HTTP headers.

    ``archive`` is a WARC file, which is read as it is parsed.
    """

    shown: str
    data: bytes = b""
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    archive: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A part that is no article, and why."""

    shown: str
    reason: str


def read_path(name: str, settings: Settings, *, url: str | None = None) -> Document:
    """Return the file ``name``, or standard input for ``-``.

    Args:
        name: of the file.
        settings: ``producer.max_file_bytes`` limits what is read.
        url: the address that the document came from, if it is known.

    Raises:
        ConfigError: it cannot be read, or is too large.
    """
    limit = settings.producer.max_file_bytes
    if name == STDIN:
        return Document(
            shown="standard input", url=url, data=_limited(sys.stdin.buffer.read(limit + 1), limit)
        )
    path = Path(name)
    if path.name.lower().endswith((".warc", ".warc.gz")) and path.is_file():
        return Document(shown=name, url=url, archive=path)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror or error}.") from error
    return Document(shown=name, url=url, data=_limited(data, limit))


def _limited(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise ConfigError(
            f"the document is larger than {limit:,} bytes.",
            hint="producer.max_file_bytes is the limit.",
        )
    return data


def parse_document(document: Document) -> list[Parsed]:
    """Return the articles in ``document``, and why other parts are none, in order.

    Raises: Nothing for bad input.
    """
    return list(_parsed(document))


def _parsed(document: Document) -> Iterable[Parsed]:
    format_ = format_of(document)
    if format_ == "html":
        return [_from_page(document)]
    if format_ == "feed":
        return _from_feed(document)
    return parse_input(_input(document, format_), max_bytes=max(len(document.data), 1))


def format_of(document: Document) -> Format:
    """Return the format that the file's name tells, else what its content begins with."""
    if document.archive is not None:
        return "warc"
    known = EXTENSIONS.get(Path(document.shown).suffix.lower()) if not document.headers else None
    if known is not None and known != "feed":
        return known
    return _format_by_content(document, is_feed=known == "feed")


def _format_by_content(document: Document, *, is_feed: bool) -> Format:
    opening = _opening(document.data)
    if opening.startswith(b"warc/"):
        return "warc"
    if opening.startswith((b"{", b"[")):
        return "feed" if _is_json_feed(document.data) else "json"
    if not opening.startswith(b"<"):
        return "feed" if is_feed else "txt"
    # Pages have an XML declaration, too, and servers send feeds as text/html: the root tells.
    root = _FIRST_ELEMENT.search(_COMMENT.sub(b"", opening))
    is_page = root is not None and root[1] in _PAGE_ROOTS
    is_unclear = root is None and _is_html_type(document.headers)
    return "html" if is_page or is_unclear or opening.startswith(b"<!doctype html") else "feed"


def _opening(data: bytes) -> bytes:
    """Return the first bytes in lower case, unpacked, without what may stand before them."""
    opening = data[:_SNIFFED_BYTES]
    if data.startswith(GZIP_MARK):
        try:
            opening = zlib.decompressobj(wbits=31).decompress(data, _SNIFFED_BYTES)
        except zlib.error:
            return b""
    return opening.lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def _is_html_type(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml"))


def _is_json_feed(data: bytes) -> bool:
    try:
        tree = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(tree, dict) and str(tree.get("version", "")).startswith(JSON_FEED)


def _from_page(document: Document) -> Parsed:
    headers = dict(document.headers)
    page = extract_page(document.data, url=document.url or "", headers=headers)
    if isinstance(page, Refusal):
        if not page.reason.startswith("too little text"):
            return page
        page = _page_without_text(document)
    article = ParsedArticle(body="", media_type="text/html", url=document.url)
    return compose(FeedItem(article=article, has_full_text=False), page)


def _page_without_text(document: Document) -> PageText:
    """Return a page that has no article: what stands beside a text is still worth looking at."""
    from trafilatura.utils import load_html

    from producers.extract.decode_page import decode_page
    from producers.extract.page_signals import page_signals

    headers = dict(document.headers)
    tree = load_html(
        decode_page(document.data, content_type=headers.get("content-type", "")).replace("\0", "")
    )
    return PageText(
        text="",
        extraction_method="signals-only",
        html_sha256="",
        text_sha256="",
        rights_signals=() if tree is None else page_signals(tree, headers),
    )


def _from_feed(document: Document) -> Iterator[Parsed]:
    feed = parse_feed(
        document.data,
        base_url=document.url or "",
        content_type=document.headers.get("content-type"),
    )
    if isinstance(feed, Refusal):
        yield feed
        return
    for item in feed.items:
        composed = compose(item, None)
        # A sitemap's entry has no text; what it says of rights is worth looking at all the same.
        yield item.article if isinstance(composed, Refusal) else composed
    yield from feed.refusals
    if feed.children:
        yield Skip(reason=f"a sitemap index of {len(feed.children)} sitemaps: check one of them")


def _input(document: Document, format_: Format) -> Input:
    name = Path(document.shown).name
    described = Input(
        shown=document.shown,
        origin=document.shown,
        format=format_,
        source_id=_publisher(document),
        relative=name,
        data=document.data,
        archive=document.archive,
        stream=io.BytesIO(document.data) if document.archive is None else None,
    )
    if format_ != "jsonl":
        return described
    return replace(described, lines=enumerate(document.data.splitlines(), start=1))


def _publisher(document: Document) -> str:
    """Return the host of an address, else the name of the folder, as the producers do."""
    if document.url is not None:
        return default_publisher(document.url)
    return Path(document.shown).resolve().parent.name or "files"


def raw_articles(
    document: Document, parsed: Iterable[Parsed], *, source_id: str | None, now: datetime
) -> Iterator[RawArticle | Unread]:
    """Return each article as a producer would send it, and what is none, with its place.

    Args:
        document: where ``parsed`` comes from.
        parsed: what was found in it.
        source_id: its publisher; None: the article's own, else the host or the folder.
        now: the time of observation.
    """
    described = _input(document, "txt")
    for number, each in enumerate(parsed, start=1):
        place = f"{document.shown}:{each.line or number}"
        if not isinstance(each, ParsedArticle):
            yield Unread(shown=place, reason=each.reason)
            continue
        article = replace(each, url=each.url or document.url)
        identity = identify(article, described, publisher=source_id)
        planned = plan(article, identity, described, versions=(), now=now, options=IngestOptions())
        if isinstance(planned, Refusal | Skip):
            yield Unread(shown=place, reason=planned.reason)
        elif isinstance(planned.record, RawArticle):
            yield planned.record
        else:
            yield Unread(shown=place, reason="the source withdrew the article")

"""Return the pages of a WARC archive (ISO 28500; CC-NEWS dumps), one at a time."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from producers.extract.extract_page import extract_page
from producers.fetch.host_signals import HostFiles, host_signals
from producers.normalize_url import normalize_url
from producers.parse_time import read_time
from producers.parsed import Parsed, ParsedArticle, Refusal, Skip
from producers.sources.archived_hosts import ArchivedHosts, is_host_file
from producers.sources.warc_stream import RECORD_START, BrokenArchiveError, ByteReader, WarcStream

# Pages of over 10 MB are no articles; films in an archive are passed by unread.
MAX_PAGE_BYTES = 10_000_000
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
PLAIN_ENCODINGS = frozenset({"", "identity"})
ZLIB_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
HTTP_OK = "200"
# What warcio and zlib raise on damaged records.
RECORD_ERRORS = (
    BrokenArchiveError, ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError,
    AttributeError, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPage:
    """A page as it was answered: 200, HTML, chunks and compression undone.

    ``line`` counts the records of the archive from 1; ``headers`` have lower-case names, repeated
    ones joined by ", ". ``site`` has the robots.txt and tdmrep.json that the archive held before.
    """

    url: str
    fetched_at: datetime | None
    record_id: str
    line: int
    headers: Mapping[str, str]
    data: bytes
    site: HostFiles | None = None


Record = WarcPage | Refusal | Skip
MapRecords = Callable[[Callable[[Record], Parsed], Iterable[Record]], Iterable[Parsed]]


def parse_warc(stream: ByteReader, *, extract: MapRecords = map) -> Iterator[Parsed]:
    """Return an article, a refusal or a skip for each answer in the archive, in order.

    Args:
        stream: the archive, compressed or not; read once, forwards.
        extract: how to apply a function to the records, in order; `ExtractPool.map_ordered` does it
            in child processes.

    The key of an article is its address, its publisher the host of it (without ``www.``), its
    ``updated_at`` the time it was fetched. What robots.txt and tdmrep.json say of rights counts for
    the pages of their site that stand behind them in the archive.

    Raises: Nothing but what reading raises.
    """
    lines: deque[int | None] = deque()

    def noted() -> Iterator[Record]:
        for record in iterate_pages(stream):
            lines.append(record.line)
            yield record

    for parsed in extract(parse_record, noted()):
        line = lines.popleft()
        if not isinstance(parsed, Refusal):
            yield parsed
            continue
        unit = f"{line}:{parsed.reason}".encode()
        yield replace(parsed, line=line, unit_sha256=hashlib.sha256(unit).hexdigest())


def parse_record(record: Record) -> Parsed:
    """Return the article of a page; refusals and skips as they are.

    Raises: Nothing.
    """
    if not isinstance(record, WarcPage):
        return record
    page = extract_page(record.data, url=record.url, headers=record.headers)
    if isinstance(page, Refusal):
        return replace(page, line=record.line)
    return ParsedArticle(
        body=page.text,
        media_type="text/html",
        line=record.line,
        is_alone=False,
        url=record.url,
        source=(urlsplit(record.url).hostname or "").removeprefix("www.") or None,
        title=page.title,
        summary=page.summary,
        language=page.language,
        authors=page.authors,
        publisher=page.publisher,
        published_at=page.published_at,
        published_at_raw=page.published_at_raw,
        date_flags=page.date_flags,
        updated_at=record.fetched_at,
        rights_signals=(
            *page.rights_signals,
            *(host_signals(record.site, record.url) if record.site is not None else ()),
        ),
        extraction_method=page.extraction_method,
        page_text_sha256=page.text_sha256,
    )


def iterate_pages(stream: ByteReader) -> Iterator[Record]:
    """Return the pages of the archive; skips for other answers, refusals for broken records.

    Requests, revisits, metadata and the like are passed over in silence. Behind a broken record
    the next one is looked for.

    Raises: Nothing but what reading raises.
    """
    archive = WarcStream(stream)
    loader = ArcWarcRecordLoader()
    hosts = ArchivedHosts()
    number = 0
    line = b""
    is_damaged = False
    while True:
        number += 1
        found: Record | None = None
        try:
            line = archive.skip_to_record() if is_damaged else _next_start(archive)
            is_damaged = False
            if line:
                found = _read_record(loader, archive, line, number, hosts)
        except RECORD_ERRORS as error:
            is_damaged = True
            kind = "no WARC" if number == 1 and not line else "broken record"
            found = Refusal(reason=f"{kind}: {_words(error)}", line=number)
        if found is not None:
            yield found
        if not line and not is_damaged:
            break
    if number == 1:
        yield Refusal(reason="no WARC: no record found")


def _next_start(archive: WarcStream) -> bytes:
    line = archive.skip_blank_lines()
    if line and not line.startswith(RECORD_START):
        raise BrokenArchiveError("no record where one should begin")
    return line


def _read_record(
    loader: ArcWarcRecordLoader,
    archive: WarcStream,
    line: bytes,
    number: int,
    hosts: ArchivedHosts,
) -> Record | None:
    record = loader.parse_record_stream(archive, statusline=line, known_format="warc")
    if not isinstance(record.raw_stream, LimitReader):
        raise BrokenArchiveError("no Content-Length")
    found = _answer(record, number, hosts) if record.rec_type == "response" else None
    left = record.raw_stream.limit
    if archive.skip(left) < left:
        raise BrokenArchiveError("the archive ends within it")
    return found


def _answer(record: Any, number: int, hosts: ArchivedHosts) -> Record | None:
    """Return the page of a response, whose bytes are read for HTML with status 200 only.

    So are those of robots.txt and tdmrep.json, for ``hosts``.
    """
    if record.http_headers is None:
        return None  # no HTTP: a name lookup and the like
    status = (record.http_headers.get_statuscode() or "").strip()
    if status != HTTP_OK:
        return Skip(reason=f"HTTP status {status[:3]}", line=number)
    headers = _headers(record.http_headers.headers)
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    # A site that has no such file may answer with a page.
    if content_type not in HTML_TYPES and is_host_file(url):
        data = _payload(record, headers)
        hosts.keep(url, data if isinstance(data, bytes) else b"")
        return Skip(reason="a site's file, no page", line=number)
    if content_type and content_type not in HTML_TYPES:
        return Skip(reason=f"no HTML ({content_type.partition('/')[0][:20]})", line=number)
    return _page(record, number, headers, hosts.files_of(url))


def _page(
    record: Any, number: int, headers: Mapping[str, str], site: HostFiles | None
) -> WarcPage | Refusal:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if normalize_url(url) is None:
        return Refusal(reason=f"no address: {url[:80]!r}", line=number)
    data = _payload(record, headers)
    if isinstance(data, str):
        return Refusal(reason=data, line=number)
    return WarcPage(
        url=url,
        fetched_at=read_time(record.rec_headers.get_header("WARC-Date")).at,
        record_id=record.rec_headers.get_header("WARC-Record-ID") or "",
        line=number,
        headers=headers,
        data=data,
        site=site,
    )


def _headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        lowered = name.lower()
        joined[lowered] = f"{joined[lowered]}, {value}" if lowered in joined else value
    return joined


def _payload(record: Any, headers: Mapping[str, str]) -> bytes | str:
    """Return the body, or the words of a refusal.

    warcio's own content stream would decompress without a limit.
    """
    too_large = f"too large: over {MAX_PAGE_BYTES:,} bytes"
    if record.raw_stream.limit > MAX_PAGE_BYTES:
        return too_large
    raw = record.raw_stream
    if headers.get("transfer-encoding", "").lower() == "chunked":
        raw = ChunkedDataReader(raw)
    data: bytes = raw.read(MAX_PAGE_BYTES + 1)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ZLIB_ENCODINGS:
        data = _inflated(data)
    elif encoding not in PLAIN_ENCODINGS and not _looks_like_markup(data):
        return f"unknown compression: {encoding[:20]!r}"
    return too_large if len(data) > MAX_PAGE_BYTES else data


def _inflated(data: bytes) -> bytes:
    """Return gzip or deflate data decompressed up to the limit and one byte.

    Crawlers store some bodies decompressed and keep the header that says they are not.
    """
    if _looks_like_markup(data):
        return data
    for wbits in (47, -15):  # gzip or zlib by its first bytes; bare deflate
        try:
            return zlib.decompressobj(wbits=wbits).decompress(data, MAX_PAGE_BYTES + 1)
        except zlib.error:
            continue
    raise BrokenArchiveError("damaged compression of the page")


def _looks_like_markup(data: bytes) -> bool:
    return data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

"""Return what a JSON Feed holds, versions 1.0 and 1.1 (jsonfeed.org), and ninjs in a list."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from dateline.records import RightsSignal
from producers.decode_text import decode_text
from producers.feed_document import FeedDocument, FeedItem
from producers.parse_time import read_time
from producers.parsed import ParsedArticle, Refusal
from producers.sources.feed_entry import bounded_guid, language_of
from producers.sources.feed_names import resolved
from producers.sources.feed_rights import LAYER, MAX_VALUE_CHARS
from producers.sources.feed_text import field_text, is_full_text, title_text
from producers.sources.markup_rights import markup_rights
from producers.sources.ninjs import is_ninjs, parse_ninjs

MAX_ITEMS = 50_000
VERSION_MARK = "jsonfeed.org/version/"
RIGHTS_FIELDS = ("license", "licence", "copyright", "rights", "usage_terms", "license_url")
EXTRACTION_METHOD = "json_feed"
# What decoders raise on hostile input: bad JSON, numbers out of range, nesting too deep.
DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


def parse_json_feed(
    data: bytes, *, base_url: str, max_items: int = MAX_ITEMS
) -> FeedDocument | Refusal:
    """Return the items of a JSON Feed, or those of one ninjs item or several, in order.

    Several ninjs items are an array or an object's ``items``.

    Args:
        data: UTF-8, as the specification asks.
        base_url: where it came from; relative addresses are resolved against it.
        max_items: items behind this one are left out, with a refusal that says so.

    Raises: Nothing.
    """
    text = decode_text(data)
    if isinstance(text, Refusal):
        return text
    try:
        document = _decode(text)
    except DECODE_ERRORS as error:
        is_deep = isinstance(error, RecursionError)
        return Refusal(
            reason=f"broken JSON: {'nested too deeply' if is_deep else str(error)[:120]}"
        )
    return _read(document, base_url, max_items)


def next_page_url(data: bytes, *, base_url: str) -> str | None:
    """Return where a JSON Feed says its older items are (``next_url``), None where it does not.

    Raises: Nothing.
    """
    text = decode_text(data)
    if isinstance(text, Refusal):
        return None
    try:
        document = _decode(text)
    except DECODE_ERRORS:
        return None
    return _address(document, "next_url", base_url) if isinstance(document, dict) else None


def _read(document: Any, base_url: str, max_items: int) -> FeedDocument | Refusal:
    if is_ninjs(document):
        return _ninjs([document], max_items)
    items = document.get("items") if isinstance(document, dict) else document
    if not isinstance(items, list):
        return Refusal(reason="no feed: JSON without a list of items")
    if any(is_ninjs(item) for item in items):
        return _ninjs(items, max_items)
    if not isinstance(document, dict):
        return Refusal(reason="no feed: a JSON array of no known kind")
    return _feed(document, items, base_url, max_items)


def _decode(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except DECODE_ERRORS:
        # Some feeds have line breaks in strings, which only this one reads.
        return json.loads(text, strict=False)


def _ninjs(items: list[Any], max_items: int) -> FeedDocument:
    found = [parse_ninjs(item, line=None, is_alone=False) for item in items[:max_items]]
    articles = [each for each in found if isinstance(each, ParsedArticle)]
    refusals = [
        Refusal(reason=each.reason) for each in found if not isinstance(each, ParsedArticle)
    ]
    return FeedDocument(
        kind="ninjs",
        items=tuple(FeedItem(article=_flagged(each), has_full_text=True) for each in articles),
        refusals=(*refusals, *_left_out(items, max_items)),
    )


def _flagged(article: ParsedArticle) -> ParsedArticle:
    if article.date_flags:
        return article
    published = read_time(article.published_at_raw)
    return dataclasses.replace(article, published_at=published.at, date_flags=published.flags)


def _left_out(items: list[Any], max_items: int) -> tuple[Refusal, ...]:
    if len(items) <= max_items:
        return ()
    return (Refusal(reason=f"too many items: {len(items):,}, read {max_items:,}"),)


def _feed(
    document: Mapping[str, Any], items: list[Any], base_url: str, max_items: int
) -> FeedDocument:
    rights = tuple(_rights(document, "feed"))
    authors, language = _authors(document), language_of(_text(document, "language"))
    read = [_item(item, base_url) for item in items[:max_items]]
    found = [
        dataclasses.replace(
            item,
            article=dataclasses.replace(
                item.article,
                authors=item.article.authors or authors,
                language=item.article.language or language,
                rights_signals=(*item.article.rights_signals, *rights),
            ),
        )
        for item in read
        if isinstance(item, FeedItem)
    ]
    refusals = [item for item in read if isinstance(item, Refusal)]
    version = _text(document, "version")
    hubs = document.get("hubs")
    return FeedDocument(
        kind="json_feed",
        version=version.rpartition(VERSION_MARK)[2].strip("/")[:20],
        items=tuple(found),
        refusals=(*refusals, *_left_out(items, max_items)),
        title=title_text(_text(document, "title"), "text/plain"),
        home_url=_address(document, "home_page_url", base_url),
        self_url=_address(document, "feed_url", base_url),
        hub_urls=tuple(
            url
            for hub in (hubs if isinstance(hubs, list) else [])
            if isinstance(hub, dict) and (url := _address(hub, "url", base_url))
            if _text(hub, "type").lower() in ("", "websub", "pubsubhubbub")
        ),
        language=language,
    )


def _item(item: object, base_url: str) -> FeedItem | Refusal:
    if not isinstance(item, dict):
        return Refusal(reason="broken item: no JSON object")
    markup, plain = _text(item, "content_html"), _text(item, "content_text")
    # Plain text is the publisher's own reading of the markup.
    body = field_text(plain, "text/plain") or field_text(markup, "text/html")
    summary = field_text(_text(item, "summary"), "text/plain") or None
    guid = bounded_guid(_text(item, "id")) or None
    # The specification wants an address as `id`; `external_url` is another's page, the last resort.
    addresses = (
        _address(item, "url", base_url),
        _id_address(guid),
        _address(item, "external_url", base_url),
    )
    url = next((address for address in addresses if address), None)
    title = title_text(_text(item, "title"), "text/plain")
    if not (url or guid or body or title or summary):
        return Refusal(reason="no identity: neither url nor id nor text")
    published = read_time(_text(item, "date_published"))
    article = ParsedArticle(
        body=body,
        media_type="text/html" if markup and not plain else "text/plain",
        is_alone=False,
        url=url,
        guid=guid,
        title=title,
        summary=summary,
        language=language_of(_text(item, "language")),
        authors=_authors(item),
        published_at=published.at,
        published_at_raw=published.raw,
        updated_at=read_time(_text(item, "date_modified")).at,
        date_flags=published.flags,
        rights_signals=(
            *_rights(item, "item"),
            *markup_rights([markup], document_url=base_url),
        ),
        extraction_method=EXTRACTION_METHOD,
    )
    return FeedItem(article=article, has_full_text=is_full_text(body, summary))


def _text(fields: Mapping[str, Any], name: str) -> str:
    """Return a field as text that has a UTF-8 form; numbers are read as ids are written in 1.0."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip().encode("utf-8", "replace").decode()


def _address(fields: Mapping[str, Any], name: str, base_url: str) -> str | None:
    return resolved(_text(fields, name), element=None, base_url=base_url)


def _id_address(guid: str | None) -> str | None:
    is_address = (guid or "").lower().startswith(("http://", "https://"))
    return resolved(guid or "", element=None, base_url="") if is_address else None


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of ``authors`` (1.1), else of ``author`` (1.0)."""
    listed = fields.get("authors")
    people = listed if isinstance(listed, list) and listed else [fields.get("author")]
    names = (
        _text(person if isinstance(person, dict) else {"name": person}, "name")
        for person in people[:50]
    )
    return tuple(dict.fromkeys(name for name in names if name))


def _rights(fields: Mapping[str, Any], scope: str) -> Iterator[RightsSignal]:
    """Yield the statements of ``fields`` and of its extensions, whose names begin with ``_``."""
    for name in RIGHTS_FIELDS:
        value = fields.get(name)
        parts = value if isinstance(value, dict) else {"": value}
        for key in parts:
            text = _text(parts, key)[:MAX_VALUE_CHARS]
            if text:
                field = f"{scope}/{name}.{key}" if key else f"{scope}/{name}"
                yield RightsSignal(layer=LAYER, field=field[:200], value=text)
    for name, value in fields.items():
        if name.startswith("_") and isinstance(value, dict) and "/" not in scope:
            yield from _rights(value, f"{scope}/{name[:60]}")

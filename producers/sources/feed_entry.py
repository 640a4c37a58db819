"""Return one entry of an RSS or Atom feed: feedparser's fields and the XML element together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import feedparser
import lxml.etree

from dateline.records import RightsSignal
from producers.feed_document import FeedItem
from producers.parse_time import ReadTime, read_time
from producers.parsed import ParsedArticle, Refusal
from producers.sources.feed_names import (
    RDF_NAMESPACE,
    child_text,
    children,
    name_of,
    resolved,
    text_of,
)
from producers.sources.feed_rights import feed_rights
from producers.sources.feed_text import field_text, is_full_text, is_markup, title_text
from producers.sources.markup_rights import markup_rights
from producers.sources.media_rights import MediaStatement, media_rights

EXTRACTION_METHOD = f"feedparser@{feedparser.__version__}"
# Elements that are meant for the whole text; a second description is none.
FULL_TEXT_NAMES = frozenset(
    {"content:encoded", "atom:content", "content", "xhtml:body", "body", "fullitem"}
)
MAX_AUTHORS = 50
MAX_GUID_CHARS = 4096  # as long as an address may be; a longer one is cut with its hash
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed says once for all its entries; ``scope`` is ``feed`` (Atom) or ``channel``.

    ``media`` is what it says of all media objects of its entries.
    """

    base_url: str
    scope: str
    rights: tuple[RightsSignal, ...]
    media: tuple[MediaStatement, ...]
    authors: tuple[str, ...]
    publisher: str | None
    language: str | None

    @property
    def is_atom(self) -> bool:
        """Return whether the root element is Atom's."""
        return self.scope == "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """``is_content`` says that it stands in an element that is meant for the whole text."""

    text: str
    media_type: str
    is_content: bool


def read_entry(entry: Any, element: Any, channel: Channel) -> FeedItem | Refusal:
    """Return one entry, or why it is none.

    Args:
        entry: the fields that feedparser found.
        element: the same entry as XML.
        channel: what the feed says for all.

    Raises: Nothing.
    """
    scope = "entry" if channel.is_atom else "item"
    body = _body(entry, element)
    summary = _summary(entry)
    if body.is_content and summary == body.text:
        summary = None
    title, url, guid = title_of(entry), _url(element, channel), _guid(element)
    if not (url or guid or body.text or title or summary):
        digest = hashlib.sha256(lxml.etree.tostring(element, with_tail=False)).hexdigest()
        return Refusal(reason="no identity: neither link nor guid nor text", unit_sha256=digest)
    published, updated = _times(entry)
    article = ParsedArticle(
        body=body.text,
        media_type=body.media_type,
        is_alone=False,
        url=url,
        guid=guid,
        title=title,
        summary=summary,
        language=_entry_language(entry) or channel.language,
        authors=authors_of(entry) or (channel.authors if channel.is_atom else ()),
        credit=_credit(element),
        publisher=child_text(element, "dc:publisher") or channel.publisher,
        published_at=published.at,
        published_at_raw=published.raw,
        updated_at=updated.at,
        date_flags=published.flags,
        rights_signals=(
            *feed_rights(element, scope=scope, base_url=channel.base_url),
            *markup_rights(_markups(entry), document_url=channel.base_url),
            *media_rights(
                element, scope=scope, base_url=channel.base_url, of_channel=channel.media
            ),
            *channel.rights,
        ),
        extraction_method=EXTRACTION_METHOD,
    )
    return FeedItem(
        article=article, has_full_text=body.is_content and is_full_text(body.text, summary)
    )


def read_deleted(head: Any) -> Iterator[FeedItem]:
    """Yield the entries that an Atom feed says are deleted (RFC 6721), as cancelled articles."""
    for element in children(head, "at:deleted-entry"):
        reference = (element.get("ref") or "").strip()
        when = read_time(element.get("when"))
        if reference:
            article = ParsedArticle(
                body="",
                media_type="text/plain",
                is_alone=False,
                guid=bounded_guid(reference),
                updated_at=when.at,
                date_flags=("missing",),
                pub_status="canceled",
                is_pub_status_explicit=True,
                kill_reason=child_text(element, "at:comment") or "deleted-entry",
                extraction_method=EXTRACTION_METHOD,
            )
            yield FeedItem(article=article, has_full_text=False)


def text_at(fields: Mapping[str, Any], name: str) -> str:
    """Return a text field of feedparser's, "" when it is none.

    Read past its dictionary's own lookup, which gives other fields for missing ones.
    """
    value = dict.get(fields, name)  # type: ignore[call-overload]
    return value.strip() if isinstance(value, str) else ""


def title_of(fields: Mapping[str, Any]) -> str | None:
    """Return the title of a feed or an entry as one line of text."""
    return title_text(text_at(fields, "title"), _type_of(fields, "title_detail", "text/plain"))


def authors_of(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the authors, as the source wrote them, each once."""
    listed = dict.get(fields, "authors")  # type: ignore[call-overload]
    names = [
        text_at(author, "name") or text_at(author, "email")
        for author in (listed if isinstance(listed, list) else [])
    ]
    if not any(names):
        names = [text_at(fields, "author")]
    cleaned = (title_text(name, "text/html") for name in names[:MAX_AUTHORS])
    return tuple(dict.fromkeys(name for name in cleaned if name))


def language_of(text: str) -> str | None:
    """Return a language tag as BCP 47 writes it, None for what cannot be one."""
    tag = text.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def _type_of(fields: Mapping[str, Any], name: str, default: str) -> str:
    detail = dict.get(fields, name)  # type: ignore[call-overload]
    return (text_at(detail, "type") if isinstance(detail, dict) else "") or default


def _summary(entry: Any) -> str | None:
    # Without its detail the summary is a copy of the content.
    if "summary_detail" not in entry:
        return None
    media_type = _type_of(entry, "summary_detail", "text/html")
    return field_text(text_at(entry, "summary"), media_type) or None


def _body(entry: Any, element: Any) -> _Body:
    """Return the longest text of the elements for it, else the description's."""
    is_content = any(name_of(child) in FULL_TEXT_NAMES for child in element)
    found = [
        (field_text(value, media_type), media_type)
        for value, media_type in _details(entry)
        if is_markup(media_type) or media_type.startswith("text/")
    ]
    if "summary_detail" in entry and not is_content:
        media_type = _type_of(entry, "summary_detail", "text/html")
        found.append((field_text(text_at(entry, "summary"), media_type), media_type))
    if not found:
        return _Body(text="", media_type="text/plain", is_content=False)
    text, media_type = max(found, key=lambda each: len(each[0]))
    return _Body(
        text=text,
        media_type="text/html" if is_markup(media_type) else "text/plain",
        is_content=is_content,
    )


def _details(entry: Any) -> Iterator[tuple[str, str]]:
    """Yield the contents of an entry that are not blank, each with its type."""
    for detail in dict.get(entry, "content") or []:
        if value := text_at(detail, "value"):
            yield value, text_at(detail, "type") or "text/plain"


def _markups(entry: Any) -> Iterator[str]:
    """Yield the HTML of an entry: its contents and its summary."""
    yield from (value for value, media_type in _details(entry) if is_markup(media_type))
    if "summary_detail" in entry and is_markup(_type_of(entry, "summary_detail", "text/html")):
        yield text_at(entry, "summary")


def _times(entry: Any) -> tuple[ReadTime, ReadTime]:
    """Return when the entry was published and updated.

    Feeds with one time per entry (RSS 1.0, many Atom feeds) call it ``date`` or ``updated``: it is
    the time of publication then.
    """
    updated = read_time(text_at(entry, "updated"))
    raw = text_at(entry, "published") or text_at(entry, "created")
    published = read_time(raw or text_at(entry, "prism_publicationdate"))
    return (updated if published.flags == ("missing",) else published), updated


def _url(element: Any, channel: Channel) -> str | None:
    """Return the address of the article: the publisher's own before that of a counting service."""
    found = (
        resolved(address, element=place, base_url=channel.base_url)
        for address, place in _addresses(element)
    )
    return next((url for url in found if url is not None), None)


def _addresses(element: Any) -> Iterator[tuple[str, Any]]:
    for link in children(element, "feedburner:origlink"):
        yield text_of(link), link
    for link in children(element, "link"):
        yield text_of(link) or (link.get("href") or ""), link
    for link in sorted(children(element, "atom:link"), key=_is_other_type):
        if (link.get("rel") or "alternate").lower() == "alternate":
            yield link.get("href") or text_of(link), link
    for guid in children(element, "guid"):
        is_permalink = (guid.get("isPermaLink") or guid.get("ispermalink") or "").lower()
        text = text_of(guid)
        # Without the attribute a guid may be any text: only an absolute address is one.
        is_absolute = text.lower().startswith(("http://", "https://"))
        if is_permalink == "true" or (not is_permalink and is_absolute):
            yield text, guid
    for address in (element.get(f"{RDF_NAMESPACE}about"), element.get("HREF"), element.get("href")):
        if address and "://" in address:
            yield address, element


def _is_other_type(link: Any) -> bool:
    return "html" not in (link.get("type") or "text/html").lower()


def _guid(element: Any) -> str | None:
    guid = child_text(element, "guid", "atom:id", "id") or element.get(f"{RDF_NAMESPACE}about")
    text = (guid or child_text(element, "dc:identifier") or "").strip()
    return bounded_guid(text) or None


def bounded_guid(guid: str) -> str:
    """Return ``guid``, or its beginning and hash where no honest one is as long."""
    if len(guid) <= MAX_GUID_CHARS:
        return guid
    return f"{guid[:200]}#{hashlib.sha256(guid.encode('utf-8', 'replace')).hexdigest()}"


def _credit(element: Any) -> str | None:
    """Return the name of the feed that an entry was taken from."""
    for source in children(element, "source"):
        name = child_text(source, "title") or text_of(source)
        if name:
            return title_text(name, "text/html")
    for source in children(element, "atom:source"):
        name = child_text(source, "atom:title") or ""
        if name:
            return title_text(name, "text/html")
    return None


def _entry_language(entry: Any) -> str | None:
    details = [entry, *(dict.get(entry, "content") or [])]
    details.extend(dict.get(entry, name) or {} for name in ("summary_detail", "title_detail"))
    found = (language_of(text_at(detail, "language")) for detail in details)
    return next((language for language in found if language), None)

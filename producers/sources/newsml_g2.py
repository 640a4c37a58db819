"""Return the news items of an IPTC NewsML-G2 document (iptc.org/standards/newsml-g2).

A document is a news message with item sets, or a single item. Elements are told by their local
names: providers send several versions of the namespace, and some none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from dateline.records import PubStatus, RightsSignal
from producers.feed_document import FeedDocument, FeedItem
from producers.parse_time import read_time
from producers.parsed import ParsedArticle, Refusal
from producers.sources.g2_text import block_text, line_of
from producers.sources.safe_xml import XmlRefusedError, local_name, parse_xml

# https://cv.iptc.org/newscodes/pubstatusg2
PUB_STATUSES: dict[str, PubStatus] = {
    "usable": "usable", "withheld": "withheld", "canceled": "canceled", "cancelled": "canceled",
}  # fmt: skip
TEXT_CLASSES = frozenset({"", "text", "composite"})
OTHER_ITEMS = frozenset(
    {"packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"}
)  # fmt: skip
ROOTS = frozenset({"newsMessage", "newsItem", "itemSet", *OTHER_ITEMS})
RIGHTS = frozenset({"copyrightHolder", "copyrightNotice", "usageTerms", "accountable", "link"})
RIGHTS_EXPRESSIONS = frozenset({"rightsExpressionXML", "rightsExpressionData"})
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_SIGNALS = 64
MAX_VALUE_CHARS = 2000


class _ItemRefusedError(Exception):
    """The item is not used; the message is the reason."""


def parse_newsml_g2(data: bytes) -> FeedDocument | Refusal:
    """Return the items of a document in order; its packages, pictures and broken items as refusals.

    A cancelled item of any class is an article of status ``canceled``; its ``kill_reason`` is the
    editor's note. ``updated_at`` is ``versionCreated``, which orders the versions of one ``guid``.

    Raises: Nothing.
    """
    try:
        root = parse_xml(data)
    except XmlRefusedError as error:
        return Refusal(reason=str(error))
    name = local_name(root)
    if name not in ROOTS:
        return Refusal(reason=f"no NewsML-G2: the document is a {name[:40]!r}")
    items: list[FeedItem] = []
    refusals: list[Refusal] = []
    for element in _items(root):
        try:
            article = _article(element)
            items.append(FeedItem(article=article, has_full_text=bool(article.body)))
        except _ItemRefusedError as problem:
            refusals.append(Refusal(reason=str(problem), line=element.sourceline))
    return FeedDocument(
        kind="newsml_g2",
        version=(root.get("standardversion") or _first_version(root) or "")[:20],
        items=tuple(items),
        refusals=tuple(refusals),
    )


def _items(root: Any) -> Iterator[Any]:
    if local_name(root) not in ("newsMessage", "itemSet"):
        yield root
        return
    item_sets = [root] if local_name(root) == "itemSet" else _children(root, "itemSet")
    for item_set in item_sets:
        for child in item_set:
            if local_name(child) == "newsItem" or local_name(child) in OTHER_ITEMS:
                yield child


def _first_version(root: Any) -> str | None:
    return next((item.get("standardversion") for item in _items(root)), None)


def _article(item: Any) -> ParsedArticle:
    if local_name(item) != "newsItem":
        raise _ItemRefusedError(f"no news item: a {local_name(item)}")
    guid = (item.get("guid") or "").strip()
    if not guid:
        raise _ItemRefusedError("attribute `guid` is missing")
    meta = _child(item, "itemMeta")
    content = _child(item, "contentMeta")
    status, is_explicit = _status(meta)
    item_class = _code(_child(meta, "itemClass"))
    if item_class not in TEXT_CLASSES and status != "canceled":
        raise _ItemRefusedError(f"no text item: its class is {item_class[:40]!r}")
    body = _body(item)
    if not body.text and status != "canceled":
        raise _ItemRefusedError("missing text: no inlineXML or inlineData that can be read")
    published = read_time(_text(meta, "firstCreated") or _text(content, "contentCreated"))
    updated = read_time(_text(meta, "versionCreated"))
    rights = [each for each in item if local_name(each) == "rightsInfo"]
    return ParsedArticle(
        body=body.text,
        media_type=body.media_type,
        line=item.sourceline,
        is_alone=False,
        url=guid if guid.startswith(("http://", "https://")) else None,
        guid=guid,
        title=_title(content, meta),
        summary=_text(content, "description"),
        language=_language(item, content, body.element),
        authors=_authors(content),
        credit=_text(content, "creditline"),
        publisher=_publisher(rights, meta),
        published_at=published.at,
        published_at_raw=published.raw,
        date_flags=published.flags,
        updated_at=updated.at,
        pub_status=status,
        is_pub_status_explicit=is_explicit,
        kill_reason=_text(meta, "edNote") if status == "canceled" else None,
        embargoed_until=_embargo(meta) if status != "canceled" else None,
        rights_signals=_rights(rights),
        extraction_method="newsml_g2",
    )


def _status(meta: Any) -> tuple[PubStatus, bool]:
    """Return the status and whether it is stated; the standard's default is usable."""
    element = _child(meta, "pubStatus")
    if element is None:
        return "usable", False
    code = _code(element)
    found = PUB_STATUSES.get(code)
    if found is None:
        known = ", ".join(PUB_STATUSES)
        raise _ItemRefusedError(f"field `pubStatus`: {code[:40]!r} is none of {known}")
    return found, True


def _embargo(meta: Any) -> datetime | None:
    element = _child(meta, "embargoed")
    if element is None:
        return None
    text = line_of(element)
    if not text:
        # An empty element holds the item back until another version says when.
        raise _ItemRefusedError("embargoed: until a later version says when")
    found = read_time(text)
    if found.at is None:
        # Unreadable is not "none": sending too early cannot be taken back.
        raise _ItemRefusedError(f"field `embargoed`: {text[:40]!r} is no time")
    return found.at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    text: str = ""
    media_type: str = "text/plain"
    element: Any = None


def _body(item: Any) -> _Body:
    """Return the text: of markup first, for it keeps the paragraphs; plain text else."""
    content_set = _child(item, "contentSet")
    for element in _children(content_set, "inlineXML"):
        root = next((child for child in element if isinstance(child.tag, str)), None)
        text = block_text(root) if root is not None else ""
        if text:
            return _Body(text=text, media_type="text/html", element=element)
    for element in _children(content_set, "inlineData"):
        text = (element.text or "").strip()
        if not text or element.get("encoding"):
            continue
        if "html" in (element.get("contenttype") or "").lower():
            from producers.sources.html_file import html_to_text  # takes 0.5 s

            return _Body(text=html_to_text(text), media_type="text/html", element=element)
        return _Body(text=text, element=element)
    return _Body()


def _title(content: Any, meta: Any) -> str | None:
    headlines = sorted(
        _children(content, "headline"), key=lambda each: "main" not in (each.get("role") or "")
    )
    found = (line_of(each) for each in headlines)
    return next((text for text in found if text), None) or _text(meta, "title")


def _authors(content: Any) -> tuple[str, ...]:
    creators = (_name(each) for each in _children(content, "creator"))
    bylines = (line_of(each) for each in _children(content, "by"))
    return tuple(name for name in creators if name) or tuple(line for line in bylines if line)


def _publisher(rights: list[Any], meta: Any) -> str | None:
    holders = (_name(each) for info in rights for each in _children(info, "copyrightHolder"))
    holder = next((name for name in holders if name), None)
    provider = _child(meta, "provider")
    return holder or (_name(provider) if provider is not None else None) or None


def _language(item: Any, content: Any, body: Any) -> str | None:
    """Return the language of the body: its own mark, what the content says, the item's default."""
    inner = None if body is None else next((each for each in body.iter() if each.get(LANG)), None)
    own = inner.get(LANG) if inner is not None else None
    tags = (each.get("tag") for each in _children(content, "language"))
    found = own or next((tag for tag in tags if tag), None) or item.get(LANG) or ""
    return str(found.strip()[:40]) or None


def _rights(infos: list[Any]) -> tuple[RightsSignal, ...]:
    """Return each rights statement; one that is about a part of the item says so in its field."""
    signals: list[RightsSignal] = []
    for info in infos:
        parts = info.get("idrefs")
        field = f"rightsInfo[idrefs={parts[:80]}]" if parts else "rightsInfo"
        for child in info:
            name = local_name(child)
            value = _rights_value(child, name)
            if value and len(signals) < MAX_SIGNALS:
                cut = " (cut)" if len(value) > MAX_VALUE_CHARS else ""
                signals.append(
                    RightsSignal(
                        layer="newsml_g2",
                        field=f"{field}.{name}{cut}",
                        value=value[:MAX_VALUE_CHARS],
                    )
                )
    return tuple(signals)


def _rights_value(element: Any, name: str) -> str:
    if name in RIGHTS_EXPRESSIONS:
        inner = [etree.tostring(child, encoding="unicode", with_tail=False) for child in element]
        return " ".join("".join([element.text or "", *inner]).split())
    if name not in RIGHTS:
        return ""
    address = (element.get("href") or element.get("uri") or element.get("value") or "").strip()
    lines = (_name(element) if name == "copyrightHolder" else line_of(element), address)
    return "\n".join(line for line in lines if line)


def _name(element: Any) -> str:
    """Return the name of a party: its name element, its text, or the code that stands for it."""
    names = (line_of(each) for each in _children(element, "name"))
    found = next((name for name in names if name), None)
    own = " ".join((element.text or "").split())
    return found or own or element.get("literal") or _code(element) or ""


def _code(element: Any) -> str:
    """Return a code without scheme: ``usable`` of ``stat:usable`` and ``http://.../usable``."""
    if element is None:
        return ""
    text = (element.get("qcode") or element.get("uri") or element.get("code") or "").strip()
    return str(text.rpartition(":")[2].rpartition("/")[2].lower())


def _child(element: Any, name: str) -> Any:
    return next(_children(element, name), None)


def _children(element: Any, name: str) -> Iterator[Any]:
    for child in element if element is not None else ():
        if local_name(child) == name:
            yield child


def _text(element: Any, name: str) -> str | None:
    found = (line_of(each) for each in _children(element, name))
    return next((text for text in found if text), None)

"""Return every statement about rights that a page makes beside its text, word for word.

The licence rules decide later what a statement is worth; so nothing is judged here, only where it
stands is said: ``a[rel=license]@footer`` is a link in a footer (places: see ``markup_place``).
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dateline.records import RightsSignal
from producers.extract.jsonld_signals import jsonld_statements
from producers.extract.markup_place import (
    context_of,
    names_comments,
    names_footer,
    names_republishing,
    nearest_attribute,
    place_of,
    text_of_element,
    words_beside,
)
from producers.extract.page_parts import MAX_VALUE_CHARS, Found, PageParts
from producers.extract.unseen_text import HIDING_ATTRIBUTES, is_hidden

MAX_SIGNALS = 64
# A machine licence that is cut is none.
MAX_RSL_CHARS = 10_000
# Hundreds of links in readers' comments must not displace the one in the footer.
MAX_SIGNALS_PER_FIELD = 8
# The words around a link cost a walk through its block: of thousands that say the same no more are
# looked at.
MAX_LOOKED_AT_PER_FIELD = 64
NOSNIPPET = "data-nosnippet"
# Each passage that is not to be shown counts for itself.
MAX_NOSNIPPETS = 32
# Of a microdata item, until its address is found.
MAX_ITEM_ANCESTORS = 50
MAX_ITEM_LINKS = 300
MAX_XPATH_CHARS = 400
MAX_IMAGE_CHARS = 400
MAX_ALT_CHARS = 200

HEADERS = (
    "x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal", "license",
    "x-license", "copyright", "x-copyright", "rights",
)  # fmt: skip
_RIGHTS_RELATIONS = ("license", "copyright")
LINK_RELATIONS = frozenset({"license", "copyright", "describedby", "terms-of-service"})
_META = re.compile(
    r"(?:(?:dc|dct|dcterms|dc\.terms|cc|og|article|schema|xhv|xmprights|plus)[.:])?"
    r"(?:copyright(?:[-_ .]?(?:holder|notice|owner|year))?|rights?(?:[-_ .]?(?:standard|holder))?"
    r"|licen[sc]e|accessrights|usage[-_ ]?(?:terms|rights|info)|webstatement)"
    r"|robots|googlebot(?:-news)?|bingbot|dateline|tdm-(?:reservation|policy)|content-(?:usage|signal)"
    r"|citation_(?:licen[sc]e|copyright)"
)
_PROPERTY = re.compile(
    r"(?:cc|dct|dcterms|dc|xhv|schema|og|odrl)[.:](?:license|rights|rightsholder|accessrights"
    r"|attributionname|attributionurl|morepermissions|useguidelines|usageinfo|haspolicy)"
    r"|https?://(?:creativecommons\.org/ns#|purl\.org/dc/(?:terms|elements/1\.1)/"
    r"|www\.w3\.org/1999/xhtml/vocab#|schema\.org/)(?:license|rights|morepermissions)"
)
_ITEM_PROPERTIES = frozenset(
    {"license", "copyrightholder", "copyrightnotice", "copyrightyear", "usageinfo",
     "acquirelicensepage", "credittext", "isaccessibleforfree", "conditionsofaccess"}
)  # fmt: skip
_RIGHTS_CLASS = re.compile(r"copyright|copyleft|licen[sc]e|creative-?commons|usage-rights")
_NO_NOTICE = frozenset({"html", "body", "script", "style", "input", "svg", "i", "link", "meta"})
# RDFa, microdata, what is hidden; elements without any of these say nothing by their attributes.
_STATING_ATTRIBUTES = frozenset({"property", "rel", "itemprop", NOSNIPPET})
_READ_ATTRIBUTES = _STATING_ATTRIBUTES | HIDING_ATTRIBUTES
_LINK_VALUE = re.compile(r"<[^>]{0,4000}>(?:[^,<\"]|\"[^\"]{0,4000}\")*")
_LINK_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)

# As ``Found``, with a value that may have to be read first.
_Seen = tuple[str, str, str | Callable[[], str], Any]


def page_signals(tree: Any, http_headers: Mapping[str, str]) -> tuple[RightsSignal, ...]:
    """Return the statements about rights in HTTP headers and markup, in their order.

    Args:
        tree: the page as lxml parsed it; it is only read.
        http_headers: lower-case names, repeated ones joined by ", ".

    Returns:
        at most ``MAX_SIGNALS``, at most ``MAX_SIGNALS_PER_FIELD`` of one field, none twice. Values
        over ``MAX_VALUE_CHARS`` are cut and their field ends in " (cut)". The value of a link has
        its target in the first line, its text in the second and the words around it in the third,
        as far as there are any; ``about=`` or ``itemtype=`` lines say what it is about. A link that
        holds an image and no words has lines ``image=``, ``alt=`` and ``beside=``, the words next
        to it.
        ``data-nosnippet`` holds a passage that no snippet may show; ``hidden-text`` and
        ``comment-text`` what is said of licences in text that no reader sees or that readers wrote.

    Raises: Nothing.
    """
    signals: dict[Found, RightsSignal] = {}
    counts: Counter[str] = Counter()
    looked_at: Counter[str] = Counter()
    for layer, field, value, element in _all(tree, http_headers):
        if counts[field] >= (MAX_NOSNIPPETS if field == NOSNIPPET else MAX_SIGNALS_PER_FIELD):
            continue
        looked_at[field] += 1
        if looked_at[field] > MAX_LOOKED_AT_PER_FIELD:
            continue
        text = _clean(value() if callable(value) else value)
        key = (layer, field, text, None)
        if not text or key in signals:
            continue
        counts[field] += 1
        signals[key] = _signal(layer, field, text, element)
        if len(signals) == MAX_SIGNALS:
            break
    return tuple(signals.values())


def _clean(value: str | None) -> str:
    """Return a value without half surrogate pairs and NULs: JSON can hold them, an index cannot."""
    return (value or "").replace("\0", "").encode("utf-8", "replace").decode().strip()


def _signal(layer: str, field: str, text: str, element: Any) -> RightsSignal:
    xpath = None if element is None else element.getroottree().getpath(element)
    if xpath is not None and len(xpath) > MAX_XPATH_CHARS:
        xpath = None
    most = MAX_RSL_CHARS if field == "script[type=application/rsl+xml]" else MAX_VALUE_CHARS
    if len(text) > most:
        field, text = f"{field} (cut)", text[:most]
    return RightsSignal(layer=layer, field=field, value=text, xpath=xpath)


def _all(tree: Any, http_headers: Mapping[str, str]) -> Iterator[_Seen]:
    yield from _from_headers(http_headers)
    noticed: set[Any] = set()
    parts = PageParts()
    # One walk that looks at names first, for most elements have nothing to read; XPaths that look
    # for each kind of statement take twice as long.
    for element in tree.iter("*"):
        read = _READERS.get(element.tag)
        if read is not None:
            yield from read(element)
        elif element.tag == "footer":
            yield from parts.seen(element)
        names = element.keys()
        if not _READ_ATTRIBUTES.isdisjoint(names):
            if not _STATING_ATTRIBUTES.isdisjoint(names):
                yield from _from_attributes(element)
            if not HIDING_ATTRIBUTES.isdisjoint(names) and is_hidden(element):
                yield from parts.unseen(element, "hidden-text")
        if "class" in names or "id" in names:
            kinds = _named(element.get("class"), element.get("id"))
            if kinds and element.tag not in _NO_NOTICE:
                yield from _from_named(element, kinds, noticed, parts)


def _from_headers(http_headers: Mapping[str, str]) -> Iterator[Found]:
    for name, value in http_headers.items():
        lowered = name.lower()
        if lowered == "link":
            for link in _LINK_VALUE.findall(value[:50_000]):
                relations = {
                    token
                    for quoted, bare in _LINK_REL.findall(link)
                    for token in (quoted or bare).lower().split()
                }
                if relations & LINK_RELATIONS:
                    yield "http", "link", link.strip().rstrip(","), None
        elif lowered in HEADERS:
            yield "http", lowered, value, None


def _from_meta(element: Any) -> Iterator[Found]:
    for attribute in ("name", "property", "http-equiv"):
        name = (element.get(attribute) or "").strip().lower()
        if name and len(name) < 60 and _META.fullmatch(name):  # noqa: PLR2004 (no name is longer)
            yield "html", f"meta[{attribute}={name}]", element.get("content"), element
            return


def _from_link(element: Any) -> Iterator[Found]:
    relations = _relations(element)
    for relation in _RIGHTS_RELATIONS:
        if relation in relations and element.get("href"):
            kind = (element.get("type") or "").strip().lower()
            suffix = "[type=application/rsl+xml]" if kind == "application/rsl+xml" else ""
            place = place_of(element)
            value = _lines(element.get("href"), element.get("title") or "")
            yield "html", f"link[rel={relation}]{suffix}@{place}", value, element


def _from_script(element: Any) -> Iterator[Found]:
    kind = (element.get("type") or "").strip().lower()
    if kind == "application/ld+json":
        for statement in jsonld_statements(element.text or ""):
            yield "jsonld", "script[type=application/ld+json]", statement, element
    elif kind == "application/rsl+xml":
        text = (element.text or "")[: MAX_RSL_CHARS + 1]
        yield "html", "script[type=application/rsl+xml]", text, element


def _from_anchor(element: Any) -> Iterable[_Seen]:
    href = (element.get("href") or "").strip()
    relations = _relations(element)
    if relations and (relation := _rights_relation(relations)):
        field = f"a[rel={relation}]"
    elif "creativecommons.org" in href[:200].lower():
        field = "a[href]"
    else:
        return ()  # a list, no generator: half of a page's elements may be links
    value = functools.partial(_link_value, element, href)
    return [("html", f"{field}@{place_of(element)}", value, element)]


_READERS: dict[str, Callable[[Any], Iterable[_Seen]]] = {
    "meta": _from_meta, "link": _from_link, "script": _from_script, "a": _from_anchor,
}  # fmt: skip


def _from_attributes(element: Any) -> Iterator[_Seen]:
    """Return RDFa (CC REL) and microdata statements; those of `meta` are read by its name."""
    if element.get(NOSNIPPET) is not None:
        yield "html", NOSNIPPET, text_of_element(element, max_chars=MAX_VALUE_CHARS), element
    for attribute in () if element.tag == "meta" else ("property", "rel"):
        for token in (element.get(attribute) or "")[:400].lower().split():
            if _PROPERTY.fullmatch(token):
                field = f"[{attribute}={token}]@{place_of(element)}"
                value = functools.partial(_link_value, element, _target(element))
                yield "html", field, value, element
    for token in (element.get("itemprop") or "")[:400].lower().split():
        if token in _ITEM_PROPERTIES:
            field = f"[itemprop={token}]@{place_of(element)}"
            yield "html", field, functools.partial(_item_value, element), element


def _from_named(
    element: Any, kinds: frozenset[str], noticed: set[Any], parts: PageParts
) -> Iterator[Found]:
    if "notice" in kinds:
        yield from _from_notice(element, noticed)
    if "comments" in kinds:
        yield from parts.unseen(element, "comment-text")
    if "footer" in kinds or "republish" in kinds:
        yield from parts.seen(element)


def _named(class_: str | None, id_: str | None) -> frozenset[str]:
    """Return what class and id say that an element is: a notice, comments, a footer, ..."""
    names = (f"{class_ or ''} {id_}" if id_ else class_ or "")[:2000].lower()
    # Parts of words first: of hundreds of names a page few have one.
    return _named_exactly(names) if _LIKELY_NAME.search(names) else _NOTHING_NAMED


@functools.lru_cache(maxsize=1024)
def _named_exactly(names: str) -> frozenset[str]:
    return frozenset(kind for kind, is_named in _NAMED.items() if is_named(names))


_NOTHING_NAMED: frozenset[str] = frozenset()
_LIKELY_NAME = re.compile(
    "copy|licen|commons|rights|comment|komment|disqus|replies|user|foot|colophon|info|impr"
    "|republish|reuse|re-use|repost"
)
_NAMED: dict[str, Callable[[str], bool]] = {
    "notice": lambda names: _RIGHTS_CLASS.search(names) is not None,
    "comments": names_comments,
    "footer": names_footer,
    "republish": names_republishing,
}


def _from_notice(element: Any, noticed: set[Any]) -> Iterator[Found]:
    """Return the text of a notice, outermost first."""
    parent = element.getparent()
    noticed.add(element)
    if parent is not None and parent in noticed:
        return
    text = text_of_element(element, max_chars=MAX_VALUE_CHARS, is_seen_only=True)
    yield "html", f"[class*=copyright]@{place_of(element)}", text, element


def _link_value(element: Any, target: str) -> str:
    if element.tag in ("link", "meta"):  # they are not shown: no words belong to them
        return target
    text = text_of_element(element, max_chars=500)
    about = nearest_attribute(element, "about")
    lines = (target, text, context_of(element, text), f"about={about}" if about else "")
    return _lines(*lines, *(() if text else _icon(element)))


def _icon(element: Any) -> Iterator[str]:
    """Yield lines on the image that a link without words holds, and the words next to it."""
    image = next(element.iter("img"), None)
    if image is None:
        return
    words = image.get("alt") or image.get("title") or element.get("title") or ""
    lines = {
        "image": (image.get("src") or "").strip()[:MAX_IMAGE_CHARS],
        "alt": " ".join(words.split())[:MAX_ALT_CHARS],
        "beside": words_beside(element),
    }
    yield from (f"{name}={value}" for name, value in lines.items() if value)


def _item_value(element: Any) -> str:
    return _lines(_link_value(element, _target(element)), *_item(element))


def _item(element: Any) -> Iterator[str]:
    """Yield lines that say what a microdata property is of: the nearest item's type and address."""
    for count, scope in enumerate(element.iterancestors()):
        if count > MAX_ITEM_ANCESTORS:
            return
        if scope.get("itemscope") is None and scope.get("itemtype") is None:
            continue
        for name in ("itemtype", "itemid"):
            if value := (scope.get(name) or "").strip():
                yield f"{name}={value[:400]}"
        links = itertools.islice(scope.iter("a", "link", "meta"), MAX_ITEM_LINKS)
        named = (each for each in links if "url" in (each.get("itemprop") or "").split())
        if address := next((_target(each) for each in named if _scope_of(each) is scope), ""):
            yield f"url={address[:400]}"
        return


def _scope_of(element: Any) -> Any:
    """Return the microdata item that a property belongs to."""
    return next(
        (each for each in element.iterancestors() if each.get("itemscope") is not None), None
    )


def _target(element: Any) -> str:
    for name in ("resource", "href", "content", "src"):
        if value := (element.get(name) or "").strip():
            return str(value)
    return ""


def _lines(*lines: str) -> str:
    return "\n".join(line.strip() for line in lines if line and line.strip())


def _rights_relation(relations: Sequence[str]) -> str | None:
    return next((name for name in _RIGHTS_RELATIONS if name in relations), None)


def _relations(element: Any) -> Sequence[str]:
    relations = element.get("rel")
    return relations[:400].lower().split() if relations else ()

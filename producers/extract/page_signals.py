"""Return every statement about rights that a page makes beside its text, word for word.

The licence rules decide later what a statement is worth; so nothing is judged here, only where it
stands is said: ``a[rel=license]@footer`` is a link in a footer (places: see ``markup_place``).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dateline.records import RightsSignal
from producers.extract.jsonld_signals import jsonld_statements
from producers.extract.markup_place import (
    context_of,
    nearest_attribute,
    place_of,
    text_of_element,
)

MAX_SIGNALS = 64
MAX_VALUE_CHARS = 2000
# Hundreds of links in readers' comments must not displace the one in the footer.
MAX_SIGNALS_PER_FIELD = 8

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
    r"|robots|googlebot(?:-news)?|bingbot|tdm-(?:reservation|policy)|content-(?:usage|signal)"
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
# RDFa and microdata; elements without any of these say nothing by their attributes.
_STATING_ATTRIBUTES = frozenset({"property", "rel", "itemprop"})
_LINK_VALUE = re.compile(r"<[^>]{0,4000}>(?:[^,<\"]|\"[^\"]{0,4000}\")*")
_LINK_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)

Found = tuple[str, str, str]


def page_signals(tree: Any, http_headers: Mapping[str, str]) -> tuple[RightsSignal, ...]:
    """Return the statements about rights in HTTP headers and markup, in their order.

    Args:
        tree: the page as lxml parsed it; it is only read.
        http_headers: lower-case names, repeated ones joined by ", ".

    Returns:
        at most ``MAX_SIGNALS``, at most ``MAX_SIGNALS_PER_FIELD`` of one field, none twice. Values
        over ``MAX_VALUE_CHARS`` are cut and their field ends in " (cut)". The value of a link has
        its target in the first line, its text in the second and the words around it in the third,
        as far as there are any; ``about=`` or ``itemtype=`` lines say what it is about.

    Raises: Nothing.
    """
    signals: dict[RightsSignal, None] = {}
    counts: Counter[str] = Counter()
    for layer, field, value in _all(tree, http_headers):
        signal = _signal(layer, field, value)
        if signal is None or signal in signals or counts[field] >= MAX_SIGNALS_PER_FIELD:
            continue
        counts[field] += 1
        signals[signal] = None
        if len(signals) == MAX_SIGNALS:
            break
    return tuple(signals)


def _signal(layer: str, field: str, value: str) -> RightsSignal | None:
    # Half surrogate pairs and NULs (JSON escapes them) can be neither encoded nor indexed.
    clean = value.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if not clean:
        return None
    if len(clean) > MAX_VALUE_CHARS:
        return RightsSignal(layer=layer, field=f"{field} (cut)", value=clean[:MAX_VALUE_CHARS])
    return RightsSignal(layer=layer, field=field, value=clean)


def _all(tree: Any, http_headers: Mapping[str, str]) -> Iterator[Found]:
    yield from _from_headers(http_headers)
    noticed: set[Any] = set()
    # One walk that looks at names first, for most elements have nothing to read; XPaths that look
    # for each kind of statement take twice as long.
    for element in tree.iter("*"):
        read = _READERS.get(element.tag)
        if read is not None:
            yield from read(element)
        names = element.keys()
        if not _STATING_ATTRIBUTES.isdisjoint(names):
            yield from _from_attributes(element)
        if ("class" in names or "id" in names) and _is_notice(element):
            yield from _from_notice(element, noticed)


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
                    yield "http", "link", link.strip().rstrip(",")
        elif lowered in HEADERS:
            yield "http", lowered, value


def _from_meta(element: Any) -> Iterator[Found]:
    for attribute in ("name", "property", "http-equiv", "itemprop"):
        name = (element.get(attribute) or "").strip().lower()
        if name and len(name) < 60 and _META.fullmatch(name):  # noqa: PLR2004 (no name is longer)
            yield "html", f"meta[{attribute}={name}]", element.get("content")
            return


def _from_link(element: Any) -> Iterator[Found]:
    relations = _relations(element)
    for relation in _RIGHTS_RELATIONS:
        if relation in relations and element.get("href"):
            kind = (element.get("type") or "").strip().lower()
            suffix = "[type=application/rsl+xml]" if kind == "application/rsl+xml" else ""
            place = place_of(element)
            title = element.get("title") or ""
            yield (
                "html", f"link[rel={relation}]{suffix}@{place}", _lines(element.get("href"), title)
            )  # fmt: skip


def _from_script(element: Any) -> Iterator[Found]:
    kind = (element.get("type") or "").strip().lower()
    if kind == "application/ld+json":
        for statement in jsonld_statements(element.text or ""):
            yield "jsonld", "script[type=application/ld+json]", statement
    elif kind == "application/rsl+xml":
        yield "html", "script[type=application/rsl+xml]", (element.text or "")[:10_000]


def _from_anchor(element: Any) -> Iterable[Found]:
    href = (element.get("href") or "").strip()
    relations = _relations(element)
    if relations and (relation := _rights_relation(relations)):
        field = f"a[rel={relation}]"
    elif "creativecommons.org" in href[:200].lower():
        field = "a[href]"
    else:
        return ()  # a list, no generator: half of a page's elements may be links
    return [("html", f"{field}@{place_of(element)}", _link_value(element, href))]


_READERS: dict[str, Callable[[Any], Iterable[Found]]] = {
    "meta": _from_meta, "link": _from_link, "script": _from_script, "a": _from_anchor,
}  # fmt: skip


def _from_attributes(element: Any) -> Iterator[Found]:
    """Return RDFa (CC REL) and microdata statements; those of `meta` are read by its name."""
    if element.tag == "meta":
        return
    for attribute in ("property", "rel"):
        for token in (element.get(attribute) or "")[:400].lower().split():
            if _PROPERTY.fullmatch(token):
                place = place_of(element)
                yield (
                    "html",
                    f"[{attribute}={token}]@{place}",
                    _link_value(element, _target(element)),
                )
    for token in (element.get("itemprop") or "")[:400].lower().split():
        if token in _ITEM_PROPERTIES:
            field = f"[itemprop={token}]@{place_of(element)}"
            item_type = nearest_attribute(element, "itemtype")
            about = f"itemtype={item_type}" if item_type else ""
            yield "html", field, _lines(_link_value(element, _target(element)), about)


def _is_notice(element: Any) -> bool:
    """Return whether class or id say that the element is a notice."""
    return element.tag not in _NO_NOTICE and _names_notice(element.get("class"), element.get("id"))


@functools.lru_cache(maxsize=1024)  # a page has hundreds of elements of some twenty classes
def _names_notice(class_: str | None, id_: str | None) -> bool:
    names = f"{class_ or ''} {id_ or ''}".lower()
    return _RIGHTS_CLASS.search(names[:2000]) is not None


def _from_notice(element: Any, noticed: set[Any]) -> Iterator[Found]:
    """Return the text of a notice, outermost first."""
    parent = element.getparent()
    noticed.add(element)
    if parent is not None and parent in noticed:
        return
    text = text_of_element(element, max_chars=MAX_VALUE_CHARS)
    yield "html", f"[class*=copyright]@{place_of(element)}", text


def _link_value(element: Any, target: str) -> str:
    text = text_of_element(element, max_chars=500)
    about = nearest_attribute(element, "about")
    return _lines(target, text, context_of(element, text), f"about={about}" if about else "")


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

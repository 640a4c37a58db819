"""Return the tree of untrusted XML; nothing it names is fetched and no entity is expanded.

Two readings: the strict one, and one that repairs what feeds get wrong (``&`` and ``<`` as text,
control characters, undeclared prefixes, unclosed elements).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import lxml.etree

from producers.sources.decode_xml import XmlRefusedError, charset_of, decode_xml
from producers.sources.repair_xml import ILLEGAL, open_tags, with_entities, without_doctype

__all__ = [
    "XmlRefusedError",
    "charset_of",
    "decode_xml",
    "iter_xml",
    "local_name",
    "namespace",
    "parse_xml",
    "parse_xml_tolerantly",
]

# A feed has about 6 levels and XHTML in an entry some 30 more; libxml2 itself stops at 256.
MAX_DEPTH = 200
# 50,000 addresses of a sitemap with image extension are some 400,000; a node costs about 150 bytes.
MAX_ELEMENTS = 1_000_000
# The widest elements in use have some 20; parsers behind this one take squared time for them.
MAX_ATTRIBUTES = 200
# Prefixes that feeds use without declaring them.
KNOWN_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "cc": "http://creativecommons.org/ns#",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rsl": "https://rslstandard.org/rsl",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
UNDECLARED = "urn:undeclared"
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# libxml2's own limits: what runs into them is an attack or no feed, never a slip to repair.
LIMIT_WORDS = ("Excessive depth", "XML_PARSE_HUGE", "too big", "too long", "out of memory")


def parse_xml(
    data: bytes,
    *,
    charset: str | None = None,
    max_depth: int = MAX_DEPTH,
    max_elements: int = MAX_ELEMENTS,
) -> Any:
    """Return the root element of well-formed XML; HTML's named entities are read, too.

    Args:
        data: the document in any common encoding; UTF-8 is believed before any declaration.
        charset: of the HTTP header, if it named one.
        max_depth: elements above one another.
        max_elements: in all.

    Raises:
        XmlRefusedError: a document type with declarations, an unknown entity, not well-formed, a
            limit, or bytes that are no text.
    """
    text = _prepared(data, charset, max_elements)
    try:
        root = _parse(text, recover=False)
    except lxml.etree.XMLSyntaxError as error:
        # Named entities of HTML are not defined without a DTD, the other slips stay errors.
        repaired = with_entities(text, is_lenient=False)
        if repaired == text:
            _refuse(error)
        try:
            root = _parse(repaired, recover=False)
        except lxml.etree.XMLSyntaxError as second:
            _refuse(second)
    return _checked(root, max_depth, max_elements)


def parse_xml_tolerantly(
    data: bytes,
    *,
    charset: str | None = None,
    max_depth: int = MAX_DEPTH,
    max_elements: int = MAX_ELEMENTS,
) -> Any:
    """Return the root element of XML that need not be well-formed; else like ``parse_xml``.

    Raises:
        XmlRefusedError: as for ``parse_xml``, but broken markup only where nothing is left of it.
    """
    text = _prepared(data, charset, max_elements)
    try:
        return _checked(_parse(text, recover=False), max_depth, max_elements)
    except lxml.etree.XMLSyntaxError as error:
        if _is_limit(error):
            _refuse(error)
        first = error
    repaired = with_entities(ILLEGAL.sub("", text), is_lenient=True)
    try:
        root = _parse(repaired, recover=True)
    except lxml.etree.XMLSyntaxError as error:
        _refuse(error)
    if root is None:
        _refuse(first)
    _checked(root, max_depth, max_elements)
    _declare_prefixes(root)
    return root


def iter_xml(root: Any, local_name: str) -> Iterator[Any]:
    """Yield the elements called ``local_name`` in any namespace, in document order."""
    return root.iter(f"{{*}}{local_name}", local_name)  # type: ignore[no-any-return]


def local_name(element: Any) -> str:
    """Return the name of ``element`` without namespace; "" for comments and the like."""
    tag = element.tag
    return _local_name(tag) if isinstance(tag, str) else ""


@functools.lru_cache(maxsize=1024)  # a document has few names and many elements
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def namespace(element: Any) -> str:
    """Return the namespace of ``element``, "" when it has none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def _prepared(data: bytes, charset: str | None, max_elements: int) -> str:
    text = decode_xml(data, charset=charset)
    if not text.strip():
        raise XmlRefusedError("empty: no text" if data else "empty: 0 bytes")
    # White space, a second mark or a warning of the server's script before the document.
    start = text.find("<")
    if start < 0:
        raise XmlRefusedError("no XML: no markup")
    text = text[start:]
    if open_tags(text) > max_elements:
        raise XmlRefusedError(f"too many elements: over {max_elements:,}")
    # The text is decoded: what its declaration says of the encoding is no longer true.
    if text.startswith("<?xml") and "?>" in text[:400]:
        text = text[text.find("?>") + 2 :].lstrip()
    return without_doctype(text)


def _parse(text: str, *, recover: bool) -> Any:
    parser = lxml.etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        strip_cdata=False,  # escaped text reaches feedparser in ten times as many pieces
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    # Half surrogate pairs can come out of broken UTF-16.
    return lxml.etree.fromstring(text.encode("utf-8", "replace"), parser)


def _checked(root: Any, max_depth: int, max_elements: int) -> Any:
    if root.xpath("count(//*)") > max_elements:
        raise XmlRefusedError(f"too many elements: over {max_elements:,}")
    # A path of one step more than allowed: libxml2 walks it, 300,000 elements in milliseconds.
    if root.xpath(f"boolean({'/*' * (max_depth + 1)})"):
        raise XmlRefusedError(f"too deep: over {max_depth} elements above one another")
    if root.xpath(f"boolean(//*[count(@*) > {MAX_ATTRIBUTES}])"):
        raise XmlRefusedError(f"too many attributes: over {MAX_ATTRIBUTES} on one element")
    # Without a DTD there are none; this holds should libxml2 ever keep one.
    if next(root.iter(lxml.etree.Entity), None) is not None:
        raise XmlRefusedError("entity: not defined")
    return root


def _declare_prefixes(root: Any) -> None:
    """Give elements whose prefix is undeclared the namespace that it stands for."""
    for element in root.iter(lxml.etree.Element):
        if ":" in element.tag and not element.tag.startswith("{"):
            element.tag = _qualified(element.tag)
        for name in [name for name in element.attrib if ":" in name and not name.startswith("{")]:
            element.set(_qualified(name), element.attrib.pop(name))


def _qualified(name: str) -> str:
    prefix, _, local = name.partition(":")
    # `<p10:00>` comes of markup that was cut: libxml2 reads it, and refuses to be given it.
    is_name = _LOCAL_NAME.fullmatch(local) is not None
    return f"{{{KNOWN_PREFIXES.get(prefix, UNDECLARED)}}}{local if is_name else 'unnamed'}"


def _is_limit(error: lxml.etree.XMLSyntaxError) -> bool:
    return any(word in str(error) for word in LIMIT_WORDS)


def _refuse(error: lxml.etree.XMLSyntaxError) -> NoReturn:
    word = "too large" if _is_limit(error) else "broken XML"
    message = " ".join(str(error.msg or "no element").split())[:120]
    raise XmlRefusedError(f"{word}: {message}") from None

"""Return the tree of untrusted XML; nothing it names is fetched and no entity is expanded.

Two readings: the strict one, and one that repairs what feeds get wrong (``&`` and ``<`` as text,
control characters, undeclared prefixes, unclosed elements).
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

import lxml.etree

from producers.sources.declare_prefixes import declare_prefixes
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
    "read_children_tolerantly",
]

Result = TypeVar("Result")

# A feed has about 6 levels and XHTML in an entry some 30 more; libxml2 itself stops at 256.
MAX_DEPTH = 200
# 50,000 addresses of a sitemap with image extension are some 400,000; a node costs about 150 bytes.
MAX_ELEMENTS = 1_000_000
# The widest elements in use have some 20; parsers behind this one take squared time for them.
MAX_ATTRIBUTES = 200
# libxml2's own limits: what runs into them is an attack or no feed, never a slip to repair.
LIMIT_WORDS = ("Excessive depth", "XML_PARSE_HUGE", "too big", "too long", "out of memory")
_PARSER_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "strip_cdata": False,  # escaped text reaches feedparser in ten times as many pieces
    "remove_comments": True,
    "remove_pis": True,
}


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
    declare_prefixes(root)
    return root


def read_children_tolerantly(
    data: bytes,
    read: Callable[[str, Iterator[Any]], Result],
    *,
    charset: str | None = None,
    max_depth: int = MAX_DEPTH,
    max_elements: int = MAX_ELEMENTS,
) -> Result:
    """Return what ``read`` makes of a document, without a tree of all of it in memory.

    There is one after all where tags are unclosed or wrongly nested.

    Args:
        data: the document, as for ``parse_xml_tolerantly``.
        read: is given the root's local name and an iterator of the elements directly below it, each
            whole, and emptied when the next one is asked for. It is called again from the start
            when the markup turns out to be broken.
        charset: of the HTTP header, if it named one.
        max_depth: elements above one another.
        max_elements: in all.

    Raises:
        XmlRefusedError: as for ``parse_xml_tolerantly``.
    """
    for is_repaired in (False, True):
        # Nothing holds the text while it is read: it may be as large as all that is made of it.
        markup = _markup(data, charset, max_elements, is_repaired=is_repaired)
        found = _root_and_children(markup, max_depth, max_elements)
        del markup
        try:
            return read(next(found), found)
        except lxml.etree.XMLSyntaxError as error:
            if _is_limit(error):
                _refuse(error)
    root = parse_xml_tolerantly(
        data, charset=charset, max_depth=max_depth, max_elements=max_elements
    )
    return read(local_name(root), iter(root))


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
        _refuse_count(max_elements)
    # The text is decoded: what its declaration says of the encoding is no longer true.
    if text.startswith("<?xml") and "?>" in text[:400]:
        text = text[text.find("?>") + 2 :].lstrip()
    return without_doctype(text)


def _parse(text: str, *, recover: bool) -> Any:
    parser = lxml.etree.XMLParser(recover=recover, **_PARSER_OPTIONS)
    return lxml.etree.fromstring(_utf8(text), parser)


def _utf8(text: str) -> bytes:
    # Half surrogate pairs can come out of broken UTF-16.
    return text.encode("utf-8", "replace")


def _markup(data: bytes, charset: str | None, max_elements: int, *, is_repaired: bool) -> bytes:
    text = _prepared(data, charset, max_elements)
    return _utf8(with_entities(ILLEGAL.sub("", text), is_lenient=True) if is_repaired else text)


def _root_and_children(markup: bytes, max_depth: int, max_elements: int) -> Iterator[Any]:
    """Yield the local name of the root, then each element below it, emptied afterwards."""
    depth = count = 0
    events = ("start", "end")
    for event, element in lxml.etree.iterparse(io.BytesIO(markup), events, **_PARSER_OPTIONS):
        if event == "start":
            depth += 1
            count += 1
            _check_start(element, depth, count, max_depth, max_elements)
            if depth == 1:
                yield local_name(element)
            continue
        depth -= 1
        if depth == 1:
            _check_entities(element)
            yield element
            # libxml2 may still add to what follows the element; what is before it is done with.
            element.clear(keep_tail=True)
            while element.getprevious() is not None:
                del element.getparent()[0]


def _check_start(element: Any, depth: int, count: int, max_depth: int, max_elements: int) -> None:
    if count > max_elements:
        _refuse_count(max_elements)
    if depth > max_depth:
        _refuse_depth(max_depth)
    if len(element.attrib) > MAX_ATTRIBUTES:
        _refuse_attributes()


def _check_entities(element: Any) -> None:
    # Without a DTD there are none; this holds should libxml2 ever keep one.
    if next(element.iter(lxml.etree.Entity), None) is not None:
        raise XmlRefusedError("entity: not defined")


def _refuse_count(max_elements: int) -> NoReturn:
    raise XmlRefusedError(f"too many elements: over {max_elements:,}")


def _refuse_depth(max_depth: int) -> NoReturn:
    raise XmlRefusedError(f"too deep: over {max_depth} elements above one another")


def _refuse_attributes() -> NoReturn:
    raise XmlRefusedError(f"too many attributes: over {MAX_ATTRIBUTES} on one element")


def _checked(root: Any, max_depth: int, max_elements: int) -> Any:
    if root.xpath("count(//*)") > max_elements:
        _refuse_count(max_elements)
    # A path of one step more than allowed: libxml2 walks it, 300,000 elements in milliseconds.
    if root.xpath(f"boolean({'/*' * (max_depth + 1)})"):
        _refuse_depth(max_depth)
    if root.xpath(f"boolean(//*[count(@*) > {MAX_ATTRIBUTES}])"):
        _refuse_attributes()
    _check_entities(root)
    return root


def _is_limit(error: lxml.etree.XMLSyntaxError) -> bool:
    return any(word in str(error) for word in LIMIT_WORDS)


def _refuse(error: lxml.etree.XMLSyntaxError) -> NoReturn:
    word = "too large" if _is_limit(error) else "broken XML"
    message = " ".join(str(error.msg or "no element").split())[:120]
    raise XmlRefusedError(f"{word}: {message}") from None

"""Return XML text without what is refused or repaired before it is parsed; CDATA is left alone."""

from __future__ import annotations

import html.entities
import re
import sys
from collections.abc import Iterator

from producers.sources.decode_xml import XmlRefusedError

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_DOCTYPE = re.compile(
    r"<!DOCTYPE\s+[\w:.-]+(?:\s+(?:PUBLIC\s+(?:\"[^\"]*\"|'[^']*')|SYSTEM))?"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*>",
    re.IGNORECASE,
)
_ENTITY_NAME = r"(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_ENTITY = re.compile(f"&{_ENTITY_NAME}")
_BARE_AMPERSAND = re.compile(f"&(?!{_ENTITY_NAME})")
_BARE_LESS = re.compile(r"<(?![A-Za-z_:/!?])")
# HTML pasted into a field: what is never closed would swallow the rest of the entry.
_VOID_TAG = re.compile(r"<((?:br|hr|img|wbr|input)(?:\s[^<>]{0,2000}[^<>/])?)>", re.IGNORECASE)
# More than this is no slip of a feed; ten million would take seconds to repair.
MAX_REPAIRED_AMPERSANDS = 500_000
PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})


def open_tags(text: str) -> int:
    """Return an upper bound of the elements outside CDATA, so that the tree is never too big."""
    return sum(part.count("<") - part.count("</") for part, is_markup in _parts(text) if is_markup)


def without_doctype(text: str) -> str:
    """Return ``text`` without a document type that only names one; it is never fetched.

    Raises:
        XmlRefusedError: it declares something, or there are two.
    """
    start = _doctype_start(text)
    if start is None:
        return text
    match = _BARE_DOCTYPE.match(text, start)
    if match is None:
        raise XmlRefusedError("DTD: a document type with declarations is not read")
    bare = text[:start] + text[match.end() :]
    if _doctype_start(bare) is not None:
        raise XmlRefusedError("DTD: more than one document type")
    return bare


def _doctype_start(text: str) -> int | None:
    """Return where a document type stands before the first element; behind it, it is content."""
    position = 0
    while (position := text.find("<", position)) >= 0:
        if text.startswith("<!--", position):
            end = text.find("-->", position)
        elif text.startswith("<?", position):
            end = text.find("?>", position)
        else:
            return position if text.startswith("<!", position) else None
        if end < 0:
            return None
        position = end
    return None


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield ``text`` cut at CDATA sections and comments, and whether a part is markup."""
    position = 0
    for match in re.finditer(r"<!\[CDATA\[|<!--", text):
        if match.start() < position:
            continue
        closing = "]]>" if match[0] == "<![CDATA[" else "-->"
        end = text.find(closing, match.end())
        if end < 0:
            break
        yield text[position : match.start()], True
        position = end + len(closing)
        yield text[match.start() : position], False
    yield text[position:], True


def with_entities(text: str, *, is_lenient: bool) -> str:
    """Return ``text`` with HTML's named entities as characters.

    Args:
        text: without document type.
        is_lenient: unknown entities and lone ``&`` and ``<`` become text, and references to
            characters that XML forbids go.

    Raises:
        XmlRefusedError: too many to repair.
    """
    if text.count("&") > MAX_REPAIRED_AMPERSANDS:
        raise XmlRefusedError("broken XML: too many entities to repair")
    replace = _Replacements(is_lenient=is_lenient)
    return "".join(
        _with_entities(part, replace, is_lenient=is_lenient) if is_markup else part
        for part, is_markup in _parts(text)
    )


def _with_entities(part: str, replace: _Replacements, *, is_lenient: bool) -> str:
    if is_lenient:
        part = _BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", part))
        part = _VOID_TAG.sub(r"<\1/>", part)
    return _ENTITY.sub(lambda match: replace[match[0]], part)


class _Replacements(dict[str, str]):
    """What each entity becomes, found once: hostile text repeats one a million times."""

    def __init__(self, *, is_lenient: bool) -> None:
        super().__init__()
        self._is_lenient = is_lenient

    def __missing__(self, entity: str) -> str:
        self[entity] = found = self._find(entity[1:-1])
        return found

    def _find(self, name: str) -> str:
        entity = f"&{name};"
        if name in PREDEFINED:
            return entity
        if name.startswith("#"):
            code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
            is_legal = code <= sys.maxunicode and not ILLEGAL.match(chr(code))
            return entity if is_legal or not self._is_lenient else ""
        found = html.entities.html5.get(f"{name};")
        if found is not None:
            return found.replace("&", "&amp;").replace("<", "&lt;")
        return f"&amp;{name};" if self._is_lenient else entity

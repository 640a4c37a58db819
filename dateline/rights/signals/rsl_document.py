"""Return what an RSL 1.0 document (rslstandard.org/rsl) says of each of its contents."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lxml.etree

# Real documents have some kilobytes; the largest one may come with an article as it is.
MAX_CHARS = 262_144
MAX_CONTENTS = 2000
NAMESPACE = "https://rslstandard.org/rsl"
FREE_PAYMENTS = frozenset({"free", "attribution", "contribution"})
_TOKENS = re.compile(r"[\s,;]+")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class RslLicense:
    """One licence: the uses it names, and whether anybody may take it up as it stands.

    ``permits`` None: it names none, so it is about all uses. ``is_open``: neither payment, licence
    server, kind of user nor country stands between a user and the permission.
    """

    permits: frozenset[str] | None
    prohibits: frozenset[str]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RslContent:
    """One content with its licences; ``url`` is its canonical address or a pattern of paths."""

    url: str
    licenses: tuple[RslLicense, ...]


@functools.lru_cache(maxsize=32)  # one document comes with each article of its site
def parse_rsl(xml: str) -> tuple[RslContent, ...]:
    """Return the contents of a document, or of a ``content`` or ``license`` that stands alone.

    A licence alone has ``url`` "". What is no RSL, has a DTD or exceeds the limits has none.

    Raises: Nothing.
    """
    root = parse_xml(xml)
    if root is None:
        return ()
    name = local_name(root)
    if name == "license":
        return (RslContent(url="", licenses=(_license(root, has_server=False),)),)
    contents = [root] if name == "content" else list(contents_of(root))
    return tuple(_content(each) for each in contents)


def parse_xml(xml: str) -> Any | None:
    """Return the root of RSL's XML, or None; entities are never read."""
    # A declaration of an encoding is not for decoded text.
    text = _DECLARATION.sub("", xml.lstrip("\ufeff")).strip()
    if not text.startswith("<") or len(text) > MAX_CHARS or "<!DOCTYPE" in text:
        return None
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = lxml.etree.fromstring(text, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return None
    return root if local_name(root) else None


def contents_of(root: Any) -> Iterator[Any]:
    """Yield the first content elements of a document, wherever they stand."""
    found = (each for each in root.iter(lxml.etree.Element) if local_name(each) == "content")
    for _, element in zip(range(MAX_CONTENTS), found, strict=False):
        yield element


def local_name(element: Any) -> str:
    """Return the name of an RSL element without its namespace; "" for any other."""
    tag = element.tag
    if not isinstance(tag, str) or not tag.startswith("{"):
        return ""
    namespace, _, name = tag[1:].partition("}")
    is_rsl = namespace.strip().lower().replace("http:", "https:", 1).startswith(NAMESPACE)
    return name.lower() if is_rsl else ""


def _content(element: Any) -> RslContent:
    has_server = bool((element.get("server") or "").strip())
    return RslContent(
        url=(element.get("url") or "").strip()[:2000],
        licenses=tuple(
            _license(child, has_server=has_server)
            for child in element
            if local_name(child) == "license"
        ),
    )


def _license(element: Any, *, has_server: bool) -> RslLicense:
    permits: set[str] | None = None
    prohibits: set[str] = set()
    is_open = not has_server
    for child in element:
        name, kind = local_name(child), (child.get("type") or "").strip().lower()
        if name in ("permits", "prohibits") and kind in ("user", "geo"):
            is_open = False  # for some people or countries: we cannot say that we are one
        elif name == "permits":
            permits = (permits or set()) | _tokens(child)
        elif name == "prohibits":
            prohibits |= _tokens(child)
        elif name == "payment" and (kind or "free") not in FREE_PAYMENTS:
            is_open = False
    return RslLicense(
        permits=None if permits is None else frozenset(permits),
        prohibits=frozenset(prohibits),
        is_open=is_open,
    )


def _tokens(element: Any) -> set[str]:
    return {token for token in _TOKENS.split("".join(element.itertext()).lower()) if token}

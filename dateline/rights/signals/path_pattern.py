"""Match the path of an address against the patterns of robots.txt, TDMRep and RSL.

All three write paths as RFC 9309 does: a prefix, ``*`` for any characters, ``$`` for the end.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

# As RFC 9309, 2.2.2 asks: both sides are compared in one percent-encoding.
_KEPT_CHARACTERS = "/?&=:;,+@!'()~-._*$"


def path_of(address: str | None) -> str | None:
    """Return path and query of an absolute address, or None where it is none."""
    parts = _split(address or "")
    if parts is None or not parts[0]:
        return None
    return parts[1]


def host_of(address: str | None) -> str:
    """Return the host of an absolute address without ``www.``; "" where it has none."""
    parts = _split(address or "")
    return parts[0] if parts else ""


def is_match(path: str, pattern: str) -> bool:
    """Return whether a path (with its query) fits a pattern; an empty pattern fits nothing."""
    return bool(pattern) and _fits(_normal(path), _normal(pattern))


def specificity(pattern: str) -> int:
    """Return what the longest match is told by: the octets of a pattern."""
    return len(_normal(pattern).rstrip("*").encode())


def _split(address: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return host, f"{parts.path or '/'}{query}"


def _normal(path: str) -> str:
    return quote(unquote(path), safe=_KEPT_CHARACTERS)


def _fits(path: str, pattern: str) -> bool:
    """Find the parts between the stars one after the other: linear, unlike a regular expression."""
    is_anchored = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    if not rest:
        return not is_anchored or position == len(path)
    last = rest.pop() if is_anchored else ""
    for part in rest:
        found = path.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return path.endswith(last) and len(path) - len(last) >= position

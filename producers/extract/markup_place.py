"""Say where in a page an element stands: a licence in a comment is not that of the article."""

from __future__ import annotations

import re
from typing import Any

# Nothing real nests deeper; hostile markup may, up to the parser's own limit.
MAX_ANCESTORS = 300
MAX_CONTEXT_CHARS = 400
# Text below a block that is looked at to find a link's surroundings.
_SEARCHED_CHARS = 20_000

_COMMENT = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|replies|user-?content|kommentare?)(?:$|[\s_-])"
)
_FOOTER = re.compile(r"(?:^|[\s_-])(?:footer|colophon|site-info)(?:$|[\s_-])")
_TAG_PLACES = {
    "figure": "figure", "figcaption": "figure", "blockquote": "blockquote", "aside": "aside",
    "nav": "nav", "footer": "footer", "header": "header", "article": "article", "head": "head",
}  # fmt: skip
_ROLE_PLACES = {
    "contentinfo": "footer", "banner": "header", "complementary": "aside", "article": "article",
    "navigation": "nav", "figure": "figure",
}  # fmt: skip
_BLOCKS = frozenset(
    {"p", "li", "td", "th", "dd", "dt", "figcaption", "figure", "blockquote", "footer", "aside",
     "small", "address", "caption", "div", "section", "article", "header", "main", "body"}
)  # fmt: skip


def place_of(element: Any) -> str:
    """Return where an element of a page stands, in one word.

    ``comment`` where any ancestor holds readers' comments; else the nearest of ``figure``,
    ``blockquote``, ``aside``, ``nav``, ``footer``, ``header``, ``article`` and ``head``, told by
    tag, role or (comments and footers) by class and id; else ``body``.
    """
    nearest = None
    for count, ancestor in enumerate(_self_and_ancestors(element)):
        if count > MAX_ANCESTORS:
            break
        tag = ancestor.tag
        if not isinstance(tag, str):
            continue
        names = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}".lower()
        # A theme marks the whole page with `comments-open` or the like: no place.
        if tag not in ("body", "html") and len(names) > 1:
            if _COMMENT.search(names):
                return "comment"
            if nearest is None and _FOOTER.search(names):
                nearest = "footer"
        if nearest is None:
            nearest = _TAG_PLACES.get(tag) or _ROLE_PLACES.get((ancestor.get("role") or "").lower())
    return nearest or "body"


def text_of_element(element: Any, *, max_chars: int) -> str:
    """Return the text of an element in one line, about ``max_chars`` of it at most."""
    parts: list[str] = []
    size = 0
    for text in element.itertext():
        parts.append(text[: max_chars * 2])
        size += len(text)
        if size > max_chars * 2:  # white space is still to be folded
            break
    return " ".join("".join(parts).split())[: max_chars + 1]


def context_of(element: Any, text: str) -> str:
    """Return the words around a link in its nearest block, "" when there are none but its own."""
    for count, ancestor in enumerate(element.iterancestors()):
        if count > MAX_ANCESTORS or ancestor.tag in ("body", "html"):
            return ""
        if ancestor.tag not in _BLOCKS:
            continue
        block = text_of_element(ancestor, max_chars=_SEARCHED_CHARS)
        if len(block) > len(text):
            return _window(block, text)
    return ""


def _window(block: str, text: str) -> str:
    if len(block) <= MAX_CONTEXT_CHARS:
        return block
    found = block.find(text) if text else 0
    if found < 0:
        return ""
    half = max(0, MAX_CONTEXT_CHARS - len(text)) // 2
    start = max(0, found - half)
    return block[start : start + MAX_CONTEXT_CHARS]


def nearest_attribute(element: Any, name: str) -> str | None:
    """Return the attribute ``name`` of the element or of its nearest ancestor that has it."""
    for count, ancestor in enumerate(_self_and_ancestors(element)):
        if count > MAX_ANCESTORS:
            return None
        value = ancestor.get(name)
        if value is not None:
            return str(value)
    return None


def _self_and_ancestors(element: Any) -> Any:
    yield element
    yield from element.iterancestors()

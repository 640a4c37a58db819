"""Say where in a page an element stands: a licence in a comment is not that of the article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from producers.extract.unseen_text import is_hidden

# Nothing real nests deeper; hostile markup may, up to the parser's own limit.
MAX_ANCESTORS = 300
MAX_CONTEXT_CHARS = 400
# A credit that stands before an icon is shorter.
MAX_BESIDE_CHARS = 80
MIN_OWN_SPACES = 3  # "Licence of this article"
# Text below a block that is looked at to find a link's surroundings.
_SEARCHED_CHARS = 20_000

_COMMENT = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|replies|user-?content|kommentare?)(?:$|[\s_-])"
)
_COMMENT_TYPE = re.compile(r"schema\.org/(?:User)?Comments?\b")
_FIGURE = re.compile(
    r"(?:^|[\s_-])(?:wp-caption|(?:image|photo|picture|media|bild)-?(?:caption|credits?)|caption"
    r"|bildunterschrift|bildnachweis)(?:$|[\s_-])"
)
_ASIDE = re.compile(r"(?:^|[\s_-])(?:side-?bar|widgets?|widget-area)(?:$|[\s_-])")
_REPUBLISH = re.compile(r"(?:^|[\s_-])(?:republish(?:ing)?|re-?use|repost)(?:$|[\s_-])")
_FOOTER = re.compile(r"(?:^|[\s_-])(?:footer|colophon|site-?info|imprint|impressum)(?:$|[\s_-])")
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
_BREAKS = _BLOCKS | {
    "br", "tr", "ul", "ol", "dl", "table", "pre", "hr", "nav", "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
_WORDLESS = frozenset({"script", "style"})


def place_of(element: Any) -> str:
    """Return where an element of a page stands, in one word.

    ``comment`` where any ancestor holds readers' comments; else ``hidden`` where any hides its
    text; else the nearest of ``figure``, ``blockquote``, ``aside``, ``nav``, ``footer``,
    ``header``, ``republish``, ``article`` and ``head``, told by class and id, tag or role; else
    ``body``.
    """
    nearest = None
    is_unseen = False
    if "ugc" in (element.get("rel") or "").lower().split():  # "user-generated content"
        return "comment"
    for count, ancestor in enumerate(_self_and_ancestors(element)):
        if count > MAX_ANCESTORS:
            break
        tag = ancestor.tag
        if not isinstance(tag, str):
            continue
        names = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}".lower()
        # A theme marks the whole page with `comments-open` or the like: no place.
        if tag not in ("body", "html") and len(names) > 1:
            if names_comments(names):
                return "comment"
            nearest = nearest or _named_place(names)
        if _COMMENT_TYPE.search(ancestor.get("itemtype") or ""):
            return "comment"
        is_unseen = is_unseen or is_hidden(ancestor)
        if nearest is None:
            nearest = _TAG_PLACES.get(tag) or _ROLE_PLACES.get((ancestor.get("role") or "").lower())
    return "hidden" if is_unseen else nearest or "body"


def _makes_place(element: Any) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    role = (element.get("role") or "").lower()
    return element.tag in _TAG_PLACES or role in _ROLE_PLACES or _named_place(names) is not None


def _named_place(names: str) -> str | None:
    """Return the place that class and id tell of."""
    if _FIGURE.search(names):
        return "figure"
    if names_republishing(names):
        return "republish"
    if names_footer(names):
        return "footer"
    return "aside" if _ASIDE.search(names) else None


def names_comments(names: str) -> bool:
    """Return whether class and id (lower-case, a space between) are those of readers' comments."""
    # The words first: hundreds of names have none, and the expression has no word to begin with.
    is_likely = (
        "comment" in names or "komment" in names or "disqus" in names
        or "replies" in names or "user" in names
    )  # fmt: skip
    return is_likely and _COMMENT.search(names) is not None


def names_republishing(names: str) -> bool:
    """Return whether class and id are those of a box that says how a text may be used again."""
    return "re" in names and _REPUBLISH.search(names) is not None


def names_footer(names: str) -> bool:
    """Return whether class and id are those of a site's footer."""
    return _FOOTER.search(names) is not None


def text_of_element(element: Any, *, max_chars: int, is_seen_only: bool = False) -> str:
    """Return the text of an element in one line, about ``max_chars`` of it at most.

    Blocks stand apart; scripts and styles are no text, nor with ``is_seen_only`` what is hidden.
    """
    parts: list[str] = []
    size = 0
    for text in _texts(element, is_seen_only=is_seen_only):
        parts.append(text[: max_chars * 2])
        size += len(text)
        if size > max_chars * 2:  # white space is still to be folded
            break
    return " ".join("".join(parts).split())[: max_chars + 1]


def _texts(element: Any, *, is_seen_only: bool, gap: Any = None) -> Iterator[str]:
    """Yield the pieces of text, for the element ``gap`` one NUL, which no markup can hold."""
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, each in walk:
        if event == "start":
            if each.tag in _BREAKS:
                yield " "
            if each is gap:
                yield "\0"
                walk.skip_subtree()
            elif each.tag in _WORDLESS or (is_seen_only and is_hidden(each)):
                walk.skip_subtree()
            elif each.text:
                yield each.text
        elif each is not element:
            yield f" {each.tail or ''}" if each.tag in _BREAKS else each.tail or ""


def context_of(element: Any, text: str) -> str:
    """Return the words around a link in its nearest block, "" when there are none but its own.

    A link of some words that has its block for itself says all there is to say: what stands in the
    blocks around it is another matter. One of a word or two may be labelled by them.
    """
    for count, ancestor in enumerate(element.iterancestors()):
        if count > MAX_ANCESTORS or ancestor.tag in ("body", "html"):
            return ""
        if ancestor.tag not in _BLOCKS:
            continue
        block = text_of_element(ancestor, max_chars=_SEARCHED_CHARS)
        if len(block) > len(text):
            return _window(block, text)
        if text.count(" ") >= MIN_OWN_SPACES:
            return ""
    return ""


def words_beside(element: Any) -> str:
    """Return the few words before and behind a link without words, "" when there are none.

    They are those of its nearest block that has words; what stands outside the element that makes
    its place is another matter.
    """
    for count, ancestor in enumerate(element.iterancestors()):
        if count > MAX_ANCESTORS or ancestor.tag in ("body", "html"):
            return ""
        if ancestor.tag in _BLOCKS and (words := _around(element, ancestor)):
            return words
        if _makes_place(ancestor):
            return ""
    return ""


def _around(element: Any, block: Any) -> str:
    before = behind = ""
    is_behind = False
    for text in _texts(block, is_seen_only=True, gap=element):
        if text == "\0":
            is_behind = True
        elif not is_behind:
            before = f"{before}{text}"[-_SEARCHED_CHARS:]
        else:
            behind += text[:_SEARCHED_CHARS]
            if len(behind) >= _SEARCHED_CHARS:
                break
    nearest = " ".join(before.split())[-MAX_BESIDE_CHARS:]
    return f"{nearest} {' '.join(behind.split())[:MAX_BESIDE_CHARS]}".strip()


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

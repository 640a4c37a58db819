"""Read the parts of a page whose prose may speak of licences: footers, comments, the unseen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from lxml import etree

from producers.extract.markup_place import place_of, text_of_element
from producers.extract.unseen_text import licence_passages

MAX_VALUE_CHARS = 2000
# Of one part, and of a page.
MAX_PART_CHARS = 50_000
MAX_PAGE_CHARS = 400_000
# Comments and footers stand in each other, a few elements between them.
MAX_NESTING = 30
# Elsewhere such a part belongs to something else: the footer of a quotation names its author.
_OWN_PLACES = frozenset({"footer", "republish"})
_FOREIGN_PLACES = frozenset({"blockquote", "figure", "comment", "hidden"})

# Layer, field, value and the element it stands at.
Found = tuple[str, str, str, Any]


class PageParts:
    """The parts of one page that were read; each text is read once, and not too much of all."""

    def __init__(self) -> None:
        """Begin a page."""
        self._unseen: set[Any] = set()
        self._seen: set[Any] = set()
        self._left_chars = MAX_PAGE_CHARS

    def unseen(self, element: Any, field: str) -> Iterator[Found]:
        """Yield what hidden or readers' text says of licences, outermost part first."""
        if self._is_new(element, self._unseen):
            passages = licence_passages(self._raw_text(element), max_chars=MAX_VALUE_CHARS)
            yield "html", field, passages, element

    def seen(self, element: Any) -> Iterator[Found]:
        """Yield the text of a footer or a box about re-use, where it speaks of licences."""
        if not self._is_new(element, self._seen):
            return
        # Most footers say nothing; to read the words as they are shown takes much longer.
        if not licence_passages(self._raw_text(element), max_chars=1):
            return
        place, parent = place_of(element), element.getparent()
        is_foreign = parent is not None and place_of(parent) in _FOREIGN_PLACES
        if is_foreign or place not in _OWN_PLACES:
            return
        text = text_of_element(element, max_chars=MAX_PART_CHARS, is_seen_only=True)
        is_short = len(text) <= MAX_VALUE_CHARS
        passages = licence_passages(text, max_chars=MAX_VALUE_CHARS)
        yield "html", f"text@{place}", text if passages and is_short else passages, element

    def _is_new(self, element: Any, read: set[Any]) -> bool:
        if self._left_chars <= 0:
            return False
        above = itertools.islice(element.iterancestors(), MAX_NESTING)
        is_read = any(ancestor in read for ancestor in above)
        read.add(element)
        return not is_read

    def _raw_text(self, element: Any) -> str:
        """Return the text with all it hides, in one line; blocks need not stand apart."""
        text = etree.tostring(element, method="text", encoding="unicode", with_tail=False)
        most = min(MAX_PART_CHARS, self._left_chars)
        self._left_chars -= min(len(text), most) + 1
        return " ".join(text[:most].split())

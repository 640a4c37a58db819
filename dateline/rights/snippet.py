"""Return of a text what may be shown: snippets, and texts without passages that may not be quoted.

Both keep the offsets of what is left, so that names can still be marked in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

_PARTIAL_WORD = re.compile(r"\s\S*\Z")
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"(?<=[.!?])\s+|\n+")
OMISSION = "[…]"
# A page that marks more passages than this is taken as one passage.
MAX_PASSAGES = 200
# The extractor may have dropped words inside a passage: then its sentences are looked for, but no
# shorter pieces, which stand anywhere.
_MIN_PIECE_WORDS = 4


def cut_snippet(text: str, max_chars: int) -> str | None:
    """Return the beginning of ``text``, ending at a word, at most ``max_chars`` code points.

    A text that fits is returned whole; None: nothing may be shown.
    """
    if len(text) <= max_chars:
        return text
    if max_chars == 0:
        return None
    head = text[: max_chars - 1]
    if not text[max_chars - 1].isspace():
        head = _PARTIAL_WORD.sub("", head) or head
    return head.rstrip() + "…"


def without_passages(text: str, passages: Sequence[str]) -> str:
    """Return ``text`` with every occurrence of ``passages`` blanked, of the same length.

    Words are compared, not white space, quotes or case, because clean text differs from its page
    in those. Of a passage that is not found as a whole each sentence is looked for. Linear in the
    length of the text; of more than 200 passages nothing of the text is left.
    """
    if not passages:
        return text
    if len(passages) > MAX_PASSAGES:
        return _blank(len(text))
    words = _Words(text)
    spans = sorted(span for passage in passages for span in words.find_passage(passage))
    parts: list[str] = []
    position = 0
    for start, end in spans:
        if end > position:
            begin = max(start, position)
            parts += [text[position:begin], _blank(end - begin)]
            position = end
    return "".join([*parts, text[position:]])


def _blank(length: int) -> str:
    return OMISSION.ljust(length)[:length]


class _Words:
    """The words of a text, folded, and where each stands."""

    def __init__(self, text: str) -> None:
        found = list(_WORD.finditer(text))
        self._spans = [match.span() for match in found]
        folded = [match[0].casefold() for match in found]
        self._line = f" {' '.join(folded)} "
        self._starts = list(accumulate((len(word) + 1 for word in folded), initial=1))

    def find_passage(self, passage: str) -> Iterator[tuple[int, int]]:
        found = list(self._find(_folded(passage)))
        if found:
            yield from found
            return
        for piece in _PIECE.split(passage):
            words = _folded(piece)
            if len(words) >= _MIN_PIECE_WORDS:
                yield from self._find(words)

    def _find(self, words: list[str]) -> Iterator[tuple[int, int]]:
        if not words:
            return
        wanted = f" {' '.join(words)} "
        at = self._line.find(wanted)
        while at >= 0:
            first = bisect_right(self._starts, at + 1) - 1
            last = first + len(words) - 1
            yield self._spans[first][0], self._spans[last][1]
            # The blank behind one occurrence is the one before the next.
            at = self._line.find(wanted, at + len(wanted) - 1)


def _folded(text: str) -> list[str]:
    return [match[0].casefold() for match in _WORD.finditer(text)]

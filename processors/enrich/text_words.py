"""Split a text into words once, for all that read it word by word."""

from __future__ import annotations

import re
from typing import NamedTuple

# Possessives, hyphens and points inside a word belong to it: "Qatar's", "U.S", "vice-president".
_WORD = re.compile(r"[^\W_]+(?:[-'’.\u200c][^\W_]+)*")


class Word(NamedTuple):
    """A word of a text, in small letters, and its place."""

    low: str
    start: int
    end: int


def read_words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words of ``text[start:end]`` in order; offsets refer to the whole text."""
    found = _WORD.finditer(text, start, len(text) if end is None else end)
    return [Word(each[0].lower(), *each.span()) for each in found]

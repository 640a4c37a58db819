"""Split a text into words once, for all that read it word by word."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

# Possessives, hyphens and points inside a word belong to it: "Qatar's", "U.S", "vice-president".
_WORD = re.compile(r"[^\W_]+(?:[-'’.\u200c][^\W_]+)*")


class Word(NamedTuple):
    """A word of a text, in small letters, and its place."""

    low: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in order, in lists side by side.

    An object for each word would cost more than all that is read from them: thousands of small
    objects set off the garbage collector of a process that holds a model.

    Attributes:
        lows: the words in small letters.
        starts: where they begin.
        ends: where they end, exclusive.
    """

    lows: list[str]
    starts: list[int]
    ends: list[int]

    def word(self, at: int) -> Word:
        """Return one word."""
        return Word(self.lows[at], self.starts[at], self.ends[at])

    def behind(self, position: int) -> Words:
        """Return the words from a place of the text on."""
        at = bisect_left(self.starts, position)
        return Words(self.lows[at:], self.starts[at:], self.ends[at:])


def read_words(text: str, end: int | None = None) -> Words:
    """Return the words of ``text[:end]`` in order."""
    lows, starts, ends = [], [], []
    for found in _WORD.finditer(text, 0, len(text) if end is None else end):
        lows.append(found[0].lower())
        starts.append(found.start())
        ends.append(found.end())
    return Words(lows, starts, ends)

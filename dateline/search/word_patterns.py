"""Return regular expressions for the words of an index, whose analyzer folds upper case alone.

A folded word ("chavez") stands there as it was written ("chávez", "chavez's"). Lucene's syntax.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from dateline.names.fold import fold_letters
from dateline.watches.words import character_ranges

# The server's limit (index.max_regex_length).
MAX_PATTERN_CHARS = 1_000
# Latin, Greek, Cyrillic, Hebrew and Arabic with their letters of one fold; none above.
_SCANNED = (range(0xC0, 0x6E0), range(0x1E00, 0x2000))
# Written inside a word and folded away: the points of "u.s", hamza, soft hyphens, marks.
_MARKS = ".ʼʿʾ\u00ad\u0300-\u036f\u0621\u0640\u064b-\u0655\u0670\u200c\u200d"
_APOSTROPHES = "'‘’"
_INSIDE = f"[{_APOSTROPHES}{_MARKS}]*"
# "it's" is "it", not "its".
_BEFORE_LAST_S = f"[{_MARKS}]*"
_POSSESSIVE = f"([{_APOSTROPHES}]s)?"
_SAFE = re.compile(r"\w")


def word_pattern(word: str, *, is_prefix: bool = False) -> str | None:
    """Return a pattern for every spelling that folds to ``word``; None: too long for the server.

    ``is_prefix``: for every word that begins with one of them.
    """
    end = ".*" if is_prefix else _POSSESSIVE
    # Long words, which are rare, do without what is rare inside a word.
    patterns = (_spelled(word, inside, is_prefix) + end for inside in (_INSIDE, ""))
    return next((each for each in patterns if len(each) <= MAX_PATTERN_CHARS), None)


def _spelled(word: str, inside: str, is_prefix: bool) -> str:
    *others, last = _letters(word, inside)
    is_plural = bool(others) and word.endswith("s") and not is_prefix
    before = (_BEFORE_LAST_S if inside else "") if is_plural else inside
    return inside.join(others) + (before if others else "") + last + inside


def _letters(word: str, inside: str) -> list[str]:
    """Return a pattern for each letter, and for two that one sign stands for ("ae", "æ")."""
    found: list[str] = []
    at = 0
    while at < len(word):
        pair = word[at : at + 2]
        sign = _signs().get(pair) if len(pair) > 1 else None
        both = inside.join(map(_letter, pair))
        found.append(f"({both}|[{sign}])" if sign else _letter(pair[0]))
        at += 2 if sign else 1
    return found


@lru_cache(maxsize=5_000)
def _letter(letter: str) -> str:
    others = _signs().get(letter, "")
    own = letter if _SAFE.match(letter) else f"\\{letter}"
    return f"[{letter}{others}]" if others else own


@cache
def _signs() -> Mapping[str, str]:
    """Return the inside of a character class for each letter or pair: all signs that fold to it."""
    found: dict[str, list[int]] = {}
    for code in filter(_is_in_index, (code for scanned in _SCANNED for code in scanned)):
        folded = fold_letters(chr(code))
        if 0 < len(folded) <= 2 and folded != chr(code):  # noqa: PLR2004 (a letter or a pair)
            found.setdefault(folded, []).append(code)
    return {folded: character_ranges(codes) for folded, codes in found.items()}


def _is_in_index(code: int) -> bool:
    # Capitals are not there; those before their small letter join two ranges into one. The server
    # writes the ends of a range in lower case, so that others could turn it round.
    return chr(code).lower() in (chr(code), chr(code + 1))

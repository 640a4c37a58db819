"""Return the words of a text, folded, and where each stands; queries and articles are read alike.

A word is what Elasticsearch's standard tokenizer takes for one (UAX #29, word boundaries), but for
what readers take for two: words with a hyphen, an ampersand, a colon or a point between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from dateline.names.fold import fold_letters, join_dotted

# Scripts that put no space between words: Han, kana, Thai, Lao, Burmese, Khmer. Each letter is a
# word, so that a phrase finds them wherever it begins.
_JOINED_LETTERS = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"
    "\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3\u17d7"
    "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
)
_SPACELESS = _JOINED_LETTERS + (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U000323af"
)
# The plane of the last script with marks of its own; the tags behind it are marks, too.
_MARKS_END = 0x1F000
_TAGS = "\U000e0000-\U000e01ef"
_KATAKANA_MARKS = "\uff9e\uff9f"
_APOSTROPHES = "'’‘‛`´′＇"
_CACHED_WORDS_COUNT = 50_000
# Hostile text must not fill memory through the cache.
_CACHED_WORD_CHARS = 40


class WordAt(NamedTuple):
    """A folded word and where it stands: code points of the text, ``[start, end)``."""

    word: str
    start: int
    end: int


def words_of(text: str) -> list[WordAt]:
    """Return the words of ``text`` in order, folded as names are (``dateline/names/fold.py``).

    Upper case, diacritics, apostrophes and a possessive 's make no difference; "U.S." is "us";
    numbers keep the point or comma inside ("3.5"). A character that folds to several words gives
    each of them the same place. Time is linear in ``text``, also for hostile ones.
    """
    found: list[WordAt] = []
    append, new = found.append, tuple.__new__
    for match in _WORD.finditer(text):
        start, end = match.span()
        token = match[0]
        folded = _folded(token) if end - start <= _CACHED_WORD_CHARS else _fold(token)
        for word in folded:
            append(new(WordAt, (word, start, end)))
    return found


def fold_words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` as ``words_of`` folds them, without their places."""
    return tuple(word for word, _, _ in words_of(text))


def is_joined_in_index(word: str) -> bool:
    """Return whether Elasticsearch does not part a folded word from its neighbours.

    These are the letters of Katakana, Thai, Lao, Burmese and Khmer; Han and Hiragana it does part.
    """
    return bool(_JOINED.match(word))


def _fold(token: str) -> tuple[str, ...]:
    bare = _POSSESSIVE.sub("", token)
    if _NUMBER.fullmatch(bare):
        return (unicodedata.normalize("NFKC", _ascii_digits(bare)),)
    # Read again: some characters are a mark and a letter, or several letters, when folded.
    return tuple(_WORD.findall(fold_letters(join_dotted(bare))))


_folded = lru_cache(maxsize=_CACHED_WORDS_COUNT)(_fold)


def _ascii_digits(number: str) -> str:
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in number)


def character_ranges(codes: Iterable[int]) -> str:
    """Return the inside of a character class that holds the characters ``codes``, sorted."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{re.escape(chr(start))}-{re.escape(chr(end))}" for start, end in ranges)


# Inside a word: what is written over, under or between its letters and is not one itself.
_MARKS = _KATAKANA_MARKS + _TAGS + character_ranges(
    code
    for code in range(0x80, _MARKS_END)
    if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me", "Cf")
)  # fmt: skip
_JOINED = re.compile(f"[{_JOINED_LETTERS}]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)+")
_POSSESSIVE = re.compile(f"(?<=.)[{_APOSTROPHES}][sS]$")
_PLAIN = rf"[^\W_{_SPACELESS}]"
_ONE = r"[^\W\d_]"
_WORD = re.compile(
    # Most words, without the large classes below, in half the time.
    r"[A-Za-z]+(?=[ ,\n])"
    # U.S. and U.S, also with a possessive behind.
    rf"|(?<!\w)(?:(?:{_ONE}\.){{2,}}(?:{_ONE}(?!\w))?|{_ONE}(?:\.{_ONE})+(?!\w))"
    rf"(?:[{_APOSTROPHES}][sS](?!\w))?"
    rf"|{_PLAIN}+(?:(?:[{_MARKS}]|[{_APOSTROPHES}](?={_PLAIN})|(?<=\d)[.,](?=\d)){_PLAIN}*)*"
    rf"|[{_SPACELESS}][{_MARKS}]*"
)

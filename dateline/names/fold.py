"""Fold a name: spellings that differ in form alone become one string."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .legal_forms import split_legal_forms

# Marks on letters of scripts where a name is read without them. The marks of other scripts
# (Khmer, Devanagari, Japanese) are letters of their own.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# Written inside a word and not heard: apostrophes, hamza and ayn marks, tatweel.
_SILENT = "'’‘‛`´ʹʻʼʽʾʿˈˊˋ′＇ء\u0640"
# Letters that NFKD leaves whole; Arabic and Persian letters that writers exchange freely.
_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
    "ə": "a", "ŋ": "ng", "ŧ": "t", "ƀ": "b", "ɨ": "i", "ʉ": "u", "&": " and ",
    "ی": "ي", "ى": "ي", "ې": "ي", "ے": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ۀ": "ه", "ە": "ه",
    "ہ": "ه", "ھ": "ه", "ٱ": "ا", "ۆ": "و",
}  # fmt: skip

_DOTTED = re.compile(
    r"(?<!\w)(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?|(?<!\w)[^\W\d_](?:\.[^\W\d_])+(?!\w)"
)
# ash-Sharif: the article takes the first consonant of its noun, so the two must be the same.
_ASSIMILATED = re.compile(r"(?<!\w)[ae](sh|th|dh|s|n|t|r|d|z)[-‐‑](?=\1)")
_ARTICLES = frozenset({"al", "el"})
_SERVANT = re.compile(r"^abd[aeou]l(?=[a-z]{2})")
_SERVANTS = frozenset({"abd", "abdul", "abdel", "abdal", "abdol", "عبد"})
_OF_GOD = frozenset({"allah", "ullah", "llah"})
_SONS = {"ibn": "bin", "ben": "bin", "bin": "bin", "ابن": "بن", "بن": "بن"}


# Far more than the letters of any one language; hostile text must not fill memory.
_TABLE_SIZE = 20_000


class _Table(dict[int, str]):
    """What each character becomes: filled in as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _SILENT or unicodedata.category(character) == "Cf":
            folded = ""
        elif character in _LETTERS:
            folded = _LETTERS[character]
        elif character.isdecimal():
            folded = str(unicodedata.decimal(character))
        elif character.isalnum() or unicodedata.category(character)[0] == "M":
            folded = character
        else:
            folded = " "
        if len(self) < _TABLE_SIZE:
            self[code] = folded
        return folded


_TABLE = _Table()


def fold_letters(text: str) -> str:
    """Return ``text`` in lower case, words and numbers alone, one space between two.

    Diacritics and apostrophes are left out, Arabic and Persian variants of a letter are one, and
    digits are ASCII. Other scripts stay what they are.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
    return " ".join(bare.translate(_TABLE).split())


def fold_name(name: str, kind: str = "other") -> str:
    """Return the form of ``name`` that every spelling of the same words has.

    Args:
        name: as written.
        kind: entity type. Of a ``person``, articles (al-, el-, ash-), bin and ibn, and Abdul with
            what follows are written one way, and initials are words of one letter. Of an
            ``organization``, a leading "the" and legal forms at both ends are left out. Elsewhere
            letters with points are one word ("U.S." is "us").

    Returns:
        words with one space between two; empty where ``name`` holds no letter or digit. Folding
        twice is folding once.
    """
    if kind == "person":
        return " ".join(
            _fold_particles(fold_letters(_ASSIMILATED.sub("al ", name.casefold())).split())
        )
    words = fold_letters(join_dotted(name)).split()
    if kind == "organization":
        words = list(split_legal_forms(words)[0])
    return " ".join(words)


def join_dotted(text: str) -> str:
    """Return ``text`` with letters that have points between them joined: "U.S." is "US"."""
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), text)


def _fold_particles(words: Sequence[str]) -> list[str]:
    folded: list[str] = []
    for at, word in enumerate(words):
        is_last = at == len(words) - 1
        if word in _ARTICLES and not is_last:
            # "Abd al-Aziz" is "Abdul Aziz": the article belongs to the word before it.
            if not (folded and folded[-1] in _SERVANTS):
                folded.append("al")
        elif word in _SONS and folded and not is_last:
            folded.append(_SONS[word])
        elif folded and folded[-1] in _SERVANTS:
            folded[-1] = _join_servant(folded[-1], word)
        else:
            folded.append(_SERVANT.sub("abdul", word) if word.startswith("abd") else word)
    return folded


def _join_servant(servant: str, word: str) -> str:
    if servant == "عبد":
        return servant + word
    return "abdullah" if word in _OF_GOD else "abdul" + word

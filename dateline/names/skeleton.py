"""Consonant skeletons: what spellings of one name in several scripts have in common."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

# Applied in this order to lower-case Latin letters. Classes are coarse on purpose: Arabic writes g
# as gayn, jim or qaf and has no p and v, and Latin writes kha as kh, ch, h or j. A skeleton finds
# candidates; it never decides. An h goes with the vowels, so kh, gh, sh and th need no rule.
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("tsch|tch|dzh|dj|cz|zh", "k"),
        ("sch", "s"),
        ("ph", "f"),
        ("^x", "s"),
        ("x", "ks"),
        ("c(?=[eiy])", "s"),
        ("[cqgj]", "k"),
        ("p", "b"),
        ("v", "f"),
        ("z", "s"),
        ("d", "t"),
        ("[^bfklmnrst]", ""),
        (r"(.)\1+", r"\1"),
    )
)
_ARABIC = str.maketrans(
    {
        **dict.fromkeys("بپ", "b"), **dict.fromkeys("تطدضذظ", "t"), **dict.fromkeys("جخغقكگچ", "k"),
        **dict.fromkeys("ثسصزشژ", "s"), **dict.fromkeys("فڤ", "f"),
        "ل": "l", "م": "m", "ن": "n", "ر": "r",
    }
)  # fmt: skip
_ROUGH = str.maketrans(
    {
        "ا": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh",
        "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a",
        "غ": "g", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "o",
        "ي": "i", "گ": "g", "پ": "p", "چ": "ch", "ژ": "zh", "ڤ": "v",
    }
)  # fmt: skip
_IS_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")


_ARTICLE = re.compile(r"^ال(?=\w{3})")


def is_arabic(word: str) -> bool:
    """Return whether ``word`` has a letter of the Arabic script (Persian has the same)."""
    return _IS_ARABIC.search(word) is not None


def to_latin(text: str) -> str:
    """Return ``text`` in ASCII, its punctuation kept; words in Arabic script are left as they are.

    Source: anyascii's tables.
    """
    if text.isascii():
        return text
    return " ".join(w if is_arabic(w) else anyascii(w) for w in text.split())


def without_article(word: str) -> str:
    """Return a word in Arabic script without the article that is written as part of it."""
    return _ARTICLE.sub("", word)


@lru_cache(maxsize=100_000)
def rough_latin(word: str) -> str:
    """Return one folded word letter by letter in Latin, Arabic long vowels as the likeliest ones.

    Meant to be compared with Latin words by edit distance, cheaply; never shown.
    """
    return _one_sound(word).translate(_ROUGH) if is_arabic(word) else word


@lru_cache(maxsize=20_000)
def skeleton(word: str) -> str:
    """Return the consonant classes of one folded word: letters of ``bfklmnrst``, perhaps none.

    الخليفي (without its article), Khulaifi and Khalifi are all "klf".
    """
    if is_arabic(word):
        letters = _one_sound(without_article(word)).translate(_ARABIC)
    else:
        letters = word if word.isascii() else anyascii(word).lower()
    for pattern, replacement in _RULES:
        letters = pattern.sub(replacement, letters)
    return letters


def _one_sound(word: str) -> str:
    # Arabic writes ch with two letters, and j in French names.
    return word.replace("تش", "چ").replace("دج", "ج")

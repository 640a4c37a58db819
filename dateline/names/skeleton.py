"""Consonant skeletons: what spellings of one name in several scripts have in common."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

# Applied in this order to lower-case Latin letters. Classes are coarse on purpose: Arabic writes g
# as gayn, jim or qaf and has no p and v, and Latin writes kha as kh, ch, h or j. A skeleton finds
# candidates; it never decides.
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("tsch|tch|dzh|dj|cz|zh|kh|gh|ck|cq", "k"),
        ("sch|sh", "s"),
        ("ch", "k"),
        ("ph", "f"),
        ("th|dh", "t"),
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
_IS_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_arabic(word: str) -> bool:
    """Return whether ``word`` has a letter of the Arabic script (Persian has the same)."""
    return _IS_ARABIC.search(word) is not None


def to_latin(text: str) -> str:
    """Return ``text`` in ASCII, its punctuation kept; words in Arabic script are left as they are.

    Source: anyascii's tables. Its capitals (Chinese: "XiJinPing") begin words of their own.
    """
    return text if text.isascii() else " ".join(map(_latin_word, text.split()))


@lru_cache(maxsize=20_000)
def skeleton(word: str) -> str:
    """Return the consonant classes of one folded word: letters of ``bfklmnrst``, perhaps none.

    الخليفي (without its article), Khulaifi and Khalifi are all "klf".
    """
    if is_arabic(word):
        letters = word.translate(_ARABIC)
    else:
        letters = word if word.isascii() else anyascii(word).lower()
    for pattern, replacement in _RULES:
        letters = pattern.sub(replacement, letters)
    return letters


def _latin_word(word: str) -> str:
    return word if word.isascii() or is_arabic(word) else _CAPITAL.sub(" ", anyascii(word))

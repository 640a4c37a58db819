"""Split a name into the words that are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .fold import fold_letters, fold_name, join_dotted
from .legal_forms import split_legal_forms
from .skeleton import to_latin
from .words import words

Kind = Literal["person", "organization"]

# Longer "names" are text that was taken for one; what is beyond is not compared.
LONGEST_CHARS = 200
MOST_WORDS = 12
# Digits that are written for letters inside a word ("M4rta").
_DIGIT_LETTERS = str.maketrans("01345789", "oieastbg")
_CAPITALS = re.compile(r"[A-Z]{3}")
_TWO_INITIALS = re.compile(r"(?<!\w)([A-Z])([A-Z])(?!\w)")


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A name ready to be compared.

    ``words`` are folded, in Arabic script or ASCII, without titles, articles, particles (person),
    legal forms and stop words (organisation). ``joined`` is the whole name without spaces,
    ``legal`` the classes of its legal forms, ``generation`` "jr", "sr", "ii" ... or empty.
    """

    words: tuple[str, ...]
    joined: str
    legal: frozenset[str] = frozenset()
    generation: str = ""


@lru_cache(maxsize=50_000)
def parse_name(name: str, kind: Kind) -> ParsedName:
    """Return the parts of ``name``; no words where it holds no letter or digit."""
    cut = name[:LONGEST_CHARS]
    return _parse_person(cut) if kind == "person" else _parse_organization(cut)


def _parse_person(name: str) -> ParsedName:
    left, generation = _split_person(_natural_order(name))
    named = [word for word in left if word not in words().particles] or left
    return ParsedName(
        tuple(dict.fromkeys(map(_spoken, named)))[:MOST_WORDS],
        "".join(left),
        generation=generation,
    )


def _natural_order(name: str) -> str:
    """Return "Harlow, Ann" as "Ann Harlow"; what follows a comma may also be an ending."""
    family, comma, given = name.partition(",")
    after = fold_letters(given)
    if not comma or "," in given or not after or after in _after_comma():
        return name
    return f"{given} {family}"


def _after_comma() -> frozenset[str]:
    return words().endings | frozenset(words().generations)


def _split_person(name: str) -> tuple[list[str], str]:
    """Return the words without titles and endings, and the generation."""
    # "AL HADDAD, Sami": where a longer word is in capitals, two of them are no initials.
    spaced = name if _CAPITALS.search(name) else _TWO_INITIALS.sub(r"\1 \2", name)
    left = fold_name(to_latin(spaced), "person").split()
    while len(left) > 1 and left[0] in words().honorifics:
        del left[0]
    while len(left) > 1 and left[-1] in words().endings:
        del left[-1]
    if len(left) > 1 and left[-1] in words().generations:
        return left[:-1], words().generations[left[-1]]
    return left, ""


def _spoken(word: str) -> str:
    if word.isascii() and not word.isalpha() and not word.isdigit():
        return word.translate(_DIGIT_LETTERS)
    return word


def _parse_organization(name: str) -> ParsedName:
    folded = fold_letters(join_dotted(name)).split()
    left, legal = split_legal_forms(folded)
    latin = fold_letters(to_latin(" ".join(left))).split()
    named = _numbered([word for word in latin if word not in words().stopwords] or latin)
    return ParsedName(tuple(named[:MOST_WORDS]), "".join(latin), legal)


def _number(word: str) -> int | None:
    # Only a single digit can follow a word for tens ("twenty 2").
    is_digit = len(word) == 1 and word.isdecimal()
    return int(word) if is_digit else words().numbers.get(word)


def _numbered(names: Sequence[str]) -> list[str]:
    """Return the words with numbers in digits; tens and ones are one number."""
    numbered: list[str] = []
    was_tens = False
    for word in names:
        number = _number(word)
        if number is None:
            numbered.append(word)
        elif was_tens and 0 < number < 10:  # noqa: PLR2004  (ones after tens)
            numbered[-1] = str(int(numbered[-1]) + number)
        else:
            numbered.append(str(number))
        was_tens = number is not None and number >= 20 and not number % 10  # noqa: PLR2004
    return numbered

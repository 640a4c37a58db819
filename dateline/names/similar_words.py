"""How alike two single words of names are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from .correspondence import correspondence
from .skeleton import is_arabic, skeleton, without_article
from .words import short_forms, words

# What the missing part of a similarity shrinks by where the consonants are the same.
SKELETON_BONUS = 0.4
_SAME_SPELLINGS = 0.97
_OTHER_NAME = 0.5
_NICKNAME = 0.9
_INITIAL = 0.95
_ABBREVIATION = 0.85
# One letter changed in a word this short makes another word ("ORV", "ORW").
_SHORT_WORD = 3
_LEAST_SKELETON = 2
_DEMONYM_ENDINGS = frozenset({"i", "n", "an", "ian", "ese", "ish"})
_LEAST_ABBREVIATION, _LEAST_ABBREVIATED = 4, 7


@lru_cache(maxsize=50_000)
def person_word_similarity(first: str, second: str) -> float:
    """Return how alike two folded words of people's names are, in [0, 1]."""
    if first == second:
        return 1.0
    rows = words().spellings.get(first), words().spellings.get(second)
    if None not in rows:
        return _SAME_SPELLINGS if rows[0] == rows[1] else _OTHER_NAME
    if 1 in (len(first), len(second)):
        return _INITIAL if first[0] == second[0] else 0.0
    if second in short_forms(first):
        return _NICKNAME
    similarity = spelling_similarity(first, second)
    return min(similarity, _OTHER_NAME) if _is_other_ending(first, second) else similarity


@lru_cache(maxsize=50_000)
def organization_word_similarity(first: str, second: str) -> float:
    """Return how alike two folded words of organisations' names are, in [0, 1]."""
    if first == second:
        return 1.0
    if first.isdigit() or second.isdigit():
        return 0.0
    similarity = spelling_similarity(first, second)
    if min(len(first), len(second)) <= _SHORT_WORD or _is_demonym(first, second):
        similarity = min(similarity, _OTHER_NAME)
    elif _is_abbreviation(first, second) or _is_abbreviation(second, first):
        similarity = max(similarity, _ABBREVIATION)
    return similarity


def are_numbers_apart(first: Sequence[str], second: Sequence[str]) -> bool:
    """Return whether both names have numbers, and other ones."""
    numbers = {w for w in first if w.isdigit()}, {w for w in second if w.isdigit()}
    return all(numbers) and numbers[0] != numbers[1]


def spelling_similarity(first: str, second: str) -> float:
    """Return how alike the spellings of two folded words are; between scripts, their sounds."""
    if is_arabic(first) != is_arabic(second):
        arabic, latin = (first, second) if is_arabic(first) else (second, first)
        return correspondence(arabic, latin)
    if is_arabic(first):
        first, second = without_article(first), without_article(second)
    similarity: float = OSA.normalized_similarity(first, second)
    consonants = skeleton(first)
    if len(consonants) >= _LEAST_SKELETON and consonants == skeleton(second):
        similarity += (1.0 - similarity) * SKELETON_BONUS
    return similarity


def _is_other_ending(first: str, second: str) -> bool:
    """Return whether the last vowel alone tells two names apart: Khalifa, Khalifi; Mario, Maria."""
    return (
        first[:-1] == second[:-1]
        and "a" in (ends := first[-1] + second[-1])
        and any(vowel in ends for vowel in "ioy")
    )


def _is_demonym(first: str, second: str) -> bool:
    """Return whether one word is the adjective of the other: Qatar, Qatari; Iran, Iranian."""
    place, people = sorted((first, second), key=len)
    return people.startswith(place) and people[len(place) :] in _DEMONYM_ENDINGS


def _is_abbreviation(short: str, full: str) -> bool:
    if len(short) < _LEAST_ABBREVIATION or len(full) < max(_LEAST_ABBREVIATED, len(short) + 3):
        return False
    letters = iter(full)
    return short[0] == full[0] and all(letter in letters for letter in short)

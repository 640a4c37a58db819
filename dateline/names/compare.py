"""Compare two names of people or of organisations: may they be one name?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple

from rapidfuzz.distance import OSA

from .legal_forms import legal_skeletons
from .parse import Kind, ParsedName, parse_name
from .similar_words import (
    are_numbers_apart,
    organization_word_similarity,
    person_word_similarity,
    spelling_similarity,
)
from .skeleton import is_arabic, skeleton
from .words import words

# Names whose similarity is at least this are one name; chosen on the development pairs and
# checked on the halves (docs/quality-names.md).
THRESHOLD = 0.70
# The similarity of a name is halfway between the mean and the worst of its words: one wrong word
# in three makes another person.
WORST_SHARE = 0.5
# Two words less alike than this are not spellings of one word.
_STRANGERS = 0.45
# A surname alone never suffices (contract point 9), nor does a given name.
_SHORT_FORM = 0.6
_MISSING_WORD = 0.04
_MOST_MISSING = 0.12
_OTHER_ORDER = 0.03
_SPLIT_DIFFERENTLY = 0.03
_INITIAL_WEIGHT = 0.4
_GENERIC_WEIGHT = 0.5
_LEGAL_WEIGHT = 0.1
# Two words whose likeness is at least this may be one word that was split.
_WHOLE = 0.9
_OTHER_LEGAL_FORM = 0.32
_ACRONYM = 0.9
_LEAST_ACRONYM = 3
_LEAST_LEGAL = 5

WordSimilarity = Callable[[str, str], float]


class Pair(NamedTuple):
    """A word, its partner in the other name, the partner's place there, and their similarity."""

    first: str
    second: str
    place: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """Words of two names in pairs, and the words of the longer name that have no partner."""

    pairs: tuple[Pair, ...]
    extra: tuple[str, ...]

    @property
    def is_in_order(self) -> bool:
        """Whether the words of both names follow one another alike."""
        places = [pair.place for pair in self.pairs]
        return places == sorted(places)


def name_similarity(first: str, second: str, kind: Kind) -> float:
    """Return how alike two names are, in [0, 1]; symmetric, 1 for spellings of the same words.

    Scripts, order, initials, titles, missing middle names, nicknames, legal forms and slips of the
    pen count little; a word that contradicts (another given name, number, generation) counts much.
    """
    left, right = parse_name(first, kind), parse_name(second, kind)
    if not left.words or not right.words:
        return 0.0
    if (len(left.words), left.words) > (len(right.words), right.words):
        left, right = right, left
    return _person(left, right) if kind == "person" else _organization(left, right)


def is_same_name(first: str, second: str, kind: Kind) -> bool:
    """Return whether the two may be one name; a single word of a longer name is not it."""
    return name_similarity(first, second, kind) >= THRESHOLD


def is_short_form(short: str, full: str, kind: Kind) -> bool:
    """Return whether ``short`` is ``full`` with words left out ("Bagheri Kani"): not proof of one.

    An organisation's acronym is a short form too.
    """
    left, right = parse_name(short, kind), parse_name(full, kind)
    if not left.words or len(left.words) >= len(right.words):
        return False
    if kind == "organization" and _is_acronym(left, right):
        return True
    alignment = _align(left.words, right.words, _WORD_SIMILARITY[kind])
    return min(pair.similarity for pair in alignment.pairs) >= THRESHOLD


def _person(left: ParsedName, right: ParsedName) -> float:
    if left.generation and right.generation and left.generation != right.generation:
        return 0.0
    alignment = _align(
        _rejoined(left.words, right.words), _rejoined(right.words, left.words),
        person_word_similarity,
    )  # fmt: skip
    similarity = _blend(alignment, _person_weight)
    similarity -= min(_MISSING_WORD * len(alignment.extra), _MOST_MISSING)
    if not alignment.is_in_order:
        similarity -= _OTHER_ORDER
    if len(left.words) == 1 < len(right.words):
        similarity = min(similarity, _SHORT_FORM)
    return _bounded(max(similarity, _joined(left, right)))


def _organization(left: ParsedName, right: ParsedName) -> float:
    if _is_acronym(left, right):
        return _ACRONYM
    alignment = _align(left.words, right.words, organization_word_similarity)
    similarity = _blend(alignment, _organization_weight)
    missing = sum(map(_weight, alignment.extra))
    paired = sum(_organization_weight(pair) for pair in alignment.pairs)
    similarity -= missing / (missing + paired)
    if not alignment.is_in_order:
        similarity -= _OTHER_ORDER
    if are_numbers_apart(left.words, right.words):
        similarity = min(similarity, _STRANGERS)
    else:
        similarity = max(similarity, _joined(left, right))
    legal = left.legal - {"plain"}, right.legal - {"plain"}
    if all(legal) and not legal[0] & legal[1]:
        similarity -= _OTHER_LEGAL_FORM
    return _bounded(similarity)


_WORD_SIMILARITY: dict[Kind, WordSimilarity] = {
    "person": person_word_similarity,
    "organization": organization_word_similarity,
}


def _align(first: Sequence[str], second: Sequence[str], similarity: WordSimilarity) -> Alignment:
    """Pair the words, the most alike first; every word of the shorter name gets a partner."""
    left, right = sorted((first, second), key=len)
    scored = sorted(
        (-similarity(one, other), abs(i - j), i, j)
        for i, one in enumerate(left)
        for j, other in enumerate(right)
    )
    partners: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for negative, _, i, j in scored:
        if i not in partners and j not in taken:
            partners[i] = j, -negative
            taken.add(j)
    return Alignment(
        tuple(Pair(left[i], right[j], j, alike) for i, (j, alike) in sorted(partners.items())),
        tuple(word for j, word in enumerate(right) if j not in taken),
    )


def _rejoined(names: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return the words with two neighbours joined where the other name has them as one word."""
    joined: list[str] = []
    for word in names:
        whole = joined[-1] + word if joined else ""
        if whole and word not in others and any(_is_whole(whole, other) for other in others):
            joined[-1] = whole
        else:
            joined.append(word)
    return joined


def _is_whole(joined: str, other: str) -> bool:
    if is_arabic(joined) == is_arabic(other):
        return float(OSA.normalized_similarity(joined, other)) >= _WHOLE
    return skeleton(joined) == skeleton(other) and spelling_similarity(joined, other) >= THRESHOLD


def _blend(alignment: Alignment, weight: Callable[[Pair], float]) -> float:
    weights = [weight(pair) for pair in alignment.pairs]
    alike = [pair.similarity for pair in alignment.pairs]
    mean: float = sum(map(mul, alike, weights)) / sum(weights)
    return (1.0 - WORST_SHARE) * mean + WORST_SHARE * min(alike)


def _person_weight(pair: Pair) -> float:
    # A matching initial tells little; one that contradicts tells as much as a name.
    is_initial = 1 in (len(pair.first), len(pair.second))
    return _INITIAL_WEIGHT if is_initial and pair.similarity else 1.0


def _organization_weight(pair: Pair) -> float:
    return max(_weight(pair.first), _weight(pair.second))


def _joined(left: ParsedName, right: ParsedName) -> float:
    """Return how alike the names are without spaces, where they are split into words otherwise."""
    if len(left.words) == len(right.words) and left.joined != right.joined:
        return 0.0
    return float(OSA.normalized_similarity(left.joined, right.joined)) - _SPLIT_DIFFERENTLY


def _is_acronym(left: ParsedName, right: ParsedName) -> bool:
    if len(left.words) != 1 or len(right.words) < _LEAST_ACRONYM:
        return False
    return left.words[0] == "".join(word[0] for word in right.words)


def _weight(word: str) -> float:
    # What is left of a legal form that was misspelled tells nothing.
    if len(word) >= _LEAST_LEGAL and skeleton(word) in legal_skeletons():
        return _LEGAL_WEIGHT
    return _GENERIC_WEIGHT if word in words().generic else 1.0


def _bounded(similarity: float) -> float:
    return max(0.0, min(1.0, similarity))

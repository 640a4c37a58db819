"""How well a name in Arabic script and one in Latin letters are one: learned letter pairs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz.distance import Indel

from .skeleton import skeleton, without_article

# Letters that Arabic has only in foreign or Persian names, as Arabic writes their sounds.
_PERSIAN = str.maketrans({"گ": "غ", "پ": "ب", "چ": "تش", "ژ": "ج", "ڤ": "ف"})
# The longest units in the table: code points of Arabic, letters of Latin.
ARABIC_UNIT, LATIN_UNIT = 2, 3
# What a letter without a partner costs, in nats: about the dearest pair of the table.
UNPAIRED = 9.0
# Cost a letter (nats) at which two words have nothing in common. Of 1,431 true pairs nine in ten
# are below 0.7, of wrong ones with the same skeleton nineteen in twenty above.
_FULL = 3.5
# Words longer than this are cut: the time is the product of both lengths.
_LONGEST = 24
# Beyond this share of the full cost two words are no spellings of one.
_LITTLE = 0.6
# Share of the consonants that two spellings of one word have in common, at the least.
_LEAST_CONSONANTS = 0.34
_NONE = float("inf")

Costs = Mapping[str, Mapping[str, float]]


@cache
def learned_costs() -> Costs:
    """Return the cost in nats of pairs of units, by Arabic unit, then by Latin unit.

    Source: ``correspondence.json``, learned from pairs of names (``python -m tests.quality.names
    --learn``); "^" and "$" are the ends of a word.
    """
    text = resources.files(__package__).joinpath("correspondence.json").read_text(encoding="utf-8")
    costs: Costs = json.loads(text)
    return costs


@lru_cache(maxsize=20_000)
def correspondence(arabic: str, latin: str) -> float:
    """Return how well two single folded words correspond, in [0, 1]; 1 is a perfect fit.

    The Arabic article counts or not, whatever fits: الخليفي is Khalifi, الياس is Elias. Words with
    little in common (below 0.4) are 0.
    """
    if not _share_consonants(skeleton(arabic), skeleton(latin)):
        return 0.0
    whole = _FULL * (min(len(latin), _LONGEST) + 2)
    limit = whole * _LITTLE
    costs = (pairing_cost(form, latin, limit=limit) for form in {arabic, without_article(arabic)})
    cost = min(costs)
    return 1.0 - cost / whole if cost <= limit else 0.0


def _share_consonants(first: str, second: str) -> bool:
    # A hundred times cheaper than the pairing; nearly all pairs that are asked for end here.
    if not first or not second:
        return True
    return Indel.normalized_similarity(first, second) >= _LEAST_CONSONANTS


def pairing_cost(
    arabic: str, latin: str, costs: Costs | None = None, *, limit: float = _NONE
) -> float:
    """Return the cost in nats of the cheapest pairing of the letters of two words.

    Args:
        arabic: one word in Arabic script, as ``fold_letters`` writes it.
        latin: one word in lower-case ASCII letters.
        costs: learned costs other than the shipped ones.
        limit: infinity is returned where every pairing is dearer.
    """
    table = learned_costs() if costs is None else costs
    source, target = _ends(arabic.translate(_PERSIAN)), _ends(latin)
    units = _units(target)
    alone = [table.get("", {}).get(letter, UNPAIRED) for letter in target]
    rows = [[_NONE] * (len(target) + 1) for _ in range(len(source) + ARABIC_UNIT)]
    rows[0][0] = 0.0
    for at, row in enumerate(rows[: len(source) + 1]):
        _pair_nothing(row, alone)
        if at == len(source) or min(row) > limit < min(rows[at + 1]):
            break
        _leave_out(row, rows[at + 1])
        for size in range(1, ARABIC_UNIT + 1):
            if paired := table.get(source[at : at + size]):
                _pair(row, rows[at + size], units, paired)
    return rows[len(source)][-1]


def _ends(word: str) -> str:
    return f"^{word[:_LONGEST]}$"


@lru_cache(maxsize=20_000)
def _units(target: str) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Return the places, [start, end), of each unit of a word."""
    units: dict[str, list[tuple[int, int]]] = {}
    for start in range(len(target) + 1):
        for end in range(start, min(start + LATIN_UNIT, len(target)) + 1):
            units.setdefault(target[start:end], []).append((start, end))
    return units


def _pair_nothing(row: list[float], alone: Sequence[float]) -> None:
    """Let Latin letters stand without an Arabic one: short vowels, mostly."""
    for place, cost in enumerate(alone):
        row[place + 1] = min(row[place + 1], row[place] + cost)


def _leave_out(row: Sequence[float], below: list[float]) -> None:
    """Let the Arabic letter stand without a Latin one that the table knows."""
    for place, cost in enumerate(row):
        below[place] = min(below[place], cost + UNPAIRED)


def _pair(
    row: Sequence[float],
    below: list[float],
    units: Mapping[str, Sequence[tuple[int, int]]],
    paired: Mapping[str, float],
) -> None:
    for unit in units.keys() & paired.keys():
        cost = paired[unit]
        for start, end in units[unit]:
            below[end] = min(below[end], row[start] + cost)

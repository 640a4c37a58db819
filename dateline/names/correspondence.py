"""How well a name in Arabic script and one in Latin letters are one: learned letter pairs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

# Letters that Arabic has only in foreign or Persian names, as Arabic writes their sounds.
_PERSIAN = str.maketrans({"گ": "غ", "پ": "ب", "چ": "تش", "ژ": "ج", "ڤ": "ف"})
# The longest units in the table: code points of Arabic, letters of Latin.
ARABIC_UNIT, LATIN_UNIT = 2, 3
# What a letter without a partner costs, in nats: about the dearest pair of the table.
UNPAIRED = 9.0
# Cost a letter (nats) at which two words have nothing in common; of 1,431 true pairs nine in ten are
# below 0.7, of wrong ones with the same skeleton nineteen in twenty above.
_FULL = 3.5
# Names longer than this are cut: the time is the product of both lengths.
_LONGEST = 24

Costs = Mapping[str, Mapping[str, float]]


@cache
def learned_costs() -> Costs:
    """Return the cost in nats of each pair of units, by Arabic unit, then by Latin unit.

    Source: ``correspondence.json``, learned from pairs of names (``python -m tests.quality.names
    --learn``); "^" and "$" are the ends of a word.
    """
    text = resources.files(__package__).joinpath("correspondence.json").read_text(encoding="utf-8")
    costs: Costs = json.loads(text)
    return costs


@lru_cache(maxsize=20_000)
def correspondence(arabic: str, latin: str) -> float:
    """Return how well two single folded words correspond, in [0, 1]; 1 is a perfect fit."""
    cost = pairing_cost(arabic, latin)
    return max(0.0, 1.0 - cost / (_FULL * (min(len(latin), _LONGEST) + 2)))


def pairing_cost(
    arabic: str, latin: str, costs: Costs | None = None, *, limit: float = float("inf")
) -> float:
    """Return the cost in nats of the cheapest pairing of the letters of two words.

    Args:
        arabic: one word in Arabic script, as ``fold_letters`` writes it.
        latin: one word in lower-case ASCII letters.
        costs: learned costs other than the shipped ones.
        limit: a pairing dearer than this is not followed; infinity is returned.
    """
    table = learned_costs() if costs is None else costs
    source = f"^{arabic[:_LONGEST].translate(_PERSIAN)}$"
    target = f"^{latin[:_LONGEST]}$"
    width = len(target) + 1
    units = [[target[at : at + size] for size in range(LATIN_UNIT + 1)] for at in range(width)]
    rows = [[float("inf")] * width for _ in range(len(source) + ARABIC_UNIT + 1)]
    rows[0][0] = 0.0
    for at in range(len(source)):
        if min(min(rows[at]), min(rows[at + 1])) > limit:
            return float("inf")
        _insert(rows[at], units, table.get("", {}))
        _advance(rows, at, source, units, table)
    _insert(rows[len(source)], units, table.get("", {}))
    return rows[len(source)][-1]


def _insert(row: list[float], units: Sequence[Sequence[str]], costs: Mapping[str, float]) -> None:
    """Let Latin letters stand without an Arabic one: short vowels, mostly."""
    for at in range(len(row) - 1):
        row[at + 1] = min(row[at + 1], row[at] + costs.get(units[at][1], UNPAIRED))


def _advance(
    rows: Sequence[list[float]],
    at: int,
    source: str,
    units: Sequence[Sequence[str]],
    table: Costs,
) -> None:
    row = rows[at]
    for size in range(1, min(ARABIC_UNIT, len(source) - at) + 1):
        costs = table.get(source[at : at + size])
        if costs is None and size > 1:
            continue
        below = rows[at + size]
        for place, cost in enumerate(row):
            if cost == float("inf"):
                continue
            if size == 1:
                below[place] = min(below[place], cost + UNPAIRED)
            if costs is None:
                continue
            for length, unit in enumerate(units[place]):
                paired = costs.get(unit)
                if paired is not None and cost + paired < below[place + len(unit)]:
                    below[place + len(unit)] = cost + paired

"""Compare what the index finds with every pair's containment, counted in full."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np

from processors.stories.find_copies import CopyIndex, CopyMatch

from .edits import Text

SEED = 20261123
SAMPLES = 1000
CONTAINMENT = 0.5
_SHINGLE_WORDS = 5
_START = datetime(2026, 1, 1, tzinfo=UTC)

Pair = frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """What the index said of a stream: pairs with their containment, and each text's last match."""

    pairs: Mapping[Pair, float]
    matches: Mapping[int, CopyMatch]


@dataclass(frozen=True, slots=True)
class Truth:
    """Containment and Jaccard of every pair of texts with a shingle in common."""

    containment: Mapping[Pair, float]
    jaccard: Mapping[Pair, float]

    def pairs(self, least: float = CONTAINMENT) -> set[Pair]:
        """Return the pairs with at least this containment."""
        return {pair for pair, value in self.containment.items() if value >= least}


def count_truth(texts: Sequence[Text]) -> Truth:
    """Return what is true of every pair, from sets of shingles, without the code under test."""
    sets = [_shingles(each.text) for each in texts]
    having: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, shingles in enumerate(sets):
        for shingle in shingles:
            having[shingle].append(number)
    common: Counter[tuple[int, int]] = Counter()
    for numbers in having.values():
        common.update(combinations(numbers, 2))
    containment, jaccard = {}, {}
    for (one, other), count in common.items():
        sizes = len(sets[one]), len(sets[other])
        containment[frozenset((one, other))] = count / min(sizes)
        jaccard[frozenset((one, other))] = count / (sum(sizes) - count)
    return Truth(containment, jaccard)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[place:] for place in range(_SHINGLE_WORDS)), strict=False))


def run(
    texts: Sequence[Text], *, order_seed: int | None = None, min_containment: float = CONTAINMENT
) -> Found:
    """Return what the index finds when texts arrive in order, or shuffled with their own times."""
    order = list(range(len(texts)))
    if order_seed is not None:
        random.Random(order_seed).shuffle(order)  # noqa: S311  (no secret)
    index = CopyIndex(min_containment=min_containment)
    pairs: dict[Pair, float] = {}
    matches: dict[int, CopyMatch] = {}
    for number in order:
        at = _START + timedelta(minutes=number)
        match = index.add(str(number), texts[number].text, at, f"source-{number}")
        if match is None:
            continue
        matches[number] = match
        for moved in match.redecided:
            matches[int(moved.article_id)] = moved
        for pair in match.pairs:
            pairs[frozenset((number, int(pair.article_id)))] = pair.containment
    return Found(pairs, matches)


def precision_recall(found: set[Pair], right: set[Pair]) -> tuple[float, float]:
    """Return both; of nothing 1."""
    hits = len(found & right)
    return hits / max(1, len(found)) if found else 1.0, hits / len(right) if right else 1.0


def interval(
    pairs: Iterable[Pair], is_hit: Callable[[Pair], bool], group_of: Callable[[Pair], str]
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the share of hits; groups of pairs are drawn."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair in pairs:
        counts[group_of(pair)][0] += is_hit(pair)
        counts[group_of(pair)][1] += 1
    rows = np.array([counts[group] for group in sorted(counts)])
    drawn = np.random.default_rng(SEED).integers(len(rows), size=(SAMPLES, len(rows)))
    sums = rows[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    return float(low), float(high)

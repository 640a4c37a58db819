"""Scores of names with their intervals: F1 of pairs, top 1 and top 5 of retrieval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, utils

from dateline.names.compare import name_similarity
from dateline.names.retrieve import NameIndex

from .data import NamePair

SEED = 20261123
SAMPLES = 2000
THRESHOLDS = tuple(step / 100 for step in range(30, 100))
TOP = 5

Similarity = Callable[[NamePair], float]


@dataclass(frozen=True, slots=True)
class Value:
    """A share with its 95 % bootstrap interval and what it was counted on."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}; n = {self.count})"


@dataclass(frozen=True, slots=True)
class Scores:
    """Similarities of pairs beside what a person said of them."""

    similarity: np.ndarray
    is_match: np.ndarray

    def f1(self, threshold: float) -> Value:
        """Return F1 of "the same at ``threshold`` or above"; pairs are drawn for the interval."""
        found = self.similarity >= threshold
        hits, both = found & self.is_match, found.astype(int) + self.is_match
        drawn = draws(len(found))
        ratios = 2 * hits[drawn].sum(axis=1) / np.maximum(both[drawn].sum(axis=1), 1)
        low, high = np.quantile(ratios, [0.025, 0.975])
        return Value(2 * hits.sum() / max(both.sum(), 1), low, high, len(found))

    def precision_recall(self, threshold: float) -> tuple[float, float]:
        """Return both at ``threshold``."""
        found = self.similarity >= threshold
        hits = (found & self.is_match).sum()
        return hits / max(found.sum(), 1), hits / max(self.is_match.sum(), 1)

    def best_threshold(self) -> float:
        """Return the lowest threshold with the best F1."""
        return max(THRESHOLDS, key=lambda threshold: (self._f1(threshold), -threshold))

    def of(self, rows: np.ndarray) -> Scores:
        """Return the scores of some pairs."""
        return Scores(self.similarity[rows], self.is_match[rows])

    def _f1(self, threshold: float) -> float:
        found = self.similarity >= threshold
        both = int(found.sum() + self.is_match.sum())
        return 2 * int((found & self.is_match).sum()) / max(both, 1)

    def cross_validated_f1(self, splits: int = 100) -> tuple[float, float, float]:
        """Return F1 on halves whose threshold was chosen on the other half: mean, lowest, highest.

        Only the threshold is validated so; the rules were written with all the pairs in sight.
        """
        random = np.random.default_rng(SEED)
        values = []
        for _ in range(splits):
            order = random.permutation(len(self.similarity))
            halves = np.array_split(order, 2)
            for chosen, scored in (halves, halves[::-1]):
                values.append(self.of(scored)._f1(self.of(chosen).best_threshold()))
        return float(np.mean(values)), min(values), max(values)


def draws(count: int) -> np.ndarray:
    """Return the rows of the bootstrap samples."""
    return np.random.default_rng(SEED).integers(count, size=(SAMPLES, count))


def ours(pair: NamePair) -> float:
    """Return Dateline's similarity."""
    return name_similarity(pair.first, pair.second, pair.kind)


def by_wratio(pair: NamePair) -> float:
    """Return the similarity of the floor: rapidfuzz ``WRatio``."""
    return fuzz.WRatio(pair.first, pair.second, processor=utils.default_process) / 100


def score_pairs(pairs: Sequence[NamePair], similarity: Similarity) -> Scores:
    """Return the similarities of the pairs."""
    return Scores(
        np.array([similarity(pair) for pair in pairs]),
        np.array([pair.is_match for pair in pairs], dtype=bool),
    )


def retrieval(queries: Sequence[tuple[str, str]], names: Iterable[str]) -> tuple[Value, Value]:
    """Return the shares of Arabic names whose Latin form is first, and among the first five.

    Every Latin form that the list has for a word is right. ``names`` are all the forms searched.
    """
    index = NameIndex("person")
    for name in sorted(set(names)):
        index.add(name, name)
    right: defaultdict[str, set[str]] = defaultdict(set)
    for arabic, latin in queries:
        right[arabic].add(latin)
    firsts, tops = [], []
    for arabic, _ in queries:
        found = [candidate.name for candidate in index.candidates(arabic, limit=TOP)]
        firsts.append(bool(found) and found[0] in right[arabic])
        tops.append(not right[arabic].isdisjoint(found))
    return share(firsts), share(tops)


def share(hits: Sequence[bool]) -> Value:
    """Return the share of hits."""
    rows = np.array(hits)
    low, high = np.quantile(rows[draws(len(rows))].mean(axis=1), [0.025, 0.975])
    return Value(float(rows.mean()), float(low), float(high), len(rows))

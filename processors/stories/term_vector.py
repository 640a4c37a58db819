"""Return articles as vectors of whole numbers: sums of them are exact in any order.

A story's state is therefore a function of the set of its articles, and what is read back after a
restart gives the same answers as what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.stories.story_terms import TERM_BITS, Channel, Terms

# The length of an article's vector; a weight is at most this and fits in 16 bits.
SCALE = 1024
# Share of the squared length, and how many terms are kept at most. Tuned in broad steps: half or
# double of any one changes the score by less than what orders of arrival do.
CHANNELS: dict[Channel, tuple[float, int]] = {
    "name": (1.0, 48),
    "word": (0.5, 40),
    "number": (0.5, 12),
    "pair": (1.0, 40),
}
# Before there are articles to count in, a term counts as seen in 0.1 % of 200.
PRIOR_ARTICLES = 200
PRIOR_FREQUENCY = 0.7
MIN_IDF = 0.05


@dataclass(frozen=True, slots=True)
class TermVector:
    """Sorted term ids (uint32) and their weights: uint16 of an article, int64 of a sum."""

    ids: NDArray[np.uint32]
    weights: NDArray[np.uint16] | NDArray[np.int64]

    def dot(self, dense: NDArray[np.int32]) -> int:
        """Return the product with a vector that is spread out over all term ids."""
        return int(np.dot(dense[self.ids], self.weights.astype(np.int64, copy=False)))

    @property
    def norm2(self) -> int:
        """Return the squared length."""
        weights = self.weights.astype(np.int64, copy=False)
        return int(np.dot(weights, weights))


EMPTY = TermVector(np.empty(0, np.uint32), np.empty(0, np.uint16))


class TermFrequencies:
    """In how many articles of the window each term is kept, and how many articles there are.

    Articles are counted by language: in a window of many, a word of a rare one is not rare.
    """

    def __init__(self) -> None:
        self._frequencies = np.zeros(1 << TERM_BITS, np.int32)
        self._articles: dict[str, int] = {}

    def count(self, vector: TermVector, language: str, step: int = 1) -> None:
        """Count an article in (``step`` 1) or out (-1)."""
        self._frequencies[vector.ids] += step
        left = self._articles.get(language, 0) + step
        self._articles[language] = left
        if not left:
            del self._articles[language]

    def weigh(self, terms: Terms, language: str) -> TermVector:
        """Return the vector of an article that is not counted in yet: TF-IDF, the best terms."""
        articles = self._articles.get(language, 0) + PRIOR_ARTICLES + 1
        parts = [
            self._channel(getattr(terms, name), articles, share, limit)
            for name, (share, limit) in CHANNELS.items()
        ]
        found = [part for part in parts if part is not None]
        if not found:
            return EMPTY
        total = np.sqrt(sum(share for _, _, share in found))
        ids = np.concatenate([ids for ids, _, _ in found])
        weights = np.concatenate([values for _, values, _ in found]) * (SCALE / total)
        return summed([TermVector(ids, np.rint(weights).astype(np.int64))], np.uint16)

    def _channel(
        self, counts: dict[int, int], articles: int, share: float, limit: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float64], float] | None:
        if not counts:
            return None
        ids = np.fromiter(counts.keys(), np.uint32, len(counts))
        times = np.fromiter(counts.values(), np.float64, len(counts))
        idf = np.log(articles / (self._frequencies[ids] + PRIOR_FREQUENCY))
        values = (1 + np.log(times)) * np.maximum(idf, MIN_IDF)
        if len(ids) > limit:
            # Stable: of equal ones those that come first in the text.
            best = np.argsort(-values, kind="stable")[:limit]
            ids, values = ids[best], values[best]
        return ids, values * (np.sqrt(share) / np.sqrt(np.dot(values, values))), share


def summed(
    vectors: Sequence[TermVector],
    dtype: type[np.uint16] | type[np.int64] = np.int64,
    minus: Iterable[TermVector] = (),
) -> TermVector:
    """Return the exact sum of vectors, less ``minus``; terms that come to nothing are left out."""
    taken = tuple(minus)
    ids, places = np.unique(
        np.concatenate([vector.ids for vector in (*vectors, *taken)]), return_inverse=True
    )
    weights = np.concatenate(
        [v.weights.astype(np.int64) for v in vectors] + [-v.weights.astype(np.int64) for v in taken]
    )
    # Sums of whole numbers below 2**53 are exact in floating point.
    sums = np.bincount(places, weights, len(ids)).astype(np.int64)
    is_left = sums != 0
    return TermVector(ids[is_left], np.minimum(sums[is_left], np.iinfo(dtype).max).astype(dtype))


def strongest(vector: TermVector, limit: int) -> NDArray[np.uint32]:
    """Return the ids of the heaviest terms; of equal ones the lowest ids."""
    order = np.argsort(-vector.weights.astype(np.int64), kind="stable")[:limit]
    return vector.ids[order]

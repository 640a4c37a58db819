"""Return articles as vectors of whole numbers: sums of them are exact in any order.

A story's state is therefore a function of the set of its articles, and what is read back after a
restart gives the same answers as what was there before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dateline.document_records import FIRST_PAIR, TERM_BITS, Channel, StoryTerms, TermCounts

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
    """Sorted term ids, their weights, and the squared length; made by ``term_vector``."""

    ids: NDArray[np.uint32]
    weights: NDArray[np.uint16] | NDArray[np.int64]
    norm2: int

    def dot(self, other: TermVector) -> int:
        """Return the product with another vector; fastest when this is the longer one."""
        if not len(self.ids):
            return 0
        places = self.ids.searchsorted(other.ids)
        # "clip": what is above all ids is compared with the last one, which it is not.
        is_shared = self.ids.take(places, mode="clip") == other.ids
        others = np.multiply(other.weights, is_shared, dtype=np.int64)
        return int(np.dot(self.weights.take(places, mode="clip"), others))


def term_vector(
    ids: NDArray[np.uint32], weights: NDArray[np.uint16] | NDArray[np.int64]
) -> TermVector:
    """Return the vector of sorted ids; weights of an article are uint16, of a sum int64."""
    wide = weights.astype(np.int64, copy=False)
    return TermVector(ids, weights, int(np.dot(wide, wide)))


EMPTY = term_vector(np.empty(0, np.uint32), np.empty(0, np.uint16))


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

    def weigh(self, terms: StoryTerms, language: str) -> TermVector:
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
        return _added([ids], [np.rint(weights)], np.uint16)

    def _channel(
        self, terms: TermCounts, articles: int, share: float, limit: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.float64], float] | None:
        if not terms.ids:
            return None
        ids = np.frombuffer(terms.ids, "<u4")
        times = np.frombuffer(terms.counts, "<u2").astype(np.float64)
        idf = np.log(articles / (self._frequencies[ids] + PRIOR_FREQUENCY))
        values = (1 + np.log(times)) * np.maximum(idf, MIN_IDF)
        if len(ids) > limit:
            # Stable: of equal ones those that come first in the text.
            best = np.argsort(-values, kind="stable")[:limit]
            ids, values = ids[best], values[best]
        return ids, values * (np.sqrt(share) / np.sqrt(np.dot(values, values))), share


def summed(vectors: Sequence[TermVector], minus: Sequence[TermVector] = ()) -> TermVector:
    """Return the exact sum of vectors, less ``minus``; terms that come to nothing are left out."""
    return _added(
        [vector.ids for vector in (*vectors, *minus)],
        [v.weights for v in vectors] + [-v.weights.astype(np.int64) for v in minus],
        np.int64,
    )


def _added(
    ids: Sequence[NDArray[np.uint32]],
    weights: Sequence[NDArray[Any]],
    dtype: type[np.uint16] | type[np.int64],
) -> TermVector:
    all_ids, all_weights = np.concatenate(ids), np.concatenate(weights)
    if not len(all_ids):
        return EMPTY
    order = np.argsort(all_ids, kind="stable")
    all_ids, all_weights = all_ids[order], all_weights[order]
    starts = np.flatnonzero(np.diff(all_ids, prepend=all_ids[:1] + 1))
    # Whole numbers below 2**53 are exact in floating point too.
    sums = np.add.reduceat(all_weights.astype(np.int64), starts)
    is_left = sums != 0
    capped = np.minimum(sums[is_left], np.iinfo(dtype).max).astype(dtype)
    return term_vector(all_ids[starts][is_left], capped)


def strongest(vector: TermVector, limit: int) -> NDArray[np.uint32]:
    """Return the ids of the heaviest terms that are no pairs; of equal ones the lowest ids.

    Most pairs of words never come again: nothing is found by them.
    """
    words = slice(int(np.searchsorted(vector.ids, FIRST_PAIR)))
    order = np.argsort(-vector.weights[words].astype(np.int64), kind="stable")[:limit]
    return vector.ids[words][order]

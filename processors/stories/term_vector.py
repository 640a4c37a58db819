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

from dateline.document_records import FIRST_PAIR, TERM_BITS, Channel, StoryTerms

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
        """Return the product with another vector."""
        many, few = (self, other) if len(self.ids) >= len(other.ids) else (other, self)
        if not len(few.ids):
            return 0
        places = many.ids.searchsorted(few.ids)
        # "clip": what is above all ids is compared with the last one, which it is not.
        (shared,) = (many.ids.take(places, mode="clip") == few.ids).nonzero()
        others = few.weights.take(shared).astype(np.int64)
        return int(np.dot(many.weights.take(places.take(shared)), others))


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
        channels = [(getattr(terms, name), *kept) for name, kept in CHANNELS.items()]
        ids = np.frombuffer(b"".join(each.ids for each, _, _ in channels), "<u4")
        if not len(ids):
            return EMPTY
        times = np.frombuffer(b"".join(each.counts for each, _, _ in channels), "<u2")
        idf = np.log(articles / (self._frequencies[ids] + PRIOR_FREQUENCY))
        values = (1 + np.log(times.astype(np.float64))) * np.maximum(idf, MIN_IDF)
        found, total, end = [], 0.0, 0
        for each, share, limit in channels:
            begin, end = end, end + len(each.ids) // ids.itemsize
            if begin < end:
                found.append(_best(ids[begin:end], values[begin:end], share, limit))
                total += share
        weights = np.concatenate([of_channel for _, of_channel in found]) * (SCALE / np.sqrt(total))
        return _added([kept for kept, _ in found], [np.rint(weights)], np.uint16)


def _best(
    ids: NDArray[np.uint32], values: NDArray[np.float64], share: float, limit: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Return the terms of a channel that are kept, and their values at its share of the length."""
    if len(ids) > limit:
        # Stable: of equal ones those that come first in the text.
        best = np.argsort(-values, kind="stable")[:limit]
        ids, values = ids[best], values[best]
    return ids, values * (np.sqrt(share) / np.sqrt(np.dot(values, values)))


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
    starts = run_starts(all_ids)
    # Whole numbers below 2**53 are exact in floating point too.
    sums = np.add.reduceat(all_weights.astype(np.int64), starts)
    is_left = sums != 0
    capped = np.minimum(sums[is_left], np.iinfo(dtype).max).astype(dtype)
    return term_vector(all_ids[starts][is_left], capped)


def run_starts(ordered: NDArray[Any]) -> NDArray[np.intp]:
    """Return the place of the first of each run of equal values."""
    is_start = np.empty(len(ordered), np.bool_)
    is_start[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_start[1:])
    return np.flatnonzero(is_start)


def strongest(vector: TermVector, limit: int) -> NDArray[np.uint32]:
    """Return the ids of the heaviest terms that are no pairs; of equal ones the lowest ids.

    Most pairs of words never come again: nothing is found by them.
    """
    return vector.ids[strongest_places(vector, limit)]


def strongest_places(vector: TermVector, limit: int) -> NDArray[np.intp]:
    """Return where the ``strongest`` terms stand in the vector, heaviest first."""
    count = int(vector.ids.searchsorted(FIRST_PAIR))
    # Turned round within 16 bits: the sort of those is the fastest.
    return np.argsort(~vector.weights[:count], kind="stable")[:limit]

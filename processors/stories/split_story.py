"""Return the two parts of a story that has taken in two events of one kind.

Early in a story two look-alikes (this year's prize and last year's) may be taken for one; when
there are several articles of each, articles of different parts are less than half as near to each
other as articles of one part. Normalised cut: J. Shi and J. Malik, "Normalized cuts and image
segmentation", IEEE PAMI 22(8), 2000; then each article goes to the part it is nearer to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.stories.term_vector import SCALE, TermVector

MIN_PART_ARTICLES = 3
MAX_BETWEEN_TO_WITHIN = 0.5
_MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """Which articles (by position) are in the second part, and the ratio that decided."""

    is_second: tuple[bool, ...]
    between_to_within: float


def split_story(vectors: list[TermVector]) -> Parts | None:
    """Return two parts of at least ``MIN_PART_ARTICLES`` articles that are far apart, or None.

    Args:
        vectors: of the articles of one story, in a fixed order.
    """
    count = len(vectors)
    if count < 2 * MIN_PART_ARTICLES:
        return None
    near = similarities(vectors)
    is_second = _normalised_cut(near)
    for _ in range(_MAX_ROUNDS):
        moved = _moved_to_nearer(near, is_second)
        if np.array_equal(moved, is_second):
            break
        is_second = moved
    size = int(is_second.sum())
    if min(size, count - size) < MIN_PART_ARTICLES:
        return None
    between = float(near[np.ix_(is_second, ~is_second)].mean())
    within = sum(
        _mean_link(near[np.ix_(part, part)]) * part.sum() for part in (is_second, ~is_second)
    )
    ratio = between * count / float(within) if within > 0 else 1.0
    if ratio >= MAX_BETWEEN_TO_WITHIN:
        return None
    return Parts(tuple(is_second.tolist()), ratio)


def similarities(vectors: list[TermVector]) -> NDArray[np.float64]:
    """Return the products of all pairs (1 is the same), zero on the diagonal."""
    _, places, counts = np.unique(
        np.concatenate([v.ids for v in vectors]), return_inverse=True, return_counts=True
    )
    # A term that only one has, as most are, is in no product of two.
    is_shared = counts > 1
    columns = np.cumsum(is_shared) - 1
    kept = is_shared[places]
    rows = np.repeat(np.arange(len(vectors)), [len(v.ids) for v in vectors])
    # Products of two articles are whole numbers below 2**24: exact in single precision too.
    table = np.zeros((len(vectors), int(is_shared.sum())), np.float32)
    table[rows[kept], columns[places[kept]]] = np.concatenate([v.weights for v in vectors])[kept]
    near: NDArray[np.float64] = (table @ table.T).astype(np.float64) / SCALE**2
    np.fill_diagonal(near, 0)
    return near


def _normalised_cut(near: NDArray[np.float64]) -> NDArray[np.bool_]:
    degree = np.sqrt(np.maximum(near.sum(axis=1), 1e-9))
    vectors = np.linalg.eigh(near / np.outer(degree, degree)).eigenvectors
    side: NDArray[np.bool_] = vectors[:, -2] / degree > 0
    return side


def _moved_to_nearer(near: NDArray[np.float64], is_second: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the parts after each article in turn has gone to the one that it is nearer to."""
    moved = is_second.copy()
    # Sums of products, which are exact: what is added and taken away leaves nothing behind.
    to_first, to_second = near[:, ~moved].sum(axis=1), near[:, moved].sum(axis=1)
    for article, row in enumerate(near):
        was_second = bool(moved[article])
        second_count = int(moved.sum()) - was_second
        first_count = len(near) - 1 - second_count
        mean_first = to_first[article] / first_count if first_count else 0.0
        mean_second = to_second[article] / second_count if second_count else 0.0
        moved[article] = mean_second > mean_first
        if moved[article] != was_second:
            step = row if was_second else -row
            to_first += step
            to_second -= step
    return moved


def _mean_link(near: NDArray[np.float64]) -> float:
    count = len(near)
    return float(near.sum()) / (count * (count - 1))

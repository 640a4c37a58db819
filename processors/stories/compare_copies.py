"""Say how much of a text other texts hold, from signatures alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from processors.stories.copy_signature import MIN_SHINGLES, CopySignature, Hashes

CopyRole = Literal["original", "copy", "excerpt", "update"]

# Shingles that this many unrelated texts of one source hold are that source's frame.
FRAME_TEXTS = 3
_LOW_BITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEntry:
    """An article as the search for copies remembers it.

    ``at`` orders originals and copies; ``origin_article_id`` is the first article of its group,
    None for that one itself and for an article without copies.
    """

    article_id: str
    source_id: str
    at: datetime
    signature: CopySignature
    origin_article_id: str | None = None
    role: CopyRole = "original"

    @property
    def age(self) -> tuple[datetime, str]:
        """Return what orders articles: time, then id."""
        return self.at, self.article_id

    @property
    def root_id(self) -> str:
        """Return the id of the first article of its group."""
        return self.origin_article_id or self.article_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPair:
    """How much a text shares with another one; shares are of distinct five-word shingles.

    Attributes:
        article_id: the other article.
        share: how much of this text stands in the other one, 0 to 1.
        other_share: how much of the other one stands in this text.
        jaccard: what both share of all that either has.
        shared_count: shingles in common, scaled up where long texts are sampled.
    """

    article_id: str
    share: float
    other_share: float
    jaccard: float
    shared_count: float

    @property
    def containment(self) -> float:
        """Return how much of the shorter text stands in the longer one."""
        return max(self.share, self.other_share)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text beside others: which of its hashes each of them has, frames left out."""

    pairs: Sequence[CopyPair]
    held: npt.NDArray[np.bool_]
    # Of the text itself, and up to which column each other text is known.
    is_story: npt.NDArray[np.bool_]
    known_counts: Sequence[int]

    def covered_by(self, article_ids: Collection[str]) -> float:
        """Return how much of the text stands in these articles taken together, 0 to 1."""
        rows = [row for row, pair in enumerate(self.pairs) if pair.article_id in article_ids]
        if not rows:
            return 0.0
        known = min(self.known_counts[row] for row in rows)
        covered = int(self.held[rows, :known].any(axis=0).sum())
        return covered / max(1, int(self.is_story[:known].sum()))


def compare(signature: CopySignature, others: Sequence[CopyEntry]) -> Comparison:
    """Return the text with this signature beside each of the ``others``, in their order."""
    hashes = signature.array()
    held = _held(hashes, [other.signature for other in others])
    is_story = ~_frame(held, others)
    limits = [min(signature.limit, other.signature.limit) for other in others]
    known_counts = [int(np.searchsorted(hashes, limit, side="right")) for limit in limits]
    pairs = [
        _pair(other, held[row], is_story, known_counts[row], limits[row])
        for row, other in enumerate(others)
    ]
    return Comparison(pairs, held & is_story, is_story, known_counts)


def _held(hashes: Hashes, others: Sequence[CopySignature]) -> npt.NDArray[np.bool_]:
    """Return for each other text (row) which of ``hashes`` (column) it has."""
    held = np.zeros((len(others), len(hashes)), dtype=bool)
    all_hashes = np.frombuffer(b"".join(other.hashes for other in others), dtype="<u4")
    rows = np.repeat(np.arange(len(others)), [len(other.hashes) // 4 for other in others])
    # Nearly all are in no common: a look at some bits is ten times as fast as a search.
    maybe = np.zeros(1 << _LOW_BITS, dtype=bool)
    mask = np.uint32((1 << _LOW_BITS) - 1)
    maybe[hashes & mask] = True
    chosen = maybe[all_hashes & mask]
    all_hashes, rows = all_hashes[chosen], rows[chosen]
    columns = np.minimum(np.searchsorted(hashes, all_hashes), len(hashes) - 1)
    is_same = hashes[columns] == all_hashes
    held[rows[is_same], columns[is_same]] = True
    return held


def _frame(held: npt.NDArray[np.bool_], others: Sequence[CopyEntry]) -> npt.NDArray[np.bool_]:
    """Return which hashes several groups of one source have: footers, calls to subscribe.

    Copies and updates of each other are one group, so a text that a source repeats is no frame.
    """
    groups: dict[str, dict[str, list[int]]] = {}
    for row, other in enumerate(others):
        groups.setdefault(other.source_id, {}).setdefault(other.root_id, []).append(row)
    frame = np.zeros(held.shape[1], dtype=bool)
    for by_root in groups.values():
        if len(by_root) >= FRAME_TEXTS:
            counts = sum(held[rows].any(axis=0).astype(np.uint8) for rows in by_root.values())
            frame |= np.asarray(counts) >= FRAME_TEXTS
    return frame


def _pair(
    other: CopyEntry,
    held: npt.NDArray[np.bool_],
    is_story: npt.NDArray[np.bool_],
    known_count: int,
    limit: int,
) -> CopyPair:
    own = int(is_story[:known_count].sum())
    frame_count = int((held & ~is_story).sum())
    other_hashes = other.signature.array()
    theirs = int(np.searchsorted(other_hashes, limit, side="right")) - frame_count
    common = int(held.sum()) - frame_count
    # What is left of a text beside its frame may be too short to tell.
    shortest = min(int(is_story.sum()), other.signature.shingle_count - frame_count)
    if common == 0 or shortest < MIN_SHINGLES:
        own, theirs, common = 1, 1, 0
    return CopyPair(
        article_id=other.article_id,
        share=common / own,
        other_share=common / theirs,
        jaccard=common / (own + theirs - common),
        shared_count=common * ((1 << 32) / (limit + 1)),
    )

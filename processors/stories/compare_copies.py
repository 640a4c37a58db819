"""Say how much of a text other texts hold, from signatures alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from dateline.document_records import CopyRole
from processors.enrich.copy_signature import MIN_SHINGLES, CopySignature, Hashes

# Shingles that this many unrelated texts of one source hold are that source's frame.
FRAME_TEXTS = 3
_LOW_BITS = 16
_HASHES = 1 << 32


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
    rows: Mapping[str, int]
    held: npt.NDArray[np.bool_]
    # Of the text itself, and up to which column each other text is known.
    is_story: npt.NDArray[np.bool_]
    known_counts: npt.NDArray[np.int64]

    def covered_by(self, article_ids: Collection[str]) -> float:
        """Return how much of the text stands in these articles taken together, 0 to 1."""
        rows = [self.rows[article_id] for article_id in article_ids]
        if not rows:
            return 0.0
        known = int(self.known_counts[rows].min())
        covered = int(self.held[rows, :known].any(axis=0).sum())
        return covered / max(1, int(self.is_story[:known].sum()))


def compare(
    signature: CopySignature, others: Sequence[CopyEntry], *, min_containment: float
) -> Comparison:
    """Return the text with this signature beside others: pairs of at least ``min_containment``."""
    hashes = signature.array()
    if not others:
        return _alone(len(hashes))
    held = _held(hashes, [other.signature for other in others])
    is_story = ~_frame(held, others)
    limits = np.array(
        [min(signature.limit, other.signature.limit) for other in others], dtype=np.uint64
    )
    known_counts = np.searchsorted(hashes, limits, side="right")
    own = np.concatenate([[0], is_story.cumsum()])[known_counts]
    frame_counts = (held & ~is_story).sum(axis=1)
    common = held.sum(axis=1) - frame_counts
    theirs = _theirs(others, limits) - frame_counts
    # What is left of a text beside its frame may be too short to tell.
    sizes = np.array([other.signature.shingle_count for other in others], dtype=np.int64)
    shortest = np.minimum(is_story.sum(), sizes - frame_counts)
    is_pair = (common > 0) & (shortest >= MIN_SHINGLES)
    is_pair &= common >= min_containment * np.minimum(own, theirs)
    pairs = [
        CopyPair(
            article_id=others[row].article_id,
            share=float(common[row] / own[row]),
            other_share=float(common[row] / theirs[row]),
            jaccard=float(common[row] / (own[row] + theirs[row] - common[row])),
            shared_count=float(common[row]) * (_HASHES / (int(limits[row]) + 1)),
        )
        for row in np.flatnonzero(is_pair).tolist()
    ]
    rows = {other.article_id: row for row, other in enumerate(others)}
    return Comparison(pairs, rows, held & is_story, is_story, known_counts)


def _alone(hash_count: int) -> Comparison:
    return Comparison(
        pairs=(),
        rows={},
        held=np.zeros((0, hash_count), dtype=bool),
        is_story=np.ones(hash_count, dtype=bool),
        known_counts=np.zeros(0, dtype=np.int64),
    )


def _theirs(others: Sequence[CopyEntry], limits: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return how many hashes each other text has up to its limit."""
    counts = [
        len(other.signature.hashes) // 4
        if other.signature.limit <= limit
        else int(np.searchsorted(other.signature.array(), limit, side="right"))
        for other, limit in zip(others, limits.tolist(), strict=True)
    ]
    return np.array(counts, dtype=np.int64)


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

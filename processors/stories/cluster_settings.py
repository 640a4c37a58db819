"""Return how story clustering is set; the numbers of similarity are chosen on development data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """When an article joins a story, and when stories are one.

    ``min_join`` is the cosine of an article and a centroid; ``min_merge`` the mean similarity of
    the articles of two stories, and ``min_merge_ratio`` that to the mean similarity within them.
    Similarity halves with every ``half_life`` between an article and the nearest end of a story.
    """

    min_join: float = 0.16
    min_merge: float = 0.12
    min_merge_ratio: float = 0.6
    half_life: timedelta = timedelta(days=4)
    window: timedelta = timedelta(days=14)

    def decay(self, gap: timedelta) -> float:
        """Return the factor of a time between an article and a story; 1 inside the story."""
        if gap <= timedelta(0):
            return 1.0
        return float(0.5 ** (gap / self.half_life))


def is_checkpoint(article_count: int) -> bool:
    """Return whether a story that has grown to this size is looked at again.

    Sizes 2, 3, 4, 6, 8, 12, 16 and so on: a function of the size alone, so a restart changes
    nothing.
    """
    return article_count in _CHECKPOINTS


def _checkpoints() -> frozenset[int]:
    powers = [2**exponent for exponent in range(1, 30)]
    return frozenset(powers + [size + size // 2 for size in powers])


_CHECKPOINTS = _checkpoints()

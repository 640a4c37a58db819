"""Score ranked answers: normalised discounted cumulative gain (Järvelin and Kekäläinen 2002)."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .judge import Judged

DEPTH = 10
SAMPLES = 2_000
SEED = 20261123


@dataclass(frozen=True, slots=True)
class Scored:
    """A question and the score of what was found for it."""

    judged: Judged
    ndcg: float


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return nDCG of the first ten with gains ``2**grade - 1``; 1 is the best order there is."""
    best = _dcg(sorted(grades.values(), reverse=True))
    return _dcg([grades.get(each, 0) for each in found]) / best if best else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(at + 2) for at, grade in enumerate(grades[:DEPTH]))


def scored(judged: Judged, found: Sequence[str]) -> Scored:
    """Return the score of the articles found, the best first."""
    return Scored(judged, ndcg([each for each in found if each != judged.left_out], judged.grades))


def mean(rows: Sequence[Scored]) -> float:
    """Return the mean over all questions; NaN of none."""
    return statistics.fmean(row.ndcg for row in rows) if rows else math.nan


def interval(rows: Sequence[Scored]) -> tuple[float, float]:
    """Return the 95 % interval of the mean; whole topics are drawn, as questions hang together."""
    of_topic: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        of_topic[row.judged.topic].append(row.ndcg)
    topics = list(of_topic.values())
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(0, len(topics), (SAMPLES, len(topics)))
    means = [statistics.fmean(value for at in row for value in topics[at]) for row in drawn]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)

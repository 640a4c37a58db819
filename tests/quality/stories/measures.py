"""Cluster labelled articles in random orders, and score what comes out."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from processors.stories.cluster_settings import ClusterSettings
from processors.stories.story_clusters import StoryClusters

from .data import Labelled

ORDERS = 10
SAMPLES = 2_000
SEED = 20261123
JOINS = (0.12, 0.14, 0.16, 0.18, 0.20, 0.22)
HALVINGS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """BCubed; ``precisions`` and ``recalls`` of each article, mean of the orders."""

    precisions: tuple[float, ...]
    recalls: tuple[float, ...]
    f1_of_orders: tuple[float, ...]
    story_count: float
    merge_count: float
    split_count: float

    @property
    def precision(self) -> float:
        return statistics.mean(self.precisions)

    @property
    def recall(self) -> float:
        return statistics.mean(self.recalls)

    @property
    def f1(self) -> float:
        """The mean of the orders."""
        return statistics.mean(self.f1_of_orders)


def clustered(
    labelled: Sequence[Labelled], seed: int, settings: ClusterSettings | None = None
) -> tuple[list[str], int, int]:
    """Return the story of each article after all of them, and how many merges and splits."""
    order = list(labelled)
    random.Random(seed).shuffle(order)  # noqa: S311  (no secret)
    clusters = StoryClusters(settings)
    answers = [clusters.assign(each.article) for each in order]
    stories = [clusters.story_of(each.article.article_id) or "" for each in labelled]
    merges = sum(len(answer.merges) for answer in answers)
    return stories, merges, sum(len(answer.splits) for answer in answers)


def bcubed(found: Sequence[str], gold: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the precision and the recall of each item (Bagga and Baldwin 1998)."""
    both = Counter(zip(found, gold, strict=True))
    of_found, of_gold = Counter(found), Counter(gold)
    pairs = list(zip(found, gold, strict=True))
    return (
        [both[pair] / of_found[pair[0]] for pair in pairs],
        [both[pair] / of_gold[pair[1]] for pair in pairs],
    )


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score(
    labelled: Sequence[Labelled], settings: ClusterSettings | None = None, orders: int = ORDERS
) -> Score:
    """Return the score of ``orders`` random orders."""
    gold = [each.story for each in labelled]
    runs = [clustered(labelled, seed, settings) for seed in range(orders)]
    parts = [bcubed(found, gold) for found, _, _ in runs]
    return Score(
        precisions=tuple(map(statistics.mean, zip(*(p for p, _ in parts), strict=True))),
        recalls=tuple(map(statistics.mean, zip(*(r for _, r in parts), strict=True))),
        f1_of_orders=tuple(f1(statistics.mean(p), statistics.mean(r)) for p, r in parts),
        story_count=statistics.mean(len(set(found)) for found, _, _ in runs),
        merge_count=statistics.mean(merges for _, merges, _ in runs),
        split_count=statistics.mean(splits for _, _, splits in runs),
    )


def interval(labelled: Sequence[Labelled], found: Score) -> tuple[float, float]:
    """Return the 95 % interval of F1; whole topics are drawn, as their articles hang together."""
    topics = sorted({each.topic for each in labelled})
    of_topic = [[i for i, each in enumerate(labelled) if each.topic == t] for t in topics]
    rng = np.random.default_rng(SEED)
    values = []
    for _ in range(SAMPLES):
        drawn = [i for t in rng.integers(0, len(topics), len(topics)) for i in of_topic[t]]
        values.append(
            f1(
                statistics.fmean(found.precisions[i] for i in drawn),
                statistics.fmean(found.recalls[i] for i in drawn),
            )
        )
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def cross_validated(labelled: Sequence[Labelled]) -> tuple[list[float], list[float]]:
    """Return F1 on halves of the topics: threshold chosen on the other half, and as shipped."""
    topics = sorted({each.topic for each in labelled})
    chosen, shipped = [], []
    for seed in range(HALVINGS):
        order = list(topics)
        random.Random(seed).shuffle(order)  # noqa: S311  (no secret)
        first = set(order[: len(order) // 2])
        halves = [
            [each for each in labelled if (each.topic in first) is side] for side in (True, False)
        ]
        for tuned, held in (halves, halves[::-1]):
            best = max(JOINS, key=lambda join: _quick(tuned, ClusterSettings(min_join=join)))
            chosen.append(_quick(held, ClusterSettings(min_join=best)))
            shipped.append(_quick(held, ClusterSettings()))
    return chosen, shipped


def _quick(labelled: Sequence[Labelled], settings: ClusterSettings) -> float:
    return score(labelled, settings, orders=3).f1


def look_alikes(labelled: Sequence[Labelled], orders: int = ORDERS) -> tuple[float, float, int]:
    """Return the share of look-alike pairs kept apart, that of true pairs together, the topics.

    Pairs of one topic; the last number counts topics whose two stories were never mixed.
    """
    apart: list[bool] = []
    together: list[bool] = []
    mixed: set[str] = set()
    for seed in range(orders):
        found, _, _ = clustered(labelled, seed)
        for (a, story_a), (b, story_b) in combinations(zip(labelled, found, strict=True), 2):
            if a.topic != b.topic:
                continue
            if a.story == b.story:
                together.append(story_a == story_b)
            else:
                apart.append(story_a != story_b)
                if story_a == story_b:
                    mixed.add(a.topic)
    topics = {each.topic for each in labelled}
    return statistics.fmean(apart), statistics.fmean(together), len(topics - mixed)

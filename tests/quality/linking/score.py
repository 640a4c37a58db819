"""Count right and wrong links; intervals by a bootstrap over articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dateline.gazetteer.links import Link
from processors.enrich.find_names import NameFinder

from ..tag import Tagger
from .data import NIL, Article, Label

SEED = 20261123
SAMPLES = 2000
_HUMAN = "Q5"


@dataclass(slots=True)
class Counts:
    """Of one article: links by kind that are right or wrong, and labels to be found."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    reachable: int = 0
    wrong_on_nil: int = 0
    nil_labels: int = 0
    errors: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def predict(article: Article, finder: NameFinder, tag: Tagger) -> list[Link]:
    """Return the links with an id in the labelled part, of the model's and of added mentions."""
    seen, sentences = tag(article.text)
    links = finder.find(seen, article.text, sentences, language="en").links
    inside = [each for each in links if article.start <= each.start and each.end <= article.end]
    return [each for each in inside if each.qid]


def count(article: Article, links: Sequence[Link], reachable: frozenset[str]) -> Counts:
    """Return the counts of one article."""
    counts = Counts()
    by_span = {(label.start, label.end): label for label in article.labels}
    found = set()
    for each in links:
        label = by_span.get((each.start, each.end))
        if label and label.qid == each.qid:
            whole = label if label.is_scored else _outer(label, article)
            if whole:
                counts.right[str(each.kind)] += 1
                found.add((whole.start, whole.end))
            continue
        counts.wrong[str(each.kind)] += 1
        counts.wrong_on_nil += bool(label and label.qid == NIL)
        name = article.text[each.start : each.end]
        gold = label.qid if label else "no label"
        counts.errors.append(
            f"{article.id} {name!r} -> {each.qid} {each.name} ({each.reason}); {gold}"
        )
    for label in article.labels:
        counts.nil_labels += label.qid == NIL and not label.is_free
        if not label.is_scored:
            continue
        counts.labels["all"] += 1
        counts.labels[_label_kind(label.types)] += 1
        counts.reachable += label.qid in reachable
        if (label.start, label.end) not in found and label.qid in reachable:
            counts.missed.append(f"{article.id} {label.text!r} {label.qid}")
    return counts


def _outer(label: Label, article: Article) -> Label | None:
    """Return the scored label of the same entity around one: "Denver" in "Denver, Colorado"."""
    return next(
        (
            each
            for each in article.labels
            if each.is_scored and each.qid == label.qid
            and each.start <= label.start and label.end <= each.end
        ),
        None,
    )  # fmt: skip


def _label_kind(types: frozenset[str]) -> str:
    return "person" if _HUMAN in types or "Q215627" in types else "other"


def interval(
    rows: Sequence[Counts], measure: Callable[[Sequence[Counts]], float]
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a measure over articles."""
    generator = np.random.default_rng(SEED)
    values = []
    for _ in range(SAMPLES):
        value = measure([rows[i] for i in generator.integers(len(rows), size=len(rows))])
        if not np.isnan(value):
            values.append(value)
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def precision(rows: Sequence[Counts], kinds: Sequence[str] | None = None) -> float:
    """Return the share of links that are right, of some kinds or of all."""
    right = sum(_sum(row.right, kinds) for row in rows)
    wrong = sum(_sum(row.wrong, kinds) for row in rows)
    return right / (right + wrong) if right + wrong else float("nan")


def recall(rows: Sequence[Counts]) -> float:
    """Return the share of named labels with an id that were linked right."""
    labels = sum(row.labels["all"] for row in rows)
    return sum(_sum(row.right, None) for row in rows) / labels if labels else float("nan")


def f1(rows: Sequence[Counts]) -> float:
    """Return the harmonic mean of precision and recall."""
    p, r = precision(rows), recall(rows)
    return 2 * p * r / (p + r) if p + r else 0.0


def _sum(counter: Counter[str], kinds: Sequence[str] | None) -> int:
    return sum(n for kind, n in counter.items() if kinds is None or kind in kinds)

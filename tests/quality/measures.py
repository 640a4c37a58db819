"""The numbers of the report: one value a measure, with an interval from the bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .score import (
    Scored,
    Tally,
    all_of,
    flag_tally,
    frame_pairs,
    licensor_tally,
    named_pairs,
    object_pairs,
    other_object_tally,
    preference_tally,
    span_tally,
    tally,
)

SEED = 20261123
SAMPLES = 2000
BINS = 10
Count = Callable[[Sequence[Scored]], Tally]
Kind = Literal["precision", "recall", "f1"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, and which of precision, recall and F1 of it is the number."""

    title: str
    count: Count
    kind: Kind
    is_better_low: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its 95 % interval and what it was counted on; None: nothing to count."""

    value: float | None
    low: float | None
    high: float | None
    count: int


def shares(
    is_hit: Callable[[Scored], bool], among: Callable[[Scored], bool] = lambda _: True
) -> Count:
    """Return a count of the rows that are hits among some."""

    def count(rows: Sequence[Scored]) -> Tally:
        chosen = [row for row in rows if among(row)]
        return Tally(sum(map(is_hit, chosen)), len(chosen), len(chosen))

    return count


def over_classes(pairs: Callable[[Sequence[Scored]], list[tuple[Any, Any]]]) -> Count:
    """Return a count of pairs that are the same, over all classes."""
    return lambda rows: all_of(tally(pairs(rows)).values())


def grants(rows: Sequence[Scored]) -> Tally:
    """Texts that are given (granted or public domain), with the licence exact."""
    return Tally(
        sum(r.is_granting and r.is_expected_granting and r.is_spdx_right for r in rows),
        sum(r.is_granting for r in rows),
        sum(r.is_expected_granting for r in rows),
    )


def _states_something(row: Scored) -> bool:
    return row.item.expect.status != "unknown"


def _is_answered(row: Scored) -> bool:
    return row.prediction.status != "unknown"


MEASURES: Mapping[str, Measure] = {
    "permissive": Measure(
        "permissive errors (share of items)", shares(lambda r: bool(r.permissive)), "recall", True
    ),
    "answer": Measure(
        "whole answer right (status, licence, constraints)", shares(lambda r: r.is_right), "recall"
    ),
    "status": Measure("status right", shares(lambda r: r.is_status_right), "recall"),
    "grant_precision": Measure("grants: precision (licence exact)", grants, "precision"),
    "grant_recall": Measure("grants: recall (licence exact)", grants, "recall"),
    "coverage": Measure("coverage: not `unknown`, of all items", shares(_is_answered), "recall"),
    "coverage_stated": Measure(
        "coverage: not `unknown`, of items that state something",
        shares(_is_answered, _states_something),
        "recall",
    ),
    "notice_precision": Measure("notices: offsets exact, precision", span_tally, "precision"),
    "notice_recall": Measure("notices: offsets exact, recall", span_tally, "recall"),
    "frame": Measure("notices: frame, F1", over_classes(frame_pairs), "f1"),
    "object": Measure("notices: object of grants, F1", over_classes(object_pairs), "f1"),
    "named": Measure("notices: licence named, F1", over_classes(named_pairs), "f1"),
    "other_objects": Measure("objects beside the text, F1", other_object_tally, "f1"),
    "licensor": Measure("licensor, F1", licensor_tally, "f1"),
    "preferences": Measure("preferences, F1", preference_tally, "f1"),
    "conflicts": Measure("conflicts named", lambda rows: flag_tally(rows, "conflicts"), "recall"),
    "rules": Measure("rules named", lambda rows: flag_tally(rows, "rules"), "recall"),
}  # fmt: skip


def values(rows: Sequence[Scored]) -> dict[str, Value]:
    """Return every measure over ``rows``; the same rows give the same numbers."""
    samples = np.random.default_rng(SEED).integers(len(rows), size=(SAMPLES, len(rows)))
    return {name: _value(measure, rows, samples) for name, measure in MEASURES.items()}


def share(hits: Sequence[bool]) -> Value:
    """Return the share of hits with its interval; no value where there are none to count."""
    if not hits:
        return Value(None, None, None, 0)
    counted = np.array(hits, dtype=float)
    samples = np.random.default_rng(SEED).integers(len(hits), size=(SAMPLES, len(hits)))
    low, high = np.percentile(counted[samples].mean(axis=1), (2.5, 97.5))
    return Value(float(counted.mean()), float(low), float(high), len(hits))


def calibration_error(rows: Sequence[Scored]) -> tuple[float | None, int]:
    """Return the expected calibration error of answers other than ``unknown``, and their number.

    Source: ten bins of equal width; in each the mean confidence is compared with the share of
    answers that are right; bins count by their size.
    """
    answers = [(r.prediction.confidence, r.is_right) for r in rows if _is_answered(r)]
    if not answers:
        return None, 0
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_right in answers:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, is_right))
    gaps = (abs(sum(confidence - right for confidence, right in each)) for each in bins.values())
    return sum(gaps) / len(answers), len(answers)


def _value(measure: Measure, rows: Sequence[Scored], samples: np.ndarray) -> Value:
    tallies = [measure.count([row]) for row in rows]
    counts = np.array([(t.hits, t.found, t.expected) for t in tallies])
    whole = all_of(tallies)
    value = getattr(whole, measure.kind)
    if value is None:
        return Value(None, None, None, 0)
    hits, found, expected = counts[samples].sum(axis=1).T
    top, below = {
        "precision": (hits, found), "recall": (hits, expected), "f1": (2 * hits, found + expected),
    }[measure.kind]  # fmt: skip
    ratios = top[below > 0] / below[below > 0]
    low, high = np.quantile(ratios, [0.025, 0.975])
    size = {"precision": whole.found, "recall": whole.expected, "f1": whole.expected}[measure.kind]
    return Value(value, float(low), float(high), size)

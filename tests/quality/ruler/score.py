"""Compare the entity model alone with the model and the gazetteer; bootstrap over documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dateline.document_records import EntityType
from dateline.records import Mention
from processors.enrich.find_names import NameFinder

from ..tag import Tagger
from .data import Document, Span, without_article

SEED = 20261123
SAMPLES = 2000
# Frozen before the first run (OntoNotes labels, through the record's types).
LABEL_MAP: dict[EntityType, str] = {
    "person": "PER", "organization": "ORG", "place": "LOC", "facility": "LOC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """F1 of both systems and the 95 % interval of the difference.

    Attributes:
        base: precision, recall and F1 of the model alone.
        boosted: the same with the gazetteer.
        low: lower end of the interval of boosted F1 minus base F1.
        high: upper end.
    """

    base: tuple[float, float, float]
    boosted: tuple[float, float, float]
    low: float
    high: float
    gold_count: int


def named_spans(mentions: Sequence[Mention], text: str) -> frozenset[Span]:
    """Return the spans of people, organisations and places."""
    return frozenset(
        (*without_article(text, each.start, each.end), LABEL_MAP[each.entity_type])
        for each in mentions
        if each.entity_type in LABEL_MAP
    )


def compare(
    documents: Sequence[Document], finder: NameFinder, tag: Tagger, *, is_typed: bool = True
) -> Comparison:
    """Return the scores over all documents; without ``is_typed`` spans alone are compared."""
    rows = []
    for document in documents:
        seen, sentences = tag(document.text)
        found = finder.find(seen, document.text, sentences, language="en").mentions
        gold = _keys(document.gold, is_typed=is_typed)
        counts = [len(gold)]
        for mentions in (seen, found):
            keys = _keys(named_spans(mentions, document.text), is_typed=is_typed)
            counts += [len(keys & gold), len(keys)]
        rows.append(counts)
    table = np.array(rows)
    samples = np.random.default_rng(SEED).integers(len(rows), size=(SAMPLES, len(rows)))
    sums = table[samples].sum(axis=1)
    differences = _f1(sums, 3) - _f1(sums, 1)
    low, high = np.quantile(differences, [0.025, 0.975])
    total = table.sum(axis=0, keepdims=True)
    return Comparison(_prf(total, 1), _prf(total, 3), float(low), float(high), int(total[0, 0]))


def _keys(spans: frozenset[Span], *, is_typed: bool) -> frozenset[tuple[object, ...]]:
    return frozenset(span if is_typed else span[:2] for span in spans)


def _f1(sums: NDArray[np.int64], column: int) -> NDArray[np.float64]:
    hits, found, gold = sums[:, column], sums[:, column + 1], sums[:, 0]
    result: NDArray[np.float64] = 2 * hits / np.maximum(found + gold, 1)
    return result


def _prf(total: NDArray[np.int64], column: int) -> tuple[float, float, float]:
    gold, hits, found = (int(total[0, each]) for each in (0, column, column + 1))
    return hits / max(found, 1), hits / max(gold, 1), float(_f1(total, column)[0])

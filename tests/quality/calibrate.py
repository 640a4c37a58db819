"""Count how often each kind of statement is right on dev: the confidence of what it decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from dateline.rights.confidence import Confidences, Counted, confidences_toml
from dateline.rights.record import RightsEvidence

from .score import Scored

PATH = Path(__file__).resolve().parents[2] / "config" / "license_confidence.toml"
SOURCE = "tests/quality/licensing/dev-*.toml"
_Key = tuple[str, str, str]


def calibrated(rows: Iterable[Scored], *, counted_on: str) -> Confidences:
    """Return the counts of every kind of statement that was read on ``rows``.

    A statement in the body is right when the gold set has it there, with frame, licence and object.
    One beside the body has no label of its own: it is counted where it decided, and right when the
    answer is.
    """
    hits: Counter[_Key] = Counter()
    count: Counter[_Key] = Counter()
    for row in rows:
        for evidence, is_right in _judged(row):
            key = (evidence.layer, evidence.frame, evidence.detector)
            count[key] += 1
            hits[key] += is_right
    return Confidences(
        by_kind={key: Counted(hits=hits[key], n=n) for key, n in count.items()},
        source=SOURCE,
        counted_on=counted_on,
    )


def write_confidences(confidences: Confidences, path: Path = PATH) -> None:
    """Write the counts."""
    path.write_text(confidences_toml(confidences), encoding="utf-8")


def _judged(row: Scored) -> Iterator[tuple[RightsEvidence, bool]]:
    rights = row.prediction.rights
    if rights is None:
        return
    exact = {(given.start, given.end) for right, given in row.notices if given and given == right}
    for each in rights.evidence:
        if (each.layer, each.field) == ("text", "body"):
            yield each, (each.start, each.end) in exact
        elif each.id == rights.resolution.winner:
            yield each, row.is_right

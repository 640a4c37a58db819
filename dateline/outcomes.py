"""Return the outcomes a record can have in a stage; every record ends in exactly one per stage."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum


class Outcome(StrEnum):
    """How a record left a stage."""

    PASSED = "passed"  # written to the next topic
    INDEXED = "indexed"  # searchable document or tombstone written
    DUPLICATE = "duplicate"  # known already; passed on again or already there, nothing changed
    SUPERSEDED = "superseded"  # an older text than the current one; archived, not current
    REFUSED_KILLED = "refused_killed"  # a text of a killed article
    UNDECIDED = "undecided"  # asked to decide again, but the text is gone or not known
    UNWATCHED = "unwatched"  # read by the alerts stage, and nothing to tell anybody
    DEAD_LETTER = "dead_letter"


class OutcomeCounts:
    """Count records by outcome; one object a process, read by the log line and by tests."""

    def __init__(self) -> None:
        self._counts: Counter[Outcome] = Counter()

    def record(self, outcome: Outcome) -> None:
        """Count one record."""
        self._counts[outcome] += 1

    def summary(self) -> dict[str, int]:
        """Return the counts by outcome name, sorted, without zeros."""
        return {outcome.value: self._counts[outcome] for outcome in sorted(self._counts)}

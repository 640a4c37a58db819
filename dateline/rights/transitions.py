"""Return what a new set of decisions changes: which column of which purpose goes from what to what.

Counted over many articles this is the report that an operator reads before a policy comes in force.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dateline.rights.record import Decision, Purpose

COLUMNS = ("store", "display", "export", "ai_use")
EXAMPLES_OF_A_TRANSITION = 3
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One column of a purpose and its two values; ``undecided`` before the first decision."""

    purpose: Purpose
    column: str
    before: str
    after: str


def transitions(before: Sequence[Decision], after: Sequence[Decision]) -> Iterator[Transition]:
    """Yield the differences, by purpose and column; policy and reasons alone are none."""
    known = {decision.purpose: decision for decision in before}
    for new in after:
        old = known.get(new.purpose)
        for column in COLUMNS:
            was = UNDECIDED if old is None else _word(getattr(old, column))
            becomes = _word(getattr(new, column))
            if was != becomes:
                yield Transition(purpose=new.purpose, column=column, before=was, after=becomes)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@dataclass(slots=True)
class TransitionCounts:
    """Transitions over many articles, with the first few articles of each."""

    article_count: int = 0
    changed_count: int = 0
    counts: Counter[Transition] = field(default_factory=Counter)
    examples: dict[Transition, list[str]] = field(default_factory=dict)

    def add(self, article_id: str, before: Sequence[Decision], after: Sequence[Decision]) -> None:
        """Count one article."""
        self.article_count += 1
        found = list(transitions(before, after))
        self.changed_count += bool(found)
        for each in found:
            self.counts[each] += 1
            shown = self.examples.setdefault(each, [])
            if len(shown) < EXAMPLES_OF_A_TRANSITION:
                shown.append(article_id)

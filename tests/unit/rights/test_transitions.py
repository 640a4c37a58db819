"""What a new policy changes, counted."""

from __future__ import annotations

from dataclasses import replace

from dateline.rights.record import Decision
from dateline.rights.transitions import Transition, TransitionCounts, transitions

OLD = Decision(
    policy_id="default@1", purpose="rag", store="full", display="full", snippet_chars=300,
    export=True, ai_use="allowed", attribution_required=True,
)  # fmt: skip


def _transition(column: str, before: str, after: str) -> Transition:
    return Transition(purpose="rag", column=column, before=before, after=after)


def test_each_column_that_differs_is_a_transition() -> None:
    new = replace(OLD, policy_id="default@2", display="snippet", export=False)

    assert list(transitions([OLD], [new])) == [
        _transition("display", "full", "snippet"), _transition("export", "yes", "no"),
    ]  # fmt: skip


def test_another_policy_with_the_same_columns_changes_nothing() -> None:
    new = replace(OLD, policy_id="default@2", reasons=("another",), snippet_chars=100)

    assert list(transitions([OLD], [new])) == []


def test_a_first_decision_comes_from_undecided() -> None:
    assert _transition("export", "undecided", "yes") in set(transitions([], [OLD]))


def test_counts_keep_a_few_examples() -> None:
    counts = TransitionCounts()
    new = replace(OLD, export=False)
    for number in range(5):
        counts.add(f"a{number}", [OLD], [new])
    counts.add("same", [OLD], [OLD])

    assert (counts.article_count, counts.changed_count) == (6, 5)
    assert counts.counts == {_transition("export", "yes", "no"): 5}
    assert counts.examples[_transition("export", "yes", "no")] == ["a0", "a1", "a2"]

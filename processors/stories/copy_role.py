"""Say what a later text is to an earlier one: copy, excerpt, update, or a text of its own."""

from __future__ import annotations

from typing import Literal

from dateline.document_records import CopyRole
from processors.stories.compare_copies import CopyPair

Reason = Literal[
    "same_words", "in_earlier", "much_shorter", "same_source", "takes_in_earlier", "in_several",
    "mostly_own", "copy_of_excerpt", "earlier_found", "origin_moved",
]  # fmt: skip

# No two texts of the development data about different events share a fifth.
MIN_CONTAINMENT = 0.5
# A text is more than itself or less from here on: a corrected letter is no update.
_SAME_JACCARD = 0.98
_MUCH_SHORTER = 0.5


def role_of(
    pair: CopyPair,
    covered: float,
    *,
    min_containment: float,
    is_same_source: bool,
    is_of_excerpt: bool = False,
) -> tuple[CopyRole, tuple[Reason, ...]]:
    """Return the role of the later text of a pair, and why.

    Args:
        pair: the later text beside the earlier one.
        covered: how much of the later text stands in all earlier ones together.
        min_containment: from which share on a text is taken from another.
        is_same_source: whether one publisher has both.
        is_of_excerpt: whether the earlier one is an excerpt itself.
    """
    if pair.jaccard >= _SAME_JACCARD:
        role: CopyRole = "excerpt" if is_of_excerpt else "copy"
        return role, ("same_words",)
    if is_same_source and pair.other_share >= min_containment:
        return "update", ("same_source", "takes_in_earlier")
    if pair.share >= min_containment:
        # Both shares are of the same words: their ratio is that of the lengths.
        if pair.other_share <= _MUCH_SHORTER * pair.share:
            return "excerpt", ("in_earlier", "much_shorter")
        return ("excerpt", ("copy_of_excerpt",)) if is_of_excerpt else ("copy", ("in_earlier",))
    if covered >= min_containment:
        return "copy", ("in_several",)
    return "original", ("takes_in_earlier", "mostly_own")

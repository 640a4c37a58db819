"""Check what somebody says about entities by hand before it is put in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dateline.document_records import EntityMerge
from dateline.names.fold import fold_letters
from dateline.records import EntityCorrection

from .decisions import MOST_MEMBERS, Decisions
from .name_keys import is_one_family
from .said import FULL, SHORT
from .short_names import story_only_id
from .window import Window

LONGEST_NAME = 200

TypeOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What became of a correction; ``reason`` says why where it is refused.

    ``merges`` are the decisions that are in force from now on.
    """

    is_accepted: bool
    reason: str
    merges: tuple[EntityMerge, ...] = ()


def why_refused(
    correction: EntityCorrection, known_type: TypeOf, window: Window, decisions: Decisions
) -> str:
    """Return why a correction cannot be in force; empty where it can.

    Args:
        correction: what somebody says.
        known_type: returns the type of an id, None where it is unknown; such an id has the type
            that the correction says, if it says one.
        window: what texts say.
        decisions: what is in force.
    """
    first, second = correction.entity_id, correction.other_entity_id

    def type_of(entity_id: str) -> str | None:
        return known_type(entity_id) or _told_type(entity_id, correction, window)

    if correction.kind == "rename":
        return _unknown(first, type_of) or _no_name(correction.name)
    if second is None:
        return f"a {correction.kind} needs two ids"
    if first == second:
        return "both ids are the same: one id is one entity"
    if reason := _unknown(first, type_of) or _unknown(second, type_of):
        return reason
    if correction.kind == "split":
        return _against_split(correction, decisions)
    return _against_merge(correction, type_of, window, decisions)


def _told_type(entity_id: str, correction: EntityCorrection, window: Window) -> str | None:
    """Return the type that a correction says an unknown id has.

    The id of a surname in its story is none that a document has: nothing can be said of it.
    """
    if correction.entity_type == "person" and is_story_only(entity_id, window):
        return None
    return correction.entity_type


def _unknown(entity_id: str, type_of: TypeOf) -> str:
    return "" if type_of(entity_id) else f"no entity has the id {entity_id}"


def _no_name(name: str | None) -> str:
    if name is None or not fold_letters(name):
        return "the new name has no letter or digit"
    if len(name) > LONGEST_NAME:
        return f"the new name has more than {LONGEST_NAME} characters"
    return ""


def _against_merge(
    correction: EntityCorrection, type_of: TypeOf, window: Window, decisions: Decisions
) -> str:
    first, second = correction.entity_id, str(correction.other_entity_id)
    one, other = (str(type_of(each)) for each in (first, second))
    if not is_one_family(one, other):
        return f"one is a {one}, the other a {other}"
    for each in (first, second):
        if _is_surname(each, window):
            return f"{each} is a surname alone: it means somebody only inside its story"
    between = decisions.between(first, second)
    if decisions.is_one_by_hand(first, second):
        return "a loop: both ids are already one entity by hand"
    # What was said of these two before is what is corrected now; evidence in the way gives way.
    for apart in decisions.hand_apart(first, second):
        if apart is not between and decisions.is_held(apart, first, second):
            return f"it contradicts an earlier split by hand: {_pair(apart)}"
    if len(decisions.members(first)) + len(decisions.members(second)) > MOST_MEMBERS:
        return f"one entity has at most {MOST_MEMBERS} ids"
    return ""


def _against_split(correction: EntityCorrection, decisions: Decisions) -> str:
    first, second = correction.entity_id, str(correction.other_entity_id)
    if decisions.is_one_by_hand(first, second, without_own=True):
        return "it contradicts earlier merges by hand, which join both ids through others"
    return ""


def _is_surname(entity_id: str, window: Window) -> bool:
    entity = window.entities.get(entity_id)
    if entity is None or entity.entity_type != "person":
        return False
    return any(entity.of(SHORT)) and not any(entity.of(FULL))


def is_story_only(entity_id: str, window: Window) -> bool:
    """Return whether an id is that of a surname in one story of the window; looks at all."""
    return any(
        story_only_id(entity.entity_id, article.story.story_id) == entity_id
        for entity in window.entities.values()
        if entity.entity_type == "person"
        for said in entity.of(SHORT)
        for article in said.articles
    )


def _pair(decision: EntityMerge) -> str:
    return f"{decision.entity_id} and {decision.into_entity_id} are not the same"

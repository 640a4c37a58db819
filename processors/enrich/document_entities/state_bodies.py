"""Name the bodies of states that stand behind a demonym: "the Qatari foreign ministry"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dateline.gazetteer.find import Gazetteer
from dateline.ids import entity_id
from dateline.records import Mention

_LABEL = "ORG"


def name_state_bodies(
    mentions: Sequence[Mention], text: str, gazetteer: Gazetteer
) -> tuple[Mention, ...]:
    """Return the mentions, a demonym and the body of state behind it as one organisation.

    Call it before linking, which then finds the body's row. What the body covers goes.

    Args:
        mentions: sorted by place.
        text: clean text.
        gazetteer: knows demonyms and the names of bodies.
    """
    offices = gazetteer.data.offices
    longest = max(map(len, offices), default=0)
    kept: list[Mention] = []
    covered = 0
    for mention in mentions:
        if mention.start < covered:
            continue
        size = 0
        if mention.entity_type == "group" and text.startswith(" ", mention.end):
            size = _body_chars(text, mention.end + 1, offices, longest)
        if size and _is_demonym(mention.text, gazetteer):
            covered = mention.end + 1 + size
            kept.append(_body(mention, text, covered))
        else:
            kept.append(mention)
    return tuple(kept)


def _body_chars(text: str, start: int, offices: dict[str, str], longest: int) -> int:
    """Return the length of the longest name of a body at ``start``; 0 where there is none."""
    window = text[start : start + longest + 1]
    for size in range(min(longest, len(window)), 0, -1):
        is_word_end = size == len(window) or not window[size].isalnum()
        if is_word_end and window[:size] in offices:
            return size
    return 0


def _is_demonym(name: str, gazetteer: Gazetteer) -> bool:
    return any(entry.reference == "demonym" for entry in gazetteer.entries(name))


def _body(mention: Mention, text: str, end: int) -> Mention:
    name = text[mention.start : end]
    return replace(
        mention, text=name, label=_LABEL, entity_type="organization",
        entity_id=entity_id("organization", name), end=end,
        sentence_end=max(mention.sentence_end, end),
    )  # fmt: skip

"""Score how much a document is about each of its entities."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .groups import Group

# A title names what the article is about, the first sentences say it, and what is named often
# matters. Shares add up to 1.
_TITLE, _POSITION, _COUNT, _SPREAD, _SPEAKER = 0.25, 0.25, 0.25, 0.1, 0.15
_LEAD_CHARS = 400
# Demonyms and the place of a dateline are named often and are seldom the subject.
_MINOR = 0.6


def score_salience(
    groups: Sequence[Group], text: str, title: str, speaker_shares: Sequence[float],
    story_start: int,
) -> list[float]:  # fmt: skip
    """Return the salience of each group, in [0, 1].

    Args:
        groups: all of the document.
        text: clean text.
        title: of the article, not one made from its text; empty where there is none.
        speaker_shares: of each group, its share of the quotations.
        story_start: where the story begins behind the dateline; before it nothing counts.
    """
    most = max((len(group.mentions) for group in groups), default=1)
    heading = title.casefold()
    return [
        _score(group, len(text) - story_start, heading, most, share, story_start)
        for group, share in zip(groups, speaker_shares, strict=True)
    ]


def _score(
    group: Group, length: int, heading: str, most: int, share: float, story_start: int
) -> float:
    starts = [each.start - story_start for each in group.mentions if each.start >= story_start]
    if not starts:
        return 0.0
    position = math.exp(-starts[0] / _LEAD_CHARS)
    count = math.log1p(len(starts)) / math.log1p(most)
    spread = (starts[-1] - starts[0]) / max(length, 1)
    in_title = any(name.casefold() in heading for name in group.names)
    parts = (
        (_TITLE if heading else 0.0, float(in_title)),
        (_POSITION, position),
        (_COUNT, count),
        (_SPREAD, spread),
        (_SPEAKER, share),
    )
    score = sum(w * value for w, value in parts) / sum(w for w, _ in parts)
    return min(1.0, score * (_MINOR if group.entity_type == "group" else 1.0))

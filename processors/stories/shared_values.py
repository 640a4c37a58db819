"""Keep one object of equal values.

Articles of one event name the same people, and most articles have the same rights: of what the
states of a window hold, a third is the same again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from dateline.document_records import StoryEntity
from dateline.records import ArticleState, StoryRecord
from dateline.rights.record import Rights

Value = TypeVar("Value", StoryEntity, Rights)


def shared(value: Value) -> Value:
    """Return an equal object that others may hold already."""
    found: Value = _first(value)
    return found


def shared_entities(entities: tuple[StoryEntity, ...]) -> tuple[StoryEntity, ...]:
    """Return the same entities, each as ``shared`` returns it."""
    return tuple(map(shared, entities))


def shared_state(state: ArticleState) -> ArticleState:
    """Return an equal state of shared parts."""
    return replace(
        state,
        rights=shared(state.rights) if state.rights else None,
        story_entities=shared_entities(state.story_entities),
    )


def shared_story(record: StoryRecord) -> StoryRecord:
    """Return an equal record of shared parts."""
    return replace(record, entities=shared_entities(record.entities))


# Bounded: what falls out is kept by whoever holds it, and is met as another object next time.
@lru_cache(maxsize=1 << 18)
def _first(value: Value) -> Value:
    return value

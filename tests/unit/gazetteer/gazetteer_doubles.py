"""Mentions for tests of the gazetteer, made from the words themselves."""

from __future__ import annotations

from dataclasses import dataclass

from dateline.document_records import EntityType


@dataclass(frozen=True)
class Span:
    entity_type: EntityType
    start: int
    end: int


def span(text: str, name: str, entity_type: EntityType = "place", *, nth: int = 0) -> Span:
    """Return the mention ``name`` of ``text``, the first one or a later one."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(name, start + 1)
    return Span(entity_type, start, start + len(name))

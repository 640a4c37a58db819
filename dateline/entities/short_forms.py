"""Which names of a story are forms of one another, by their words alone."""

from __future__ import annotations

from functools import lru_cache

from .name_keys import fold_spelling, is_acronym, is_short_of
from .said import Said

# Of two names that differ in a word or more, the shorter has as many words or more.
LEAST_WORDS = 2


def may_mean(short: Said, full: Said) -> bool:
    """Return whether ``short`` is a short form of ``full``: same type, words left out."""
    if short.entity.entity_type != full.entity.entity_type:
        return False
    if not all(map(full.words.__contains__, short.words)) and not is_acronym(short.text):
        return False
    return _is_short_of(short.entity.entity_type, short.text, full.text)


def is_extension(one: Said, other: Said) -> bool:
    """Return whether one of two full names extends the other.

    The same name is one of them where the entity model took it for another type.
    """
    short, full = (one, other) if len(one.words) <= len(other.words) else (other, one)
    if len(short.words) < len(full.words):
        return may_mean(short, full)
    # The entity model takes people for bodies; in one story one full name is one thing.
    return (
        one.entity.entity_type != other.entity.entity_type
        and one.words == other.words
        and fold_spelling(one.text) == fold_spelling(other.text)
    )


@lru_cache(maxsize=5_000)
def _is_short_of(entity_type: str, short: str, full: str) -> bool:
    return is_short_of(entity_type, short, full)

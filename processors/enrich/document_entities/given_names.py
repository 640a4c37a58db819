"""Say whether a word is a given name that is known."""

from __future__ import annotations

from dateline.names.words import short_forms, words


def is_given_name(word: str) -> bool:
    """Return whether a folded word is a given name in the lists, or a short form of one."""
    return word in words().spellings or bool(short_forms(word))

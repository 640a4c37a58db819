"""Mend the type of full names of people that a model took for places or organisations."""

from __future__ import annotations

from collections.abc import Sequence

from dateline.document_records import EntityType
from dateline.names.fold import fold_letters
from dateline.names.words import words as name_words

from .given_names import is_given_name
from .groups import Group, is_linked

# What models make of people beside people.
_OTHERS: frozenset[EntityType] = frozenset(
    {"organization", "place", "facility", "product", "work", "group"}
)
_LEAST_WORDS, _MOST_WORDS = 2, 3


def mend_types(groups: Sequence[Group]) -> None:
    """Give the type person to full names whose surname the text also has alone.

    A surname that the model took for a person suffices for two words; else the first word must be
    a given name that is known. A name with a word of organisations or in small letters stays.
    """
    people = {group.first.key for group in groups if group.is_person}
    alone = {each.key for group in groups for each in group.mentions if " " not in each.name}
    for group in groups:
        if group.entity_type not in _OTHERS or is_linked(group.link):
            continue
        written = group.name.split()
        if not _LEAST_WORDS <= len(written) <= _MOST_WORDS:
            continue
        parts = fold_letters(group.name).split()
        if not _looks_like_person(written, parts):
            continue
        is_given = is_given_name(parts[0])
        is_surname = parts[-1] in people and len(parts) == _LEAST_WORDS
        is_surname = is_surname and not parts[0].endswith("ing")
        if is_surname or (parts[-1] in alone | people and is_given):
            group.entity_type = "person"
            group.reasons.append("type_of_surname")


def _looks_like_person(written: Sequence[str], folded: Sequence[str]) -> bool:
    is_name = all(word[0].isupper() and _is_word_of_name(word) for word in written)
    return is_name and len(written) == len(folded) and name_words().generic.isdisjoint(folded)


def _is_word_of_name(word: str) -> bool:
    letters = word.replace("-", "").replace("'", "").replace("’", "")
    return letters.isalpha() and not letters.isupper()

"""Return the keys that queries and articles have in common: what one asks for, the other has.

A folded word is its own key; the other kinds hold a character that no folded word has. Keys are
plain strings because an article's are looked up in the index of watches by the hundred.
"""

from __future__ import annotations

from functools import lru_cache

from dateline.names.fold import fold_name
from dateline.watches.query_tree import CountryTerm, EntityTerm, FieldName, FieldTerm, TypeTerm

# Types whose names are folded in a way of their own; all others are folded alike.
_FOLDED_APART = ("person", "organization")
_OTHER = "other"
# Names of many articles; hostile text must not fill memory.
_CACHED_NAMES_COUNT = 50_000
_CACHED_NAME_CHARS = 100


def id_key(entity_id: str) -> str:
    """Return the key of an id of an entity."""
    return f"#{entity_id}"


def name_key(name: str, entity_type: str) -> str:
    """Return the key of a name of an entity of a type; spellings that differ in form share it."""
    kind = entity_type if entity_type in _FOLDED_APART else _OTHER
    folded = _fold_cached(name, kind) if len(name) <= _CACHED_NAME_CHARS else fold_name(name, kind)
    return f"{kind}={folded}"


def type_key(entity_type: str) -> str:
    """Return the key of "any entity of this type"."""
    return f"type:{entity_type}"


def country_key(code: str) -> str:
    """Return the key of "anything tied to this country"."""
    return f"country:{code.lower()}"


def field_key(name: FieldName, value: str) -> str:
    """Return the key of a value of a field."""
    return f"{name}:{value.lower()}"


def prefix_key(letters: str) -> str:
    """Return the key of "a word that begins with these letters"."""
    return f"{letters}*"


def is_prefix_key(key: str) -> bool:
    """Return whether ``key`` stands for the beginning of words."""
    return key.endswith("*")


def keys_of(term: EntityTerm | TypeTerm | CountryTerm | FieldTerm) -> tuple[str, ...]:
    """Return the keys of which an article has at least one exactly where ``term`` is true.

    A name has one for each way in which types fold it.
    """
    match term:
        case EntityTerm(entity_id=str(entity_id)):
            return (id_key(entity_id),)
        case EntityTerm(name=str(name)):
            return tuple(name_key(name, kind) for kind in (*_FOLDED_APART, _OTHER))
        case TypeTerm(entity_type=entity_type):
            return (type_key(entity_type),)
        case CountryTerm(code=code):
            return (country_key(code),)
        case FieldTerm(name=name, value=value):
            return (field_key(name, value),)
    return ()


_fold_cached = lru_cache(maxsize=_CACHED_NAMES_COUNT)(fold_name)

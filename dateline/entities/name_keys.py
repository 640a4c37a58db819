"""What a name is looked up by: skeletons of its words, ids that an alias would have alone."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from sys import intern

from dateline.ids import entity_id
from dateline.names.compare import THRESHOLD, is_same_name, is_short_form
from dateline.names.fold import fold_letters
from dateline.names.parse import Kind, parse_name
from dateline.names.similar_words import organization_word_similarity
from dateline.names.skeleton import skeleton

# Types that the entity model mixes up: one text may say that two of them are one, nothing else.
_FAMILIES = (("organization", "law", "event", "work", "product"), ("place", "facility"))
_FAMILY = {entity_type: family for family in _FAMILIES for entity_type in family}
_COMPARED: dict[str, Kind] = {"person": "person", "organization": "organization"}
_ACRONYM = re.compile(r"(?=(?:.*[A-Z]){2})(?:[A-Za-z]\.?){2,8}\Z|(?:[^\W\d_]\.){2,8}\Z")
# Names of fewer consonants are spelled alike by chance.
_LEAST_CONSONANTS = 3
_LEAST_ALIKE = 4
# Longer names are found by so many of their words.
_MOST_WORDS = 5
# What may become a word: two capitals may be two initials.
_PART = re.compile(r"[A-Z](?=[A-Z](?![A-Za-z0-9_]))|[A-Za-z0-9_]+")


@lru_cache(maxsize=20_000)
def fold_spelling(name: str) -> str:
    """Return what names have in common that differ in case, marks and points alone."""
    return fold_letters(name)


def kind_of(entity_type: str) -> Kind | None:
    """Return how names of a type are compared; None where they are not."""
    return _COMPARED.get(entity_type)


def is_one_family(first: str, second: str) -> bool:
    """Return whether the types are the same, or are mixed up by the entity model."""
    return first == second or second in _FAMILY.get(first, ())


@lru_cache(maxsize=20_000)
def is_acronym(name: str) -> bool:
    """Return whether ``name`` is one word of capitals, as "JCPOA", "U.N." and "UNHCR" are."""
    return _ACRONYM.match(name) is not None


def words_of(entity_type: str, name: str) -> tuple[str, ...]:
    """Return the consonant skeletons of the words that are compared; empty for other types."""
    kind = kind_of(entity_type)
    if kind is None:
        return ()
    return tuple(map(intern, map(skeleton, parse_name(name, kind).words)))


def may_be_found(words: tuple[str, ...]) -> bool:
    """Return whether a name has enough consonants and words to be known by them."""
    if sum(map(len, words)) < _LEAST_CONSONANTS:
        return False
    return len(words) == 1 or any(word != words[0] for word in words)


def compared_words(words: tuple[str, ...]) -> Collection[str]:
    """Return the distinct words by which a name is found: of a long one so many, sorted."""
    return words if len(words) <= _MOST_WORDS else sorted(set(words))[:_MOST_WORDS]


def may_have_words(name: str, least: int) -> bool:
    """Return whether ``name`` may have so many words that are compared; cheap, never wrongly no."""
    return not name.isascii() or len(_PART.findall(name)) >= least


def claimed_ids(entity_type: str, alias: str) -> tuple[str, ...]:
    """Return the ids that ``alias`` has in a text with no other name; none for a lone surname."""
    if " " not in alias.strip() and not is_acronym(alias):
        return ()
    if entity_type == "person":
        is_name = len(parse_name(alias, "person").words) > 1
        return (entity_id(entity_type, alias),) if is_name else ()
    family = _FAMILY.get(entity_type, ())
    return tuple(entity_id(each, alias) for each in family)


def is_variant(entity_type: str, first: str, second: str) -> bool:
    """Return whether two full names are spellings of the same words."""
    kind = kind_of(entity_type)
    return (
        kind is not None
        and is_same_name(first, second, kind)
        and not is_short_form(first, second, kind)
        and not is_short_form(second, first, kind)
    )


def is_short_of(entity_type: str, short: str, full: str) -> bool:
    """Return whether ``short`` is ``full`` with words left out, or its acronym."""
    kind = kind_of(entity_type)
    if kind == "organization" and not _may_stand_for(short, full):
        return False
    return kind is not None and is_short_form(short, full, kind)


def _may_stand_for(short: str, full: str) -> bool:
    """Return whether a single word may be a short form; tens of times cheaper, never wrongly no."""
    left, right = parse_name(short, "organization").words, parse_name(full, "organization").words
    if len(left) != 1:
        return True
    word = left[0]
    if word in right or word == "".join(other[0] for other in right):
        return True
    # Of fewer letters no other word is alike.
    return len(word) >= _LEAST_ALIKE and any(
        may_be_alike(word, other) and organization_word_similarity(word, other) >= THRESHOLD
        for other in right
    )


def may_be_alike(first: str, second: str) -> bool:
    """Return whether two words may be alike by their letters alone; cheap, never wrongly no.

    What is no abbreviation has half of the longer word's letters, in whatever order.
    """
    if not (first.isascii() and second.isascii()):
        return True
    few, many = (first, second) if len(first) <= len(second) else (second, first)
    letters = set(few)
    return letters.issubset(many) or 2 * sum(map(letters.__contains__, many)) >= len(many)

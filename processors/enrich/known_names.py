"""List the names that a text is known to hold, to look for them again in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dateline.document_records import EntityType
from dateline.gazetteer.words import FREE
from dateline.names.words import words as name_words
from dateline.records import Mention
from processors.enrich.document_entities.acronyms import find_definitions, letters_of
from processors.enrich.document_entities.cut_name import cut_name
from processors.enrich.document_entities.given_names import is_given_name
from processors.enrich.document_entities.title_words import TitleWords, plain
from processors.enrich.text_style import TextStyle

MAX_KNOWN = 300
_LEAST_PARTS, _MOST_PARTS = 2, 5
_LEAST_CHARS = 3
_OTHERS: tuple[EntityType, ...] = ("organization", "place", "facility", "group", "work")


class KnownName(NamedTuple):
    """A name to look for.

    Attributes:
        name: as the text writes it at one place.
        entity_type: of the mention it was read from.
        label: of the same.
        is_whole: whether it is a full name; a surname or an acronym is not.
    """

    name: str
    entity_type: EntityType
    label: str
    is_whole: bool


def known_names(
    mentions: Sequence[Mention], style: TextStyle, words: TitleWords
) -> tuple[KnownName, ...]:
    """Return the names to look for, longest first, ``MAX_KNOWN`` at most.

    Full names of people with their surnames; organisations with the acronyms that the text gives
    them. What a headline alone has is left out, but for a given name and a surname.
    """
    types = Counter((each.text.casefold(), each.entity_type) for each in mentions)
    found: dict[str, KnownName] = {}
    for mention in mentions:
        if mention.entity_type == "person":
            for each in _of_person(mention, style, types, words):
                found.setdefault(each.name.casefold(), each)
    for mention in mentions:
        if mention.entity_type == "organization":
            for each in _of_organization(mention, style, types):
                # "Mo Brook" beside "Ada Brook" is somebody whom the model took for a firm.
                words_of = each.name.split()
                if words_of[-1].casefold() not in found or len(words_of) > _LEAST_PARTS:
                    found.setdefault(each.name.casefold(), each)
    for each in _acronyms(found, style.text):
        found.setdefault(each.name.casefold(), each)
    return tuple(sorted(found.values(), key=lambda each: -len(each.name))[:MAX_KNOWN])


def _of_person(
    mention: Mention, style: TextStyle, types: Counter[tuple[str, EntityType]], words: TitleWords
) -> Iterator[KnownName]:
    name = cut_name(mention.text, "person").name
    parts = name.split()
    while (
        len(parts) > 1
        and (plain(parts[0]) in words.vocabulary or plain(parts[0]) in words.honorifics)
        and plain(parts[0]) not in words.also_names
    ):
        del parts[0]
    if len(parts) < _LEAST_PARTS:
        if parts and _is_single(mention, parts[0], style, types):
            yield KnownName(parts[0], "person", mention.label, is_whole=False)
        return
    if len(parts[0]) > 1 and parts[0].isupper() and parts[0].isalpha() and not name.isupper():
        return  # "HMS Brook" is a ship
    if style.is_headline(mention.start):
        parts = _without_headline(parts, style)
    while parts and parts[-1].lower().rstrip(".") in name_words().generations:
        parts.pop()
    if not _LEAST_PARTS <= len(parts) <= _MOST_PARTS or not all(map(_is_part, parts)):
        return
    is_doubtful = style.is_common(parts[-1]) and not is_given_name(parts[0].lower())
    if is_doubtful or parts[-1].lower() in FREE or style.is_low(parts[0]):
        return
    surname = _surname(parts)
    yield KnownName(" ".join(parts), "person", mention.label, is_whole=True)
    if len(surname) >= _LEAST_CHARS and surname.replace("-", "").isalpha():
        yield KnownName(surname, "person", mention.label, is_whole=False)


def _is_single(
    mention: Mention, name: str, style: TextStyle, types: Counter[tuple[str, EntityType]]
) -> bool:
    """Return whether a word alone is somebody for certain: seen twice, and mostly a person."""
    own = types[mention.text.casefold(), "person"]
    others = sum(types[mention.text.casefold(), each] for each in _OTHERS)
    is_word = len(name) >= _LEAST_CHARS and name.isalpha() and name[0].isupper()
    return is_word and own > 1 and own > others and not style.is_low(name)


def _without_headline(parts: list[str], style: TextStyle) -> list[str]:
    """Return the name at the beginning of "Ada Brook Checks Into Rehab", or nothing."""
    if not is_given_name(parts[0].lower()):
        return []
    for at in range(1, len(parts)):
        if style.is_common(parts[at]):
            return parts[:_LEAST_PARTS] if at >= _LEAST_PARTS else []
    return parts if len(parts) == _LEAST_PARTS else []


def _is_part(part: str) -> bool:
    bare = part.rstrip(".").replace("-", "").replace("'", "").replace("’", "")
    is_word = part[0].isupper() or part.lower() in name_words().particles
    return is_word and bare.replace(".", "").isalpha()


def _surname(parts: Sequence[str]) -> str:
    at = len(parts) - 1
    particles = name_words().particles
    while at > 1 and parts[at - 1].lower() in particles:
        at -= 1
    return " ".join(parts[at:])


def _of_organization(
    mention: Mention, style: TextStyle, types: Counter[tuple[str, EntityType]]
) -> Iterator[KnownName]:
    cut = cut_name(mention.text, "organization")
    parts = cut.name.split()
    if not parts or not cut.name[0].isupper() or style.is_headline(mention.start):
        return
    known = KnownName(cut.name, "organization", mention.label, is_whole=len(parts) > 1)
    if parts[-1].lower().rstrip(".") in name_words().endings and len(parts) == 1:
        return
    if len(parts) > 1:
        is_plain = cut.name.replace(" ", "").replace("-", "").replace("&", "").isalnum()
        if (
            is_plain
            and len(parts) <= _MOST_PARTS
            and not style.is_common(parts[0])
            and parts[-1][0].isupper()
        ):
            yield known
        return
    is_known = len(cut.name) >= _LEAST_CHARS and cut.name.isalnum()
    own = types[mention.text.casefold(), "organization"]
    others = sum(types[mention.text.casefold(), each] for each in ("person", "place", "group"))
    if style.is_sentence_start(mention.start):
        return  # there every word has a capital
    if is_known and own > others and (letters_of(cut.name) or not style.is_common(cut.name)):
        yield known


def _acronyms(found: dict[str, KnownName], text: str) -> list[KnownName]:
    """Return the acronyms that the text explains with the known names they stand for."""
    if "(" not in text:
        return []
    return [
        KnownName(each.short, "organization", known.label, is_whole=False)
        for each in find_definitions(text)
        if (known := found.get(each.long.casefold())) and known.entity_type == "organization"
    ]

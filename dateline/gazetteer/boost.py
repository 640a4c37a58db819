"""Add the names of the gazetteer that an entity model missed, and mend the type it gave a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dateline.document_records import EntityType
from dateline.gazetteer.choose import choose
from dateline.gazetteer.context import read_context
from dateline.gazetteer.find import Gazetteer
from dateline.gazetteer.links import NamedSpan
from dateline.gazetteer.rows import GazetteerSpan, NameEntry
from dateline.gazetteer.surroundings import is_part_of_name, is_where

_TYPES: dict[str, EntityType] = {
    "country": "place", "subdivision": "place", "region": "place", "city": "place",
    "organisation": "organization", "person": "person", "office": "organization",
}  # fmt: skip
# Labels of the OntoNotes scheme, for records that carry one.
LABELS: dict[EntityType, str] = {
    "place": "GPE", "organization": "ORG", "person": "PERSON", "group": "NORP", "law": "LAW",
}  # fmt: skip
_AGREEMENTS = "agreement"
_TOWNS = frozenset({"city", "subdivision"})


@dataclass(frozen=True, slots=True)
class Found:
    """A name at a place of a text, with the type that the gazetteer gives it."""

    start: int
    end: int
    entity_type: EntityType
    row_id: str


def missing_names(
    mentions: Sequence[NamedSpan],
    text: str,
    gazetteer: Gazetteer,
    *,
    spans: Sequence[GazetteerSpan] | None = None,
    language: str = "en",
) -> tuple[Found, ...]:
    """Return the names of the gazetteer that no mention touches, by place.

    Names that need a model's opinion are left out: those with several readings that the text does
    not tell apart, and those that stand beside another capitalised word ("Kent" in "Clark Kent").

    Args:
        mentions: offsets refer to ``text``; only mentions of names count, not dates and amounts.
        text: clean text of the article.
        gazetteer: where names are looked up.
        spans: ``gazetteer.find(text)``, where it is at hand already.
        language: ISO 639-1 code of the text.
    """
    found = gazetteer.find(text, language=language) if spans is None else spans
    context = read_context(text, found, gazetteer.data.ambiguous)
    taken = sorted(
        (each.start, each.end) for each in mentions if each.entity_type not in {"date", "quantity"}
    )
    names = []
    for span in _free(found, taken):
        choice = choose(
            span.name, span.entries, context, ambiguous=gazetteer.data.ambiguous.get(span.name)
        )
        if choice.entry and _stands_alone(text, span, choice.entry):
            names.append(
                Found(span.start, span.end, name_type(choice.entry), choice.entry.row.row_id)
            )
    return tuple(names)


def name_type(entry: NameEntry) -> EntityType:
    """Return the type of mention that a name of the gazetteer makes."""
    if entry.reference == "demonym":
        return "group"
    return "law" if entry.row.group == _AGREEMENTS else _TYPES[entry.row.kind]


def mended_type(mention: NamedSpan, text: str, gazetteer: Gazetteer) -> EntityType:
    """Return the type of a mention, that of the gazetteer where its name has one reading only."""
    entries = gazetteer.entries(text[mention.start : mention.end])
    full = [each for each in entries if each.reference in {"full", "demonym"}]
    types = {name_type(each) for each in full}
    name = text[mention.start : mention.end]
    if len(types) != 1 or len(full) != len(entries) or name in gazetteer.data.ambiguous:
        return mention.entity_type
    if any(each.row.kind in {"city", "region", "subdivision"} for each in full):
        # Towns are also surnames and clubs: there the model has seen more than the name.
        return mention.entity_type
    return types.pop()


def _free(spans: Sequence[GazetteerSpan], taken: Sequence[tuple[int, int]]) -> list[GazetteerSpan]:
    free, position = [], 0
    for span in spans:
        while position < len(taken) and taken[position][1] <= span.start:
            position += 1
        if position == len(taken) or taken[position][0] >= span.end:
            free.append(span)
    return free


def _stands_alone(text: str, span: GazetteerSpan, entry: NameEntry) -> bool:
    if entry.reference == "demonym" or entry.row.kind == "organisation":
        return True
    if is_part_of_name(text, span.start, span.end):
        return False
    # Towns and states also name teams, schools and firms; the model has missed this one.
    return entry.row.kind not in _TOWNS or is_where(text, span.start) or span.name.isupper()

"""Choose what a name stands for, from the words around it, or leave it open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dateline.document_records import EntityType
from dateline.gazetteer.context import TextContext
from dateline.gazetteer.load import AmbiguousName
from dateline.gazetteer.rows import GazetteerRow, NameEntry, Reference

# A city is worth the logarithm of its people; these are added. A name stands for the best city
# when it leads by the margin: four times as large as the next without any context.
_LISTED_CITY = 0.5
_COUNTRY_NAMED = 2.0
_SUBDIVISION_NAMED = 2.0
_MARGIN = 0.6
_CAPITAL_CITY = "us-city"
_TYPES_OF_WEAK = frozenset({"organization", "group"})
_TYPES_OF_REFERENCE: Mapping[Reference, frozenset[str]] = {
    "demonym": frozenset({"group", "language", "place", "organization"}),
    "short": frozenset({"person", "place", "organization"}),
}
_TYPES_OF_PLACES = frozenset({"place", "facility", "organization"})
_TOWNS = frozenset({"city", "subdivision", "region"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What a name stands for; ``entry`` is None when it was left open, and ``reason`` says why."""

    entry: NameEntry | None
    reason: str


def choose(
    name: str,
    entries: Sequence[NameEntry],
    context: TextContext,
    *,
    entity_type: EntityType | None = None,
    ambiguous: AmbiguousName | None = None,
    place_after: GazetteerRow | None = None,
) -> Choice:
    """Return the reading of ``name`` that the text supports.

    Args:
        name: as written.
        entries: everything that the name may stand for.
        context: of the whole text.
        entity_type: what the entity model saw there; None when it saw nothing.
        ambiguous: the words that decide, for a name listed as ambiguous.
        place_after: the place named right after a comma ("Paris, Texas").
    """
    fitting = [entry for entry in entries if _fits(entry, entity_type, context)]
    if not fitting:
        return Choice(None, "type_conflict" if entries else "unknown_name")
    if ambiguous:
        return _by_cues(fitting, ambiguous, context)
    people = [entry for entry in fitting if entry.row.kind == "person"]
    if people and people[0].reference == "short":
        return _bearer(name, people, context)
    return _place_or_body(fitting, context, place_after)


def _place_or_body(
    entries: Sequence[NameEntry], context: TextContext, place_after: GazetteerRow | None
) -> Choice:
    cities = [entry for entry in entries if entry.row.kind == "city"]
    others = [entry for entry in entries if entry.row.kind != "city"]
    if place_after and cities:
        return _named_with(cities, place_after)
    if wide := [entry for entry in others if entry.row.kind != "subdivision"]:
        return _only(wide)
    if cities and not _is_other_subdivision(cities, others):
        return _city(cities, context)
    return _only(entries)


def _fits(entry: NameEntry, entity_type: EntityType | None, context: TextContext) -> bool:
    """Return whether a name may stand for a row where the model saw ``entity_type``."""
    if entry.reference == "weak":
        is_off_topic = entry.row.group == "sport" and "sport" not in context.topics
        return entity_type in _TYPES_OF_WEAK and not is_off_topic
    if entity_type is None:
        return True
    if entry.reference != "full":
        return entity_type in _TYPES_OF_REFERENCE[entry.reference]
    return entity_type in _TYPES_OF_PLACES or entry.row.kind not in _TOWNS


def _by_cues(
    entries: Sequence[NameEntry], ambiguous: AmbiguousName, context: TextContext
) -> Choice:
    scores = {
        place: sum(cue in context.words for cue in cues) for place, cues in ambiguous.cues.items()
    }
    best = max(scores, key=lambda place: scores[place], default="")
    rivals = [place for place in scores if place != best and scores[place] >= scores[best]]
    if not best or not scores[best] or rivals:
        best = ambiguous.default
    entry = next((each for each in entries if _stands_at(each.row, best)), None)
    return Choice(entry, "context" if entry else "ambiguous")


def _stands_at(row: GazetteerRow, place: str) -> bool:
    if place in {_CAPITAL_CITY, "city"}:
        return row.kind == "city" and row.qid is not None
    if row.kind == "city":
        return False
    return place in {row.subdivision_code, row.country_code if row.kind == "country" else None}


def _bearer(name: str, people: Sequence[NameEntry], context: TextContext) -> Choice:
    named = context.people.get(name.rpartition(" ")[2], ())
    own = [entry for entry in people if entry.row in named]
    if own:
        return Choice(own[0], "full_name_in_text")
    if named:
        return Choice(None, "other_bearer_in_text")
    return Choice(people[0], "short_name") if len(people) == 1 else Choice(None, "ambiguous")


def _named_with(cities: Sequence[NameEntry], place: GazetteerRow) -> Choice:
    fitting = [
        entry
        for entry in cities
        if (place.kind == "country" and entry.row.country_code == place.country_code)
        or (place.subdivision_code and entry.row.subdivision_code == place.subdivision_code)
    ]
    if fitting:
        return Choice(max(fitting, key=lambda entry: entry.row.population), "named_with_place")
    return Choice(None, "named_with_another_place")


def _only(entries: Sequence[NameEntry]) -> Choice:
    full = [entry for entry in entries if entry.reference == "full"] or entries
    if len({entry.row.row_id for entry in full}) == 1:
        return Choice(full[0], "only_reading")
    kinds = {entry.row.kind for entry in full}
    if "country" in kinds:
        countries = [entry for entry in full if entry.row.kind == "country"]
        if len(countries) == 1:
            return Choice(countries[0], "country_first")
    return Choice(None, "ambiguous")


def _is_other_subdivision(cities: Sequence[NameEntry], others: Sequence[NameEntry]) -> bool:
    """Return whether a subdivision has the name of cities of other countries only."""
    countries = {entry.row.country_code for entry in cities if entry.row.qid}
    return any(entry.row.country_code not in countries for entry in others) and not countries


def _city(cities: Sequence[NameEntry], context: TextContext) -> Choice:
    ranked = sorted(cities, key=lambda entry: _worth(entry.row, context), reverse=True)
    if len(ranked) == 1:
        return Choice(ranked[0], "only_city")
    lead = _worth(ranked[0].row, context) - _worth(ranked[1].row, context)
    if lead < _MARGIN:
        return Choice(None, "ambiguous")
    return Choice(ranked[0], "largest_city" if not context.countries else "city_in_context")


def _worth(row: GazetteerRow, context: TextContext) -> float:
    worth = math.log10(max(row.population, 1))
    worth += _LISTED_CITY if row.qid else 0.0
    worth += _COUNTRY_NAMED if row.country_code in context.countries else 0.0
    return worth + (_SUBDIVISION_NAMED if row.subdivision_code in context.subdivisions else 0.0)

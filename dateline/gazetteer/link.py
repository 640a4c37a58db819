"""Link the mentions of a text to the gazetteer: a Wikidata id, a country, a point, or NIL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dateline.document_records import EntityType
from dateline.gazetteer.choose import Choice, choose
from dateline.gazetteer.context import TextContext, read_context
from dateline.gazetteer.find import Gazetteer
from dateline.gazetteer.links import Link, NamedSpan, linked, nil
from dateline.gazetteer.rows import (
    PLACE_KINDS,
    GazetteerRow,
    GazetteerSpan,
    Kind,
    NameEntry,
)
from dateline.gazetteer.surroundings import (
    is_followed_by_name,
    is_in_brackets_of_name,
    is_other_acronym,
    is_part_of_name,
    is_team,
)
from dateline.gazetteer.words import STATES, TITLES

_TYPES_OF_NAMES: frozenset[EntityType] = frozenset(
    {"person", "organization", "place", "facility", "group", "event", "work", "product", "law"}
)
_SHORT_STATE = re.compile(r"(?:[A-Z]\.){2}|W\.Va\.|[A-Z][a-z]{1,4}\.|[A-Z]{2}(?!\w)")
_ARTICLES = ("the ", "The ", "THE ")
_POSSESSIVES = ("'s", "’s", "'S")
# What models make of a surname alone.
_TYPES_OF_SURNAMES = frozenset({"person", "place", "organization", "facility"})
_MAX_NAME_CHARS = 200
_MAX_ACRONYM_CHARS = 6
_TOWNS: frozenset[Kind] = frozenset({"city", "subdivision"})
_MAX_NATIONAL_ACRONYM_CHARS = 4


def link(
    mentions: Sequence[NamedSpan],
    text: str,
    gazetteer: Gazetteer,
    *,
    spans: Sequence[GazetteerSpan] | None = None,
    language: str = "en",
) -> tuple[Link, ...]:
    """Return one link for each mention, in order; NIL where the gazetteer cannot say.

    Args:
        mentions: offsets refer to ``text``.
        text: clean text of the article.
        gazetteer: where names are looked up.
        spans: ``gazetteer.find(text)``, where it is at hand already.
        language: ISO 639-1 code of the text.
    """
    found = gazetteer.find(text, language=language) if spans is None else spans
    linker = _Linker(text, gazetteer, found, language, _bearers(mentions, text))
    return tuple(map(linker.link, mentions))


class _Linker:
    """Links the mentions of one text."""

    def __init__(
        self, text: str, gazetteer: Gazetteer, spans: Sequence[GazetteerSpan], language: str,
        bearers: Mapping[str, frozenset[str]],
    ) -> None:  # fmt: skip
        self._bearers = bearers
        self._is_other_acronym: dict[str, bool] = {}
        self._text, self._gazetteer, self._spans, self._language = text, gazetteer, spans, language
        self._by_start = {span.start: span for span in spans}
        self._starts = sorted(self._by_start)
        self.context: TextContext = read_context(text, spans, gazetteer.data.ambiguous)

    def link(self, mention: NamedSpan) -> Link:
        """Return who the mention is."""
        if mention.entity_type not in _TYPES_OF_NAMES and mention.entity_type != "language":
            return nil(mention, "not_a_name")
        start, end = self._core(mention)
        choice = self.read(start, end, mention.entity_type)
        if choice.entry:
            return linked(mention, choice.entry, choice.reason)
        if choice.reason != "unknown_name":
            return nil(mention, choice.reason, self._country_inside(start, end))
        return self._by_parts(mention, start, end)

    def _core(self, mention: NamedSpan) -> tuple[int, int]:
        """Return the span without an article before and a possessive ending after it."""
        start, end = mention.start, min(mention.end, mention.start + _MAX_NAME_CHARS)
        for ending in _POSSESSIVES:
            if self._text.endswith(ending, start, end):
                end -= len(ending)
        is_known = bool(self._gazetteer.entries(self._text[start:end], language=self._language))
        if not is_known and self._text.startswith(_ARTICLES, start, end):
            start += len(_ARTICLES[0])
        return start, end

    def read(self, start: int, end: int, entity_type: EntityType) -> Choice:
        """Return what the name ``text[start:end]`` stands for."""
        name = self._text[start:end]
        entries = self._gazetteer.entries(name, language=self._language)
        if not entries:
            return self._short_name(name, entity_type)
        choice = choose(
            name, entries, self.context,
            entity_type=entity_type,
            ambiguous=self._gazetteer.data.ambiguous.get(name),
            place_after=self._place_after(end),
        )  # fmt: skip
        objection = self._objection(start, end, choice)
        return Choice(None, objection) if objection else choice

    def _objection(self, start: int, end: int, choice: Choice) -> str:
        """Return why the words around a name speak against a reading; empty if they do not."""
        if choice.entry is None or choice.entry.reference == "demonym":
            return ""
        row = choice.entry.row
        if row.kind in PLACE_KINDS or choice.entry.reference == "short":
            return self._objection_to_place(start, end, row)
        return self._objection_to_body(start, end, row) if row.kind == "organisation" else ""

    def _objection_to_place(self, start: int, end: int, row: GazetteerRow) -> str:
        if is_part_of_name(self._text, start, end):
            return "part_of_longer_name"
        if row.kind in _TOWNS and is_in_brackets_of_name(self._text, start):
            return "part_of_longer_name"
        if self._is_of_other_person(self._text[start:end], row):
            return "person_in_text"
        if row.kind in PLACE_KINDS and is_team(self._text, start, end):
            return "team"
        return ""

    def _objection_to_body(self, start: int, end: int, row: GazetteerRow) -> str:
        name = self._text[start:end]
        if is_followed_by_name(self._text, end):
            return "part_of_longer_name"
        if not name.isupper() or len(name) > _MAX_ACRONYM_CHARS:
            return ""
        if self._lacks_country(name, row):
            return "country_not_in_text"
        if name not in self._is_other_acronym:
            known = frozenset(each.lower() for each in self._gazetteer.names_of(row))
            self._is_other_acronym[name] = is_other_acronym(self._text, name, known)
        return "other_acronym" if self._is_other_acronym[name] else ""

    def _is_of_other_person(self, name: str, row: GazetteerRow) -> bool:
        """Return whether the text names somebody else in full whose surname is ``name``."""
        if row.kind == "country" or row in self.context.people.get(name, ()):
            return False
        own = {each.lower() for each in self._gazetteer.names_of(row)}
        return any(bearer not in own for bearer in self._bearers.get(name, ()))

    def _lacks_country(self, name: str, row: GazetteerRow) -> bool:
        """Return whether a national acronym stands in a text that names nothing of its country."""
        if len(name) > _MAX_NATIONAL_ACRONYM_CHARS or row.group in {"agency", "media"}:
            return False
        if row.country_code in {None, "us", "gb"} or row.country_code in self.context.countries:
            return False
        return self.context.names.isdisjoint(set(self._gazetteer.names_of(row)) - {name})

    def _short_name(self, name: str, entity_type: EntityType) -> Choice:
        """Return the person named in full in the text who has ``name`` as first or last name."""
        if entity_type not in _TYPES_OF_SURNAMES or " " in name:
            return Choice(None, "unknown_name")
        bearers = self.context.people.get(name, ())
        if len(bearers) == 1:
            return Choice(NameEntry(bearers[0], "short"), "full_name_in_text")
        return Choice(None, "ambiguous" if bearers else "unknown_name")

    def _whole(self, span: GazetteerSpan) -> Choice:
        return choose(span.name, span.entries, self.context, entity_type="organization")

    def _place_after(self, end: int) -> GazetteerRow | None:
        if self._text[end : end + 2] != ", ":
            return None
        short = _SHORT_STATE.match(self._text, end + 2)
        if short and short.group() in STATES:
            return self._gazetteer.data.countries.get(STATES[short.group()])
        return self.context.followers.get(end + 2)

    def _inside(self, start: int, end: int) -> list[GazetteerSpan]:
        spans = []
        position = start
        while position < end:
            if span := self._by_start.get(position):
                if span.end > end:
                    break
                spans.append(span)
                position = span.end
            else:
                position += 1
        return spans

    def _by_parts(self, mention: NamedSpan, start: int, end: int) -> Link:
        """Link a mention that holds a known name: a title and a name, a country and its body."""
        inside = self._inside(start, end)
        if body := self._body_of_state(mention, start, end, inside):
            return body
        if len(inside) == 2 and inside[0].start == start and inside[1].end == end:  # noqa: PLR2004
            # "U.S. Food and Drug Administration"
            country, choice = _country_entry(inside[0].entries), self._whole(inside[1])
            if (
                country
                and choice.entry
                and (choice.entry.row.country_code == country.row.country_code)
            ):
                return linked(mention, choice.entry, "country_and_name")
        if inside and mention.entity_type in {"person", "place"}:
            last, first = inside[-1], inside[0]
            if last.end == end and _is_title(self._text[start : last.start]):
                choice = self.read(last.start, last.end, mention.entity_type)
                is_person = choice.entry is not None and choice.entry.row.kind == "person"
                if choice.entry and is_person == (mention.entity_type == "person"):
                    return linked(mention, choice.entry, choice.reason)
            if first.start == start and self._text[first.end : first.end + 2] == ", ":
                choice = self.read(first.start, first.end, mention.entity_type)
                if choice.entry and choice.reason == "named_with_place":
                    return linked(mention, choice.entry, choice.reason)
        return nil(mention, "unknown_name", self._country_inside(start, end))

    def _body_of_state(
        self, mention: NamedSpan, start: int, end: int, inside: Sequence[GazetteerSpan]
    ) -> Link | None:
        for span in inside:
            place = _country_entry(span.entries)
            if place is None:
                continue
            before = (
                self._text[start : span.start].removesuffix("the ").removesuffix(" of ").strip()
            )
            after = self._text[span.end : end].removeprefix("'s").removeprefix("’s").strip()
            name = after if span.start == start else before if span.end == end else ""
            if key := self._gazetteer.data.offices.get(name):
                code = place.row.country_code
                main = key.replace("-", " ")  # one name, whatever the text calls it
                return Link(
                    mention.start, mention.end, f"office:{code}:{key}", None, "office",
                    f"{place.row.name}: {main}", code, "office", place.row.geo_point,
                    "body_of_state",
                )  # fmt: skip
        return None

    def _country_inside(self, start: int, end: int) -> GazetteerRow | None:
        codes = {
            entry.row.country_code: entry.row
            for span in self._inside(start, end)
            if span.name not in self._gazetteer.data.ambiguous
            and (entry := _country_entry(span.entries))
        }
        return next(iter(codes.values())) if len(codes) == 1 else None


def _bearers(mentions: Sequence[NamedSpan], text: str) -> dict[str, frozenset[str]]:
    """Return surname to the full names, in lower case, that the model's people have."""
    bearers: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.entity_type != "person" or mention.end - mention.start > _MAX_NAME_CHARS:
            continue
        words = text[mention.start : mention.end].split()
        while words and words[0].strip(".,").lower() in TITLES:
            words.pop(0)
        if len(words) > 1:
            bearers.setdefault(words[-1], set()).add(" ".join(words).lower())
    return {surname: frozenset(names) for surname, names in bearers.items()}


def _is_title(words: str) -> bool:
    """Return whether ``words`` before a name are a title: none of them a name of the person."""
    parts = words.split()
    return bool(parts) and all(part.strip(".,").lower() in TITLES for part in parts)


def _country_entry(entries: Sequence[NameEntry]) -> NameEntry | None:
    return next((entry for entry in entries if entry.row.kind == "country"), None)

"""Say what a text speaks for: the countries it names and the people it names in full."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dateline.gazetteer.load import AmbiguousName
from dateline.gazetteer.rows import GazetteerRow, GazetteerSpan, NameEntry

# A city so large is seldom meant otherwise, so that it speaks for its country.
_LARGE_CITY = 1_000_000
_SPORT_WORDS = re.compile(
    r"(?<!\w)(?:Premier League|La Liga|Bundesliga|Serie A|Champions League|FA Cup|Europa League"
    r"|striker|midfielder|defender|goalkeeper|winger|penalty|kick-off|kickoff|transfer window"
    r"|head coach|hat-trick|Old Trafford|Anfield|Stamford Bridge|Nou Camp|Camp Nou|football club"
    r"|quarter-final|semi-final|midfield|relegation|equaliser|offside|FC|F\.C\.|UEFA|FIFA)(?!\w)"
)
_MIN_SPORT_WORDS = 2


@dataclass(frozen=True, slots=True)
class TextContext:
    """What the unambiguous names of a text say.

    Attributes:
        countries: country code to the number of names that speak for it.
        subdivisions: subdivision codes named.
        names: all names of the gazetteer in the text, as written.
        followers: start of a name to the place that stands there ("Paris, Texas").
        people: first and last word of a name to the rows of people named so in full.
        words: those words of ``cues`` that the text holds.
        topics: ``sport`` when the text is about it.
    """

    countries: Mapping[str, int]
    subdivisions: frozenset[str]
    names: frozenset[str]
    followers: Mapping[int, GazetteerRow]
    people: Mapping[str, tuple[GazetteerRow, ...]]
    words: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()


def read_context(
    text: str, spans: Sequence[GazetteerSpan], ambiguous: Mapping[str, AmbiguousName]
) -> TextContext:
    """Return the context that the names found in ``text`` make."""
    countries: Counter[str] = Counter()
    subdivisions: set[str] = set()
    followers: dict[int, GazetteerRow] = {}
    people: dict[str, list[GazetteerRow]] = {}
    for span in spans:
        for entry in span.entries:
            if entry.row.kind == "person" and entry.reference == "full":
                for word in {span.name.partition(" ")[0], span.name.rpartition(" ")[2]}:
                    bearers = people.setdefault(word, [])
                    if entry.row not in bearers:
                        bearers.append(entry.row)
        place = next(
            (e.row for e in span.entries if e.row.kind in ("country", "subdivision")), None
        )
        if place:
            followers[span.start] = place
        if span.name in ambiguous or not (code := _country(span.entries)):
            continue
        countries[code] += 1
        if place and place.subdivision_code:
            subdivisions.add(place.subdivision_code)
    return TextContext(
        countries,
        frozenset(subdivisions),
        frozenset(span.name for span in spans),
        followers,
        {last: tuple(rows) for last, rows in people.items()},
        _cues(text, spans, ambiguous),
        frozenset({"sport"}) if _is_sport(text) else frozenset(),
    )


def _cues(
    text: str, spans: Sequence[GazetteerSpan], ambiguous: Mapping[str, AmbiguousName]
) -> frozenset[str]:
    present = {span.name for span in spans}.intersection(ambiguous)
    cues = {cue for name in present for words in ambiguous[name].cues.values() for cue in words}
    if not cues:
        return frozenset()
    # Longest first, so that "South Ossetia" is not read as "South".
    pattern = "|".join(sorted(map(re.escape, cues), key=len, reverse=True))
    return frozenset(re.findall(rf"(?<!\w)(?:{pattern})(?!\w)", text))


def _is_sport(text: str) -> bool:
    return len(set(_SPORT_WORDS.findall(text))) >= _MIN_SPORT_WORDS


def _country(entries: Sequence[NameEntry]) -> str | None:
    """Return the country that every reading of a name agrees on."""
    codes = {
        entry.row.country_code
        for entry in entries
        if entry.row.kind in ("country", "subdivision")
        or entry.row.group == "government"
        or (entry.row.kind == "city" and (entry.row.population >= _LARGE_CITY or entry.row.qid))
    }
    return codes.pop() if len(codes) == 1 else None

"""Return the dateline that opens a wire text: place, agency, date, and where the story begins.

Forms: ``PLACE``, ``PLACE, Region``, ``PLACE/PLACE``, each with ``, June 3`` and ``(AGENCY)`` or
without, then a dash, a double hyphen or (place alone) a colon; ``Place (AGENCY) –`` in title case
for agencies that are known; ``(AGENCY) -`` alone. A doubtful opening is no dateline.
"""

from __future__ import annotations

import re

from dateline.records import Dateline
from processors.enrich.dateline_words import (
    AGENCIES,
    LABELS,
    LOWERCASE_PARTICLES,
    MONTHS,
    NO_PLACES,
    PLACE_BEGINNINGS,
    PLACE_ENDINGS,
    SHORT_PLACES,
)

# Longest line seen in wire style is two places, a region, a date and an agency.
_LONGEST_CHARS = 120
_MOST_PLACE_WORDS = 4
_SHORT_PLACE_CHARS = 4

_UPPER = r"[^\W\d_a-zß-öø-ÿ]"
_UPPER_WORD = rf"(?:{_UPPER}\.(?:{_UPPER}\.)+|(?:St|Mt|Ft)\.|{_UPPER}+(?:['’.-]{_UPPER}+)*\.?)"
_UPPER_PLACE = rf"{_UPPER_WORD}(?: {_UPPER_WORD}){{0,{_MOST_PLACE_WORDS - 1}}}"
_TITLE_WORD = rf"{_UPPER}[^\W\d_]*(?:['’-][^\W\d_]+)*\.?"
_TITLE_PLACE = rf"{_TITLE_WORD}(?: (?:{_TITLE_WORD}|de|du|la|le|of|al|el|sur)){{0,3}}"
_REGION = rf"(?:{_TITLE_WORD}(?: {_TITLE_WORD}){{0,2}}|{_UPPER}\.(?: ?{_UPPER}\.)+)"
# Sorted, because a set has no order and a pattern should not change from run to run.
_MONTH = rf"(?i:{'|'.join(sorted(MONTHS))})\.?"
_DATE = (
    rf"(?:{_MONTH} [0-9]{{1,2}}|[0-9]{{1,2}}(?:er|\.)? {_MONTH})(?:,? [0-9]{{4}})?"
)  # fmt: skip
_AGENCY = r"\((?P<agency>[^\W\d_](?:[\w.&'’/-]| (?! )){1,39})\)"

_SEPARATOR = re.compile(r" ?(?:–|—|--) ?| [-_] |: ")
_UPPER_HEAD = re.compile(
    rf"(?P<place>{_UPPER_PLACE}(?:/{_UPPER_PLACE})?)(?:, (?P<region>(?!{_DATE}){_REGION}))?"
    rf"(?:, (?P<date>{_DATE}))?(?: {_AGENCY})?(?:, (?P<late_date>{_DATE}))?"
)
_TITLE_HEAD = re.compile(
    rf"(?P<place>{_TITLE_PLACE}(?:/{_TITLE_PLACE})?)(?:, (?P<region>(?!{_DATE}){_REGION}))?"
    rf"(?:, (?P<date>{_DATE}))?(?: {_AGENCY})?(?:, (?P<late_date>{_DATE}))?"
)
_AGENCY_HEAD = re.compile(_AGENCY)
_STORY_OPENING = re.compile(r"[\"'“‘«(\[]*(?:[^\W_])")
_WORDS = re.compile(r"[^\W\d_]+")


def parse_dateline(text: str) -> Dateline | None:
    """Return the dateline that ``text`` begins with, or nothing.

    Args:
        text: clean text; only its first characters are looked at.

    Returns:
        place in title case where it was all capitals (empty where only an agency stands there),
        agency and date as written, and the span up to the first character of the story.
    """
    separator = _SEPARATOR.search(text, 0, _LONGEST_CHARS)
    if not separator:
        return None
    found = _read_head(text[: separator.start()], separator.group().strip())
    if not found or not _begins_story(text[separator.end() :][:_LONGEST_CHARS], found):
        return None
    return _dateline(found, separator.end())


def _read_head(head: str, separator: str) -> re.Match[str] | None:
    """Return the parts of the head if they are a place, an agency or both."""
    agency_alone = _AGENCY_HEAD.fullmatch(head)
    if agency_alone:
        return agency_alone if _is_known_agency(agency_alone["agency"]) else None
    found = _UPPER_HEAD.fullmatch(head)
    if found:
        return found if _is_upper_place(found, is_colon=separator == ":") else None
    found = _TITLE_HEAD.fullmatch(head)
    if found and separator != ":" and _is_known_agency(found["agency"] or ""):
        return found
    return None


def _is_known_agency(agency: str) -> bool:
    return any(part.strip().casefold() in AGENCIES for part in agency.split("/"))


def _is_upper_place(found: re.Match[str], *, is_colon: bool) -> bool:
    place = found["place"]
    # Scripts without case match the pattern of capitals too.
    if not place.isupper() or place in NO_PLACES:
        return False
    labels = [word in LABELS for word in _WORDS.findall(place)]
    if found["agency"] or found["date"] or found["late_date"] or found["region"]:
        return not is_colon and not all(labels)
    if any(labels) or (len(place) <= _SHORT_PLACE_CHARS and place not in SHORT_PLACES):
        return False
    return all(_is_plain_place(part) for part in place.split("/"))


def _is_plain_place(place: str) -> bool:
    """Return whether capitals alone look like a place: one word, or words that places have."""
    words = place.split()
    return (
        len(words) == 1
        or " ".join(words[:1]).strip(".") in PLACE_BEGINNINGS
        or words[-1] in PLACE_ENDINGS
    )


def _begins_story(rest: str, found: re.Match[str]) -> bool:
    """Return whether a sentence begins after the separator, not more of a headline."""
    opening = _STORY_OPENING.match(rest)
    if not opening:
        return False
    if opening.group()[-1].islower():
        # "IRAN — which has denied it": after an agency even a small letter may begin the story.
        return bool(found["agency"])
    words = _WORDS.findall(rest)[:3]
    return not (len(words) > 1 and all(word.isupper() and len(word) > 1 for word in words))


def _dateline(found: re.Match[str], end: int) -> Dateline:
    parts = found.groupdict()
    place = parts.get("place") or ""
    region = parts.get("region")
    name = "/".join(_title_case(part) for part in place.split("/"))
    return Dateline(
        place=f"{name}, {region}" if region else name,
        start=0,
        end=end,
        agency=parts.get("agency"),
        date_text=parts.get("date") or parts.get("late_date"),
    )


def _title_case(place: str) -> str:
    if not place.isupper():
        return place
    words = place.split(" ")
    return " ".join(_title_word(word, is_first=i == 0) for i, word in enumerate(words))


def _title_word(word: str, *, is_first: bool) -> str:
    if re.fullmatch(r"(?:[^\W\d_]\.){2,}", word):
        return word
    parts = word.split("-")
    return "-".join(
        part.lower()
        if part in LOWERCASE_PARTICLES and not (is_first and i == 0)
        else _capitalised(part)
        for i, part in enumerate(parts)
    )


def _capitalised(word: str) -> str:
    """Return ``N'Djamena`` and ``L'Aquila``, but ``Xi'an`` and ``Cox's``."""
    prefix, mark, rest = word.partition("'")
    if mark and len(prefix) == 1:
        return prefix + mark + rest.capitalize()
    return word.capitalize()

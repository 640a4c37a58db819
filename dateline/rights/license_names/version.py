"""Read the version and the port that stand with a name: "4.0 International", "v3", "3.0 DE"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dateline.rights.license_names.words import (
    GAP,
    WORD_END,
    WORD_START,
    LanguageWords,
    all_words,
    any_of,
    key,
    plain,
    words_before,
)

_TWO_LETTERS = 2
_WHOLE = r"\d[.,/]\d(?!\d|[.,/]\d)"
_LISTED_WHOLE = r"\d[./]\d(?!\d|[.,/]\d|\s?%)"
# "v4": a number alone is a version behind a word for it, or where the clause ends behind it.
_MAJOR_END = rf"{WORD_END}(?![.,/]\d)"
_CLAUSE_END = r"(?!-)(?=[^\S\n]{0,2}(?:[,;.:)\]|!?\"'”»\n]|\Z))(?!:\d)"


@dataclass(frozen=True, slots=True)
class Version:
    """A version as ``4.0``, its port's code where one is named, and its place in the text."""

    number: str
    start: int
    end: int
    port: str | None = None
    is_or_later: bool = False


class VersionReader:
    """Reads versions in the languages of the registry."""

    def __init__(self, languages: Sequence[LanguageWords], port_names: Mapping[str, str]) -> None:
        """Compile the words; ``port_names`` are names of jurisdictions and their codes."""
        self._ports = {key(plain(name)): code for name, code in port_names.items()}
        licenses = any_of(all_words(languages, "license"))
        unported = any_of(all_words(languages, "unported"))
        fillers = any_of(all_words(languages, "license") | all_words(languages, "unported"))
        versions = rf"{any_of(all_words(languages, 'version'))}\.?\s{{0,2}}"
        four = all_words(languages, "four")
        spoken = rf"{versions}{any_of(four)}|{any_of(word for word in four if ' ' in word)}"
        later = rf"\+|[\s,(\-]{{1,3}}{any_of(all_words(languages, 'later'))}{WORD_END}\)?"
        lead = rf"{GAP}{{0,4}}(?:\)\s?)?(?:{fillers}{GAP}{{1,3}}){{0,2}}"
        # Of Creative Commons "2" may be 2.0, 2.1 and 2.5.
        self._composed = re.compile(
            rf"{lead}(?:(?:{versions})?(?P<whole>{_WHOLE})|{versions}(?P<major>[134]){_MAJOR_END}"
            rf"|(?P<bare>[34]){_MAJOR_END}{_CLAUSE_END}|(?P<four>{spoken}){WORD_END})"
            rf"(?:{self._port_pattern(unported)})?",
            re.IGNORECASE,
        )
        self._listed = re.compile(
            rf"(?:{GAP}{{1,3}}\(?[^\W\d_]{{2,9}}\)\s?|{GAP}{{0,3}}{licenses})?"
            rf"{GAP}{{0,4}}(?:(?:{versions})?(?P<whole>{_LISTED_WHOLE})"
            rf"|{versions}(?P<major>[1-9]){_MAJOR_END}"
            rf"|(?P<bare>[1-9])(?=(?:{later}))|(?P<last>[1-9]){_MAJOR_END}{_CLAUSE_END})"
            rf"(?P<later>{later})?",
            re.IGNORECASE,
        )
        self._in_front = re.compile(
            rf"{WORD_START}{versions}(?P<number>\d(?:[.,/]\d)?)(?P<later>{later})?\s{{1,3}}"
            rf"(?:(?:[^\W\d_]{{1,5}}|{licenses})[\s']{{1,2}}){{1,4}}[\"'«“(]?\Z"
        )

    def behind(self, text: str, end: int) -> Version | None:
        """Return the version and port behind a composed name that ends at ``end``."""
        found = self._composed.match(text, end)
        if found is None:
            return None
        port = found["port"] or found["low_port"]
        port = port or self._ports.get(key((found["port_name"] or "").lower()))
        number = "4.0" if found["four"] else found["whole"] or found["major"] or found["bare"]
        return Version(_number(number), end, found.end(), port.lower() if port else None)

    def behind_listed(self, lowered: str, end: int) -> Version | None:
        """Return the version behind a listed name that ends at ``end``."""
        found = self._listed.match(lowered, end)
        if found is None:
            return None
        number = found["whole"] or found["major"] or found["bare"] or found["last"]
        return Version(_number(number), end, found.end(), is_or_later=found["later"] is not None)

    def in_front(self, lowered: str, start: int) -> Version | None:
        """Return the version of "version 4.0 of the" that ends at ``start``."""
        words = words_before(lowered, start)
        if not any(each.isdigit() for each in words):
            return None
        found = self._in_front.search(words)
        if found is None:
            return None
        begin = start - len(words) + found.start()
        return Version(
            _number(found["number"]), begin, start, is_or_later=found["later"] is not None
        )

    def _port_pattern(self, unported: str) -> str:
        codes = {code for code in self._ports.values() if len(code) == _TWO_LETTERS}
        upper = "|".join(sorted(code.upper() for code in codes))
        lower = "|".join(sorted(codes))
        return (
            rf"[\s\-(,/]{{1,4}}(?:{unported}{WORD_END}\)?[\s\-(,/]{{0,4}})?"
            rf"(?:(?P<port_name>{any_of(self._ports)}){WORD_END}"
            rf"|(?P<port>(?-i:{upper})|(?<=/)(?:{lower})|igo){WORD_END}(?!\s?by)"
            # "3.0 de," but not "3.0 de la".
            rf"|(?P<low_port>(?-i:{lower}))(?=[,;.)\]|\n]|\Z))\)?"
            rf"|[\s\-(,]{{1,3}}{unported}{WORD_END}\)?"
        )


def _number(written: str) -> str:
    number = written.replace("/", ".").replace(",", ".")
    return number if "." in number else f"{number}.0"

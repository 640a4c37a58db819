"""Find the names of the gazetteer in a text: whole words, the longest of overlapping names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from ahocorasick_rs import AhoCorasick

from dateline.gazetteer.load import CONFIG_FOLDER, GazetteerData, load_data
from dateline.gazetteer.rows import GazetteerRow, GazetteerSpan, NameEntry

# Names in capitals (datelines, headlines) are found too, but not shorter ones: they would be
# acronyms and words ("MALI" is fine, "CHAD" and "US" are left to the names as written).
_MIN_CAPITALS_CHARS = 5
# In a line of capitals these acronyms are as likely words.
_WORDS = frozenset({"US", "WHO", "SPA", "LA"})
_SHARE_OF_CAPITALS = 0.8
# Names of smaller cities are words and surnames of other languages (Kani, Most).
_MIN_CITY_POPULATION = 500_000
_APOSTROPHES = "'’"
_HYPHEN = "-"
# Stratford-upon-Avon, Châlons-sur-Marne: the name goes on.
_PARTICLES = ("upon-", "sur-", "on-", "en-", "le-", "la-", "les-", "under-", "by-", "de-", "du-")


class Match(Protocol):
    """The matcher of ``ahocorasick_rs``."""

    def find_matches_as_indexes(
        self, haystack: str, overlapping: bool = False
    ) -> Sequence[tuple[int, int, int]]:
        """Return pattern number, start and end (code points) of each match."""
        ...


class Gazetteer:
    """The names of the gazetteer, ready to be found; immutable in use, made by ``load_gazetteer``.

    Attributes:
        data: the rows, what each name may stand for, and the names that need context.
    """

    def __init__(self, data: GazetteerData) -> None:
        """Take loaded data; use ``load_gazetteer``."""
        self.data = data
        self._names: dict[str, tuple[NameEntry, ...]] = {
            name: tuple(entries) for name, entries in data.entries.items()
        }
        names_by_row: dict[str, list[str]] = {}
        for name, entries in self._names.items():
            for entry in entries:
                if entry.reference == "full" and not entry.language and entry.row.kind != "city":
                    names_by_row.setdefault(entry.row.row_id, []).append(name)
        self._names_by_row = {row_id: tuple(names) for row_id, names in names_by_row.items()}
        self._capitals: dict[str, str] = {}
        everywhere: list[str] = []
        by_language: dict[str, list[str]] = {}
        for name, entries in self._names.items():
            if not _is_findable(entries):
                continue
            languages = {entry.language for entry in entries}
            for language in languages - {""} if "" not in languages else ():
                by_language.setdefault(language, []).append(name)
            if "" in languages:
                everywhere.append(name)
                if _has_capitals_form(name, entries) and name.upper() not in self._names:
                    self._capitals[name.upper()] = name
        everywhere += [name for name in self._capitals if name not in self._names]
        self._matchers = {"": (AhoCorasick(everywhere), everywhere)}
        for language, names in by_language.items():
            self._matchers[language] = (AhoCorasick(names), names)

    def entries(self, name: str, *, language: str = "") -> tuple[NameEntry, ...]:
        """Return what ``name``, as written or in capitals, may stand for; empty if unknown."""
        known = self._names.get(name) or self._names.get(self._capitals.get(name, ""), ())
        return tuple(e for e in known if e.language in ("", language))

    def names_of(self, row: GazetteerRow) -> tuple[str, ...]:
        """Return the names that stand for a row in any text."""
        return self._names_by_row.get(row.row_id, ())

    def find(self, text: str, *, language: str = "en") -> tuple[GazetteerSpan, ...]:
        """Return the names in ``text``, by place, none overlapping another.

        Args:
            text: of any length; the time grows with it alone.
            language: ISO 639-1 code; country names of that language are found beside the English.
        """
        found: list[tuple[int, int]] = []
        for key in ("", language) if language and language in self._matchers else ("",):
            matcher: Match = self._matchers[key][0]
            for _, start, end in matcher.find_matches_as_indexes(text, overlapping=True):
                if _is_whole(text, start, end):
                    found.append((start, end))
        spans = []
        for start, end in _longest(found):
            name = text[start:end]
            entries = self.entries(name, language=language)
            if entries and not _is_word_in_capitals(text, start, end):
                spans.append(GazetteerSpan(start, end, name, entries))
        return tuple(spans)


def load_gazetteer(folder: Path = CONFIG_FOLDER) -> Gazetteer:
    """Return the gazetteer of a folder, ``config/gazetteer`` if none is given.

    Raises:
        msgspec.ValidationError: a row has a field that is not known or of another type.
    """
    return Gazetteer(load_data(folder))


def _is_findable(entries: Iterable[NameEntry]) -> bool:
    """Return whether a name is looked for; the others are known to ``entries`` alone."""
    return any(
        entry.reference != "weak" and (entry.row.kind != "city" or _is_known(entry.row))
        for entry in entries
    )


def _is_known(city: GazetteerRow) -> bool:
    return bool(city.qid or city.capital_of) or city.population >= _MIN_CITY_POPULATION


def _has_capitals_form(name: str, entries: Sequence[NameEntry]) -> bool:
    if len(name) < _MIN_CAPITALS_CHARS or name.upper() == name or not name.isascii():
        return False
    return any(
        entry.reference == "full" and (entry.row.qid or entry.row.kind != "city")
        for entry in entries
    )


def _is_whole(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    if before == _HYPHEN and start > 1 and text[start - 2].isalpha() and text[start - 2].islower():
        # The end of a hyphenated name ("Baden-Baden") or a compound ("non-Iranian").
        return _is_compound_prefix(text, start - 1)
    if after == _HYPHEN:
        return not text.startswith(_PARTICLES, end + 1)
    return not (before in _APOSTROPHES and start > 1 and text[start - 2].isalpha())


def _is_compound_prefix(text: str, hyphen: int) -> bool:
    start = hyphen
    while start and (text[start - 1].isalpha()) and hyphen - start < _MAX_PREFIX_CHARS:
        start -= 1
    return text[start:hyphen].lower() in _PREFIXES or text[start : start + 1].isupper()


_MAX_PREFIX_CHARS = 12
_PREFIXES = frozenset(
    {"non", "anti", "pro", "ex", "post", "pre", "inter", "intra", "mid", "all", "trans", "neo"}
)


def _longest(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the leftmost spans, of equal starts the longest, without overlap."""
    kept: list[tuple[int, int]] = []
    free_from = 0
    for start, end in sorted(set(found), key=lambda span: (span[0], -span[1])):
        if start >= free_from:
            kept.append((start, end))
            free_from = end
    return kept


def _is_word_in_capitals(text: str, start: int, end: int) -> bool:
    if text[start:end] not in _WORDS:
        return False
    # A window, not the line: a text without line breaks must not cost its square.
    letters = [each for each in text[max(0, start - 40) : end + 40] if each.isalpha()]
    return sum(map(str.isupper, letters)) > _SHARE_OF_CAPITALS * len(letters)

"""Find acronyms that a text explains: "Joint Comprehensive Plan of Action (JCPOA)".

Source: A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", PSB 2003; here every letter begins a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

_SHORT = r"[^\W\d_a-z][\w&.-]{1,11}"
# (ABC) and (ABC, ...) or (the ABC) or ("ABC").
_IN_BRACKETS = re.compile(rf"\((?:the |also |or |known as )?[\"'“]?(?P<short>{_SHORT})[\"'”]?[,;)]")
_LONG_IN_BRACKETS = re.compile(
    rf"(?<!\w)(?P<short>{_SHORT}) \((?:the )?(?P<long>[^()\n]{{6,100}})\)"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Words between the initials: their first letters are left out or kept, as the acronym has it.
_SMALL = frozenset(
    {"of", "the", "and", "for", "in", "on", "to", "a", "an", "at", "by", "with", "de", "la", "le",
     "du", "des", "der", "die", "das", "und", "von", "del", "y", "e", "di", "et", "für"}
)  # fmt: skip
_LEAST_LETTERS, _MOST_LETTERS = 2, 10
_WINDOW_CHARS = 140
_MOST_DEFINITIONS, _MOST_BRACKETS = 200, 1_000


@dataclass(frozen=True, slots=True)
class Definition:
    """An acronym and the words that it stands for, with their places in the text."""

    short: str
    short_start: int
    long: str
    long_start: int
    long_end: int


def find_definitions(text: str) -> tuple[Definition, ...]:
    """Return the acronyms that ``text`` explains, in order, the first explanation of each."""
    found: dict[str, Definition] = {}
    for definition in _all_definitions(text):
        found.setdefault(definition.short, definition)
        if len(found) >= _MOST_DEFINITIONS:
            break
    return tuple(sorted(found.values(), key=lambda each: each.long_start))


def initials(name: str) -> frozenset[str]:
    """Return the acronyms a name may have: with and without the letters of its small words."""
    parts = [found[0] for found in _WORD.finditer(name)]
    large = [part for part in parts if part.lower() not in _SMALL]
    return frozenset({"".join(part[0] for part in each).upper() for each in (parts, large)})


def letters_of(acronym: str) -> str:
    """Return the letters of an acronym in capitals; nothing where it does not look like one."""
    if " " in acronym or acronym[1:].islower():
        return ""
    letters = [letter for letter in acronym if letter.isalnum()]
    capitals = sum(map(str.isupper, letters))
    if not _LEAST_LETTERS <= len(letters) <= _MOST_LETTERS:
        return ""
    # "Daesh" is a word, "PLoS", "UNHCR" and "U.N." are not; a plural s is no letter of it.
    if letters[-1] == "s" and capitals == len(letters) - 1:
        del letters[-1]
    return "".join(letters).upper() if capitals * 2 > len(letters) else ""


def _all_definitions(text: str) -> Iterator[Definition]:
    for found in islice(_IN_BRACKETS.finditer(text), _MOST_BRACKETS):
        if letters := letters_of(found["short"]):
            begin = max(0, found.start() - _WINDOW_CHARS)
            if span := _words_behind(text[begin : found.start()], letters):
                start, end = begin + span[0], begin + span[1]
                yield Definition(found["short"], found.start("short"), text[start:end], start, end)
    for found in islice(_LONG_IN_BRACKETS.finditer(text), _MOST_BRACKETS):
        letters = letters_of(found["short"])
        if letters and letters in initials(found["long"]):
            yield Definition(
                found["short"], found.start("short"), found["long"], *found.span("long")
            )


def _words_behind(before: str, letters: str) -> tuple[int, int] | None:
    """Return the words at the end of ``before`` whose initials are ``letters``."""
    if not before or not (before[-1] == " " or before[-1] in "\"'”"):
        return None
    parts = list(_WORD.finditer(before))
    last = len(letters)
    for size in range(last, min(len(parts), 2 * last + 3) + 1):
        chosen = parts[-size:]
        if chosen[0][0][0].upper() == letters[0] and _spells(chosen, letters):
            return chosen[0].start(), chosen[-1].end()
    return None


def _spells(parts: Sequence[re.Match[str]], letters: str) -> bool:
    """Return whether the initials of the words give the letters, small words left out or not."""
    at = 0
    for part in parts:
        if at < len(letters) and part[0][0].upper() == letters[at]:
            at += 1
        elif part[0].lower() not in _SMALL:
            return False
    return at == len(letters)

"""Find the words that name a speaker in a part of a sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dateline.records import EntityType
from dateline.rights.sentences import Span
from processors.enrich.document_entities.groups import Group
from processors.enrich.document_entities.read_names import NamedMention
from processors.enrich.document_entities.title_words import plain

from .speech_words import SpeechWords

_SPEAKING: frozenset[EntityType] = frozenset({"person", "organization", "place"})
_POSSESSIVES = ("'s", "’s", "s'", "s’")
_LONGEST_WORD = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may name a speaker.

    Attributes:
        kind: a name, a pronoun, or a description ("the minister").
        group: place of the group that a name belongs to, else None.
        noun: a description without its article, in small letters.
        head: the noun of a description.
        is_of_other: whether a description says of whom or what ("a spokesman for ...").
    """

    start: int
    end: int
    kind: Literal["name", "pronoun", "description"]
    group: int | None = None
    noun: str = ""
    head: str = ""
    is_of_other: bool = False


class _Found:
    """Matches of a pattern in a text, in order."""

    def __init__(self, matches: Iterable[re.Match[str]]) -> None:
        self._matches = list(matches)
        self._starts = [found.start() for found in self._matches]

    def within(self, start: int, end: int) -> list[re.Match[str]]:
        """Return the matches that lie in a span."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [found for found in self._matches[first:last] if found.end() <= end]


class Speakers:
    """The possible speakers of one text."""

    def __init__(self, text: str, groups: Sequence[Group], words: SpeechWords) -> None:
        self._text, self._words = text, words
        self.groups = groups
        rows = sorted(
            ((mention, at) for at, group in enumerate(groups) for mention in group.mentions),
            key=lambda row: row[0].start,
        )
        self._names = rows
        self._starts = [mention.start for mention, _ in rows]
        # Every sentence is asked several times: the text is searched once.
        self._pronouns = _Found(words.pronoun.finditer(text))
        self._nominals = _Found(words.nominal.finditer(text))
        self.verbs = _Found(words.verb.finditer(text))

    def names_in(self, start: int, end: int) -> list[tuple[NamedMention, int]]:
        """Return the names that begin in a span, with the places of their groups."""
        return self._names[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def candidates(self, start: int, end: int, *, is_subject: bool = True) -> list[Candidate]:
        """Return who may speak in a span, in order.

        A subject does not stand behind a preposition and does not own what follows.
        """
        named, people = self._named(start, end, is_subject=is_subject)
        others = [
            Candidate(found.start(1), found.end(1), "pronoun", noun=found[1].lower())
            for found in self._pronouns.within(start, end)
        ]
        others += self._described(start, end, people, is_subject=is_subject)
        taken = [(each.start, each.end) for each in named]
        free = [each for each in others if not _touches(each, taken)]
        return sorted([*named, *free], key=lambda each: each.start)

    def _named(
        self, start: int, end: int, *, is_subject: bool
    ) -> tuple[list[Candidate], list[Span]]:
        named: list[Candidate] = []
        people: list[Span] = []
        for mention, group in self.names_in(start, end):
            # The type of the whole entity: one slip of the model makes no other speaker.
            if self.groups[group].entity_type not in _SPEAKING or mention.end > end:
                continue
            begin = self.phrase_start(mention)
            if self.groups[group].is_person:
                people.append((begin, mention.end))
            if not (is_subject and self._is_object(begin, mention.end)):
                named.append(Candidate(begin, mention.end, "name", group))
        return named, people

    def phrase_start(self, mention: NamedMention) -> int:
        """Return where the words before the name begin: its titles, role and owner."""
        starts = [mention.start]
        titles = mention.titles
        if titles.role_span and titles.role_span[0] < mention.start:
            starts += [titles.role_span[0], *([titles.owner[0]] if titles.owner else [])]
        begin = min(starts)
        for _ in titles.honorifics:
            if begin == mention.start and (word := self._word_before(begin)):
                begin = self._text.rindex(word, 0, begin)
        return begin

    def _described(
        self, start: int, end: int, people: Sequence[Span], *, is_subject: bool
    ) -> list[Candidate]:
        found: list[Candidate] = []
        for each in self._nominals.within(start, end):
            noun_end = each.end("noun")
            # "the minister, X," and "Iran's minister X": the name says it better.
            near = (person for person in people if 0 <= person[0] - noun_end <= 2)  # noqa: PLR2004
            inside = any(a < noun_end and each.start() < b for a, b in people)
            if inside or next(near, None):
                continue
            if is_subject and self._is_object(each.start(), each.end()):
                continue
            head = each["head"].lower()
            noun = " ".join((each["noun"] + (each["of"] or "")).lower().split())
            is_of_other = bool(each["of"])
            found.append(
                Candidate(each.start(), each.end(), "description", None, noun, head, is_of_other)
            )
        return found

    def _is_object(self, start: int, end: int) -> bool:
        """Return whether a phrase is behind a preposition or owns what follows."""
        if self._text.startswith(_POSSESSIVES[:2], end):
            return True
        at = start
        while (word := self._word_before(at)) and plain(word) in self._words.titles.articles:
            at = self._text.rindex(word, 0, at)
        return plain(word) in self._words.prepositions

    def _word_before(self, at: int) -> str:
        before = self._text[max(0, at - _LONGEST_WORD) : at]
        if not before or not before[-1].isspace():
            return ""
        parts = before.split()
        return parts[-1] if parts else ""


def _touches(each: Candidate, taken: Sequence[Span]) -> bool:
    return any(start < each.end and each.start < end for start, end in taken)

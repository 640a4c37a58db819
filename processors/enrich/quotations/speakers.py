"""Find the words that name a speaker in a part of a sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from dateline.document_records import EntityType
from dateline.rights.sentences import Span
from processors.enrich.document_entities.groups import Group
from processors.enrich.document_entities.read_names import NamedMention
from processors.enrich.document_entities.title_words import plain
from processors.enrich.text_words import Word, Words

from .find_descriptions import find_descriptions
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


class _Placed(Protocol):
    """Something at a place of the text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


_P = TypeVar("_P", bound=_Placed)


class _Places(Generic[_P]):
    """Things at places of a text, found by span."""

    def __init__(self, things: Iterable[_P]) -> None:
        self._things = sorted(things, key=lambda each: each.start)
        self._starts = [each.start for each in self._things]

    def within(self, start: int, end: int) -> list[_P]:
        """Return what lies in a span, in order."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [each for each in self._things[first:last] if each.end <= end]


class Speakers:
    """The possible speakers of one text."""

    def __init__(
        self, text: str, groups: Sequence[Group], speech: SpeechWords, words: Words
    ) -> None:
        """Take the text, what it names, the lists of its language, and its words."""
        self._text, self.speech = text, speech
        self.groups = groups
        self._names = sorted(
            ((mention, at) for at, group in enumerate(groups) for mention in group.mentions),
            key=lambda row: row[0].start,
        )
        self._starts = [mention.start for mention, _ in self._names]
        self._pronouns = _Places(_pronouns(words, speech.pronouns))
        self._described_all = _Places(find_descriptions(text, words, speech))
        self.verbs = _Places(_verbs(text, words, speech))

    def names_in(self, start: int, end: int) -> list[tuple[NamedMention, int]]:
        """Return the names that begin in a span, with the places of their groups."""
        return self._names[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def candidates(self, start: int, end: int, *, is_subject: bool = True) -> list[Candidate]:
        """Return who may speak in a span, in order.

        A subject does not stand behind a preposition and does not own what follows.
        """
        named, people = self._named(start, end, is_subject=is_subject)
        others = [
            Candidate(found.start, found.end, "pronoun", noun=found.low)
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
            is_other = self._is_object(begin, mention.end) or (
                not self.groups[group].is_person and self._belongs_to_noun(mention.end)
            )
            if not (is_subject and is_other):
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
        for each in self._described_all.within(start, end):
            # "the minister, X," and "Iran's minister X": the name says it better.
            is_near = any(0 <= person[0] - each.noun_end <= 2 for person in people)  # noqa: PLR2004
            is_inside = any(a < each.noun_end and each.start < b for a, b in people)
            if is_near or is_inside or (is_subject and self._is_object(each.start, each.end)):
                continue
            found.append(
                Candidate(
                    each.start, each.end, "description", None, each.noun, each.head,
                    each.end > each.noun_end,
                )
            )  # fmt: skip
        return found

    def _belongs_to_noun(self, end: int) -> bool:
        """Return whether a small word behind a name is a noun: "a Vienna resident"."""
        if self._text[end : end + 1] != " ":
            return False
        word = self._text[end + 1 : end + _LONGEST_WORD].partition(" ")[0]
        if not (word.isalpha() and word.islower()):
            return False
        return not self.speech.may_follow_subject(word)

    def _is_object(self, start: int, end: int) -> bool:
        """Return whether a phrase is behind a preposition or owns what follows."""
        if self._text.startswith(_POSSESSIVES[:2], end):
            return True
        at = start
        while (word := self._word_before(at)) and plain(word) in self.speech.titles.articles:
            at = self._text.rindex(word, 0, at)
        # A stop or a mark behind the word ends its phrase: '"... go on," X said'.
        return word.isalpha() and word.lower() in self.speech.prepositions

    def _word_before(self, at: int) -> str:
        before = self._text[max(0, at - _LONGEST_WORD) : at]
        if not before or not before[-1].isspace():
            return ""
        parts = before.split()
        return parts[-1] if parts else ""


def _touches(each: Candidate, taken: Sequence[Span]) -> bool:
    return any(start < each.end and each.start < end for start, end in taken)


def _pronouns(words: Words, pronouns: frozenset[str]) -> Iterator[Word]:
    for at, low in enumerate(words.lows):
        if low in pronouns:
            yield words.word(at)
        # "a-t-il déclaré": the pronoun is the last part.
        elif "-" in low and (last := low.rpartition("-")[2]) in pronouns:
            yield Word(last, words.ends[at] - len(last), words.ends[at])


def _verbs(text: str, words: Words, speech: SpeechWords) -> Iterator[Word]:
    verbs = speech.verbs
    yield from [words.word(at) for at, low in enumerate(words.lows) if low in verbs]
    if speech.conjunctions:
        others = [at for at, low in enumerate(words.lows) if low not in verbs]
        yield from (words.word(at) for at in others if speech.is_verb(words.lows[at]))
    for found in speech.long_verbs.finditer(text):
        yield Word(found[0].lower(), found.start(), found.end())

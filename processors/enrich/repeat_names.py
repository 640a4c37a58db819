"""Find the names of a text again where the entity model missed them or cut them badly."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dateline.gazetteer.words import BODIES
from dateline.ids import entity_id
from dateline.names.words import words as name_words
from dateline.records import Mention
from dateline.rights.sentences import Span
from processors.enrich.document_entities.given_names import is_given_name
from processors.enrich.document_entities.title_words import TitleWords, plain, title_words
from processors.enrich.known_names import KnownName, known_names
from processors.enrich.text_style import TextStyle

DETECTOR = "text@1"
# No article is so long; of what is longer the opening is read.
_MOST_CHARS = 200_000
_MOST_FOUND = 5_000
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_NO_NAMES = frozenset({"date", "quantity"})
# Behind a name these make another one: "Brook Administration".
_BODIES_OF_PEOPLE = frozenset(
    {"administration", "cabinet", "campaign", "family", "government", "presidency", "regime"}
)


class _Place(NamedTuple):
    start: int
    end: int
    known: KnownName


def repeat_names(
    mentions: Sequence[Mention], text: str, sentences: Sequence[Span], *, language: str,
    story_start: int = 0,
) -> tuple[Mention, ...]:  # fmt: skip
    """Return the mentions, with those of their names that stand elsewhere in the text too.

    A full name of a person, its surname, an organisation and its acronym are looked for as whole
    words with capitals, also in headlines. Where a mention holds one and words of a headline
    beside it, the name takes its place. Detector of what is added: ``DETECTOR``.

    Args:
        mentions: sorted by place, none overlapping.
        text: clean text; all offsets refer to it.
        sentences: in order.
        language: ISO 639-1 code of the text.
        story_start: where the story begins behind the dateline; nothing is looked for before.
    """
    style = TextStyle(text[:_MOST_CHARS])
    words = title_words(language)
    known = known_names(mentions, style, words)
    if not known:
        return tuple(mentions)
    search = _Search(style, mentions, words)
    return search.merged(search.places(known, story_start), sentences)


class _Search:
    def __init__(self, style: TextStyle, mentions: Sequence[Mention], words: TitleWords) -> None:
        self._style, self._text, self._words = style, style.text, words
        self._mentions = mentions
        self._starts = [each.start for each in mentions]
        self._ends = [each.end for each in mentions]
        self._counts = Counter(each.text.casefold() for each in mentions)

    def places(self, known: Sequence[KnownName], story_start: int) -> list[_Place]:
        """Return where the names stand, by place; of overlapping ones the longest stays."""
        taken: dict[int, _Place] = {}
        starts: list[int] = []
        for name in known:
            for start, end in self._found(name.name, story_start):
                at = bisect_right(starts, start)
                if at and taken[starts[at - 1]].end > start:
                    continue
                if at < len(starts) and starts[at] < end:
                    continue
                if self._is_name(start, end, name):
                    starts.insert(at, start)
                    taken[start] = _Place(start, end, name)
            if len(starts) >= _MOST_FOUND:
                break
        return [taken[start] for start in starts]

    def _found(self, name: str, story_start: int) -> Iterator[Span]:
        forms = {name, name.upper(), name.title() if name.isupper() and " " in name else name}
        text = self._text
        for form in forms:
            start = text.find(form, story_start)
            while start >= 0:
                end = start + len(form)
                is_begin = not start or not text[start - 1].isalnum()
                if is_begin and not text[end : end + 1].isalnum():
                    yield start, end
                start = text.find(form, end)

    def _is_name(self, start: int, end: int, name: KnownName) -> bool:
        if self._style.is_followed_by_name(end):
            return False
        if name.is_whole:
            return True
        text, style = self._text, self._style
        if text[start - 1 : start] in ("-", "@", "#"):
            return False
        if text[end : end + 1] == "-" and text[end + 1 : end + 2].isupper():
            return False
        if style.is_low(name.name) and (style.is_sentence_start(start) or style.is_headline(start)):
            return False
        before = plain(style.name_before(start))
        return not before or before in self._words.heads or before in self._words.honorifics

    def merged(self, places: Sequence[_Place], sentences: Sequence[Span]) -> tuple[Mention, ...]:
        """Return the mentions with the names found; what these take the place of is left out."""
        gone: set[int] = set()
        added = []
        starts = [start for start, _ in sentences]
        for place in places:
            first, last = (
                bisect_right(self._ends, place.start),
                bisect_left(self._starts, place.end),
            )
            others = [self._mentions[at] for at in range(first, last)]
            if all(self._is_better(place, each, places) for each in others):
                gone.update(range(first, last))
                added.append(self._mention(place, sentences, starts))
        kept = [each for at, each in enumerate(self._mentions) if at not in gone]
        return tuple(sorted([*kept, *added], key=lambda each: each.start))

    def _is_better(self, place: _Place, mention: Mention, places: Sequence[_Place]) -> bool:
        if (place.start, place.end) == (mention.start, mention.end):
            return False
        if mention.start <= place.start and place.end <= mention.end:
            return mention.entity_type not in _NO_NAMES and self._is_badly_cut(
                place, mention, places
            )
        if place.known.entity_type != "person" and mention.entity_type in ("place", "group"):
            return self._counts[place.known.name.casefold()] > 1
        return place.known.is_whole

    def _is_badly_cut(self, place: _Place, mention: Mention, places: Sequence[_Place]) -> bool:
        if self._counts[mention.text.casefold()] > 1:
            return False
        if mention.entity_type == "person" and self._holds_two(mention, places):
            return True
        before = list(map(plain, _WORD.findall(self._text, mention.start, place.start)))
        after = list(map(plain, _WORD.findall(self._text, place.end, mention.end)))
        rest = [word for word in (*before, *after) if word != "s"]
        generations = name_words().generations
        if any(map(self._makes_other_name, rest)) or (
            after and all(word in generations for word in after)
        ):
            return False
        if not self._style.is_headline(mention.start):
            is_start = self._style.is_sentence_start(mention.start)
            return is_start and not after and any(map(self._style.is_common, before))
        if mention.entity_type == "person" and place.known.entity_type == "person":
            return bool(after) or not any(len(w) == 1 or is_given_name(w) for w in before)
        return any(map(self._style.is_common, rest))

    def _holds_two(self, mention: Mention, places: Sequence[_Place]) -> bool:
        first = bisect_left(places, mention.start, key=lambda place: place.start)
        return sum(each.end <= mention.end for each in places[first : first + 2]) > 1

    def _makes_other_name(self, word: str) -> bool:
        """Return whether a word beside a name makes it a body's, or is a title."""
        is_body = word in BODIES or word in _BODIES_OF_PEOPLE or word in name_words().generic
        return is_body or word in self._words.vocabulary or word in self._words.honorifics

    def _mention(self, place: _Place, sentences: Sequence[Span], starts: Sequence[int]) -> Mention:
        name = self._text[place.start : place.end]
        at = bisect_right(starts, place.start) - 1
        start, end = sentences[at] if at >= 0 else (place.start, place.end)
        return Mention(
            text=name, label=place.known.label, entity_type=place.known.entity_type,
            entity_id=entity_id(place.known.entity_type, name), start=place.start, end=place.end,
            sentence_start=start, sentence_end=max(end, place.end), detector=DETECTOR,
        )  # fmt: skip

"""Return a title or a text as watches see it: folded words, sentences, and where things stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from dateline.records import Mention
from dateline.rights.sentences import Span, split_sentences
from dateline.watches.words import words_of

TextName = Literal["body", "title"]
# Inside no single sentence, or outside the words that may be matched.
NOWHERE = -1


class Place(NamedTuple):
    """Where a term occurs in a text.

    Attributes:
        text: in which of both.
        first: number of its first word in the text; ``NOWHERE`` where no word may be matched.
        last: of its last word.
        start: code points of the text.
        end: exclusive.
        sentence: number of its sentence in the article, the title's being the last; ``NOWHERE``
            where it goes beyond one.
        entity: who it is, where it is somebody or something.
    """

    text: TextName
    first: int
    last: int
    start: int
    end: int
    sentence: int
    entity: EntityView | None = None


@dataclass(frozen=True, kw_only=True)
class TextView:
    """A title or a clean text.

    Attributes:
        name: which of both.
        words: folded, in order.
        starts: where each word stands, code points of the text.
        ends: exclusive.
        sentences: spans in order; those of a body also where the text itself may not be matched.
        first_sentence: number of its first sentence in the article.
    """

    name: TextName
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: tuple[Span, ...]
    first_sentence: int

    @cached_property
    def positions(self) -> Mapping[str, list[int]]:
        """Numbers of the words by word, in order."""
        found: dict[str, list[int]] = {}
        for number, word in enumerate(self.words):
            if word in found:
                found[word].append(number)
            else:
                found[word] = [number]
        return found

    @cached_property
    def sorted_words(self) -> list[str]:
        """Its distinct words in order."""
        return sorted(self.positions)

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    def words_with(self, prefix: str) -> Iterator[str]:
        """Yield its distinct words that begin with ``prefix``, sorted."""
        words = self.sorted_words
        for at in range(bisect_left(words, prefix), len(words)):
            if not words[at].startswith(prefix):
                return
            yield words[at]

    def place(self, first: int, last: int) -> Place:
        """Return where the words from ``first`` to ``last`` stand."""
        start, end = self.starts[first], self.ends[last]
        return Place(self.name, first, last, start, end, self._sentence_of(start, end))

    def place_of(self, start: int, end: int, entity: EntityView) -> Place:
        """Return the place of a mention of ``entity`` at ``[start, end)``."""
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end) - 1
        if first > last:
            first = last = NOWHERE
        sentence = self._sentence_of(start, start + 1)
        return Place(self.name, first, last, start, end, sentence, entity)

    def span_around(self, place: Place) -> Span | None:
        """Return the sentence that holds ``place``; of a place in several, from first to last."""
        if not self.sentences:
            return None
        first, last = self._number_at(place.start), self._number_at(place.end - 1)
        return self.sentences[first][0], self.sentences[last][1]

    def _sentence_of(self, start: int, end: int) -> int:
        number = self._number_at(start)
        if not self.sentences or end > self.sentences[number][1]:
            return NOWHERE
        return self.first_sentence + number

    def _number_at(self, position: int) -> int:
        return max(0, bisect_right(self._sentence_starts, position) - 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class EntityView:
    """Somebody or something that the article names.

    Attributes:
        entity_id: across documents.
        name: as people see it.
        keys: of its ids, names, type and countries (``dateline/watches/keys.py``).
        forms: its names as they may stand in a title.
    """

    entity_id: str
    name: str
    entity_type: str
    keys: frozenset[str]
    forms: tuple[str, ...]


def body_view(text: str, mentions: Iterable[Mention]) -> TextView:
    """Return ``text``, which may end before the last mentions do.

    Where a name stands the sentences are those of the entity model, elsewhere those of rules.
    """
    return _text_view("body", text, tuple(_sentences(text, mentions)), first_sentence=0)


def title_view(title: str, first_sentence: int) -> TextView:
    """Return a title, which is one sentence and has the number ``first_sentence``."""
    sentences = ((0, len(title)),) if title else ()
    return _text_view("title", title, sentences, first_sentence=first_sentence)


def place_order(place: Place) -> tuple[TextName, int, int]:
    """Return what places are sorted by: those of a body first, each text's in order."""
    return place.text, place.start, place.end


def _text_view(
    name: TextName, text: str, sentences: tuple[Span, ...], *, first_sentence: int
) -> TextView:
    found = words_of(text)
    words, starts, ends = zip(*found, strict=True) if found else ((), (), ())
    return TextView(
        name=name, words=words, starts=starts, ends=ends, sentences=sentences,
        first_sentence=first_sentence,
    )  # fmt: skip


def _sentences(text: str, mentions: Iterable[Mention]) -> Iterator[Span]:
    """Yield the sentences of the entity model where names are, and of rules between them."""
    end = 0
    for span in sorted({(each.sentence_start, each.sentence_end) for each in mentions}):
        if span[0] >= end:
            yield from _split(text, end, span[0])
            yield span
            end = span[1]
    yield from _split(text, end, len(text))


def _split(text: str, start: int, end: int) -> Iterator[Span]:
    for first, last in split_sentences(text[start:end]):
        yield start + first, start + last

"""Find descriptions of people and papers: "the Qatari deputy foreign minister", "a statement"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from processors.enrich.text_words import Word

from .speech_words import SpeechWords

_MOST_WORDS = 6
_POSSESSIVES = ("'s", "’s")
_OF = frozenset({"for", "of"})


@dataclass(frozen=True, slots=True)
class Description:
    """An article with a noun; ``noun`` is without the article and in small letters.

    Attributes:
        noun_end: where the noun ends; ``end`` takes in of whom or what it is.
        head: its last word.
    """

    start: int
    end: int
    noun_end: int
    noun: str
    head: str


def find_descriptions(
    text: str, words: Sequence[Word], speech: SpeechWords
) -> Iterator[Description]:
    """Yield the descriptions in order; the last word of a noun is a head of ``titles.toml``."""
    articles, heads = speech.titles.articles, speech.description_heads
    for at, word in enumerate(words):
        if word.low not in articles:
            continue
        for last in range(at + 1, min(at + 1 + _MOST_WORDS, len(words))):
            low = words[last].low
            if text[words[last - 1].end : words[last].start] != " " or low in speech.breaks:
                break
            if low in heads and not _goes_on(text, words, last, speech):
                yield _description(text, words, at, last)
                break


def _goes_on(text: str, words: Sequence[Word], last: int, speech: SpeechWords) -> bool:
    """Return whether a word of a role follows: "the deputy" of "the deputy minister"."""
    if last + 1 >= len(words) or text[words[last].end : words[last + 1].start] != " ":
        return False
    following = words[last + 1].low.removesuffix(_POSSESSIVES[0]).removesuffix(_POSSESSIVES[1])
    return following in speech.titles.vocabulary


def _description(text: str, words: Sequence[Word], at: int, last: int) -> Description:
    noun_end = end = words[last].end
    tail = words[last + 1 : last + 5]
    if tail and tail[0].low in _OF and text[end : tail[0].start] == " " and len(tail) > 1:
        size = 2 + (tail[1].low == "the")
        if len(tail) > size and tail[size].low == "affairs":
            size += 1
        end = tail[min(size, len(tail)) - 1].end
    noun = " ".join(text[words[at + 1].start : end].lower().split())
    return Description(words[at].start, end, noun_end, noun, words[last].low)

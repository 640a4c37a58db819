"""Find descriptions of people and papers: "the Qatari deputy foreign minister", "a statement"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from processors.enrich.text_words import Words

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


def find_descriptions(text: str, words: Words, speech: SpeechWords) -> Iterator[Description]:
    """Yield the descriptions in order; the last word of a noun is a head of ``titles.toml``."""
    lows, heads = words.lows, speech.description_heads
    articles = speech.titles.articles
    for at in [at for at, low in enumerate(lows) if low in articles]:
        for last in range(at + 1, min(at + 1 + _MOST_WORDS, len(lows))):
            if not _is_joined(text, words, last) or lows[last] in speech.breaks:
                break
            if lows[last] in heads and not _goes_on(text, words, last, speech):
                yield _description(text, words, at, last)
                break


def _is_joined(text: str, words: Words, at: int) -> bool:
    """Return whether nothing but a space stands before a word."""
    return text[words.ends[at - 1] : words.starts[at]] == " "


def _goes_on(text: str, words: Words, last: int, speech: SpeechWords) -> bool:
    """Return whether a word of a role follows: "the deputy" of "the deputy minister"."""
    if last + 1 >= len(words.lows) or not _is_joined(text, words, last + 1):
        return False
    following = words.lows[last + 1]
    for ending in _POSSESSIVES:
        following = following.removesuffix(ending)
    return following in speech.titles.vocabulary


def _description(text: str, words: Words, at: int, last: int) -> Description:
    noun_end = words.ends[last]
    end = words.ends[_last_of_whom(text, words, last)]
    noun = " ".join(text[words.starts[at + 1] : end].lower().split())
    return Description(words.starts[at], end, noun_end, noun, words.lows[last])


def _last_of_whom(text: str, words: Words, last: int) -> int:
    """Return the last word of whom or what a noun is of: "for political affairs"."""
    tail = words.lows[last + 1 : last + 5]
    if len(tail) < 2 or tail[0] not in _OF or not _is_joined(text, words, last + 1):  # noqa: PLR2004
        return last
    size = 2 + (tail[1] == "the")
    size += tail[size : size + 1] == ["affairs"]
    return last + min(size, len(tail))

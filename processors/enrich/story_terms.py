"""Return what an article is compared by when stories are made: hashed terms, no text.

No stop words, no stemmer and no model: what is common is told by the articles of the window
themselves, so every language is read the same way.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice, pairwise
from typing import Literal
from zlib import crc32

import numpy as np

from dateline.document_records import (
    FIRST_PAIR,
    DocumentEntity,
    StoryEntity,
    StoryTerms,
    TermCounts,
)

Named = DocumentEntity | StoryEntity

Kind = Literal["lower", "capital", "plain", "number", "short"]

# News says what happened at the top; a longer text adds background, and time. Counts of this much
# text and as much title fit in 16 bits.
MAX_TEXT_CHARS = 20_000
MAX_TERM_CHARS = 40
# Shorter words of scripts with capitals are nearly all function words; elsewhere roots are short.
MIN_CASED_CHARS, MIN_UNCASED_CHARS = 4, 3
_TERM_MASK = FIRST_PAIR - 1
# Odd, so that no two first words give the same pairs (2**32 divided by the golden ratio).
_PAIR_FACTOR = 2_654_435_761
# More names than an article can be about; the others are read as words.
MAX_ENTITIES, MAX_NAME_CHARS = 500, 200


def _character_class(wanted: Sequence[str]) -> str:
    """Return the characters of the basic plane whose Unicode category begins so, as ranges."""
    ranges: list[list[int]] = []
    for code in range(0x80, min(sys.maxunicode, 0x10000)):
        if unicodedata.category(chr(code)).startswith(tuple(wanted)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)


# Vowel signs and accents inside a word belong to it; ``\w`` leaves them out.
_WORD = re.compile(rf"[^\W_]+(?:[{_character_class(('M',))}'’]+[^\W_]+)*")
# Scripts that set no space between words: Thai to Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_UNSPACED_RUN = re.compile(f"({_UNSPACED.pattern}+)")


def story_terms(
    text: str, *, title: str | None = None, entities: Iterable[Named] = ()
) -> StoryTerms:
    """Return the terms of a clean text, its title and its names.

    A word that is only ever written with a capital counts as a name, and so do the words of
    ``entities``; numbers (ages, counts, years) tell one flood from another.

    Args:
        text: of any length and script; the first ``MAX_TEXT_CHARS`` count.
        title: where it is not the beginning of the text.
        entities: names, where they are known; quantities and dates are passed over.
    """
    begun = text[:MAX_TEXT_CHARS]
    head = (title or "")[:MAX_TEXT_CHARS]
    tokens = _tokens(begun if not head or begun.startswith(head) else f"{head}\n{begun}")
    times = Counter(tokens)
    read = [_read(token) for token in times]
    not_names = {term for kind, term in read if kind == "lower"}
    is_name = {term for kind, term in read if kind == "capital"} - not_names
    for entity in islice(filter(_is_name, entities), MAX_ENTITIES):
        is_name.update(_read(token)[1] for token in _tokens(entity.name[:MAX_NAME_CHARS]))
    names: dict[int, int] = {}
    words: dict[int, int] = {}
    numbers: dict[int, int] = {}
    for (kind, term), count in zip(read, times.values(), strict=True):
        if kind != "short":
            counts = numbers if kind == "number" else names if term in is_name else words
            counts[term] = counts.get(term, 0) + count
    # None breaks a pair.
    places = dict(
        zip(times, [None if kind == "short" else term for kind, term in read], strict=True)
    )
    pairs = Counter(
        [
            FIRST_PAIR | (first * _PAIR_FACTOR + second) & _TERM_MASK
            for first, second in pairwise([places[token] for token in tokens])
            if first is not None and second is not None
        ]
    )
    return StoryTerms(
        name=_packed(names), word=_packed(words), number=_packed(numbers), pair=_packed(pairs)
    )


def _packed(counts: Mapping[int, int]) -> TermCounts:
    return TermCounts(
        ids=np.fromiter(counts.keys(), "<u4", len(counts)).tobytes(),
        counts=np.fromiter(counts.values(), "<u2", len(counts)).tobytes(),
    )


def _is_name(entity: Named) -> bool:
    return entity.entity_type not in ("quantity", "date")


def _tokens(text: str) -> list[str]:
    words: list[str] = [word[:MAX_TERM_CHARS] for word in _WORD.findall(text)]
    if not _UNSPACED.search(text):
        return words
    tokens: list[str] = []
    for word in _WORD.findall(text):
        for part in _UNSPACED_RUN.split(word):
            if _UNSPACED.match(part):
                tokens += [a + b for a, b in pairwise(part)] or [part]
            elif part:
                tokens.append(part[:MAX_TERM_CHARS])
    return tokens


# A window has few hundred thousand different words, most of them rare.
@lru_cache(maxsize=1 << 17)
def _read(token: str) -> tuple[Kind, int]:
    """Return how a token is written, and its hash."""
    word = token.lower() if token.isascii() else unicodedata.normalize("NFKC", token).casefold()
    word = word.removesuffix("'s").removesuffix("’s")
    term = crc32(word.encode("utf-8", "surrogatepass")) & _TERM_MASK
    if token[0].isdigit():
        return "number", term
    if _UNSPACED.match(token):
        return "plain", term
    has_case = token.lower() != token.upper()
    if len(word) < (MIN_CASED_CHARS if has_case else MIN_UNCASED_CHARS):
        return "short", term
    if not has_case:
        return "plain", term
    return ("lower" if token[0].islower() else "capital"), term

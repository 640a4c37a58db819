"""Return what an article is compared by when stories are made: hashed terms, no text.

No stop words, no stemmer and no model: what is common is told by the articles of the window
themselves, so every language is read the same way.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from zlib import crc32

Channel = Literal["name", "word", "number", "pair"]

# News says what happened at the top; a longer text adds background, and time.
MAX_TEXT_CHARS = 20_000
MAX_TERM_CHARS = 40
# Shorter words of scripts with capitals are nearly all function words; elsewhere roots are short.
MIN_CASED_CHARS, MIN_UNCASED_CHARS = 4, 3
# 16 million places: of the words and word pairs of 100,000 articles few share one.
TERM_BITS = 24
_TERM_MASK = (1 << TERM_BITS) - 1


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


# Vowel signs and accents belong to their letter; ``\\w`` leaves them out.
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_character_class(('M',))}]|['’](?=[^\W_]))*")
# Scripts that set no space between words: Thai to Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEntity:
    """A name that a document's readers found; quantities and dates are none."""

    entity_id: str
    entity_type: str
    name: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """How often each hashed term occurs, by channel, in the order of first occurrence."""

    name: dict[int, int]
    word: dict[int, int]
    number: dict[int, int]
    pair: dict[int, int]


def story_terms(
    text: str, *, title: str | None = None, entities: Iterable[StoryEntity] = ()
) -> Terms:
    """Return the terms of a clean text, its title and its names.

    A word that is only ever written with a capital counts as a name, and so do the words of
    ``entities``; numbers (ages, counts, years) tell one flood from another.

    Args:
        text: of any length and script; the first ``MAX_TEXT_CHARS`` count.
        title: where it is not the beginning of the text.
        entities: names with their counts, where they are known.
    """
    begun = text[:MAX_TEXT_CHARS]
    head = (title or "")[:MAX_TEXT_CHARS]
    tokens = _tokens(begun if not head or begun.startswith(head) else f"{head}\n{begun}")
    is_lower = {token for token in tokens if token[:1].islower()}
    folded = [_folded(token) for token in tokens]
    known = {word for entity in entities for word in map(_folded, _tokens(entity.name[:200]))}
    names: Counter[str] = Counter()
    words: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    kept: list[str | None] = []
    for token, word in zip(tokens, folded, strict=True):
        if token[0].isdigit():
            numbers[word] += 1
        elif not _is_content(token, word):
            kept.append(None)
            continue
        elif word in known or (token[0].isupper() and word not in is_lower):
            names[word] += 1
        else:
            words[word] += 1
        kept.append(word)
    pairs = Counter(f"{a} {b}" for a, b in pairwise(kept) if a and b)
    return Terms(*(_hashed(counts) for counts in (names, words, numbers, pairs)))


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for word in _WORD.findall(text):
        if word[0] >= "\u0e00" and (run := _UNSPACED.match(word)):
            letters = run.group()
            tokens += [a + b for a, b in pairwise(letters)] or [letters]
        else:
            tokens.append(word[:MAX_TERM_CHARS])
    return tokens


def _folded(token: str) -> str:
    word = token.lower() if token.isascii() else unicodedata.normalize("NFKC", token).casefold()
    return word.removesuffix("'s").removesuffix("’s")


def _is_content(token: str, word: str) -> bool:
    if word[0] >= "\u0e00" and _UNSPACED.match(word):
        return True
    has_case = token.lower() != token.upper()
    return len(word) >= (MIN_CASED_CHARS if has_case else MIN_UNCASED_CHARS)


def _hashed(counts: Counter[str]) -> dict[int, int]:
    hashed: dict[int, int] = {}
    for term, count in counts.items():
        place = crc32(term.encode("utf-8", "surrogatepass")) & _TERM_MASK
        hashed[place] = hashed.get(place, 0) + count
    return hashed

"""Find the names among many that are most like a name."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from .compare import name_similarity
from .parse import Kind, parse_name
from .similar_words import spelling_similarity
from .skeleton import is_arabic, rough_latin, skeleton, without_article

# Words of the index that stand for one word asked for.
_NEAR_WORDS = 20
# Words of the other script whose letters are paired, for all words asked for: 0.1 ms each.
_CANDIDATES_BETWEEN_SCRIPTS = 60
_LEAST_ALIKE = 0.45
_LEAST_ROUGHLY_ALIKE = 0.2
# A word of more names than this ("Mohammed") adds to names found by other words; alone it gives
# this many.
_COMMON = 2_000
# Names that are compared whole.
_COMPARED = 20

Buckets = defaultdict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name of the index, the key it was added under, and its similarity in [0, 1]."""

    key: str
    name: str
    similarity: float


class NameIndex:
    """Names of one kind under keys, found by spelling, sound and script.

    A key may have several names. Memory grows with the names (about 1 kB each), the time to search
    with the number of different words that share consonants.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._names: dict[int, tuple[str, str]] = {}
        self._numbers: dict[str, dict[str, int]] = {}
        self._next = 0
        self._holders: dict[str, dict[int, None]] = {}
        # Words by whether they are in Arabic script, then by skeleton.
        self._buckets: dict[bool, Buckets] = {False: defaultdict(set), True: defaultdict(set)}

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._names)

    def add(self, key: str, name: str) -> None:
        """Put ``name`` under ``key``; a name that is there, or holds no letter, changes nothing."""
        parts = parse_name(name, self._kind).words
        if not parts or name in self._numbers.get(key, ()):
            return
        number, self._next = self._next, self._next + 1
        self._names[number] = key, name
        self._numbers.setdefault(key, {})[name] = number
        for word in parts:
            if word not in self._holders:
                self._holders[word] = {}
                buckets = self._buckets[is_arabic(word)]
                for bucket in _buckets(word):
                    buckets[bucket].add(word)
            self._holders[word][number] = None

    def remove(self, key: str) -> None:
        """Take all names under ``key`` out; an unknown key changes nothing."""
        for name, number in self._numbers.pop(key, {}).items():
            del self._names[number]
            for word in parse_name(name, self._kind).words:
                holders = self._holders[word]
                holders.pop(number, None)
                if not holders:
                    self._forget(word)

    def candidates(self, name: str, *, limit: int = 10) -> tuple[Candidate, ...]:
        """Return the names most like ``name``, best first, at most ``limit`` (and 20).

        Similarity is that of ``name_similarity``; of equals, names that share rarer words come
        first, then names added earlier.
        """
        shares = self._shares(name)
        compared = nlargest(_COMPARED, shares, key=lambda number: (shares[number], -number))
        scored = [
            (name_similarity(name, self._names[number][1], self._kind), shares[number], -number)
            for number in compared
        ]
        best = nlargest(limit, scored)
        return tuple(
            Candidate(*self._names[-negative], similarity) for similarity, _, negative in best
        )

    def dump(self) -> bytes:
        """Return the index as bytes for ``load``: its kind, keys and names."""
        return msgspec.msgpack.encode((self._kind, list(self._names.values())))

    @classmethod
    def load(cls, data: bytes) -> NameIndex:
        """Return the index that ``dump`` wrote; it finds the same names in the same order."""
        kind, names = msgspec.msgpack.decode(data, type=tuple[Kind, list[tuple[str, str]]])
        index = cls(kind)
        for key, name in names:
            index.add(key, name)
        return index

    def _forget(self, word: str) -> None:
        del self._holders[word]
        buckets = self._buckets[is_arabic(word)]
        for bucket in _buckets(word):
            buckets[bucket].discard(word)
            if not buckets[bucket]:
                del buckets[bucket]

    def _shares(self, name: str) -> dict[int, float]:
        """Return how much of ``name`` each name has: rare words that are alike count most."""
        words = parse_name(name, self._kind).words
        limit = _CANDIDATES_BETWEEN_SCRIPTS // max(len(words), 1)
        near = [
            (len(self._holders[other]), other, likeness)
            for word in words
            for other, likeness in self._near_words(word, limit)
        ]
        shares: defaultdict[int, float] = defaultdict(float)
        for count, word, likeness in sorted(near):
            share = likeness**2 * math.log(1 + len(self._names) / count)
            for number in self._reached(word, shares):
                shares[number] += share
        return shares

    def _reached(self, word: str, shares: Collection[int]) -> list[int]:
        holders = self._holders[word]
        if len(holders) <= _COMMON:
            return list(holders)
        found = [number for number in shares if number in holders]
        return found or list(islice(holders, _COMMON))

    def _near_words(self, word: str, limit: int) -> Iterator[tuple[str, float]]:
        """Yield words of the index that may be this one, and how alike they are."""
        script = is_arabic(word)
        wanted = _buckets(word)
        yield from _most_alike(word, _words_in(self._buckets[script], wanted))
        others = _words_in(self._buckets[not script], wanted)
        yield from _most_alike_between_scripts(word, others, limit)


def _words_in(buckets: Buckets, wanted: Iterable[str]) -> list[str]:
    return list(set().union(*(buckets[name] for name in wanted if name in buckets)))


def _buckets(word: str) -> set[str]:
    """Return the skeleton, and each skeleton with one consonant less.

    Two words meet in a bucket where one consonant is missing, too many, changed or swapped.
    """
    consonants = skeleton(word)
    buckets = {consonants}
    buckets |= {consonants[:at] + consonants[at + 1 :] for at in range(len(consonants))}
    # What looks like the Arabic article may be the beginning of the name (Alvarez).
    return buckets | {f"l{consonants}"} if without_article(word) != word else buckets


def _most_alike(word: str, words: Sequence[str]) -> Iterator[tuple[str, float]]:
    for other in _nearest(word, words, words, OSA.normalized_similarity, _LEAST_ALIKE, _NEAR_WORDS):
        yield other, spelling_similarity(word, other)


def _most_alike_between_scripts(
    word: str, words: Sequence[str], limit: int
) -> Iterator[tuple[str, float]]:
    rough = list(map(rough_latin, words))
    found = {
        other
        for form in {word, without_article(word)}
        for other in _nearest(
            rough_latin(form),
            rough,
            words,
            Indel.normalized_similarity,
            _LEAST_ROUGHLY_ALIKE,
            limit,
        )
    }
    scored = ((spelling_similarity(word, other), other) for other in found)
    for likeness, other in nlargest(_NEAR_WORDS, scored):
        yield other, likeness


def _nearest(
    spelling: str,
    spellings: Sequence[str],
    words: Sequence[str],
    scorer: Callable[..., float],
    least: float,
    limit: int,
) -> list[str]:
    """Return the words whose spellings are most alike; the same whatever their order."""
    found = process.extract(
        spelling, spellings, scorer=scorer, processor=None, limit=None, score_cutoff=least
    )
    return [word for _, word in nlargest(limit, ((share, words[at]) for _, share, at in found))]

"""Find the names among many that are most like a name."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from .compare import name_similarity
from .parse import Kind, parse_name
from .similar_words import spelling_similarity
from .skeleton import is_arabic, rough_latin, skeleton

# Words of the index that are looked at for one word asked for: by spelling, then by letter pairs.
_NEAR_WORDS = 20
_CANDIDATES_BETWEEN_SCRIPTS = 60
_LEAST_LIKENESS = 0.4
# A word of more names than this ("Mohammed") adds to names found by other words; alone it gives
# this many.
_COMMON = 2_000
# Names that are compared whole.
_COMPARED = 50


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
        self._buckets: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def __len__(self) -> int:
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
                for bucket in _buckets(word):
                    self._buckets[bucket][word] = None
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
        """Return the names most like ``name``, best first, at most ``limit`` (and 50).

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
        for bucket in _buckets(word):
            self._buckets[bucket].pop(word, None)
            if not self._buckets[bucket]:
                del self._buckets[bucket]

    def _shares(self, name: str) -> dict[int, float]:
        """Return how much of ``name`` each name has: rare words that are alike count most."""
        near = [
            (len(self._holders[other]), other, likeness)
            for word in parse_name(name, self._kind).words
            for other, likeness in self._near_words(word)
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

    def _near_words(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield words of the index that may be this one, and how alike they are."""
        words = {other for bucket in _buckets(word) for other in self._buckets.get(bucket, ())}
        arabic = {other for other in words if is_arabic(other)}
        same, other_script = (arabic, words - arabic) if is_arabic(word) else (words - arabic, arabic)
        yield from _most_alike(word, same)
        yield from _most_alike_between_scripts(word, other_script)


def _buckets(word: str) -> set[str]:
    """Return the skeleton, and each skeleton with one consonant less.

    Two words meet in a bucket where one consonant is missing, too many, changed or swapped.
    """
    consonants = skeleton(word)
    return {consonants} | {consonants[:at] + consonants[at + 1 :] for at in range(len(consonants))}


def _most_alike(word: str, words: Iterable[str]) -> Iterator[tuple[str, float]]:
    found = process.extract(
        word, sorted(words), scorer=OSA.normalized_similarity, processor=None,
        limit=_NEAR_WORDS, score_cutoff=_LEAST_LIKENESS,
    )  # fmt: skip
    for other, _, _ in found:
        yield other, spelling_similarity(word, other)


def _most_alike_between_scripts(word: str, words: Iterable[str]) -> Iterator[tuple[str, float]]:
    rough = {other: rough_latin(other) for other in words}
    found = process.extract(
        rough_latin(word), rough, scorer=Indel.normalized_similarity, processor=None,
        limit=_CANDIDATES_BETWEEN_SCRIPTS,
    )  # fmt: skip
    scored = ((spelling_similarity(word, other), other) for _, _, other in found)
    for likeness, other in nlargest(_NEAR_WORDS, scored):
        yield other, likeness

"""How long a comparison and a search take, on made-up names."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from time import perf_counter

from dateline.names import compare, correspondence, parse, similar_words, skeleton
from dateline.names.retrieve import NameIndex

SIZES = (1_000, 100_000)
QUERIES = 300
COMPARISONS = 5_000
_CONSONANTS = [
    "b",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "r",
    "s",
    "sh",
    "t",
    "v",
    "z",
]
_VOWELS = ["a", "e", "i", "o", "u", "ou", "ai"]
_ARABIC = {
    "b": "ب", "d": "د", "f": "ف", "g": "غ", "h": "ه", "j": "ج", "k": "ك", "kh": "خ", "l": "ل",
    "m": "م", "n": "ن", "r": "ر", "s": "س", "sh": "ش", "t": "ت", "v": "ف", "z": "ز", "a": "ا",
    "e": "ي", "i": "ي", "o": "و", "u": "و", "ou": "و", "ai": "اي",
}  # fmt: skip
_CACHES = (
    parse.parse_name, skeleton.skeleton, correspondence.correspondence, correspondence._units,
    similar_words.person_word_similarity, similar_words.organization_word_similarity,
)  # fmt: skip


def report() -> list[str]:
    """Return the rows of the table of times: median microseconds of one call."""
    names = made_up_names(max(SIZES))
    rows = [f"| a comparison, names not seen before | {_comparison(names):.0f} |"]
    for size in SIZES:
        index = NameIndex("person")
        start = perf_counter()
        for number, name in enumerate(names[:size]):
            index.add(str(number), " ".join(name[0]))
        add = (perf_counter() - start) / size * 1e6
        megabytes = len(index.dump()) / 1e6
        start = perf_counter()
        NameIndex.load(index.dump())
        seconds = perf_counter() - start
        chosen = random.Random(size).sample(names[:size], QUERIES)  # noqa: S311  (no secret)
        rows += [
            f"| adding one of {size:,} names | {add:.0f} |",
            f"| a search among {size:,}, same script | {_search(index, chosen, 0):.0f} |",
            f"| a search among {size:,}, from Arabic script | {_search(index, chosen, 1):.0f} |",
            f"| dumped and loaded, {size:,} names ({megabytes:.1f} MB) | {seconds * 1e6:.0f} |",
        ]
    return rows


Words = tuple[list[str], list[str]]


def made_up_names(count: int) -> list[Words]:
    """Return names of two or three made-up words, some common, in Latin and in Arabic letters."""
    chance = random.Random(count)  # noqa: S311  (no secret)
    words = [_word(chance) for _ in range(max(200, count // 3))]
    names = []
    for _ in range(count):
        # Squared: a few words are in many names, as Mohammed is.
        chosen = [
            words[int(chance.random() ** 2 * len(words))] for _ in range(chance.choice((2, 3)))
        ]
        names.append(([latin for latin, _ in chosen], [arabic for _, arabic in chosen]))
    return names


def _word(chance: random.Random) -> tuple[str, str]:
    letters = [
        chance.choice(group)
        for _ in range(chance.choice((2, 3, 3, 4)))
        for group in (_CONSONANTS, _VOWELS)
    ]
    return "".join(letters), "".join(_ARABIC[letter] for letter in letters)


def _comparison(names: list[Words]) -> float:
    plain = [" ".join(latin) for latin, _ in names[: 2 * COMPARISONS]]
    calls = iter(zip(plain[:COMPARISONS], plain[COMPARISONS:], strict=True))
    return _median(lambda: compare.name_similarity(*next(calls), "person"), COMPARISONS)


def _search(index: NameIndex, names: list[Words], script: int) -> float:
    calls: Iterator[str] = iter(" ".join(name[script]) for name in names)
    return _median(lambda: index.candidates(next(calls)), len(names))


def _median(call: Callable[[], object], times: int) -> float:
    for cache in _CACHES:
        cache.cache_clear()
    spent = []
    for _ in range(times):
        start = perf_counter()
        call()
        spent.append(perf_counter() - start)
    return statistics.median(spent) * 1e6

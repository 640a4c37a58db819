"""The words in names that mean something: titles, particles, numbers, generic words, spellings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from nicknames import NickNamer


@dataclass(frozen=True, slots=True)
class Words:
    """What ``words.toml`` and ``given_names.toml`` hold; all words are folded.

    ``spellings`` maps a given name to the number of its row: words of one row are one name.
    """

    honorifics: frozenset[str]
    endings: frozenset[str]
    particles: frozenset[str]
    generations: Mapping[str, str]
    generic: frozenset[str]
    stopwords: frozenset[str]
    numbers: Mapping[str, int]
    spellings: Mapping[str, int]


@cache
def words() -> Words:
    """Return the words, read once."""
    table = _toml("words.toml")
    rows = _toml("given_names.toml")["rows"]
    return Words(
        honorifics=frozenset(table["honorifics"]),
        endings=frozenset(table["endings"]),
        particles=frozenset(table["particles"]),
        generations={word: _GENERATIONS.get(word, word) for word in table["generations"]},
        generic=frozenset(table["generic"]),
        stopwords=frozenset(table["stopwords"]),
        numbers=table["numbers"],
        spellings={word: number for number, row in enumerate(rows) for word in row},
    )


@lru_cache(maxsize=20_000)
def short_forms(name: str) -> frozenset[str]:
    """Return the nicknames of a given name and the names it is a nickname of (English)."""
    namer = _namer()
    return frozenset(namer.nicknames_of(name) | namer.canonicals_of(name))


_GENERATIONS = {"junior": "jr", "senior": "sr"}


@cache
def _namer() -> NickNamer:
    return NickNamer()


def _toml(file: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return tomllib.loads(text)

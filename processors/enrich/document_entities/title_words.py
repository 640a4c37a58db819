"""Read the words around the names of people from ``config/gazetteer/titles.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from dateline.gazetteer.load import CONFIG_FOLDER


@dataclass(frozen=True, slots=True)
class TitleWords:
    """The lists of one language, in small letters; the file says what each is for."""

    honorifics: frozenset[str]
    heads: frozenset[str]
    modifiers: frozenset[str]
    complements: frozenset[str]
    connectors: frozenset[str]
    articles: frozenset[str]
    kin: frozenset[str]
    classes: Mapping[str, frozenset[str]]
    also_names: frozenset[str]
    vocabulary: frozenset[str]  # heads, modifiers and complements
    last_of_honorifics: frozenset[str]


@cache
def title_words(language: str) -> TitleWords:
    """Return the words of a language (ISO 639-1); of an unknown one, those that all share."""
    tables = _tables()

    def words(table: str) -> frozenset[str]:
        rows = tables[table]
        return frozenset(rows.get("any", ())) | frozenset(rows.get(language, ()))

    honorifics = words("honorifics")
    classes = tables["classes"].get(language, {})
    heads, modifiers, complements = words("heads"), words("modifiers"), words("complements")
    return TitleWords(
        honorifics=honorifics,
        last_of_honorifics=frozenset(each.rpartition(" ")[2] for each in honorifics),
        heads=heads,
        modifiers=modifiers,
        complements=complements,
        also_names=words("also_names"),
        vocabulary=heads | modifiers | complements,
        connectors=words("connectors"),
        articles=words("articles"),
        kin=words("kin"),
        classes={noun: frozenset(heads) for noun, heads in classes.items()},
    )


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """Return a word as the lists have it."""
    return word.strip("\"'“”‘’«»(),;: ").rstrip(".").lower()


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((CONFIG_FOLDER / "titles.toml").read_text(encoding="utf-8"))

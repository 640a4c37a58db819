"""Refuse queries that would be true of nearly every article; how many it is, the index says."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache

from dateline.alert_records import WatchTrigger
from dateline.errors import QueryTooBroad
from dateline.watches.query_parts import terms_of
from dateline.watches.query_tree import (
    And,
    CountryTerm,
    EntityTerm,
    FieldTerm,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Sentence,
    TypeTerm,
)
from dateline.watches.words import fold_words

# Of a query that names no language. A short word of any of these is one nobody looks for; a longer
# one ("car" is French for "because") may be a word of the other.
_LANGUAGES = ("en", "fr")
_SHORT_CHARS = 2
_SHOWN_CHARS = 60


def check_query(query: Query, *, trigger: WatchTrigger = "match") -> None:
    """Do nothing where something in ``query`` says which articles are meant.

    That is an entity, a country, or a word that is no stop word. A first mention fires once an
    entity, so that there a type or a source is enough. Words that are only frequent are not refused
    here: ``estimate_per_day`` counts them.

    Raises:
        QueryTooBroad: says which part is true of nearly every article, and what to add.
    """
    broad = _Check(query, is_first_mention=trigger == "first_mention").broad_part(query.tree)
    if broad is None:
        return
    part = query.text[broad.start : broad.end]
    shown = part if len(part) <= _SHOWN_CHARS else f"{part[: _SHOWN_CHARS - 1]}…"
    raise QueryTooBroad(
        f"`{shown}` is true of nearly every article: {_reason(broad)}.",
        hint="Add a name (entity:...), a country (country:qa) or a word that only the articles you"
        " want have.",
    )


class _Check:
    def __init__(self, query: Query, *, is_first_mention: bool) -> None:
        named = [
            each.value
            for each in terms_of(query.tree)
            if isinstance(each, FieldTerm) and each.name == "lang"
        ]
        self._languages = tuple(dict.fromkeys(value.partition("-")[0] for value in named))
        self._is_first_mention = is_first_mention

    def broad_part(self, node: Node) -> Node | None:
        """Return the part of ``node`` that leaves nearly everything in; None: it does not."""
        match node:
            case Or(children=children):
                parts = map(self.broad_part, children)
                return next((each for each in parts if each is not None), None)
            case And(children=children):
                is_broad = all(map(self.broad_part, children))
            case Near(left=left, right=right):
                is_broad = all(map(self.broad_part, (left, right)))
            case Sentence(child=child):
                is_broad = self.broad_part(child) is not None
            case Phrase():
                is_broad = self._is_of_stop_words(node)
            case TypeTerm() | FieldTerm():
                is_broad = _is_language(node) or not self._is_first_mention
            case EntityTerm() | CountryTerm():
                is_broad = False
            case Not():
                is_broad = True
        return node if is_broad else None

    def _is_of_stop_words(self, phrase: Phrase) -> bool:
        if phrase.is_prefix:
            return False
        return all(map(self._is_stop_word, phrase.words))

    def _is_stop_word(self, word: str) -> bool:
        if self._languages:
            return any(word in stop_words(language) for language in self._languages)
        first, *others = _LANGUAGES
        is_short = len(word) <= _SHORT_CHARS
        return word in stop_words(first) or (
            is_short and any(word in stop_words(language) for language in others)
        )


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the folded words of a language that every text has; none where there is no list.

    Source: the lists of spaCy.
    """
    package = f"spacy.lang.{language}"
    if not language.isalpha() or importlib.util.find_spec(package) is None:
        return frozenset()
    if importlib.util.find_spec(f"{package}.stop_words") is None:
        return frozenset()
    words: set[str] = importlib.import_module(f"{package}.stop_words").STOP_WORDS
    folded = (fold_words(word) for word in words)
    return frozenset(each[0] for each in folded if len(each) == 1)


def _is_language(node: Node) -> bool:
    return isinstance(node, FieldTerm) and node.name == "lang"


def _reason(broad: Node) -> str:
    match broad:
        case Phrase():
            return "there are such words in every text"
        case FieldTerm():
            return "a source, a licence or a language says nothing of what an article is about"
        case TypeTerm():
            return "nearly every article names one"
        case _:
            return "nothing in it says what an article is about"

"""Read how a language says who said what from ``config/gazetteer/quotation_verbs.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from dateline.gazetteer.load import CONFIG_FOLDER
from processors.enrich.document_entities.title_words import TitleWords, title_words

_NOTHING = re.compile(r"(?!)")
# Arabic writes a conjunction as part of the word: "and said".
_CONJUNCTIONS = {"ar": ("و", "ف")}
# Regular English verbs show it; in other languages any small word may be one.
_ENGLISH_VERB = re.compile(r"\w{2,}ed|\w+[^s\W]s")
_ANY_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class SpeechWords:
    """What one language has; the file says what each list is for, all in small letters.

    Attributes:
        verbs: verbs of one word, with participles.
        long_verbs: verbs of several words ("pointed out").
        conjunctions: letters that may stand before a verb as part of the word.
        between: what may stand between a speaker and the verb.
        breaks: no description goes on over these words.
        description_heads: nouns that end a description of somebody, or of a paper.
        finite: a word that may be a verb of another sort.
    """

    verbs: frozenset[str]
    long_verbs: re.Pattern[str]
    conjunctions: tuple[str, ...]
    participles: frozenset[str]
    clause: frozenset[str]
    bare: frozenset[str]
    joins: re.Pattern[str]
    sources: re.Pattern[str]
    pronouns: frozenset[str]
    adverbs: frozenset[str]
    between: re.Pattern[str]
    prepositions: frozenset[str]
    papers: frozenset[str]
    breaks: frozenset[str]
    description_heads: frozenset[str]
    irregular: frozenset[str]
    finite: re.Pattern[str]
    titles: TitleWords

    def may_follow_subject(self, low: str) -> bool:
        """Return whether a word may stand behind a subject: a verb, an adverb, a small word."""
        return (
            self.is_verb(low) or low in self.irregular or low in self.adverbs
            or low in self.breaks or low.endswith("ly") or self.finite.fullmatch(low) is not None
        )  # fmt: skip

    def is_verb(self, low: str) -> bool:
        """Return whether a word is a verb of speech."""
        return low in self.verbs or (
            low.startswith(self.conjunctions or "-") and low[1:] in self.verbs
        )


@cache
def speech_words(language: str) -> SpeechWords:
    """Return the words of a language (ISO 639-1), the English ones for an unknown one."""
    tables = tomllib.loads((CONFIG_FOLDER / "quotation_verbs.toml").read_text(encoding="utf-8"))
    known = language if language in tables else "en"
    lists: dict[str, list[str]] = tables[known]
    titles = title_words(known)
    verbs = [*lists["direct"], *lists["participle"]]
    joins = _alternatives(lists["joins"])
    adverbs = _alternatives(lists["adverbs"])
    prepositions = frozenset(lists["prepositions"])
    return SpeechWords(
        verbs=frozenset(verbs),
        long_verbs=_words([verb for verb in verbs if " " in verb]),
        conjunctions=_CONJUNCTIONS.get(known, ()),
        participles=frozenset(lists["participle"]),
        clause=frozenset(lists["clause"]),
        bare=frozenset(lists["bare"]),
        joins=re.compile(rf",?\s+(?:{joins})(?:\s+|['’])", re.I) if joins else _NOTHING,
        sources=_words(lists["sources"]),
        pronouns=frozenset(lists["pronouns"]),
        adverbs=frozenset(lists["adverbs"]),
        between=re.compile(rf"(?:[\s,-]|(?<![^\W_])(?:{adverbs}|\w+ly)(?![^\W_]))*", re.I),
        prepositions=prepositions,
        papers=frozenset(lists["papers"]),
        breaks=titles.articles | prepositions | frozenset(lists["direct"]) | {"and"},
        description_heads=titles.heads | frozenset(titles.classes) | frozenset(lists["papers"]),
        irregular=frozenset(lists.get("finite", ())),
        finite=_ENGLISH_VERB if known == "en" else _ANY_WORD,
        titles=titles,
    )


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _words(words: Iterable[str]) -> re.Pattern[str]:
    alternatives = _alternatives(words)
    if not alternatives:
        return _NOTHING
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])", re.I)

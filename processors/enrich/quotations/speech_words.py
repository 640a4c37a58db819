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
# A conjunction is written as part of the word ("and said").
_PREFIXES = {"ar": "[وف]?"}


@dataclass(frozen=True, slots=True)
class SpeechWords:
    """Patterns of one language; the file says what each list is for."""

    verb: re.Pattern[str]
    participles: frozenset[str]
    clause: frozenset[str]
    bare: frozenset[str]
    joins: re.Pattern[str]
    sources: re.Pattern[str]
    pronoun: re.Pattern[str]
    between: re.Pattern[str]
    prepositions: frozenset[str]
    papers: frozenset[str]
    nominal: re.Pattern[str]
    said: frozenset[str]  # all verbs of speech
    adverb: re.Pattern[str]
    finite: re.Pattern[str]  # what may be a verb of another sort
    titles: TitleWords


@cache
def speech_words(language: str) -> SpeechWords:
    """Return the patterns of a language (ISO 639-1), the English ones for an unknown one."""
    tables = tomllib.loads((CONFIG_FOLDER / "quotation_verbs.toml").read_text(encoding="utf-8"))
    known = language if language in tables else "en"
    lists: dict[str, list[str]] = tables[known]
    titles = title_words(known)
    prefix = _PREFIXES.get(known, "")
    return SpeechWords(
        verb=_words([*lists["direct"], *lists["participle"]], prefix),
        participles=frozenset(lists["participle"]),
        clause=frozenset(lists["clause"]),
        bare=frozenset(lists["bare"]),
        joins=re.compile(rf",?\s+(?:{_alternatives(lists['joins'])})(?:\s+|['’])", re.I)
        if lists["joins"]
        else _NOTHING,
        sources=_words(lists["sources"], ""),
        pronoun=_words(lists["pronouns"], ""),
        between=re.compile(
            rf"(?:[\s,-]|(?<![^\W_])(?:{_alternatives(lists['adverbs'])}|\w+ly)(?![^\W_]))*", re.I
        ),
        prepositions=frozenset(lists["prepositions"]),
        papers=frozenset(lists["papers"]),
        nominal=_nominal(titles, lists),
        said=frozenset([*lists["direct"], *lists["participle"]]),
        adverb=_words(lists["adverbs"], "", r"|\w+ly"),
        finite=_words(lists.get("finite", ()), "", r"|\w+ed|\w+[^s\W]s")
        if known == "en"
        else re.compile(r"\w+"),
        titles=titles,
    )


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _words(words: Iterable[str], prefix: str, more: str = "") -> re.Pattern[str]:
    alternatives = _alternatives(words)
    if not alternatives:
        return _NOTHING
    return re.compile(rf"(?<![^\W_]){prefix}({alternatives}{more})(?![^\W_])", re.I)


def _nominal(titles: TitleWords, lists: dict[str, list[str]]) -> re.Pattern[str]:
    """Return the pattern of a description: "the Qatari deputy foreign minister", "a statement"."""
    heads = _alternatives({*titles.heads, *titles.classes, *lists["papers"]})
    if not titles.articles:
        return _NOTHING
    articles = _alternatives(titles.articles)
    # No description goes on over these: "the talks with the minister" is none.
    others = _alternatives({*titles.articles, *lists["prepositions"], *lists["direct"], "and"})
    role = _alternatives(titles.vocabulary)
    return re.compile(
        rf"(?<![^\W_])(?:{articles})['’]?\s+"
        rf"(?P<noun>(?:(?!(?:{others})\s)[\w.'’-]+\s+){{0,5}}?(?P<head>{heads}))(?![\w-])"
        rf"(?!\s+(?:{role})(?![\w-]))"
        rf"(?P<of>\s+(?:for|of)\s+(?:the\s+)?[^\W_]+(?:\s+affairs)?)?",
        re.I,
    )

"""Return who gives the licence that a notice gives, where the notice names somebody.

A licensor is who stands in a licensor's place; nobody is guessed. The places, surest first:

1. behind the copyright sign: "© 2026 NAME";
2. behind a label: "Source: NAME", "Text: NAME";
3. behind our text or a participle: "articles by NAME", "republished from NAME";
4. before a verb of giving: "NAME licenses this text", "all that NAME writes";
5. before our text: "NAME's articles";
6. alone beside the licence: "NAME, CC BY 4.0".

The words of each language are in ``dateline/rights/licensor.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from dateline.rights.folding import folded_text
from dateline.rights.notices.lexicon import Lexicon, load_lexicons
from dateline.rights.notices.names import CJK_NAME, MARK, NAME, QUOTED_NAME
from dateline.rights.notices.unit import Unit

_COPYRIGHT = (
    r"(?:©|\(c\)|\bcopyright(?: ©| \(c\))?) ?(?:crown copyright )?(?:by )?"
    r"(?:\d{4}(?: ?[-,] ?\d{2,4})?,? )?(?:by )?"
)
_PUNCTUATION = rf"\W*$|[^\w\s'&+/-]|{MARK}| (?:[-/(\[|·•]|{MARK}|\d{{4}}\b)"
_LOWER_WORD = r"[^\W\d_A-ZÀ-ÞА-Я][\w'-]*"
_CLAUSE_END = re.compile(rf"(?<=[.;:,!?؛])\s|(?<= - )|(?<={MARK})")
_YEAR_END = re.compile(r",? \d{4}$")
_LONGEST_NAME_CHARS = 80
_Place = tuple[Sequence[str], str, str]


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language; ``licensor.toml`` says what each list is."""

    labels: tuple[str, ...]
    links: tuple[str, ...]
    made: tuple[str, ...]
    giving: tuple[str, ...]
    clauses: tuple[str, ...]
    after: tuple[str, ...]
    articles: tuple[str, ...]
    ends: tuple[str, ...]
    generic: tuple[str, ...]
    exceptions: tuple[str, ...]
    starters: tuple[str, ...] = ()
    lower_names: bool = False
    no_capitals: bool = False


@dataclass(frozen=True, slots=True)
class _Rules:
    """The places of one language, surest first; each names a licensor in the group ``name``."""

    places: tuple[re.Pattern[str], ...]
    generic: re.Pattern[str]
    exceptions: re.Pattern[str]


def licensor_of(unit: Unit, lexicon: Lexicon) -> str | None:
    """Return who is named as licensor in ``unit``, as the text writes it, or None.

    Args:
        unit: a notice that grants.
        lexicon: the words of its language.
    """
    rules = _rules(lexicon.language)
    for place in rules.places:
        for found in place.finditer(unit.plain):
            name = _YEAR_END.sub("", found["name"]).strip(" ,")
            if _is_name(name, rules) and not _is_taken_out(unit.plain[: found.start()], rules):
                return unit.source_of(name)
    return None


def _is_name(name: str, rules: _Rules) -> bool:
    return 1 < len(name) <= _LONGEST_NAME_CHARS and rules.generic.fullmatch(name) is None


def _is_taken_out(before: str, rules: _Rules) -> bool:
    """Return whether the clause up to a name says that it is another's: "except texts of NAME"."""
    return rules.exceptions.search(_CLAUSE_END.split(before)[-1]) is not None


@cache
def _rules(language: str) -> _Rules:
    # Of each language when it is first met: all together take a second.
    return _compiled(_words()[language], load_lexicons()[language])


@cache
def _words() -> Mapping[str, _Words]:
    text = files("dateline.rights").joinpath("licensor.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, _Words])


def _compiled(words: _Words, lexicon: Lexicon) -> _Rules:
    nouns = f"(?:{lexicon.patterns['text'].pattern})"
    lists = msgspec.structs.asdict(words)
    any_of = {key: _any(value, nouns) for key, value in lists.items() if isinstance(value, tuple)}
    generic = f"(?:{any_of['generic']}|{nouns}|{any_of['labels']})"
    return _Rules(
        places=tuple(
            re.compile(before + name + after, re.IGNORECASE)
            for names, before, after in _places(words, any_of, nouns)
            for name in names
        ),
        generic=re.compile(rf"(?:(?:{any_of['articles']} )?{generic}\W*)+", re.IGNORECASE),
        exceptions=re.compile(rf"\b{any_of['exceptions']}\b", re.IGNORECASE),
    )


def _any(expressions: Sequence[str], nouns: str) -> str:
    filled = [folded_text(each).replace("{text}", nouns) for each in expressions]
    return f"(?:{'|'.join(sorted(filled, key=len, reverse=True))})" if filled else "(?!)"


def _places(words: _Words, any_of: Mapping[str, str], nouns: str) -> Iterator[_Place]:
    """Yield the forms of a name, what stands before it, and what follows, surest place first."""
    ends, articles = any_of["ends"], any_of["articles"]
    stop = rf"(?={_PUNCTUATION}|\W+{ends}\b)"
    forms = _forms(words, ends, stop)
    bounded = (*forms, f"(?P<name>{CJK_NAME}){stop}")
    plain = forms if words.no_capitals else (QUOTED_NAME, forms[-1])
    # At the beginning of a sentence a capital does not tell whether the article is of the name.
    article = f"(?:(?<!^)(?-i:{articles})(?:(?<=')| ))?"
    first_article = f"(?:{articles}(?:(?<=')| ))?"
    yield bounded, _COPYRIGHT + article, stop
    yield bounded, rf"(?<!\w){any_of['labels']}(?: ?[:：] ?|(?<=by) ){article}", stop
    small = "" if words.no_capitals else r"(?:\w+ ){0,2}?"
    yield forms, rf"{nouns} {small}{any_of['links']}(?:(?<=['\s])| ){article}", ""
    yield forms, rf"(?:\b|(?=[{MARK}©])){any_of['made']} {article}", ""
    clause = (
        rf"(?:^\W*{first_article}|(?:{_CLAUSE_END.pattern})\W*{article}"
        rf"|(?:^|\b){any_of['clauses']}(?:(?<=')| |$){article})"
    )
    apposition = rf"(?:,[^,{MARK}]{{2,60}},)?"
    yield plain, clause, rf"{apposition}(?: (?!{ends}\b)\w+)?? {any_of['giving']}\b"
    yield plain, clause, any_of["after"]
    if not words.no_capitals:
        # One word alone ("Reusable, CC BY 4.0") may be anything.
        several = rf"(?=[^,;|·•{MARK}]*\w [^\W\d_])"
        between = (
            rf"(?: ?\([^()]*\))?(?! ?:)[,;|·•/. )(-]+(?:[,;|·•/.)( -]|\b{ends}\b|\b{nouns}\b)*"
        )
        yield forms[-1:], rf"^\W*{several}{first_article}", between + MARK
        yield forms[-1:], rf"{MARK}(?:[,;] | ?- |\) ){several}", r"(?=\W*$|,)"


def _forms(words: _Words, ends: str, stop: str) -> tuple[str, ...]:
    """Return the forms of a name, the fullest first; the last is that of capitals alone."""
    if words.no_capitals:
        word = rf"(?!{ends}\b)[^\W\d_][\w'-]*"
        return QUOTED_NAME, rf"(?P<name>{word}(?: {word}){{0,6}}){stop}", f"(?P<name>{NAME})"
    begin = rf"(?-i:(?!(?i:{'|'.join(words.starters)})\b))"
    plain = f"(?P<name>{begin}{NAME})"
    if not words.lower_names:
        return QUOTED_NAME, plain
    lower = rf"(?-i:(?!(?i:{ends})\b){_LOWER_WORD})"
    longer = rf"(?P<name>{begin}{NAME}(?: {lower}(?: {NAME})?){{1,4}}){stop}"
    return QUOTED_NAME, longer, plain

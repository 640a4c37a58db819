"""Return the words that rights notices are written with, one compiled ``Lexicon`` a language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count

import msgspec

from dateline.rights.alternatives import is_one, joined
from dateline.rights.folding import folded_text
from dateline.rights.notices.names import MARK, NAME, NO_NAME
from dateline.rights.notices.term_words import load_term_words

_NEVER = re.compile(r"(?!)")


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language as its file has them: regular expressions.

    ``{text}``, ``{media}``, ``{copy}`` stand for any expression of ``text_nouns``, ``media``,
    ``copying``; ``{name}`` for a name in capitals. The kinds:

    - our texts, surest first: ``own_this`` (this article), ``owned`` (content by NAME; the group
      ``name`` is optional), ``own_site`` (our texts), ``bare_text`` (Text: ...), ``definite`` (the
      text; groups are nouns that must be new), ``pronoun`` (it), ``bare_notice`` (Licence: ...),
      ``work`` (this work: may be a picture), ``byline`` (Text: NAME),
      ``us_work`` (a government's), ``text_and_media``; ``strangers`` are owners that are no
      publishers;
    - what gives: ``grant``; what denies: ``negation``, ``past``, ``hypothetical``, ``future``;
      other speakers: ``saying``, ``telling`` (they did), ``told_before`` (they did so with our
      text, which stands behind), ``stating`` (theirs is), ``topic`` (about
      licences); ``neutral`` words are taken out before these are looked for;
    - what limits: ``except_noted``, ``except_media``, ``condition``; in the sentences behind:
      ``limit`` together with ``limit_of``; ``words_behind``: so many may follow a licence;
    - other objects: ``media``, ``video``, ``audio``, ``dataset``, ``software``, ``embed``,
      ``quoted_work``, ``metadata``, ``others``, ``using`` (this text uses ...), ``caption``;
    - the place: ``comments`` (headings), ``lead_in`` (headings of ours), ``soft_ends`` and
      ``soft_starts`` (a line that ends or begins so goes on).
    """

    language: str
    function_words: str
    text_nouns: tuple[str, ...]
    own_this: tuple[str, ...] = ()
    own_site: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    definite: tuple[str, ...] = ()
    bare_text: tuple[str, ...] = ()
    bare_notice: tuple[str, ...] = ()
    pronoun: tuple[str, ...] = ()
    pronoun_we: tuple[str, ...] = ()
    us_work: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    copying: tuple[str, ...] = ()
    grant: tuple[str, ...] = ()
    negation: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    hypothetical: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    saying: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    told_before: tuple[str, ...] = ()
    stating: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    except_noted: tuple[str, ...] = ()
    except_media: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    limit: tuple[str, ...] = ()
    limit_of: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()
    dataset: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    embed: tuple[str, ...] = ()
    quoted_work: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    words_behind: int = 2
    others: tuple[str, ...] = ()
    using: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    text_and_media: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    lead_in: tuple[str, ...] = ()
    soft_ends: str = ""
    soft_starts: str = ""


_WORD_LISTS = (
    "media", "video", "audio", "dataset", "software", "embed", "quoted_work", "metadata",
    "others", "strangers",
)  # fmt: skip
# What several expressions begin with before their words: a place, what may not stand there.
_START = re.compile(r"\^(?:\\W\*)?|(?:\(\?<[=!](?:\\.|[^()\\])*\))*(?:\\b)?")
_CASED = ("owned",)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, compiled; each kind is one pattern.

    ``patterns`` run over folded lower-case text, those of ``owned`` over text in its own case,
    where the group ``name`` is the owner.
    """

    language: str
    function_words: frozenset[str]
    soft_ends: frozenset[str]
    soft_starts: frozenset[str]
    comments: str
    words_behind: int
    patterns: Mapping[str, re.Pattern[str]]

    def has(self, kind: str, text: str) -> bool:
        """Return whether ``text`` has words of this kind."""
        return self.patterns[kind].search(text) is not None

    def has_terms(self, text: str) -> bool:
        """Return whether ``text`` may keep rights or set terms in this language."""
        return load_term_words()[self.language].may_state(text)

    def first(self, kind: str, text: str) -> re.Match[str] | None:
        """Return the first words of this kind in ``text``."""
        return self.patterns[kind].search(text)

    def without(self, kind: str, text: str) -> str:
        """Return ``text`` without the words of this kind; a licence is kept."""
        return self.patterns[kind].sub(_kept_mark, text)


def _kept_mark(found: re.Match[str]) -> str:
    return f" {MARK} " if MARK in found.group() else " "


@cache
def load_lexicons() -> Mapping[str, Lexicon]:
    """Return the lexicon of each language by its code, English first."""
    folder = files(__package__) / "lexicon"
    found = [
        _compiled(msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _Words))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {
        each.language: each
        for each in sorted(found, key=lambda x: (x.language != "en", x.language))
    }


def _compiled(words: _Words) -> Lexicon:
    values = msgspec.structs.asdict(words)
    parts = {
        "{text}": rf"(?:{_any(words.text_nouns)}\b)",
        "{media}": rf"(?:{_any(words.media)}\b)",
        "{copy}": _any(words.copying),
        "{name}": f"(?P<name>{NO_NAME}{NAME})",
    }
    patterns = {
        name: _pattern(name, value, parts)
        for name, value in values.items()
        if isinstance(value, tuple) and name not in ("comments", "text_nouns", "copying")
    }
    patterns["text"] = _pattern("text", tuple(rf"\b{word}\b" for word in words.text_nouns), parts)
    return Lexicon(
        language=words.language,
        function_words=frozenset(folded_text(words.function_words).lower().split()),
        soft_ends=frozenset(folded_text(words.soft_ends).lower().split()),
        soft_starts=frozenset(folded_text(words.soft_starts).lower().split()),
        comments=_any(words.comments),
        words_behind=words.words_behind,
        patterns=patterns,
    )


def _any(expressions: tuple[str, ...]) -> str:
    return f"(?:{joined(expressions)})" if expressions else "(?!)"


def _pattern(name: str, expressions: tuple[str, ...], parts: Mapping[str, str]) -> re.Pattern[str]:
    if not expressions:
        return _NEVER
    if name in _CASED:
        return _cased(_filled("|".join(expressions), parts))
    whole = [rf"\b{each}\b" if name in _WORD_LISTS else each for each in expressions]
    return re.compile(_plain(_filled(_with_starts_joined(whole), parts)))


def _filled(expression: str, parts: Mapping[str, str]) -> str:
    for key, value in parts.items():
        expression = expression.replace(key, value)
    return expression


def _cased(expression: str) -> re.Pattern[str]:
    # A group's name may stand once in a pattern.
    numbers = count()
    numbered = re.sub(r"\(\?P<name>", lambda _: f"(?P<name{next(numbers)}>", expression)
    return re.compile(folded_text(numbered), re.IGNORECASE)


def _plain(expression: str) -> str:
    """Return an expression as texts are compared: folded, its @ the mark of a licence."""
    # A dash folds to a hyphen: two of them in a set would be read as a difference of sets.
    return re.sub("-{2,}", "-", folded_text(expression)).replace("@", MARK)


def _with_starts_joined(expressions: Sequence[str]) -> str:
    """Return all in one, those that begin alike behind one test of it."""
    groups: dict[str, list[str]] = {}
    for each in expressions:
        found = _START.match(each) if is_one(each) else None
        start = found.group() if found else ""
        groups.setdefault(start, []).append(each.removeprefix(start))
    return "|".join(
        f"{start}(?:{joined(rests)})" if start else joined(rests)
        for start, rests in sorted(groups.items(), key=lambda group: not group[0])
    )

"""Return what of our own texts a unit speaks of, the positive evidence that a grant needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.names import MARK
from dateline.rights.notices.unit import Unit
from dateline.rights.notices.verdict import Context
from dateline.rights.own_terms import without_own_terms
from dateline.rights.record import Scope

COPYRIGHT = re.compile(
    r"(?:©|\(c\)|\bcopyright(?: ©| \(c\))?(?!\W*\x1a)) ?(?:crown copyright ?)?"
    r"(?:\d{4}(?: ?- ?\d{4})?,? )?"
)
_FACTS = re.compile(r" [|•·/] |^[•·] ")


@dataclass(frozen=True, slots=True)
class Subject:
    """Our text as what a statement is about, ``[start, end)`` in the words.

    ``is_strong``: by its words it can be no other's ("this article", "our texts").
    """

    start: int
    end: int
    scope: Scope
    is_strong: bool
    rule: str


def plain_words(unit: Unit, lexicon: Lexicon) -> tuple[str, bool]:
    """Return the words that count, and whether an exception "where noted" was among the others."""
    has_exception = lexicon.has("except_noted", unit.low)
    words = lexicon.without("except_noted", unit.low) if has_exception else unit.low
    for license_ in unit.licenses[:1]:
        words = without_own_terms(words, license_.constraints)
    words = lexicon.without("neutral", words)
    words = lexicon.without("except_media", words)
    if _FACTS.search(words) and not COPYRIGHT.match(words) and not lexicon.has("caption", words):
        # A line of facts: only the one that names the licence counts.
        words = next((part for part in _FACTS.split(words) if MARK in part), words)
    # Of a question and its answer the question only says what is spoken of.
    question, stop, answer = words.partition("?")
    named = lexicon.first("own_this", question) if stop and MARK in answer else None
    words = f"{named.group()}: {answer.strip()}" if named else words
    return words.lstrip(" ,;:-"), has_exception


def find_subject(unit: Unit, words: str, lexicon: Lexicon, context: Context) -> Subject | None:
    """Return what of our own texts ``unit`` speaks of, the surest first, or None."""
    return (
        _found("own_this", words, lexicon, Subject(0, 0, "this_object", True, "this_text"))
        or _owned(unit, words, lexicon)
        or _text_and_media(words, lexicon)
        or _found("own_site", words, lexicon, Subject(0, 0, "site", True, "own_texts"))
        or _found("us_work", words, lexicon, Subject(0, 0, "this_object", False, "us_government"))
        or _found("bare_text", words, lexicon, Subject(0, 0, "this_object", False, "text_label"))
        or _definite(words, lexicon, context)
        or _copyright_line(words, context)
        or _named_before(words, lexicon, context)
        or _bare_notice(words, lexicon, context)
    )


def without_subject(words: str, subject: Subject | None) -> str:
    """Return the words with the subject blanked out, so that places stay."""
    if subject is None or subject.rule in ("bare_notice", "all_content"):
        return words
    gap = "".join(char if char == MARK else " " for char in words[subject.start : subject.end])
    return words[: subject.start] + gap + words[subject.end :]


def _found(kind: str, words: str, lexicon: Lexicon, subject: Subject) -> Subject | None:
    found = lexicon.first(kind, words)
    return _at(found, subject.scope, subject.rule, is_strong=subject.is_strong) if found else None


def _at(found: re.Match[str], scope: Scope, rule: str, *, is_strong: bool = False) -> Subject:
    return Subject(*found.span(), scope, is_strong, rule)


def _owned(unit: Unit, words: str, lexicon: Lexicon) -> Subject | None:
    found = lexicon.first("owned", unit.plain)
    if found is None or lexicon.has("strangers", found.group().lower()):
        return None
    owned = found.group().lower()
    before = unit.low[: found.start()]
    if MARK not in before and lexicon.has("using", before):
        return None
    start = words.find(owned)
    span = (start, start + len(owned)) if start >= 0 else (0, 0)
    return Subject(*span, "site_by_licensor", False, "all_content")


def _text_and_media(words: str, lexicon: Lexicon) -> Subject | None:
    found = lexicon.first("text_and_media", words)
    return _at(found, "this_object", "text_label") if found and found.start() == 0 else None


def _definite(words: str, lexicon: Lexicon, context: Context) -> Subject | None:
    """Return "the text", unless there was talk of such a thing before: "a report", "the report"."""
    found = lexicon.first("definite", words)
    if found is None or found.start() > words.find(MARK):
        return None
    nouns = [value for value in found.groupdict().values() if value]
    before = lexicon.without("own_this", context.before)
    if any(re.search(rf"\b{re.escape(noun)}\b", before) for noun in nouns):
        return None
    return _at(found, "this_object", "the_text")


def _copyright_line(words: str, context: Context) -> Subject | None:
    found = COPYRIGHT.match(words)
    is_line = found is not None and context.is_own_line and MARK in words
    return _at(found, "this_object", "copyright_line") if found and is_line else None


def _named_before(words: str, lexicon: Lexicon, context: Context) -> Subject | None:
    """Return the text where the sentence before names it and this one says "it"."""
    if not lexicon.has("pronoun", words) or lexicon.has("media", context.previous):
        return None
    if lexicon.has("own_this", context.previous):
        return Subject(0, 0, "this_object", True, "this_text")
    is_ours = lexicon.has("own_site", context.previous)
    return Subject(0, 0, "site", True, "own_texts") if is_ours else None


def _bare_notice(words: str, lexicon: Lexicon, context: Context) -> Subject | None:
    found = lexicon.first("bare_notice", words)
    return _at(found, "this_object", "bare_notice") if found and context.is_placed else None

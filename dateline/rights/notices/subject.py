"""Return what of our own texts a unit speaks of, the positive evidence that a grant needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.names import MARK
from dateline.rights.notices.searched import Searched
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


def plain_words(unit: Unit, lexicon: Lexicon) -> tuple[Searched, bool]:
    """Return the words that count, and whether an exception "where noted" was among the others."""
    words = Searched(unit.low, lexicon)
    has_exception = words.has("except_noted")
    words = words.without("except_noted")
    for license_ in unit.licenses[:1]:
        words = words.over(without_own_terms(words.text, license_.constraints))
    words = words.without("neutral").without("except_media")
    text = words.text
    if _FACTS.search(text) and not COPYRIGHT.match(text) and not words.has("caption"):
        # A line of facts: only the one that names the licence counts.
        text = next((part for part in _FACTS.split(text) if MARK in part), text)
    # Of a question and its answer the question only says what is spoken of.
    question, stop, answer = text.partition("?")
    named = lexicon.first("own_this", question) if stop and MARK in answer else None
    text = f"{named.group()}: {answer.strip()}" if named else text
    return words.over(text.lstrip(" ,;:-")), has_exception


def find_subject(
    unit: Unit, words: Searched, previous: Searched, context: Context
) -> Subject | None:
    """Return what of our own texts ``unit`` speaks of, the surest first, or None.

    ``words`` are those of it that count, ``previous`` those of the sentence before.
    """
    return (
        _found("own_this", words, Subject(0, 0, "this_object", True, "this_text"))
        or _owned(unit, words)
        or _text_and_media(words)
        or _found("own_site", words, Subject(0, 0, "site", True, "own_texts"))
        or _found("us_work", words, Subject(0, 0, "this_object", False, "us_government"))
        or _found("bare_text", words, Subject(0, 0, "this_object", False, "text_label"))
        or _definite(words, context)
        or _copyright_line(words.text, context)
        or _named_before(words, previous)
        or _bare_notice(words, context)
    )


def without_subject(words: str, subject: Subject | None) -> str:
    """Return the words with the subject blanked out, so that places stay."""
    if subject is None or subject.rule in ("bare_notice", "all_content"):
        return words
    gap = "".join(char if char == MARK else " " for char in words[subject.start : subject.end])
    return words[: subject.start] + gap + words[subject.end :]


def _found(kind: str, words: Searched, subject: Subject) -> Subject | None:
    found = words.first(kind)
    return _at(found, subject.scope, subject.rule, is_strong=subject.is_strong) if found else None


def _at(found: re.Match[str], scope: Scope, rule: str, *, is_strong: bool = False) -> Subject:
    return Subject(*found.span(), scope, is_strong, rule)


def _owned(unit: Unit, words: Searched) -> Subject | None:
    lexicon = words.lexicon
    found = lexicon.first("owned", unit.plain)
    if found is None or lexicon.has("strangers", found.group().lower()):
        return None
    owned = found.group().lower()
    before = unit.low[: found.start()]
    if MARK not in before and lexicon.has("using", before):
        return None
    start = words.text.find(owned)
    span = (start, start + len(owned)) if start >= 0 else (0, 0)
    return Subject(*span, "site_by_licensor", False, "all_content")


def _text_and_media(words: Searched) -> Subject | None:
    found = words.first("text_and_media")
    return _at(found, "this_object", "text_label") if found and found.start() == 0 else None


def _definite(words: Searched, context: Context) -> Subject | None:
    """Return "the text", unless there was talk of such a thing before: "a report", "the report"."""
    found = words.first("definite")
    if found is None or found.start() > words.text.find(MARK):
        return None
    nouns = [value for value in found.groupdict().values() if value]
    before = words.lexicon.without("own_this", context.before)
    if any(re.search(rf"\b{re.escape(noun)}\b", before) for noun in nouns):
        return None
    return _at(found, "this_object", "the_text")


def _copyright_line(words: str, context: Context) -> Subject | None:
    found = COPYRIGHT.match(words)
    is_line = found is not None and context.is_own_line and MARK in words
    return _at(found, "this_object", "copyright_line") if found and is_line else None


def _named_before(words: Searched, previous: Searched) -> Subject | None:
    """Return the text where the sentence before names it and this one says "it"."""
    if not words.has("pronoun") or previous.has("media"):
        return None
    if previous.has("own_this"):
        return Subject(0, 0, "this_object", True, "this_text")
    is_ours = previous.has("own_site")
    return Subject(0, 0, "site", True, "own_texts") if is_ours else None


def _bare_notice(words: Searched, context: Context) -> Subject | None:
    found = words.first("bare_notice")
    return _at(found, "this_object", "bare_notice") if found and context.is_placed else None

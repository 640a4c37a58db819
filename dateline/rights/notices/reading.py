"""Hold a unit that names a licence with what the lexicon finds in it."""

from __future__ import annotations

from dataclasses import dataclass

from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.subject import Subject, find_subject, plain_words
from dateline.rights.notices.unit import Unit
from dateline.rights.notices.verdict import Context


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit with what was found in it; ``words`` are those that count."""

    unit: Unit
    lexicon: Lexicon
    context: Context
    words: str
    subject: Subject | None
    has_exception: bool

    def has(self, kind: str) -> bool:
        """Return whether the words that count have some of this kind."""
        return self.lexicon.has(kind, self.words)


def reading_of(unit: Unit, lexicon: Lexicon, context: Context) -> Reading:
    """Return ``unit`` with its words, its subject and whether it has an exception."""
    words, has_exception = plain_words(unit, lexicon)
    subject = find_subject(unit, words, lexicon, context)
    return Reading(unit, lexicon, context, words, subject, has_exception)

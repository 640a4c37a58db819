"""Hold a unit that names a licence with what the lexicon finds in it."""

from __future__ import annotations

from dataclasses import dataclass

from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.searched import Searched
from dateline.rights.notices.subject import Subject, find_subject, plain_words
from dateline.rights.notices.unit import Unit
from dateline.rights.notices.verdict import Context


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit with what was found in it: in the words that count, and in the sentence before."""

    unit: Unit
    context: Context
    counting: Searched
    previous: Searched
    subject: Subject | None
    has_exception: bool

    @property
    def words(self) -> str:
        """The words that count."""
        return self.counting.text

    @property
    def lexicon(self) -> Lexicon:
        """The words of the unit's language."""
        return self.counting.lexicon

    def has(self, kind: str) -> bool:
        """Return whether the words that count have some of this kind."""
        return self.counting.has(kind)


def reading_of(unit: Unit, lexicon: Lexicon, context: Context) -> Reading:
    """Return ``unit`` with its words, its subject and whether it has an exception."""
    words, has_exception = plain_words(unit, lexicon)
    previous = Searched(context.previous, lexicon)
    subject = find_subject(unit, words, previous, context)
    return Reading(unit, context, words, previous, subject, has_exception)

"""Hold words with what a lexicon finds in them, so that nobody looks for the same kind twice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dateline.rights.notices.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Searched:
    """Words, folded and in lower case, and the first of each kind that was asked for."""

    text: str
    lexicon: Lexicon
    _found: dict[str, re.Match[str] | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def first(self, kind: str) -> re.Match[str] | None:
        """Return the first words of this kind."""
        if kind not in self._found:
            self._found[kind] = self.lexicon.first(kind, self.text)
        return self._found[kind]

    def has(self, kind: str) -> bool:
        """Return whether there are words of this kind."""
        return self.first(kind) is not None

    def over(self, text: str) -> Searched:
        """Return ``text`` to be searched: these words themselves if it is the same."""
        return self if text == self.text else Searched(text, self.lexicon)

    def without(self, kind: str) -> Searched:
        """Return the words without those of this kind; a licence is kept."""
        return self.over(self.lexicon.without(kind, self.text)) if self.has(kind) else self

"""Say what capitals tell at a place of a text: in a headline every word has one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dateline.gazetteer.words import BODIES, FREE
from processors.enrich.document_entities.given_names import is_given_name

_WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*")
_CAPITAL = r"[^\W\d_a-z]"
_NEXT_NAMES = re.compile(rf"(?:['’]s)?(?: (?:of )?(?:the )?{_CAPITAL}[\w’'-]*){{1,5}}")
_LAST_WORD = re.compile(rf"({_CAPITAL}[\w.’'&-]*) $")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;”\"’')\n—–-])\s*$")
_NEAR_CHARS, _LINE_CHARS = 40, 150
# In a headline longer words have a capital, but for the one or other verb or preposition.
_LEAST_CHARS, _LEAST_WORDS, _SHARE_OF_HEADLINE = 4, 2, 0.75
# Words that no name of a person holds, beside those that are capitalised for another reason.
_NO_NAMES = FREE | {
    "about", "after", "against", "at", "back", "down", "for", "into", "off", "onto", "out", "over",
    "to", "up", "vs", "with", "without",
}  # fmt: skip
_LEAST_STEM = 3
_ENDINGS = ("s", "es", "d", "ed", "ing")


@dataclass(slots=True)
class TextStyle:
    """How one text writes its words."""

    text: str
    _lows: frozenset[str] = frozenset()
    _headlines: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the words that are written in small letters."""
        self._lows = frozenset(word for word in _WORD.findall(self.text) if word.islower())

    def is_low(self, word: str) -> bool:
        """Return whether the text also writes this word in small letters."""
        return word.lower() in self._lows

    def is_common(self, word: str) -> bool:
        """Return whether it is no name: in small letters too ("Checks": "checked"), or closed."""
        low = word.lower()
        if low in _NO_NAMES or low in self._lows:
            return True
        stems = {low, *(low.removesuffix(each) for each in _ENDINGS if low.endswith(each))}
        forms = (
            stem + ending
            for stem in stems
            if len(stem) >= _LEAST_STEM
            for ending in ("", *_ENDINGS)
        )
        return not self._lows.isdisjoint(forms)

    def is_headline(self, position: int) -> bool:
        """Return whether the line at ``position`` has capitals on nearly all longer words."""
        start = self.text.rfind("\n", max(0, position - _LINE_CHARS), position) + 1
        start = start or max(0, position - _LINE_CHARS)
        if start not in self._headlines:
            self._headlines[start] = self._is_headline(start)
        return self._headlines[start]

    def _is_headline(self, start: int) -> bool:
        end = self.text.find("\n", start, start + 2 * _LINE_CHARS)
        line = self.text[start : end if end >= 0 else start + 2 * _LINE_CHARS]
        if line.rstrip().endswith("."):
            return False
        words = [word for word in _WORD.findall(line) if len(word) >= _LEAST_CHARS]
        capitals = sum(not word[0].islower() for word in words)
        return len(words) >= _LEAST_WORDS and capitals >= _SHARE_OF_HEADLINE * len(words)

    def is_sentence_start(self, position: int) -> bool:
        """Return whether a word at ``position`` has a capital because a sentence begins."""
        before = self.text[max(0, position - _NEAR_CHARS) : position]
        return _SENTENCE_START.search(before) is not None

    def is_followed_by_name(self, end: int) -> bool:
        """Return whether the next words make a name longer: "Brook University"."""
        run = _NEXT_NAMES.match(self.text, end, end + _NEAR_CHARS)
        if run is None:
            return False
        words = run[0].lower().split()
        if not BODIES.isdisjoint(words):
            return True
        return run[0][0] == " " and words[0] not in FREE and not self.is_headline(end)

    def name_before(self, start: int) -> str:
        """Return the capitalised word that makes the name at ``start`` longer: "Ada" of "Ada Roe".

        Empty where there is none. In a headline it must be a given name, at the start of a
        sentence a word that is nothing else, for there every word has a capital.
        """
        found = _LAST_WORD.search(self.text, max(0, start - _NEAR_CHARS), start)
        if found is None:
            return ""
        word = found[1]
        if self.is_headline(start):
            is_free = not is_given_name(word.lower())
        else:
            is_free = self.is_sentence_start(found.start()) and self.is_common(word)
        return "" if is_free else word

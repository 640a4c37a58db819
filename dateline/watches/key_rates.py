"""Return how often keys occur: guessed from their length first, learnt from the articles seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

# So many articles tell which words are rare; then nothing is counted any more.
LEARNT_ARTICLES = 2_048
# A guess weighs as much as this many articles.
_GUESS_ARTICLES = 8
# Of English news: one in two articles has a given word of one letter, one in a hundred of eight.
_FIRST_GUESS = 0.9
_GUESS_PER_LETTER = 0.55
# An id says nothing of how often somebody is named; few are.
_ENTITY_GUESS = 0.005
_GUESSES = {
    "#": _ENTITY_GUESS, "person=": _ENTITY_GUESS, "organization=": _ENTITY_GUESS,
    "other=": _ENTITY_GUESS, "type:": 0.8, "country:": 0.1, "source:": 0.02, "lang:": 0.5,
    "license:": 0.3,
}  # fmt: skip
# A beginning is that of several words.
_WORDS_PER_PREFIX = 4


class KeyRates:
    """The share of articles that have a key (``dateline/watches/keys.py``)."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.article_count = 0

    def learn(self, keys: Iterable[str]) -> None:
        """Count an article with ``keys``."""
        self._counts.update(keys)
        self.article_count += 1

    def rate(self, key: str) -> float:
        """Return the share of articles that have ``key``, above 0."""
        guess = _guess(key)
        if key.endswith("*"):
            # Articles are not asked for beginnings.
            return min(1.0, guess * _WORDS_PER_PREFIX)
        seen = self._counts.get(key, 0) + guess * _GUESS_ARTICLES
        return seen / (self.article_count + _GUESS_ARTICLES)


def _guess(key: str) -> float:
    if key.isalnum():
        return _FIRST_GUESS * _GUESS_PER_LETTER ** len(key)
    for start, guess in _GUESSES.items():
        if key.startswith(start):
            return guess
    return _FIRST_GUESS * _GUESS_PER_LETTER ** len(key)

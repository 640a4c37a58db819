"""Return the terms of a watch query ready to be asked of many articles; the base of all its parts.

This and ``matchers.py`` say what a query means. Of every part:

- ``is_true``: whether it is true of an article; nothing is made for an answer of no.
- ``sentences``: numbers of the sentences that it is true of, for ``SENTENCE``.
- ``proofs``: the terms that make it true, each with its places; only asked where it is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from dateline.watches.article_view import ArticleView
from dateline.watches.keys import keys_of
from dateline.watches.query_tree import CountryTerm, EntityTerm, FieldTerm, Phrase, TypeTerm
from dateline.watches.text_view import NOWHERE, Place, TextName, TextView, place_order

_TEXTS: dict[str, tuple[TextName, ...]] = {
    "any": ("body", "title"), "body": ("body",), "title": ("title",),
}  # fmt: skip
# A term that makes a part true, and where it does.
Proof = tuple["TermMatcher", Sequence[Place]]


class Matcher:
    """A part of a query."""

    __slots__ = ("part",)

    def __init__(self, part: str) -> None:
        self.part = part

    def is_true(self, view: ArticleView) -> bool:
        """Return whether it is true of the article."""
        raise NotImplementedError

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the numbers of the sentences that it is true of."""
        raise NotImplementedError

    def proofs(self, view: ArticleView) -> Iterator[Proof]:
        """Yield the terms that make it true, each with its places; it is true."""
        raise NotImplementedError


class TermMatcher(Matcher):
    """A part without parts."""

    __slots__ = ()

    def places(self, view: ArticleView) -> Sequence[Place]:
        """Return where it occurs, the body's places first, each in order."""
        raise NotImplementedError

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the sentences that hold it whole."""
        return {each.sentence for each in self.places(view)} - {NOWHERE}

    def proofs(self, view: ArticleView) -> Iterator[Proof]:
        """Yield itself."""
        yield self, self.places(view)


class PhraseMatcher(TermMatcher):
    """Words one behind the other."""

    __slots__ = ("beginning", "key", "probe", "texts", "words")

    def __init__(self, part: str, phrase: Phrase) -> None:
        super().__init__(part)
        self.texts = _TEXTS[phrase.field]
        self.words = phrase.words[:-1] if phrase.is_prefix else phrase.words
        # Of the last word, where it is not given whole.
        self.beginning = phrase.words[-1] if phrase.is_prefix else None
        # Of one whole word that may stand anywhere: the article knows which words it has.
        is_word = len(phrase.words) == 1 and phrase.field == "any" and not phrase.is_prefix
        self.key = phrase.words[0] if is_word else None
        # Long words are rare: fewer places to look at.
        self.probe = max(range(len(self.words)), key=lambda at: len(self.words[at]), default=0)

    def is_true(self, view: ArticleView) -> bool:
        """Return whether a text holds the words."""
        if self.key is not None:
            return self.key in view.keys
        for name in self.texts:
            for _ in self._firsts(view.text(name)):
                return True
        return False

    def places(self, view: ArticleView) -> Sequence[Place]:
        """Return where the words stand."""
        more = len(self.words) - (self.beginning is None)
        texts = map(view.text, self.texts)
        return [text.place(first, first + more) for text in texts for first in self._firsts(text)]

    def _firsts(self, text: TextView) -> Iterator[int]:
        """Yield the number of the first word of each occurrence, in order."""
        words, beginning = self.words, self.beginning
        if not words:
            found = (text.positions[word] for word in text.words_with(beginning or ""))
            yield from sorted(chain.from_iterable(found))
            return
        count = len(words)
        for at in text.positions.get(words[self.probe], ()):
            first = at - self.probe
            if first < 0 or text.words[first : first + count] != words:
                continue
            if beginning is None or _begins(text.words, first + count, beginning):
                yield first


class KeyMatcher(TermMatcher):
    """An entity, a type of entities, or a country."""

    __slots__ = ("keys",)

    def __init__(self, part: str, term: EntityTerm | TypeTerm | CountryTerm | FieldTerm) -> None:
        super().__init__(part)
        self.keys = keys_of(term)

    def is_true(self, view: ArticleView) -> bool:
        """Return whether the article has it."""
        return not view.keys.isdisjoint(self.keys)

    def places(self, view: ArticleView) -> Sequence[Place]:
        """Return where it is mentioned."""
        found = [view.places[key] for key in self.keys if key in view.places]
        return found[0] if len(found) == 1 else sorted(chain.from_iterable(found), key=place_order)


class FieldMatcher(KeyMatcher):
    """A field of the article."""

    __slots__ = ()

    def places(self, view: ArticleView) -> Sequence[Place]:  # noqa: ARG002 (as other terms)
        """Return nothing: it is true of the article as a whole."""
        return ()

    def sentences(self, view: ArticleView) -> set[int]:
        """Return all sentences or none."""
        return set(range(view.sentence_count)) if self.is_true(view) else set()


def _begins(words: Sequence[str], at: int, beginning: str) -> bool:
    return at < len(words) and words[at].startswith(beginning)

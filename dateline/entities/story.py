"""A story: the people and bodies it names in full and in short, and which are forms of which.

Whether a name is a form of another follows from their letters. It is found once, when the second of
both comes to the story, and kept; a story of one article needs none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .name_keys import compared_words, may_be_found
from .said import FULL, Article, Said
from .short_forms import LEAST_WORDS, is_extension, may_mean
from .tables import Table

# A "story" that names more people and bodies is a list; a short name in it means nobody.
MOST_FULL_NAMES = 2_000
# More names than this are found by their words.
_MOST_SCANNED = 32


class Story:
    """A story of the window; only names with words that can be compared count here.

    ``full`` and ``short`` say in how many articles each name is; they are empty until the story has
    its second article.
    """

    __slots__ = ("_by_word", "_forms", "articles", "full", "short", "story_id")

    def __init__(self, story_id: str) -> None:
        self.story_id = story_id
        self.articles: list[Article] = []
        self.full: dict[Said, int] = _NOTHING
        self.short: dict[Said, int] = _NOTHING
        # None: nobody has asked yet, or the story was a crowd when somebody did.
        self._forms: dict[Said, list[Said]] | None = None
        self._by_word: Table[str, Said] | None = None

    @property
    def is_crowded(self) -> bool:
        """Return whether a story has too many names for a short one to mean anybody."""
        return len(self.full) > MOST_FULL_NAMES

    def count_of(self, full_name: Said) -> int:
        """Return how many articles have a full name."""
        if self.full is _NOTHING:
            return sum(full_name in article.said for article in self.articles)
        return self.full.get(full_name, 0)

    def naming(self, said: Said) -> Iterable[Article]:
        """Return the articles of the story that say so."""
        if said.count < len(self.articles):
            return [each for each in said.articles if each.story is self]
        return [each for each in self.articles if said in each.said]

    def enter(self, article: Article) -> list[Said]:
        """Add an article; return its full names that have another weight now.

        A weight is a doubling of articles. For the first article nothing follows from it.
        """
        self.articles.append(article)
        if len(self.articles) == 1 and self.full is _NOTHING:
            return []
        if self.full is _NOTHING:
            self.full, self.short = {}, {}
            self._count(self.articles[0])
        return self._count(article)

    def leave(self, article: Article) -> list[Said]:
        """Take an article out; return its full names that have another weight now."""
        self.articles.remove(article)
        if self.full is _NOTHING:
            return []
        gone = []
        for said in article.named():
            if not said.words:
                continue
            table = self.full if said.kind == FULL else self.short
            table[said] = left = table[said] - 1
            if not left:
                del table[said]
                self._part(said)
            if said.kind == FULL and left & (left + 1) == 0:
                gone.append(said)
        return gone

    def forms(self, said: Said) -> Sequence[Said]:
        """Return the full names of the story that a short name may mean.

        Of a full name those that it extends, or that extend it; it need not be of the story.
        """
        if said not in (self.full if said.kind == FULL else self.short):
            return self._find_forms(said)
        if self._forms is None:
            if self.is_crowded:
                return self._find_forms(said)
            found = ((each, self._find_forms(each)) for each in (*self.full, *self.short))
            self._forms = {each: forms for each, forms in found if forms}
        return self._forms.get(said, ())

    def _count(self, article: Article) -> list[Said]:
        fresh = []
        for said in article.named():
            if not said.words:
                continue
            table = self.full if said.kind == FULL else self.short
            table[said] = count = table.get(said, 0) + 1
            if count == 1:
                self._meet(said)
            if said.kind == FULL and count & (count - 1) == 0:
                fresh.append(said)
        return fresh

    def _meet(self, said: Said) -> None:
        """Find the forms of a name that is new in the story, both ways."""
        if said.kind == FULL:
            self._index(said)
            if self.is_crowded:
                self._forms = None
        if self._forms is None:
            return
        found = self._find_forms(said)
        if found:
            self._forms[said] = found
        if said.kind == FULL:
            longer_or_shorter = [*found, *(each for each in self.short if may_mean(each, said))]
            for other in longer_or_shorter:
                self._forms.setdefault(other, []).append(said)

    def _part(self, said: Said) -> None:
        """Forget the forms of a name that the story has no more."""
        if said.kind == FULL and self._by_word is not None:
            for word in set(compared_words(said.words)):
                self._by_word.drop(word, said)
        if self._forms is None:
            return
        others = [*self._forms.pop(said, ()), *(self.short if said.kind == FULL else ())]
        for other in others:
            rows = self._forms.get(other)
            if rows is not None and said in rows:
                rows.remove(said)
                if not rows:
                    del self._forms[other]

    def _index(self, said: Said) -> None:
        if self._by_word is None:
            if len(self.full) <= _MOST_SCANNED:
                return
            self._by_word = Table()
            for each in self.full:  # the name is one of them
                self._index(each)
            return
        for word in set(compared_words(said.words)):
            self._by_word.add(word, said)

    def _find_forms(self, said: Said) -> list[Said]:
        if said.kind != FULL:
            return [full for full in self.full if may_mean(said, full)]
        # Two names that share fewer than two words are strangers; most pairs end here.
        return [
            other
            for other in self._sharing(said)
            if other is not said and may_be_found(other.words) and is_extension(said, other)
        ]

    def _sharing(self, said: Said) -> list[Said]:
        """Return the full names that share two words with a name, itself among them."""
        if len(said.words) < LEAST_WORDS or not may_be_found(said.words):
            return []
        own = set(compared_words(said.words))
        if self._by_word is None:
            # Most names share no word: that is all that is asked of them.
            sharing = [other for other in self.full if not own.isdisjoint(other.words)]
            return [
                other
                for other in sharing
                if len(own.intersection(compared_words(other.words))) >= LEAST_WORDS
            ]
        counts = Counter(each for word in own for each in self._by_word.get(word))
        return [each for each, count in counts.items() if count >= LEAST_WORDS]


# Shared by all stories that have no tables; never written to.
_NOTHING: dict[Said, int] = {}

"""What the articles of the window say of entities: names, aliases, countries, and who says so.

Most ids are named once, in one way: what is single is kept as itself, not in a list.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from .name_keys import claimed_ids, may_have_words, words_of

if TYPE_CHECKING:
    from .story import Story

# What an article says of an entity; plain numbers, which are compared some hundred times an
# article. The names come first.
FULL, SHORT, ALIAS, COUNTRY = range(4)

# Different aliases and countries of one entity in the window; a hub's further ones are not kept.
MOST_SAID = 200
# An alias of fewer words may be the surname that many have; of more it is compared as names are.
LEAST_ALIAS_WORDS = 3
# Most ids have one name: a dict pays from here on.
_MOST_LISTED = 12

_number = attrgetter("number")


class Said:
    """One thing that articles say of an entity: a name, an alias or a country.

    ``words`` are the consonant skeletons of a name that may be compared, ``claims`` the ids that an
    alias has where a text has no other name.
    """

    __slots__ = ("_articles", "claims", "entity", "kind", "text", "words")

    def __init__(self, entity: Entity, kind: int, text: str) -> None:
        self.entity = entity
        self.kind = kind
        self.text = text
        self._articles: Article | list[Article] | None = None
        self.words: tuple[str, ...] = ()
        self.claims: tuple[str, ...] = ()
        if kind <= SHORT:
            self.words = words_of(entity.entity_type, text)
        elif kind == ALIAS:
            self._read_alias()

    def _read_alias(self) -> None:
        entity_type, own = self.entity.entity_type, self.entity.entity_id
        if may_have_words(self.text, LEAST_ALIAS_WORDS):
            self.words = words_of(entity_type, self.text)
        claims = claimed_ids(entity_type, self.text)
        self.claims = tuple(each for each in claims if each != own)

    @property
    def articles(self) -> Sequence[Article]:
        """Return the articles that say so, in the order in which they came."""
        if isinstance(self._articles, list):
            return self._articles
        return () if self._articles is None else (self._articles,)

    @property
    def count(self) -> int:
        """Return how many articles say so."""
        if isinstance(self._articles, list):
            return len(self._articles)
        return int(self._articles is not None)

    def add(self, article: Article) -> None:
        """Note that an article, the newest, says so."""
        if isinstance(self._articles, list):
            self._articles.append(article)
        else:
            first = self._articles
            self._articles = article if first is None else [first, article]

    def drop(self, article: Article) -> None:
        """Forget that an article says so."""
        rows = self._articles
        if isinstance(rows, list):
            del rows[bisect_left(rows, article.number, key=_number)]
            if len(rows) == 1:
                self._articles = rows[0]
        else:
            self._articles = None


class Entity:
    """An id that articles of the window use, with all they say of it.

    ``count`` is in how many articles.
    """

    __slots__ = ("_found", "_said", "count", "entity_id", "entity_type")

    def __init__(self, entity_id: str, entity_type: str) -> None:
        self.entity_id = entity_id
        self.entity_type = entity_type
        self._said: Said | tuple[Said, ...] = ()
        self.count = 0
        self._found: dict[tuple[int, str], Said] | None = None

    @property
    def said(self) -> tuple[Said, ...]:
        """Return all that is said of it, in the order in which it came."""
        return self._said if isinstance(self._said, tuple) else (self._said,)

    def find(self, kind: int, text: str) -> Said | None:
        """Return what is said of it in these words, or None."""
        if self._found is not None:
            return self._found.get((kind, text))
        for each in self.said:
            if each.text == text and each.kind == kind:
                return each
        return None

    def has_room(self, kind: int, text: str) -> bool:
        """Return whether this may be said of it: it was said before, or little was."""
        return len(self.said) < MOST_SAID or self.find(kind, text) is not None

    def add(self, said: Said) -> None:
        """Keep what is said of it."""
        if not self._said:
            self._said = said
            return
        rows = self._said = (*self.said, said)
        if self._found is not None:
            self._found[said.kind, said.text] = said
        elif len(rows) > _MOST_LISTED:
            self._found = {(each.kind, each.text): each for each in rows}

    def drop(self, said: Said) -> None:
        """Forget what no article says any more."""
        rows = tuple(each for each in self.said if each is not said)
        self._said = rows[0] if len(rows) == 1 else rows
        if self._found is not None:
            del self._found[said.kind, said.text]

    def of(self, *kinds: int) -> Iterator[Said]:
        """Yield what is said of these kinds."""
        return (each for each in self.said if each.kind in kinds)

    def articles(self) -> Iterator[Article]:
        """Yield the articles that name it."""
        for each in self.of(FULL, SHORT):
            yield from each.articles

    @property
    def full_name(self) -> str | None:
        """Return its most frequent full form (of equals, the one seen first), or None."""
        rows = list(self.of(FULL))
        return most_frequent(rows) if rows else None

    def countries(self) -> Counter[str]:
        """Return in how many articles it is tied to each country."""
        return Counter({each.text: each.count for each in self.of(COUNTRY)})


class Article:
    """An article of the window; ``number`` is higher than that of any put before it."""

    __slots__ = ("article_id", "at", "number", "said", "story")

    def __init__(self, article_id: str, at: datetime, story: Story, number: int) -> None:
        self.article_id = article_id
        self.at = at
        self.story = story
        self.number = number
        self.said: tuple[Said, ...] = ()

    def named(self) -> Iterator[Said]:
        """Yield the name of each of its entities, in order."""
        return (each for each in self.said if each.kind <= SHORT)


def most_frequent(rows: Sequence[Said]) -> str:
    """Return the text of the names with the most articles; of equals, the one seen first."""
    if len(rows) == 1:
        return rows[0].text
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.text] = counts.get(row.text, 0) + row.count
    most = max(counts.values())
    texts = [text for text, count in counts.items() if count == most]
    if len(texts) == 1:
        return texts[0]
    return min(
        (min((a.at, a.article_id) for a in row.articles), row.text)
        for row in rows
        if row.text in texts and row.articles
    )[1]

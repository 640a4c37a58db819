"""Hold the articles and stories of the window, and say which stories may be near an article.

Nothing here depends on the order in which articles came: sums are whole numbers, members are kept
by time and id, and of equal candidates the lower id counts.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from processors.stories.cluster_records import StoryInput
from processors.stories.story_terms import TERM_BITS, StoryEntity
from processors.stories.term_vector import SCALE, TermVector, strongest, summed

# A story that goes on for weeks is what its latest articles say, and costs no more than this.
MAX_CENTROID_ARTICLES = 128
# By how many terms an article can be found, and by how many it looks.
KEY_TERMS, QUERY_TERMS = 16, 48
# The rarest terms are looked up until so many articles were seen: bounded however large the window.
MAX_LOOKUPS = 2_000
MAX_CANDIDATES = 12
MAX_ENTITIES = 8
MAX_TITLE_CHARS = 200


class MemberArticle:
    """An article of the window."""

    __slots__ = (
        "article_id", "at", "entities", "is_copy", "key_terms", "language", "norm2", "source_id",
        "story", "title", "vector",
    )  # fmt: skip

    def __init__(self, article: StoryInput, vector: TermVector, story: OpenStory) -> None:
        self.article_id = article.article_id
        self.at = article.at
        self.language = article.language
        self.source_id = article.source_id
        self.title = article.title[:MAX_TITLE_CHARS]
        self.is_copy = article.is_copy
        self.entities: tuple[StoryEntity, ...] = tuple(
            sorted(article.entities, key=lambda e: (-e.count, e.entity_id))[:MAX_ENTITIES]
        )
        self.vector = vector
        self.norm2 = vector.norm2
        self.key_terms: tuple[int, ...] = tuple(strongest(vector, KEY_TERMS).tolist())
        self.story = story


class OpenStory:
    """A story with its articles of the window, in order of time and id."""

    __slots__ = ("_sum", "aliases", "lane", "members", "root_article_id", "story_id")

    def __init__(
        self, story_id: str, root_article_id: str, lane: str, aliases: Iterable[str] = ()
    ) -> None:
        self.story_id = story_id
        self.root_article_id = root_article_id
        self.lane = lane
        self.aliases = tuple(sorted(aliases))
        self.members: list[MemberArticle] = []
        self._sum: TermVector | None = None

    @property
    def first_at(self) -> datetime:
        """Return the event time of the oldest article."""
        return self.members[0].at

    @property
    def last_at(self) -> datetime:
        """Return the event time of the newest article."""
        return self.members[-1].at

    @property
    def central_members(self) -> Sequence[MemberArticle]:
        """Return the articles that the story is compared by."""
        return self.members[-MAX_CENTROID_ARTICLES:]

    @property
    def sum(self) -> TermVector:
        """Return the sum of the vectors of ``central_members``."""
        if self._sum is None:
            vectors = [member.vector for member in self.central_members]
            self._sum = vectors[0] if len(vectors) == 1 else summed(vectors)
        return self._sum

    def add(self, member: MemberArticle) -> None:
        """Take an article in."""
        known = self._sum
        insort(self.members, member, key=_by_time)
        central = self.central_members
        if known is None or member not in central:
            return
        left = self.members[: -len(central)][-1:]
        self._sum = summed([known, member.vector], minus=[one.vector for one in left])

    def remove(self, member: MemberArticle) -> None:
        """Let an article go."""
        self.members.remove(member)
        self._sum = None

    def within_link(self) -> float | None:
        """Return the mean similarity (0 to 1) of two of its articles, None of a single one."""
        central = self.central_members
        count = len(central)
        if count < 2:  # noqa: PLR2004 - a pair
            return None
        own = sum(member.norm2 for member in central)
        return (self.sum.norm2 - own) / (count * (count - 1) * SCALE**2)


def _by_time(member: MemberArticle) -> tuple[datetime, str]:
    return member.at, member.article_id


class TermIndex:
    """The articles of the window by their heaviest terms."""

    def __init__(self) -> None:
        self._articles: dict[int, list[MemberArticle]] = {}
        self._dense: NDArray[np.int64] = np.zeros(1 << TERM_BITS, np.int64)

    def add(self, article: MemberArticle) -> None:
        """Make an article findable."""
        for term in article.key_terms:
            self._articles.setdefault(term, []).append(article)

    def remove(self, article: MemberArticle) -> None:
        """Forget an article."""
        for term in article.key_terms:
            found = self._articles[term]
            found.remove(article)
            if not found:
                del self._articles[term]

    def candidates(self, vector: TermVector, lane: str) -> list[OpenStory]:
        """Return the stories that share the heaviest and rarest terms, best first."""
        terms = strongest(vector, QUERY_TERMS)
        weights = dict(zip(vector.ids.tolist(), vector.weights.tolist(), strict=True))
        found = [
            (len(articles), term, articles)
            for term in terms.tolist()
            if (articles := self._articles.get(term))
        ]
        shared: dict[OpenStory, int] = {}
        looked = 0
        for count, term, articles in sorted(found, key=lambda entry: entry[:2]):
            looked += count
            if looked > MAX_LOOKUPS:
                break
            for story in {article.story for article in articles}:
                shared[story] = shared.get(story, 0) + weights[term]
        of_lane = [story for story in shared if story.lane == lane]
        of_lane.sort(key=lambda story: (-shared[story], story.story_id))
        return of_lane[:MAX_CANDIDATES]

    def products(self, vector: TermVector, stories: Iterable[OpenStory]) -> Iterator[int]:
        """Yield the product of ``vector`` with the sum of each story."""
        self._dense[vector.ids] = vector.weights
        try:
            for story in stories:
                yield story.sum.dot(self._dense)
        finally:
            self._dense[vector.ids] = 0


def cosine(product: int, first_norm2: int, second_norm2: int) -> float:
    """Return the cosine of two vectors, 0 where one is empty."""
    return product / math.sqrt(first_norm2 * second_norm2) if product else 0.0

"""Hold the articles of a story that are in the window.

Nothing here depends on the order in which articles came: sums are whole numbers, members are kept
by time and id.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from datetime import datetime

from dateline.document_records import StoryEntity
from processors.stories.cluster_records import ClusteredArticle, ClusteredStory, StoryInput
from processors.stories.term_vector import SCALE, TermVector, strongest, summed

# A story that goes on for weeks is what its latest articles say, and costs no more than this.
MAX_CENTROID_ARTICLES = 128
# By how many terms an article can be found.
KEY_TERMS = 16
MAX_ENTITIES = 20
MAX_TITLE_CHARS = 200


class MemberArticle:
    """An article of the window."""

    __slots__ = (
        "article_id", "at", "entities", "is_copy", "language", "source_id", "story", "title",
        "vector",
    )  # fmt: skip

    def __init__(
        self, article: StoryInput | ClusteredArticle, vector: TermVector, story: OpenStory
    ) -> None:
        self.article_id = article.article_id
        self.at = article.at
        self.language = article.language
        self.source_id = article.source_id
        self.show(title=article.title, entities=article.entities, is_copy=article.is_copy)
        self.vector = vector
        self.story = story

    @property
    def key_terms(self) -> list[int]:
        """Return the terms by which it can be found; they follow from its vector."""
        found: list[int] = strongest(self.vector, KEY_TERMS).tolist()
        return found

    def show(self, *, title: str, entities: Sequence[StoryEntity], is_copy: bool) -> None:
        """Take what people may see of it; the most frequent entities are kept."""
        self.title = title[:MAX_TITLE_CHARS]
        self.is_copy = is_copy
        self.entities: tuple[StoryEntity, ...] = tuple(
            sorted(entities, key=lambda e: (-e.count, e.entity_id))[:MAX_ENTITIES]
        )


class OpenStory:
    """A story with its articles of the window, in order of time and id."""

    __slots__ = (
        "_sum", "lane", "members", "merged_ids", "root_article_id", "split_from_ids", "story_id",
    )  # fmt: skip

    def __init__(self, record: ClusteredStory) -> None:
        self.story_id = record.story_id
        self.root_article_id = record.root_article_id
        self.lane = record.lane
        self.merged_ids = set(record.merged_ids)
        self.split_from_ids = set(record.split_from_ids)
        self.members: list[MemberArticle] = []
        self._sum: TermVector | None = None

    @property
    def record(self) -> ClusteredStory:
        """Return what is to be kept of the story beside its articles."""
        return ClusteredStory(
            story_id=self.story_id,
            root_article_id=self.root_article_id,
            lane=self.lane,
            merged_ids=tuple(sorted(self.merged_ids)),
            split_from_ids=tuple(sorted(self.split_from_ids)),
        )

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
        own = sum(member.vector.norm2 for member in central)
        return (self.sum.norm2 - own) / (count * (count - 1) * SCALE**2)


def _by_time(member: MemberArticle) -> tuple[datetime, str]:
    return member.at, member.article_id

"""Group articles into stories, one pass over the stream (contract points 3 to 5).

An article joins the story whose centroid it is nearest to, where near enough. When a story has
grown it is looked at again: it takes in stories that have turned out to be its own, and it is split
where it holds two events. Both are records; neither may alert.

What is kept follows from the articles of the window and their stories alone, so that a state read
back after a restart gives the same answers (``dump`` and ``load``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import numpy as np

from dateline import ids
from processors.stories.cluster_records import (
    ClusteredArticle,
    ClusteredStory,
    StoryAssignment,
    StoryInput,
    StoryMerge,
    StorySplit,
    StorySummary,
)
from processors.stories.cluster_settings import ClusterSettings
from processors.stories.describe_story import describe_story
from processors.stories.open_stories import MemberArticle, OpenStory, TermIndex, cosine
from processors.stories.split_story import split_story
from processors.stories.term_vector import SCALE, TermFrequencies, TermVector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StoryClusters:
    """The stories of the window; one writer."""

    def __init__(self, settings: ClusterSettings | None = None) -> None:
        self._settings = settings or ClusterSettings()
        self._articles: dict[str, MemberArticle] = {}
        self._stories: dict[str, OpenStory] = {}
        self._frequencies = TermFrequencies()
        self._index = TermIndex()

    def __len__(self) -> int:
        return len(self._articles)

    @property
    def story_count(self) -> int:
        """Return how many stories have an article in the window."""
        return len(self._stories)

    def story_of(self, article_id: str) -> str | None:
        """Return the story of an article of the window, or None."""
        article = self._articles.get(article_id)
        return article.story.story_id if article else None

    def assign(self, article: StoryInput) -> StoryAssignment:
        """Return the story of an article, which from now on belongs to it.

        An article that is known stays where it is, and is compared by its new text.
        """
        vector = self._frequencies.weigh(article.terms, article.language)
        known = self._articles.get(article.article_id)
        if known is not None:
            return self._assign_again(known, article, vector)
        story, score = self._nearest(vector, article)
        is_new = story is None
        if story is None:
            story = self._open(ids.story_id(article.article_id), article.article_id, article.lane)
        self._put(MemberArticle(article, vector, story))
        merges, splits = ([], []) if is_new else self._look_again(story)
        reasons = [f"{'new story: nearest' if is_new else 'similarity'} {score:.2f}"]
        reasons += [record.reason for record in (*merges, *splits)]
        return StoryAssignment(
            story_id=self._articles[article.article_id].story.story_id,
            is_new=is_new,
            score=score,
            reasons=tuple(reasons),
            merges=tuple(merges),
            splits=tuple(splits),
        )

    def remove(self, article_id: str) -> str | None:
        """Forget an article; return its story's id where it was the last one in the window."""
        article = self._articles.get(article_id)
        if article is None:
            return None
        self._take(article)
        story = article.story
        if story.members:
            return None
        del self._stories[story.story_id]
        return story.story_id

    def expire(self, now: datetime) -> tuple[str, ...]:
        """Forget articles that have left the window at ``now``; return the stories that closed."""
        before = now - self._settings.window
        old = [
            article.article_id
            for story in self._stories.values()
            for article in takewhile(lambda member: member.at < before, story.members)
        ]
        closed = [self.remove(article_id) for article_id in old]
        return tuple(sorted(story_id for story_id in closed if story_id is not None))

    def describe(self, story_id: str) -> StorySummary:
        """Return a story as people see it; ``KeyError`` for one that is not in the window."""
        return describe_story(self._stories[story_id])

    def article_record(self, article_id: str) -> ClusteredArticle:
        """Return what is to be kept of an article; ``KeyError`` where it is not in the window."""
        article = self._articles[article_id]
        return ClusteredArticle(
            article_id=article.article_id,
            story_id=article.story.story_id,
            at=article.at,
            language=article.language,
            lane=article.story.lane,
            source_id=article.source_id,
            title=article.title,
            is_copy=article.is_copy,
            term_ids=article.vector.ids.astype("<u4").tobytes(),
            term_weights=article.vector.weights.astype("<u2").tobytes(),
            entities=article.entities,
        )

    def story_record(self, story_id: str) -> ClusteredStory:
        """Return what is to be kept of a story; ``KeyError`` where it is not in the window."""
        story = self._stories[story_id]
        return ClusteredStory(
            story_id=story.story_id,
            root_article_id=story.root_article_id,
            lane=story.lane,
            story_aliases=story.aliases,
        )

    def dump(self) -> tuple[tuple[ClusteredStory, ...], tuple[ClusteredArticle, ...]]:
        """Return the whole state, in an order of its own."""
        stories = tuple(self.story_record(story_id) for story_id in sorted(self._stories))
        return stories, tuple(self.article_record(each) for each in sorted(self._articles))

    @classmethod
    def load(
        cls,
        stories: Iterable[ClusteredStory],
        articles: Iterable[ClusteredArticle],
        settings: ClusterSettings | None = None,
    ) -> StoryClusters:
        """Return the state that these records were of; their order does not matter."""
        clusters = cls(settings)
        known = {record.story_id: record for record in stories}
        for record in articles:
            clusters._restore(record, known[record.story_id])
        return clusters

    def _restore(self, record: ClusteredArticle, of: ClusteredStory) -> None:
        story = self._stories.get(of.story_id) or self._open(
            of.story_id, of.root_article_id, of.lane, of.story_aliases
        )
        vector = TermVector(
            np.frombuffer(record.term_ids, "<u4").astype(np.uint32),
            np.frombuffer(record.term_weights, "<u2").astype(np.uint16),
        )
        self._put(MemberArticle(record, vector, story))

    def _assign_again(
        self, known: MemberArticle, article: StoryInput, vector: TermVector
    ) -> StoryAssignment:
        story = known.story
        self._take(known)
        self._put(MemberArticle(article, vector, story))
        return StoryAssignment(
            story_id=story.story_id, is_new=False, score=1.0, reasons=("known article",)
        )

    def _nearest(self, vector: TermVector, article: StoryInput) -> tuple[OpenStory | None, float]:
        """Return the story to join, or None, and the best score."""
        candidates = self._index.candidates(vector, article.lane)
        norm2 = vector.norm2
        best, best_score = None, 0.0
        for story, product in zip(
            candidates, self._index.products(vector, candidates), strict=True
        ):
            gap = max(story.first_at - article.at, article.at - story.last_at)
            score = cosine(product, norm2, story.sum.norm2) * self._settings.decay(gap)
            if score > best_score:
                best, best_score = story, score
        return (best if best_score >= self._settings.min_join else None), best_score

    def _look_again(self, story: OpenStory) -> tuple[list[StoryMerge], list[StorySplit]]:
        """Merge and split a story that has grown to one of the sizes at which it is looked at."""
        if not is_checkpoint(len(story.members)):
            return [], []
        merges: list[StoryMerge] = []
        while (found := self._same_story(story)) is not None:
            other, reason = found
            into, left = sorted((story, other), key=lambda one: (one.first_at, one.story_id))
            merges.append(self._merge(left, into, reason))
            story = into
        split = self._split(story)
        return merges, [split] if split else []

    def _same_story(self, story: OpenStory) -> tuple[OpenStory, str] | None:
        candidates = [
            other
            for other in self._index.candidates(story.sum, story.lane)
            if other is not story
        ]
        best, best_link, reason = None, self._settings.min_merge, ""
        for other, product in zip(
            candidates, self._index.products(story.sum, candidates), strict=True
        ):
            pairs = len(story.central_members) * len(other.central_members)
            gap = max(other.first_at - story.last_at, story.first_at - other.last_at)
            link = product / (pairs * SCALE**2) * self._settings.decay(gap)
            within = _mean_within(story, other)
            if link > best_link and link >= self._settings.min_merge_ratio * within:
                best, best_link = other, link
                reason = f"merge: articles {link:.2f} alike, {within:.2f} within the stories"
        return (best, reason) if best else None

    def _merge(self, left: OpenStory, into: OpenStory, reason: str) -> StoryMerge:
        moved = list(left.members)
        self._move(moved, left, into)
        del self._stories[left.story_id]
        into.aliases = tuple(sorted({*into.aliases, left.story_id, *left.aliases}))
        return StoryMerge(
            from_story_id=left.story_id,
            into_story_id=into.story_id,
            article_ids=tuple(member.article_id for member in moved),
            reason=reason,
        )

    def _split(self, story: OpenStory) -> StorySplit | None:
        members = list(story.central_members)
        parts = split_story([member.vector for member in members])
        if parts is None:
            return None
        sides: tuple[list[MemberArticle], list[MemberArticle]] = ([], [])
        for member, is_second in zip(members, parts.is_second, strict=True):
            sides[is_second].append(member)
        # The part with the root keeps the id; where the root has left the window, the larger one.
        kept, leaving = sorted(
            sides,
            key=lambda part: (
                all(member.article_id != story.root_article_id for member in part),
                -len(part),
            ),
        )
        del kept
        used = {story.story_id, *story.aliases}
        # An id that was merged away once is never given again.
        roots = [m for m in leaving if ids.story_id(m.article_id) not in used]
        if not roots:
            return None
        root = roots[0].article_id
        new = self._open(ids.story_id(root), root, story.lane, used)
        self._move(leaving, story, new)
        story.aliases = tuple(sorted({*story.aliases, new.story_id}))
        return StorySplit(
            from_story_id=story.story_id,
            into_story_id=new.story_id,
            article_ids=tuple(member.article_id for member in leaving),
            reason=f"split: the parts are {parts.between_to_within:.2f} as alike as each is itself",
        )

    def _open(
        self, story_id: str, root_article_id: str, lane: str, aliases: Iterable[str] = ()
    ) -> OpenStory:
        story = OpenStory(story_id, root_article_id, lane, aliases)
        self._stories[story_id] = story
        return story

    def _move(self, members: Iterable[MemberArticle], left: OpenStory, into: OpenStory) -> None:
        for member in members:
            left.remove(member)
            member.story = into
            into.add(member)

    def _put(self, member: MemberArticle) -> None:
        self._articles[member.article_id] = member
        member.story.add(member)
        self._index.add(member)
        self._frequencies.count(member.vector, member.language)

    def _take(self, member: MemberArticle) -> None:
        del self._articles[member.article_id]
        member.story.remove(member)
        self._index.remove(member)
        self._frequencies.count(member.vector, member.language, -1)

"""Group articles into stories, one pass over the stream (contract points 3 to 5).

An article joins the story whose centroid it is nearest to, where near enough. When a story has
grown it is looked at again: it takes in stories that have turned out to be its own, and it is split
where it holds two events. Both are records; neither may alert.

What is kept follows from the articles of the window and their stories alone, so that a state read
back after a restart gives the same answers (``dump`` and ``load``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from dateline import ids
from dateline.document_records import StoryEntity
from processors.stories.cluster_records import (
    ClusteredArticle,
    ClusteredStory,
    StoryAssignment,
    StoryInput,
    StoryMerge,
    StorySplit,
    StorySummary,
)
from processors.stories.cluster_settings import ClusterSettings, is_checkpoint
from processors.stories.describe_story import Who, as_said, describe_story
from processors.stories.open_stories import MAX_CENTROID_ARTICLES, MemberArticle, OpenStory
from processors.stories.split_story import Parts, split_story
from processors.stories.story_window import StoryWindow
from processors.stories.term_index import cosine
from processors.stories.term_vector import SCALE, TermVector


class StoryClusters:
    """The stories of the window; one writer.

    A change is not undone: after a failed transaction the state is read back anew.
    """

    def __init__(self, settings: ClusterSettings | None = None) -> None:
        self._settings = settings or ClusterSettings()
        self._window = StoryWindow()

    @property
    def article_count(self) -> int:
        """Return how many articles are in the window."""
        return len(self._window.articles)

    @property
    def story_count(self) -> int:
        """Return how many stories have an article in the window."""
        return len(self._window.stories)

    def story_of(self, article_id: str) -> str | None:
        """Return the story of an article of the window, or None."""
        article = self._window.articles.get(article_id)
        return article.story.story_id if article else None

    def assign(self, article: StoryInput) -> StoryAssignment:
        """Return the story of an article, which from now on belongs to it.

        An article that has a story stays where it is, and is compared by its new text. A new one
        that shares its text with another joins that one's story; else the nearest one.
        """
        stayed = self._kept_story(article)
        vector = self._window.frequencies.weigh(article.terms, article.language)
        if stayed is not None:
            self._window.put(article, vector, stayed)
            return StoryAssignment(
                story_id=stayed.story_id, is_new=False, score=1.0, reasons=("has a story",)
            )
        near = self._near(vector, article)
        score, nearest = near[0] if near else (0.0, None)
        same = self._story_with(article)
        is_new = same is None and (nearest is None or score < self._settings.min_join)
        story = same or nearest
        if story is None or is_new:
            story = self._open(article)
        self._window.put(article, vector, story)
        merges: list[StoryMerge] = []
        splits: list[StorySplit] = []
        if not is_new:
            merges, splits = self._look_again(story, [other for _, other in near])
        reasons = [f"{'new story: nearest' if is_new else 'similarity'} {score:.2f}"]
        if same is not None:
            reasons = [f"shares its text with {article.with_article_id}"]
        reasons += [merge.reason for merge in merges] + [split.reason for split in splits]
        return StoryAssignment(
            story_id=self._window.articles[article.article_id].story.story_id,
            is_new=is_new,
            score=1.0 if same is not None else score,
            reasons=tuple(reasons),
            merges=tuple(merges),
            splits=tuple(splits),
        )

    def show(
        self, article_id: str, *, title: str, entities: tuple[StoryEntity, ...], is_copy: bool
    ) -> None:
        """Change what an article of the window shows; what it is compared by stays."""
        self._window.articles[article_id].show(title=title, entities=entities, is_copy=is_copy)

    def remove(self, article_id: str) -> str | None:
        """Forget an article; return its story's id where that is now without articles."""
        if article_id not in self._window.articles:
            return None
        story = self._window.take(article_id)
        if story.members:
            return None
        self._window.close(story)
        return story.story_id

    def window_start(self) -> datetime | None:
        """Return the time before which articles leave the window, or None: it has none.

        A whole hour, and a function of the newest article there, not of any clock: a restart
        changes nothing.
        """
        newest = self._window.newest_at
        if newest is None:
            return None
        return (newest - self._settings.window).replace(minute=0, second=0, microsecond=0)

    def older_than(self, before: datetime) -> tuple[str, ...]:
        """Return the articles from before this time, sorted."""
        return tuple(sorted(self._window.older_than(before)))

    def find_story(self, story_id: str) -> ClusteredStory | None:
        """Return the open story with this id, or the one that it was merged into."""
        story = self._window.find_story(story_id)
        return story.record if story else None

    def describe(self, story_id: str, who: Who = as_said) -> StorySummary:
        """Return a story as people see it; ``KeyError`` for one that is not in the window."""
        return describe_story(self._window.stories[story_id], who)

    def article_record(self, article_id: str) -> ClusteredArticle:
        """Return what is to be kept of an article; ``KeyError`` where it is not in the window."""
        return self._window.article_record(article_id)

    def story_record(self, story_id: str) -> ClusteredStory:
        """Return what is to be kept of a story; ``KeyError`` where it is not in the window."""
        return self._window.stories[story_id].record

    def dump(self) -> tuple[tuple[ClusteredStory, ...], tuple[ClusteredArticle, ...]]:
        """Return the whole state, sorted by id."""
        stories = tuple(self.story_record(each) for each in sorted(self._window.stories))
        return stories, tuple(self.article_record(each) for each in sorted(self._window.articles))

    @classmethod
    def load(
        cls,
        stories: Iterable[ClusteredStory],
        articles: Iterable[ClusteredArticle],
        settings: ClusterSettings | None = None,
    ) -> StoryClusters:
        """Return the state that these records were of; their order does not matter.

        Raises:
            KeyError: an article names a story that is not among ``stories``.
        """
        clusters = cls(settings)
        known = {record.story_id: record for record in stories}
        for record in articles:
            clusters.restore(record, known[record.story_id])
        clusters.add_up()
        return clusters

    def restore(self, article: ClusteredArticle, story: ClusteredStory) -> None:
        """Take in an article as it was kept, with its story; call ``add_up`` after the last."""
        self._window.restore(article, story)

    def add_up(self) -> None:
        """Add up every story, so that the first articles after a start wait for none."""
        self._window.add_up()

    def _kept_story(self, article: StoryInput) -> OpenStory | None:
        """Return the story that an article has, without the article; opened anew where need be."""
        if article.article_id in self._window.articles:
            return self._window.take(article.article_id)
        # Its story may have outlived it.
        story_id = article.story_id or ids.story_id(article.article_id)
        story = self._window.find_story(story_id)
        if story is None and article.story_id is not None:
            return self._open(article)
        return story

    def _story_with(self, article: StoryInput) -> OpenStory | None:
        other = self._window.articles.get(article.with_article_id or "")
        return other.story if other is not None and other.story.lane == article.lane else None

    def _open(self, article: StoryInput) -> OpenStory:
        story_id = article.story_id or ids.story_id(article.article_id)
        return self._window.open(
            article.kept_story
            or ClusteredStory(
                story_id=story_id, root_article_id=article.article_id, lane=article.lane
            )
        )

    def _near(self, vector: TermVector, article: StoryInput) -> list[tuple[float, OpenStory]]:
        """Return the stories that may be the article's with their scores, nearest first."""
        near = []
        for story in self._window.index.candidates(vector, article.lane):
            gap = max(story.first_at - article.at, article.at - story.last_at)
            near.append((cosine(story.sum, vector) * self._settings.decay(gap), story))
        near.sort(key=lambda one: (-one[0], one[1].story_id))
        return near

    def _look_again(
        self, story: OpenStory, others: Iterable[OpenStory]
    ) -> tuple[list[StoryMerge], list[StorySplit]]:
        """Merge and split a story that has grown to one of the sizes at which it is looked at.

        Only ``others``, which are near its newest article, are asked whether they are the same.
        """
        if not is_checkpoint(len(story.members)):
            return [], []
        merges: list[StoryMerge] = []
        left = [other for other in others if other is not story]
        while (found := self._same_story(story, left)) is not None:
            other, reason = found
            left.remove(other)
            into, gone = sorted((story, other), key=lambda one: (one.first_at, one.story_id))
            merges.append(self._merge(gone, into, reason))
            story = into
        split = self._split(story)
        return merges, [split] if split else []

    def _same_story(
        self, story: OpenStory, others: Iterable[OpenStory]
    ) -> tuple[OpenStory, str] | None:
        best, best_link, reason = None, self._settings.min_merge, ""
        for other in others:
            pairs = _central_count(story) * _central_count(other)
            gap = max(other.first_at - story.last_at, story.first_at - other.last_at)
            link = story.sum.dot(other.sum) / (pairs * SCALE**2) * self._settings.decay(gap)
            if link <= best_link:
                continue
            within = _mean_within(story, other)
            if link >= self._settings.min_merge_ratio * within:
                best, best_link = other, link
                reason = f"merge: articles {link:.2f} alike, {within:.2f} within the stories"
        return (best, reason) if best else None

    def _merge(self, left: OpenStory, into: OpenStory, reason: str) -> StoryMerge:
        moved = tuple(member.article_id for member in left.members)
        closed = left.record
        self._window.merge(left, into)
        return StoryMerge(
            from_story_id=left.story_id,
            into_story_id=into.story_id,
            article_ids=moved,
            reason=reason,
            closed=closed,
        )

    def _split(self, story: OpenStory) -> StorySplit | None:
        members = list(story.central_members)
        parts = split_story([member.vector for member in members])
        leaving = _leaving(members, parts, story.root_article_id) if parts else []
        used = {story.story_id, *story.merged_ids, *story.split_from_ids}
        # An id that was given once is never given to another story.
        roots = [m.article_id for m in leaving if ids.story_id(m.article_id) not in used]
        if parts is None or not roots:
            return None
        new = self._window.open(
            ClusteredStory(
                story_id=ids.story_id(roots[0]),
                root_article_id=roots[0],
                lane=story.lane,
                split_from_ids=tuple(used),
            )
        )
        self._window.move(leaving, new)
        return StorySplit(
            from_story_id=story.story_id,
            into_story_id=new.story_id,
            article_ids=tuple(member.article_id for member in leaving),
            reason=f"split: across the parts articles are {parts.between_to_within:.2f} times"
            " as alike as within",
        )


def _leaving(
    members: Sequence[MemberArticle], parts: Parts, root_article_id: str
) -> list[MemberArticle]:
    """Return the part that gets a new id: the one without the root, else the smaller one."""
    sides: tuple[list[MemberArticle], list[MemberArticle]] = ([], [])
    for member, is_second in zip(members, parts.is_second, strict=True):
        sides[is_second].append(member)
    return min(
        sides, key=lambda side: (any(m.article_id == root_article_id for m in side), len(side))
    )


def _central_count(story: OpenStory) -> int:
    return min(len(story.members), MAX_CENTROID_ARTICLES)


def _mean_within(first: OpenStory, second: OpenStory) -> float:
    """Return the mean similarity of two articles of one story; 0 where both have only one."""
    known = [
        (link, _central_count(story))
        for story in (first, second)
        if (link := story.within_link()) is not None
    ]
    count = sum(size for _, size in known)
    return sum(link * size for link, size in known) / count if count else 0.0

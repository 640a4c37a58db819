"""Hold all articles and stories of the window; read them from records and give records of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

import numpy as np

from processors.stories.cluster_records import ClusteredArticle, ClusteredStory, StoryInput
from processors.stories.open_stories import MemberArticle, OpenStory
from processors.stories.term_index import TermIndex
from processors.stories.term_vector import TermFrequencies, TermVector, term_vector


class StoryWindow:
    """Articles by id, stories by id, how frequent terms are, and where they occur."""

    def __init__(self) -> None:
        self.articles: dict[str, MemberArticle] = {}
        self.stories: dict[str, OpenStory] = {}
        self.frequencies = TermFrequencies()
        self.index = TermIndex()
        self._merged_into: dict[str, OpenStory] = {}
        self._newest_at: datetime | None = None
        # Nothing is older than this, as far as is known.
        self._clean_before: datetime | None = None

    @property
    def newest_at(self) -> datetime | None:
        """Return the event time of the newest article, or None: there is none."""
        if self._newest_at is None and self.stories:
            self._newest_at = max(story.last_at for story in self.stories.values())
        return self._newest_at

    def open(self, record: ClusteredStory) -> OpenStory:
        """Return a new story without articles."""
        story = OpenStory(record)
        self.stories[story.story_id] = story
        self._merged_into.update(dict.fromkeys(story.merged_ids, story))
        return story

    def find_story(self, story_id: str) -> OpenStory | None:
        """Return the open story with this id, or the one that it was merged into."""
        return self.stories.get(story_id) or self._merged_into.get(story_id)

    def put(
        self, article: StoryInput | ClusteredArticle, vector: TermVector, to: OpenStory
    ) -> None:
        """Take an article into a story."""
        member = MemberArticle(article, vector, to)
        self.articles[member.article_id] = member
        to.add(member)
        self.index.add(member)
        self.frequencies.count(vector, member.language)
        if self._newest_at is not None:
            self._newest_at = max(self._newest_at, member.at)
        if self._clean_before is not None and member.at < self._clean_before:
            self._clean_before = None

    def take(self, article_id: str) -> OpenStory:
        """Forget an article; return its story, which may be empty now."""
        member = self.articles.pop(article_id)
        member.story.remove(member)
        self.index.remove(member)
        self.frequencies.count(member.vector, member.language, -1)
        if member.at == self._newest_at:
            self._newest_at = None  # found again when asked for
        return member.story

    def move(self, members: Iterable[MemberArticle], to: OpenStory) -> None:
        """Move articles to another story."""
        for member in members:
            member.story.remove(member)
            member.story = to
            to.add(member)
            self.index.move(member)

    def merge(self, left: OpenStory, into: OpenStory) -> None:
        """Move everything from one story to another, and close it."""
        self.move(list(left.members), into)
        self.close(left)
        into.merged_ids |= {left.story_id, *left.merged_ids}
        into.split_from_ids |= left.split_from_ids - {into.story_id}
        self._merged_into.update(dict.fromkeys(into.merged_ids, into))

    def close(self, story: OpenStory) -> None:
        """Forget a story that has no articles."""
        del self.stories[story.story_id]
        self.index.close(story)
        for story_id in story.merged_ids:
            self._merged_into.pop(story_id, None)

    def older_than(self, before: datetime) -> list[str]:
        """Return the articles from before this time; a look at all stories, where it may be."""
        if self._clean_before is not None and before <= self._clean_before:
            return []
        old = [
            member.article_id
            for story in self.stories.values()
            for member in takewhile(lambda member: member.at < before, story.members)
        ]
        if not old:
            self._clean_before = before
        return old

    def article_record(self, article_id: str) -> ClusteredArticle:
        """Return what is to be kept of an article; ``KeyError`` where it is not in the window."""
        member = self.articles[article_id]
        return ClusteredArticle(
            article_id=member.article_id,
            story_id=member.story.story_id,
            at=member.at,
            language=member.language,
            source_id=member.source_id,
            title=member.title,
            is_copy=member.is_copy,
            term_ids=member.vector.ids.astype("<u4").tobytes(),
            term_weights=member.vector.weights.astype("<u2").tobytes(),
            entities=member.entities,
        )

    def restore(self, record: ClusteredArticle, of: ClusteredStory) -> None:
        """Take in an article as it was kept, with its story where that is not open."""
        vector = term_vector(
            np.frombuffer(record.term_ids, "<u4").astype(np.uint32, copy=False),
            np.frombuffer(record.term_weights, "<u2").astype(np.uint16, copy=False),
        )
        self.put(record, vector, self.stories.get(of.story_id) or self.open(of))

    def add_up(self) -> None:
        """Add up every story now, so that the first articles after a start wait for none."""
        for story in self.stories.values():
            _ = story.sum

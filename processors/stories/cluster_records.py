"""Return the records that story clustering reads and writes; all are plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dateline.document_records import StoryEntity, StoryTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryInput:
    """An article as it is clustered; ``at`` is its clamped event time (aware UTC).

    ``lane`` never changes for an article, and stories never cross lanes. ``is_copy``: it was taken
    from another article, so that it stands for its story only where nothing else does.
    ``story_id`` is its story where it had one before: an article stays where it is; ``kept_story``
    is what was kept of that one, where it may not be in the window. ``with_article_id``: what it
    was taken from, or what was taken from it; a new article goes where that one is.
    """

    article_id: str
    terms: StoryTerms
    at: datetime
    language: str
    source_id: str
    title: str = ""
    lane: str = ""
    is_copy: bool = False
    story_id: str | None = None
    kept_story: ClusteredStory | None = None
    with_article_id: str | None = None
    entities: tuple[StoryEntity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMerge:
    """``from_story_id`` is now part of ``into_story_id``; ``article_ids`` moved. Never alerts.

    ``closed`` is what was kept of the story that is no more.
    """

    from_story_id: str
    into_story_id: str
    article_ids: tuple[str, ...]
    reason: str
    closed: ClusteredStory


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySplit:
    """``article_ids`` left ``from_story_id`` for the new ``into_story_id``. Never alerts."""

    from_story_id: str
    into_story_id: str
    article_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryAssignment:
    """The story of an article, and what became of other articles because of it.

    ``score`` is 0 to 1: how near the story was, or the nearest one when ``is_new``. ``story_id`` is
    the one after all merges and splits.
    """

    story_id: str
    is_new: bool
    score: float
    reasons: tuple[str, ...]
    merges: tuple[StoryMerge, ...] = ()
    splits: tuple[StorySplit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredArticle:
    """What is kept of an article: about 1 kB, no text. The whole state follows from these.

    ``term_ids`` are little-endian uint32, ``term_weights`` little-endian uint16.
    """

    article_id: str
    story_id: str
    at: datetime
    language: str
    source_id: str
    title: str
    is_copy: bool
    term_ids: bytes
    term_weights: bytes
    entities: tuple[StoryEntity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredStory:
    """A story, its root, the ids that were merged into it, and those that it was split from."""

    story_id: str
    root_article_id: str
    lane: str
    merged_ids: tuple[str, ...] = ()
    split_from_ids: tuple[str, ...] = ()

    @property
    def story_aliases(self) -> tuple[str, ...]:
        """Return every other id under which an alert about its articles may have been sent."""
        return tuple(sorted({*self.merged_ids, *self.split_from_ids}))


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySummary:
    """A story as people see it; times and counts are of the articles in the window.

    ``entities`` are the most frequent first, ``count`` is in how many articles.
    """

    story_id: str
    title: str
    main_article_id: str
    first_at: datetime
    last_at: datetime
    article_count: int
    source_ids: tuple[str, ...]
    entities: tuple[StoryEntity, ...]
    story_aliases: tuple[str, ...]

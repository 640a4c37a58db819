"""Keep the records of stories as people see them, through one batch.

A record is written once a batch, after the last change to its story, and only where it differs
from the one before. What has left the window keeps its last record; there only what must go is
taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from dateline.document_records import StoryChange, StoryEntity
from dateline.records import ArticleState, StoryRecord
from processors.stories.cluster_records import (
    ClusteredStory,
    StoryAssignment,
    StoryMerge,
    StorySplit,
    StorySummary,
)
from processors.stories.describe_story import Who, as_said, names_title
from processors.stories.story_clusters import StoryClusters

MAX_CHANGES = 50
# A record must stay far below what its topic takes (config/topics.toml).
MAX_CHANGE_ARTICLES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What people may see of an article: empty where it was killed, is withheld or not indexed."""

    title: str = ""
    entities: tuple[StoryEntity, ...] = ()
    is_hidden: bool = False


HIDDEN = Shown(is_hidden=True)


class StoryBook:
    """The records of stories: what the batch has changed, then what the session holds."""

    def __init__(
        self,
        clusters: StoryClusters,
        records: Mapping[str, StoryRecord],
        who: Who = as_said,
    ) -> None:
        self._clusters = clusters
        self._who = who
        self._records = records
        self._outside: dict[str, StoryRecord] = {}
        self._touched: dict[str, None] = {}
        self._changes: dict[str, list[StoryChange]] = {}
        self._closed: dict[str, tuple[ClusteredStory, str]] = {}

    def touch(self, story_id: str) -> None:
        """Note that what people see of a story may have changed."""
        self._touched[story_id] = None

    def note(self, answer: StoryAssignment, at: datetime) -> None:
        """Note which stories an article has changed, and how."""
        self.touch(answer.story_id)
        for merge in answer.merges:
            self._closed[merge.from_story_id] = (merge.closed, merge.into_story_id)
            self._add(merge, "merge", at)
        for split in answer.splits:
            self._add(split, "split", at)

    def _add(
        self, change: StoryMerge | StorySplit, kind: Literal["merge", "split"], at: datetime
    ) -> None:
        record = StoryChange(
            kind=kind,
            from_story_id=change.from_story_id,
            into_story_id=change.into_story_id,
            article_ids=change.article_ids[:MAX_CHANGE_ARTICLES],
            reason=change.reason,
            at=at,
        )
        for story_id in (change.from_story_id, change.into_story_id):
            self.touch(story_id)
            self._changes.setdefault(story_id, []).append(record)

    def kept(self, story_id: str) -> ClusteredStory | None:
        """Return what is known of a story, or of the one that it was merged into."""
        found = self._clusters.find_story(story_id)
        if found is not None:
            return found
        record, seen = self._get(story_id), {story_id}
        while record is not None and record.merged_into and record.merged_into not in seen:
            seen.add(record.merged_into)
            record = self._get(record.merged_into)
        if record is None:
            return None
        return self._clusters.find_story(record.story_id) or clustered_story(record)

    def show_outside(self, state: ArticleState, shown: Shown) -> None:
        """Show, or no longer show, an article that is not in the window.

        A story of this article alone is written anew. Of another one it is not known what came from
        which article, so that with an article that is hidden all names go.
        """
        before = self._get(state.story_id)
        if self._clusters.find_story(state.story_id) is not None:
            self.touch(state.story_id)
        elif before is None:
            if not shown.is_hidden:
                self._outside[state.story_id] = _alone(state, shown)
        elif before.merged_into is None and _is_alone(before, state):
            alone = replace(_alone(state, shown), revision=before.revision, lane=before.lane)
            self._outside[state.story_id] = replace(
                alone,
                root_article_id=before.root_article_id,
                merged_ids=before.merged_ids,
                split_from_ids=before.split_from_ids,
                changes=before.changes,
            )
        else:
            self._outside[state.story_id] = _without(before, state, shown)

    def written(self) -> dict[str, StoryRecord]:
        """Return the records that differ from those before, by id, each with its next revision."""
        found = [self._now(story_id) for story_id in self._touched]
        found += [r for key, r in self._outside.items() if key not in self._touched]
        changed: dict[str, StoryRecord] = {}
        for record in found:
            before = self._records.get(record.story_id) if record else None
            if record is None or record == before:
                continue
            revision = before.revision + 1 if before else 1
            changed[record.story_id] = replace(record, revision=revision)
        return changed

    def _get(self, story_id: str) -> StoryRecord | None:
        return self._outside.get(story_id) or self._records.get(story_id)

    def _now(self, story_id: str) -> StoryRecord | None:
        """Return the record of a story that was touched, with the revision it had."""
        before = self._get(story_id)
        revision = before.revision if before else 1
        changes = (before.changes if before else (), self._changes.get(story_id, ()))
        latest = tuple(change for part in changes for change in part)[-MAX_CHANGES:]
        story = self._clusters.find_story(story_id)
        if story is not None and story.story_id == story_id:
            summary = self._clusters.describe(story_id, self._who)
            return _described(summary, story, revision=revision, changes=latest)
        closed = self._closed.get(story_id)
        if closed is not None:
            return self._merged(closed[0], closed[1], before, latest)
        return _emptied(before) if before else None

    def _merged(
        self,
        closed: ClusteredStory,
        into: str,
        before: StoryRecord | None,
        changes: tuple[StoryChange, ...],
    ) -> StoryRecord:
        other = self._clusters.find_story(into)
        # One that was begun and closed in one batch has only the time of that.
        at = changes[-1].at
        return StoryRecord(
            story_id=closed.story_id,
            root_article_id=closed.root_article_id,
            revision=before.revision if before else 1,
            lane=closed.lane,
            first_at=before.first_at if before else at,
            last_at=before.last_at if before else at,
            merged_ids=closed.merged_ids,
            split_from_ids=closed.split_from_ids,
            merged_into=other.story_id if other is not None else into,
            changes=changes,
        )


def clustered_story(record: StoryRecord) -> ClusteredStory:
    """Return what clustering needs of a record."""
    return ClusteredStory(
        story_id=record.story_id,
        root_article_id=record.root_article_id,
        lane=record.lane,
        merged_ids=record.merged_ids,
        split_from_ids=record.split_from_ids,
    )


def _described(
    summary: StorySummary,
    story: ClusteredStory,
    *,
    revision: int,
    changes: tuple[StoryChange, ...],
) -> StoryRecord:
    return StoryRecord(
        story_id=story.story_id,
        root_article_id=story.root_article_id,
        revision=revision,
        lane=story.lane,
        title=summary.title,
        main_article_id=summary.main_article_id,
        first_at=summary.first_at,
        last_at=summary.last_at,
        article_count=summary.article_count,
        source_ids=summary.source_ids,
        entities=summary.entities,
        merged_ids=story.merged_ids,
        split_from_ids=story.split_from_ids,
        changes=changes,
    )


def _alone(state: ArticleState, shown: Shown) -> StoryRecord:
    """Return the record of a story of one article that is older than the window."""
    at = state.event_at or state.first_seen_at
    entities = tuple(replace(entity, count=1) for entity in shown.entities)
    return StoryRecord(
        story_id=state.story_id,
        root_article_id=state.article_id,
        lane=state.lane or "",
        title=shown.title or names_title(entities),
        main_article_id=None if shown.is_hidden else state.article_id,
        first_at=at,
        last_at=at,
        article_count=0 if state.pub_status == "canceled" else 1,
        source_ids=() if state.pub_status == "canceled" else (state.source_id,),
        entities=entities,
    )


def _is_alone(record: StoryRecord, state: ArticleState) -> bool:
    main = record.main_article_id or record.root_article_id
    return record.article_count <= 1 and main == state.article_id


def _without(record: StoryRecord, state: ArticleState, shown: Shown) -> StoryRecord:
    is_main = record.main_article_id == state.article_id
    if shown.is_hidden:
        is_of_names = record.title == names_title(record.entities)
        return replace(
            record,
            title="" if is_main or is_of_names else record.title,
            main_article_id=None if is_main else record.main_article_id,
            entities=(),
        )
    title = (shown.title or names_title(record.entities)) if is_main else record.title
    return replace(record, title=title)


def _emptied(record: StoryRecord) -> StoryRecord:
    """Return a story that has no articles and shows nothing of those it had."""
    return replace(
        record, title="", main_article_id=None, article_count=0, source_ids=(), entities=()
    )

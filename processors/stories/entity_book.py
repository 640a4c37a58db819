"""Keep who is who across documents, through one batch (contract point 9).

The directory changes in place; it is thrown away with the session when the batch is not committed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from dateline.document_records import ResolvedEntity, StoryEntity
from dateline.entities.directory import EntityDirectory, KnownArticle
from dateline.outcomes import Outcome
from dateline.records import ArticleState, EntityCorrection, EntityRecord
from processors.stories.shared_values import shared_entities

log = logging.getLogger(__name__)


class EntityBook:
    """What articles say of entities, and what follows for other articles."""

    def __init__(
        self, directory: EntityDirectory, corrections: Mapping[str, EntityCorrection]
    ) -> None:
        self._directory = directory
        self._corrections = corrections
        self.accepted: dict[str, EntityCorrection] = {}

    def tell(
        self, state: ArticleState, entities: Sequence[StoryEntity]
    ) -> tuple[ArticleState, tuple[ResolvedEntity, ...]]:
        """Return the state with what the article says in its story now, and who that is.

        ``entities`` are those that people may see: nothing is learned from a hidden article.
        """
        said = shared_entities(tuple(entities))
        self._directory.put(state.article_id, state.story_id, _at(state), said)
        for merge in self._directory.find_merges(state.article_id):
            log.info("stories: %s", merge.reason)
        resolved = self._directory.resolve(state.article_id)
        return replace(state, story_entities=said, resolved_sha256=_sha256(resolved)), resolved

    def who(self, entity: StoryEntity) -> StoryEntity:
        """Return an entity of an article under its id and name across articles."""
        own = entity.entity_id
        if not self._directory.keeps(own):
            return entity
        entity_id, name = self._directory.who(own)
        if (entity_id, name) == (own, entity.name):
            return entity
        return replace(entity, entity_id=entity_id, name=name)

    def resolve(self, state: ArticleState) -> tuple[ResolvedEntity, ...]:
        """Return who the entities of an article are by what was told of it before."""
        return self._directory.resolve(state.article_id)

    def forget(self, state: ArticleState) -> ArticleState:
        """Return the state of an article that says nothing any more."""
        self._directory.remove(state.article_id)
        return replace(state, story_entities=(), resolved_sha256=None)

    def correct(self, correction: EntityCorrection) -> Outcome:
        """Put a correction in force; one that cannot be is told, and changes nothing."""
        if (
            correction.correction_id in self._corrections
            or correction.correction_id in self.accepted
        ):
            return Outcome.DUPLICATE
        answer = self._directory.correct(correction)
        if not answer.is_accepted:
            log.warning(
                "stories: the correction %s (%s) is refused: %s",
                correction.correction_id, correction.kind, answer.reason,
            )  # fmt: skip
            return Outcome.UNDECIDED
        self.accepted[correction.correction_id] = correction
        return Outcome.PASSED

    def changed_records(self) -> dict[str, EntityRecord]:
        """Return the records of entities that changed in this batch, by id."""
        return {record.entity_id: record for record in self._directory.changed_records()}

    def has_changed(self, state: ArticleState) -> bool:
        """Return whether an article's entities are others than was emitted last."""
        return _sha256(self._directory.resolve(state.article_id)) != state.resolved_sha256

    def affected(self) -> list[str]:
        """Return the articles whose entities may be others now, sorted."""
        return sorted(self._directory.affected())


def known_article(state: ArticleState) -> KnownArticle:
    """Return what the directory was told of an article."""
    return KnownArticle(state.article_id, state.story_id, _at(state), state.story_entities)


def load_directory(
    states: Iterable[ArticleState],
    records: Iterable[EntityRecord],
    corrections: Iterable[EntityCorrection],
) -> EntityDirectory:
    """Return the directory that this state is of."""
    return EntityDirectory.load(
        (known_article(state) for state in states if state.story_entities), records, corrections
    )


def _at(state: ArticleState) -> datetime:
    return state.event_at or state.first_seen_at


def _sha256(resolved: tuple[ResolvedEntity, ...]) -> str | None:
    return hashlib.sha256(msgspec.json.encode(resolved)).hexdigest() if resolved else None

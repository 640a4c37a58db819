"""One reign of a process as the writer: its fenced producer, and all state that it read back."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateline.entities.directory import EntityDirectory
from dateline.errors import InvariantBroken
from dateline.records import ArticleState, EntityCorrection, StoryRecord
from processors.kafka_out import TransactionalWriter
from processors.stories.batch import Told
from processors.stories.cluster_settings import ClusterSettings
from processors.stories.entity_book import load_directory
from processors.stories.find_copies import CopyIndex
from processors.stories.group_article import clustered_article, copy_entry
from processors.stories.known_states import PlaceIndex
from processors.stories.state import KeptState
from processors.stories.story_book import clustered_story
from processors.stories.story_clusters import StoryClusters

# Between two looks at heartbeats: a few tens of milliseconds.
ARTICLES_A_TURN = 500
# Fewer cost the garbage collector nothing that can be felt.
FREEZE_FROM_ARTICLES = 10_000
# Most of what an article adds stays: looking through it as often as usual is a tenth of its time.
COLLECT_USUALLY = gc.get_threshold()
COLLECT_RARELY = (20_000, 20, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What the state no longer holds."""

    article_ids: Sequence[str] = ()
    story_ids: Sequence[str] = ()
    entity_ids: Sequence[str] = ()


class Session:
    """States of articles, records of stories, and what copies, stories and names are found by.

    ``copies``, ``clusters`` and ``directory`` follow from the states and records alone; a batch
    changes them in place, and when it is not committed the whole session is thrown away.
    """

    def __init__(self, writer: TransactionalWriter, settings: ClusterSettings) -> None:
        self.writer = writer
        self.states: dict[str, ArticleState] = {}
        self.stories: dict[str, StoryRecord] = {}
        self.places = PlaceIndex()
        self.copies = CopyIndex()
        self.clusters = StoryClusters(settings)
        self.directory = EntityDirectory()
        self.entity_ids: set[str] = set()
        self.corrections: dict[str, EntityCorrection] = {}

    @classmethod
    async def restored(
        cls,
        writer: TransactionalWriter,
        kept: KeptState,
        *,
        settings: ClusterSettings,
        on_progress: Callable[[], None] = lambda: None,
    ) -> Session:
        """Return the session that these records are of; other tasks get their turn meanwhile.

        Raises:
            InvariantBroken: an article of the window has a story that is not among the records.
        """
        session = cls(writer, settings)
        session.stories.update(kept.stories)
        # In the order of arrival: of very many copies the last are found, as they were before.
        states = sorted(kept.articles.values(), key=_by_arrival)
        for number, state in enumerate(states):
            session._restore(state)
            if number % ARTICLES_A_TURN == 0:
                on_progress()
                await asyncio.sleep(0)
        session.clusters.add_up()
        session.directory = load_directory(
            states, kept.entities.values(), kept.corrections.values()
        )
        session.entity_ids.update(kept.entities)
        session.corrections.update(kept.corrections)
        if len(states) >= FREEZE_FROM_ARTICLES:
            # Millions of objects that stay: to look through them again and again takes seconds.
            gc.collect()
            gc.freeze()
        gc.set_threshold(*COLLECT_RARELY)
        return session

    async def close(self) -> None:
        """Stop the producer, and let everything go."""
        gc.unfreeze()
        gc.set_threshold(*COLLECT_USUALLY)
        await self.writer.close()

    def put(self, states: Mapping[str, ArticleState], told: Told) -> None:
        """Take what was committed."""
        for state in states.values():
            before = self.states.get(state.article_id)
            if before is not None:
                self.places.remove(before)
            self.states[state.article_id] = state
            self.places.add(state)
        self.stories.update(told.stories)
        self.entity_ids.update(told.entities)
        self.corrections.update(told.corrections)

    def forget(self, gone: Gone) -> None:
        """Drop articles, stories and entities; safe where they are not there."""
        for article_id in gone.article_ids:
            before = self.states.pop(article_id, None)
            if before is not None:
                self.places.remove(before)
                self.clusters.remove(article_id)
                self.copies.remove(article_id)
                self.directory.remove(article_id)
        for story_id in gone.story_ids:
            self.stories.pop(story_id, None)
        self.entity_ids.difference_update(gone.entity_ids)

    def unchanged_since(
        self, oldest: datetime, changed: Mapping[str, ArticleState], told: Told
    ) -> Gone:
        """Return the articles that have not changed since then, and what nothing else is about."""
        articles = [
            key
            for key, state in self.states.items()
            if state.last_changed_at < oldest and key not in changed
        ]
        gone = set(articles)
        held = {state.story_id for state in changed.values()}
        held |= {state.story_id for key, state in self.states.items() if key not in gone}
        held.update(told.stories)
        # What a story was merged into is needed to find it.
        newest = held
        while newest := {into for key in newest if (into := self._merged_into(key))} - held:
            held |= newest
        entities = [key for key in self.entity_ids if not self.directory.keeps(key)]
        return Gone(
            article_ids=articles,
            story_ids=[key for key in self.stories if key not in held],
            entity_ids=[key for key in entities if key not in told.entities],
        )

    def _merged_into(self, story_id: str) -> str | None:
        record = self.stories.get(story_id)
        return record.merged_into if record is not None else None

    def _restore(self, state: ArticleState) -> None:
        self.states[state.article_id] = state
        self.places.add(state)
        if state.copy_sign is not None and state.copy_sign.hashes:
            self.copies.put(copy_entry(state, state.copy_sign))
        if state.member is not None:
            story = self.stories.get(state.story_id)
            if story is None:
                raise InvariantBroken(
                    f"news.story.v1 has no story {state.story_id}, which article"
                    f" {state.article_id} is in"
                )
            self.clusters.restore(clustered_article(state, state.member), clustered_story(story))


def cluster_settings(window_days: int) -> ClusterSettings:
    """Return how stories are made, with this window."""
    return ClusterSettings(window=timedelta(days=window_days))


def _by_arrival(state: ArticleState) -> tuple[int, str]:
    offset = state.enriched_offset
    return (-1 if offset is None else offset), state.article_id

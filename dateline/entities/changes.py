"""Note what a change makes others say: articles whose entities are others, records to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from .said import Said
from .short_forms import may_mean
from .story import MOST_FULL_NAMES, Story
from .window import MOST_ENTITIES, Window


class Changes:
    """What changed since it was last asked."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._affected: set[str] = set()
        self._dirty: dict[str, datetime] = {}

    def affect(self, ids: Iterable[str]) -> None:
        """Note all articles of some ids."""
        for entity in self._window.known(ids):
            self._affected.update(article.article_id for article in entity.articles())

    def tell_story(self, story: Story, full_names: Sequence[Said]) -> None:
        """Note the articles of a story whose names may mean somebody else now."""
        is_new_crowd = story.is_crowded
        if not full_names or (is_new_crowd and len(story.full) > MOST_FULL_NAMES + MOST_ENTITIES):
            return
        changed: set[Said] = set()
        for short in story.short:
            if is_new_crowd or any(may_mean(short, full) for full in full_names):
                changed.add(short)
        for full in full_names:
            if others := story.forms(full):
                changed.update((full, *others))
        for said in changed:
            self._affected.update(article.article_id for article in story.naming(said))

    def mark(self, entity_id: str, at: datetime) -> None:
        """Note that the record of an id is another one from now on."""
        self._dirty[entity_id] = max(at, self._dirty.get(entity_id, at))

    def clear(self) -> None:
        """Forget everything that was noted."""
        self._affected.clear()
        self._dirty.clear()

    def forget_article(self, article_id: str) -> None:
        """Forget an article that is no longer in the window."""
        self._affected.discard(article_id)

    def forget_record(self, entity_id: str) -> None:
        """Forget the record of an id that is known no more."""
        self._dirty.pop(entity_id, None)

    def take_affected(self) -> set[str]:
        """Return the articles of the window that were noted, and forget them."""
        affected, self._affected = self._affected, set()
        return {each for each in affected if each in self._window.articles}

    def take_marked(self) -> list[tuple[str, datetime]]:
        """Return the ids whose records were noted, sorted, and when; forget them."""
        dirty, self._dirty = self._dirty, {}
        return sorted(dirty.items())

"""Keep what the articles of the window say of entities, so that any of it is found by a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import nlargest

from dateline.document_records import StoryEntity

from .name_keys import may_be_found
from .said import ALIAS, COUNTRY, FULL, LEAST_ALIAS_WORDS, SHORT, Article, Entity, Said
from .story import Story
from .tables import Table

# An article that names more is a list; what it mentions least is left as the document has it.
MOST_ENTITIES = 1_000
# Other names that one text gives to one entity.
MOST_ALIASES = 20


class Window:
    """The articles of the window; ``claims`` finds by id who else is called so in some text."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.entities: dict[str, Entity] = {}
        self.stories: dict[str, Story] = {}
        self.claims: Table[str, Said] = Table()
        self._spellings: Table[int, Said] = Table()
        self._number = 0

    def put(
        self, article_id: str, story_id: str, at: datetime, entities: Sequence[StoryEntity]
    ) -> tuple[Article, list[Said], list[Said]]:
        """Add an article; return it, full names of new weight in its story, what was never said."""
        story = self.stories.get(story_id)
        if story is None:
            story = self.stories[story_id] = Story(story_id)
        self._number += 1
        article = self.articles[article_id] = Article(article_id, at, story, self._number)
        fresh: list[Said] = []
        said: list[Said] = []
        seen: set[str] = set()
        for each in _most_mentioned(entities):
            if each.entity_id not in seen:
                seen.add(each.entity_id)
                self._say(article, each, said, fresh)
        article.said = tuple(said)
        return article, story.enter(article), fresh

    def take(self, article_id: str) -> tuple[Article, list[Said]] | None:
        """Take an article out; return it and the full names of new weight in its story, or None."""
        article = self.articles.pop(article_id, None)
        if article is None:
            return None
        story = article.story
        left = story.leave(article)
        if not story.articles:
            del self.stories[story.story_id]
        for said in article.said:
            said.drop(article)
            if said.kind <= SHORT:
                said.entity.count -= 1
            if not said.count:
                self._forget(said)
        return article, left

    def known(self, ids: Iterable[str]) -> Iterator[Entity]:
        """Yield those of the ids that articles of the window use."""
        return (entity for each in ids if (entity := self.entities.get(each)) is not None)

    def alike(self, name: Said) -> Sequence[Said]:
        """Return the names of its type with the same consonants, itself among them."""
        return self._spellings.get(_spelling(name)) if _is_compared(name) else ()

    def _say(
        self, article: Article, each: StoryEntity, said: list[Said], fresh: list[Said]
    ) -> None:
        entity = self.entities.get(each.entity_id)
        if entity is None:
            entity = Entity(each.entity_id, each.entity_type)
            self.entities[each.entity_id] = entity
        entity.count += 1
        kind = FULL if each.is_full_name else SHORT
        said.append(self._add(article, entity, kind, each.name, fresh))
        if each.aliases:
            for alias in dict.fromkeys(each.aliases[:MOST_ALIASES]):
                if alias != each.name and entity.has_room(ALIAS, alias):
                    said.append(self._add(article, entity, ALIAS, alias, fresh))
        if each.country_codes:
            for code in dict.fromkeys(each.country_codes[:MOST_ALIASES]):
                if entity.has_room(COUNTRY, code):
                    said.append(self._add(article, entity, COUNTRY, code, fresh))

    def _add(
        self, article: Article, entity: Entity, kind: int, text: str, fresh: list[Said]
    ) -> Said:
        said = entity.find(kind, text)
        if said is None:
            said = Said(entity, kind, text)
            entity.add(said)
            fresh.append(said)
            for claimed in said.claims:
                self.claims.add(claimed, said)
            if _is_compared(said):
                self._spellings.add(_spelling(said), said)
        said.add(article)
        return said

    def _forget(self, said: Said) -> None:
        entity = said.entity
        entity.drop(said)
        for claimed in said.claims:
            self.claims.drop(claimed, said)
        if _is_compared(said):
            self._spellings.drop(_spelling(said), said)
        if not entity.said:
            del self.entities[entity.entity_id]


def _is_compared(said: Said) -> bool:
    """Return whether spellings of a name are looked for."""
    if said.kind != FULL and (said.kind != ALIAS or len(said.words) < LEAST_ALIAS_WORDS):
        return False
    is_word = len(said.words) == 1 and said.entity.entity_type == "person"
    return not is_word and may_be_found(said.words)


def _spelling(said: Said) -> int:
    # A hash alone: a name that has it by chance is no spelling when it is compared.
    return hash((said.entity.entity_type, *sorted(said.words)))


def _most_mentioned(entities: Sequence[StoryEntity]) -> Sequence[StoryEntity]:
    if len(entities) <= MOST_ENTITIES:
        return entities
    return nlargest(MOST_ENTITIES, entities, key=lambda each: each.count)

"""Return a story as people see it: its title, main article, times, sources and names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dateline.document_records import StoryEntity
from processors.stories.cluster_records import StorySummary
from processors.stories.open_stories import MemberArticle, OpenStory

# Who an entity of an article is across articles; the same entity where nothing is known.
Who = Callable[[StoryEntity], StoryEntity]
MAX_ENTITIES = 12
TITLE_ENTITIES = 3


def as_said(entity: StoryEntity) -> StoryEntity:
    """Return the entity as its article has it."""
    return entity


def describe_story(story: OpenStory, who: Who = as_said) -> StorySummary:
    """Return the summary of a story with at least one article.

    The main article is the one nearest to all others, an original before a copy, one with a title
    before one without; of equal ones the older. Its title is the story's; where there is none, the
    most frequent names are.
    """
    main = _main_article(story)
    entities = _top_entities(story, who)
    return StorySummary(
        story_id=story.story_id,
        title=main.title or names_title(entities),
        main_article_id=main.article_id,
        first_at=story.first_at,
        last_at=story.last_at,
        article_count=len(story.members),
        source_ids=tuple(sorted({member.source_id for member in story.members})),
        entities=entities,
        story_aliases=story.record.story_aliases,
    )


def names_title(entities: Sequence[StoryEntity]) -> str:
    """Return the title of a story whose articles have none that may be shown."""
    return ", ".join(entity.name for entity in entities[:TITLE_ENTITIES])


def _main_article(story: OpenStory) -> MemberArticle:
    total = story.sum

    def merit(member: MemberArticle) -> tuple[bool, bool, int]:
        return not member.is_copy, bool(member.title), total.dot(member.vector)

    # The first of equal ones: members are in order of time and id.
    return max(story.central_members, key=merit)


def _top_entities(story: OpenStory, who: Who) -> tuple[StoryEntity, ...]:
    articles: dict[str, int] = {}
    seen: dict[str, StoryEntity] = {}
    for member in story.members:
        for entity in member.entities:
            articles[entity.entity_id] = articles.get(entity.entity_id, 0) + 1
            seen.setdefault(entity.entity_id, entity)
    known: dict[str, StoryEntity] = {}
    counts: dict[str, int] = {}
    for own, entity in seen.items():
        found = who(entity)
        known.setdefault(found.entity_id, found)
        # An article may name it under two ids.
        together = counts.get(found.entity_id, 0) + articles[own]
        counts[found.entity_id] = min(together, len(story.members))
    order = sorted(counts, key=lambda entity_id: (-counts[entity_id], entity_id))
    return tuple(_counted(known[each], counts[each]) for each in order[:MAX_ENTITIES])


def _counted(entity: StoryEntity, count: int) -> StoryEntity:
    return entity if entity.count == count else replace(entity, count=count)

"""Return a story as people see it: its title, main article, times, sources and names."""

from __future__ import annotations

from dataclasses import replace

from processors.stories.cluster_records import StorySummary
from processors.stories.open_stories import MemberArticle, OpenStory
from processors.stories.story_terms import StoryEntity
from processors.stories.term_vector import TermVector

MAX_ENTITIES = 12
TITLE_ENTITIES = 3


def describe_story(story: OpenStory) -> StorySummary:
    """Return the summary of a story with at least one article.

    The main article is the one nearest to all others, an original before a copy, one with a title
    before one without; of equal ones the older. Its title is the story's; where there is none, the
    most frequent names are.
    """
    main = _main_article(story)
    entities = _top_entities(story)
    return StorySummary(
        story_id=story.story_id,
        title=main.title or ", ".join(entity.name for entity in entities[:TITLE_ENTITIES]),
        main_article_id=main.article_id,
        first_at=story.first_at,
        last_at=story.last_at,
        article_count=len(story.members),
        source_ids=tuple(sorted({member.source_id for member in story.members})),
        entities=entities,
        story_aliases=story.record.story_aliases,
    )


def _main_article(story: OpenStory) -> MemberArticle:
    total = dict(zip(story.sum.ids.tolist(), story.sum.weights.tolist(), strict=True))

    def merit(member: MemberArticle) -> tuple[bool, bool, int]:
        return not member.is_copy, bool(member.title), _product(member.vector, total)

    # The first of equal ones: members are in order of time and id.
    return max(story.central_members, key=merit)


def _product(vector: TermVector, total: dict[int, int]) -> int:
    pairs = zip(vector.ids.tolist(), vector.weights.tolist(), strict=True)
    return sum(weight * total.get(term, 0) for term, weight in pairs)


def _top_entities(story: OpenStory) -> tuple[StoryEntity, ...]:
    articles: dict[str, int] = {}
    seen: dict[str, StoryEntity] = {}
    for member in story.members:
        for entity in member.entities:
            articles[entity.entity_id] = articles.get(entity.entity_id, 0) + 1
            seen.setdefault(entity.entity_id, entity)
    order = sorted(articles, key=lambda entity_id: (-articles[entity_id], entity_id))
    return tuple(replace(seen[each], count=articles[each]) for each in order[:MAX_ENTITIES])

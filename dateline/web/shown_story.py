"""Return a story as its articles that may be shown tell it."""

from __future__ import annotations

from dataclasses import replace

from dateline.search.find_stories import FoundStory, story_of_articles


def shown_story(found: FoundStory) -> FoundStory | None:
    """Return the story without what only hidden articles say; None: none may be shown.

    The record was written when all were known; since then one may have been withdrawn, or may not
    be in search. Title, names, sources, counts and times are those of the articles.
    """
    if not found.articles:
        return None
    record = found.record
    told = story_of_articles(record.story_id, found.articles, found.article_total)
    is_main_shown = record.main_article_id in {each.article_id for each in found.articles}
    return replace(
        found,
        record=replace(
            record,
            title=record.title if is_main_shown else told.title,
            main_article_id=record.main_article_id if is_main_shown else told.main_article_id,
            first_at=told.first_at,
            last_at=told.last_at,
            article_count=found.article_total,
            source_ids=told.source_ids,
            entities=told.entities,
        ),
    )

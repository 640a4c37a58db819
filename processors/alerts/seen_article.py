"""An article with what it names and the watches whose queries are true of it."""

from __future__ import annotations

from dataclasses import dataclass

from dateline.alert_records import MatchReason, Watch
from dateline.alerts.mention_history import AskedArticle
from dateline.records import GroupedArticle
from dateline.watches.article_view import ArticleView
from processors.alerts.entity_claims import NamedEntity, event_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenArticle:
    """An article with what it names and the watches whose queries are true of it.

    Where the record may not alert, or nobody watches, there is no view, and no matches.
    """

    grouped: GroupedArticle
    view: ArticleView | None
    named: tuple[NamedEntity, ...]
    matches: tuple[tuple[Watch, tuple[MatchReason, ...]], ...] = ()


def asked_article(grouped: GroupedArticle) -> AskedArticle:
    """Return the article as the index is asked about it."""
    return AskedArticle(
        article_id=grouped.article_id,
        story_ids=(grouped.story_id, *grouped.story_aliases),
        first_seen_at=grouped.first_seen_at,
        event_at=event_at(grouped),
    )

"""Return the record of a current article, the only input of index and alerts."""

from __future__ import annotations

from dateline.document_records import ResolvedEntity
from dateline.records import ArticleState, Change, EnrichedArticle, GroupedArticle, KillNotice
from dateline.rights.record import Decision


def build_grouped(
    state: ArticleState,
    record: EnrichedArticle | KillNotice,
    change: Change,
    *,
    revision: int,
    decisions: tuple[Decision, ...] = (),
    resolved: tuple[ResolvedEntity, ...] = (),
) -> GroupedArticle:
    """Return ``record`` with the identity, versions and story that ``state`` gives it."""
    enriched = record if isinstance(record, EnrichedArticle) else None
    version = record.article if isinstance(record, EnrichedArticle) else record
    return GroupedArticle(
        article_id=state.article_id,
        source_id=state.source_id,
        revision=revision,
        change=change,
        first_seen_at=state.first_seen_at,
        observed_at=version.observed_at,
        origin=version.origin,
        pub_status=state.pub_status,
        story_id=state.story_id,
        story_aliases=state.story_aliases,
        story_reasons=state.story_reasons,
        role=state.role,
        role_reasons=state.role_reasons,
        versions=state.versions,
        decisions=decisions,
        enriched=enriched,
        kill=record if isinstance(record, KillNotice) else None,
        origin_article_id=state.origin_article_id,
        resolved=resolved,
    )


def kill_notice(record: EnrichedArticle | KillNotice) -> KillNotice:
    """Return the kill that ``record`` is, without the text of a canceled article."""
    if isinstance(record, KillNotice):
        return record
    article = record.article
    return KillNotice(
        article_id=article.article_id,
        source_id=article.source_id,
        key=article.key,
        reason="the source canceled the article",
        origin=article.origin,
        observed_at=article.observed_at,
        updated_at=article.updated_at,
        url=article.url,
    )

"""Return the search document of a grouped article, showing no more than its decision allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from dateline.errors import ArticleInvalid
from dateline.records import (
    EnrichedArticle,
    GroupedArticle,
    KillNotice,
    RawArticle,
    SearchDocument,
)
from dateline.rights.record import PURPOSES, Decision, Rights
from dateline.rights.shown import (
    showable_text,
    shown_decision,
    shown_text,
    shown_title,
)
from dateline.rights.snippet import cut_snippet, without_passages
from processors.index import entity_fields
from processors.index.entity_fields import Names, ShownText
from processors.index.rights_fields import decision_filters, rights_fields

# Nested documents cost; more quotations than this is no article.
MAX_QUOTATIONS = 1000
# Of these the whole text may be kept; of the others no more than is shown.
WHOLE_TEXT_TIERS = ("full", "full_internal")


def build_document(grouped: GroupedArticle) -> SearchDocument:
    """Return the document, or the tombstone of a killed article.

    An article that may not be in search leaves its identity and its decisions only.

    Raises:
        ArticleInvalid: a purpose has no decision (contract point 10).
    """
    if grouped.enriched is None:
        return _tombstone(grouped)
    decided = {decision.purpose for decision in grouped.decisions}
    missing = [purpose for purpose in PURPOSES if purpose not in decided]
    decision = shown_decision(grouped)
    if missing or decision is None:
        raise ArticleInvalid(f"the article has no licence decision for {', '.join(missing)}")
    bare = _decided(grouped, grouped.enriched, decision)
    if "no_index" in (decision.store, decision.display):
        return bare
    shown = ShownText(
        text=grouped.enriched.text,
        showable=showable_text(grouped.enriched),
        is_full=decision.display == "full",
    )
    return _with_names(_with_text(bare, grouped.enriched, decision, shown), grouped, shown)


def _tombstone(grouped: GroupedArticle) -> SearchDocument:
    kill = grouped.kill
    if kill is None:
        raise ArticleInvalid("the record has neither an article nor a kill")
    return replace(_known_of(grouped, kill), url=kill.url, kill_reason=kill.reason)


def _known_of(grouped: GroupedArticle, version: RawArticle | KillNotice) -> SearchDocument:
    """Return what a document and a tombstone have in common."""
    return SearchDocument(
        article_id=grouped.article_id,
        source_id=grouped.source_id,
        key=version.key,
        revision=grouped.revision,
        pub_status=grouped.pub_status,
        origin=grouped.origin,
        story_id=grouped.story_id,
        story_aliases=grouped.story_aliases,
        role=grouped.role,
        first_seen_at=grouped.first_seen_at,
        observed_at=grouped.observed_at,
        updated_at=version.updated_at,
        content_sha256=None,
        versions=grouped.versions,
    )


def _decided(
    grouped: GroupedArticle, enriched: EnrichedArticle, decision: Decision
) -> SearchDocument:
    """Return what every article leaves: its identity, what was decided, and why."""
    return replace(
        _known_of(grouped, enriched.article),
        content_sha256=enriched.article.content_sha256,
        url=enriched.article.url,
        origin_article_id=grouped.origin_article_id,
        rights=rights_fields(enriched.rights, decision, article_id=grouped.article_id),
        decisions=grouped.decisions,
        decision=decision_filters(grouped.decisions),
        pipeline_version=enriched.pipeline_version,
    )


def _with_text(
    document: SearchDocument, enriched: EnrichedArticle, decision: Decision, shown: ShownText
) -> SearchDocument:
    article = enriched.article
    passages = enriched.rights.preferences.nosnippet_texts
    body = shown_text(shown.showable, decision)
    hidden = enriched.text if decision.store in WHOLE_TEXT_TIERS and body != enriched.text else None
    return replace(
        document,
        published_at=article.published_at,
        date_flags=article.date_flags,
        title=shown_title(enriched, decision),
        is_title_derived=enriched.is_title_derived,
        summary=_summary(without_passages(enriched.summary, passages), decision, enriched.rights),
        body=body,
        body_internal=hidden,
        body_chars=len(enriched.text),
        authors=article.authors,
        credit=article.credit,
        publisher=article.publisher,
        language=enriched.language,
        language_confidence=enriched.language_confidence,
        dateline_place=enriched.dateline.place if enriched.dateline else None,
        dateline_agency=enriched.dateline.agency if enriched.dateline else None,
        store_until=_store_until(document.first_seen_at, decision) if hidden else None,
    )


def _with_names(
    document: SearchDocument, grouped: GroupedArticle, shown: ShownText
) -> SearchDocument:
    """Return ``document`` with what it names, who says what, and why it is where it is."""
    enriched = grouped.enriched
    if enriched is None:
        return document
    names = Names(grouped.resolved)
    named = entity_fields.named_entities(enriched)
    return replace(
        document,
        story_reasons=grouped.story_reasons,
        role_reasons=grouped.role_reasons,
        entities=entity_fields.names_by_type(enriched, names),
        entity_ids=entity_fields.entity_ids(named, names),
        entity_names=entity_fields.entity_names(named, names),
        document_entities=tuple(
            entity_fields.document_entity(each, names, shown) for each in named
        ),
        countries=entity_fields.countries(named),
        geo_points=entity_fields.geo_points(named),
        quotations=tuple(
            entity_fields.quotation(each, enriched.entities, names, shown)
            for each in enriched.quotations[:MAX_QUOTATIONS]
        ),
        key_phrases=entity_fields.key_phrases(enriched.key_phrases, shown),
        mentions=tuple(entity_fields.mention(each, names, shown) for each in enriched.mentions),
        mentions_absent_reason=enriched.mentions_absent_reason,
    )


def _summary(summary: str, decision: Decision, rights: Rights) -> str | None:
    # A page that limits snippets limits the summary of a text that may be shown, too.
    if decision.display == "full" and rights.preferences.snippet_max_chars is not None:
        return cut_snippet(summary, decision.snippet_chars)
    return shown_text(summary, decision)


def _store_until(first_seen_at: datetime, decision: Decision) -> datetime | None:
    if decision.store_days is None:
        return None
    return first_seen_at + timedelta(days=decision.store_days)

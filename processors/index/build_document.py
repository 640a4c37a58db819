"""Return the search document of a grouped article, showing no more than its decision allows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace

from dateline.errors import ArticleInvalid
from dateline.records import (
    Decision,
    EnrichedArticle,
    EntityFields,
    GroupedArticle,
    KillNotice,
    Mention,
    MentionField,
    RawArticle,
    RightsFields,
    SearchDocument,
)

PARTIAL_WORD = re.compile(r"\s\S*\Z")
SHOWN_PURPOSE = "public_search"
ENTITY_FIELDS = tuple(field.name for field in fields(EntityFields))


def build_document(grouped: GroupedArticle) -> SearchDocument:
    """Return the document, or the tombstone of a killed article.

    Raises:
        ArticleInvalid: there is no decision for the purpose ``public_search`` (contract point 10).
    """
    if grouped.enriched is None:
        return _tombstone(grouped)
    decision = next((d for d in grouped.decisions if d.purpose == SHOWN_PURPOSE), None)
    if decision is None:
        raise ArticleInvalid("the article has no licence decision for public_search")
    return _document(grouped, grouped.enriched, decision)


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


def _document(
    grouped: GroupedArticle, enriched: EnrichedArticle, decision: Decision
) -> SearchDocument:
    if grouped.pub_status == "withheld":
        # The source holds it back for now: whatever its licence says, none of it is shown.
        decision = replace(decision, display="metadata_only")
    article = enriched.article
    shown, hidden = split_text(enriched.text, decision)
    return replace(
        _known_of(grouped, article),
        content_sha256=article.content_sha256,
        published_at=article.published_at,
        date_flags=article.date_flags,
        title=enriched.title,
        is_title_derived=enriched.is_title_derived,
        summary=_cut(enriched.summary, decision),
        body=shown,
        body_internal=hidden,
        body_chars=len(enriched.text),
        url=article.url,
        authors=article.authors,
        credit=article.credit,
        publisher=article.publisher,
        language=enriched.language,
        language_confidence=enriched.language_confidence,
        dateline_place=enriched.dateline.place if enriched.dateline else None,
        dateline_agency=enriched.dateline.agency if enriched.dateline else None,
        entities=entity_fields(enriched.mentions),
        mentions=tuple(_mention(m, enriched.text, decision) for m in enriched.mentions),
        mentions_absent_reason=enriched.mentions_absent_reason,
        rights=_rights(enriched),
        decisions=grouped.decisions,
        pipeline_version=enriched.pipeline_version,
    )


def split_text(text: str, decision: Decision) -> tuple[str | None, str | None]:
    """Return what may be shown and what may only be searched.

    A snippet ends at a word; the whole text is then searchable through ``body_internal``, which
    Elasticsearch keeps out of ``_source``.
    """
    if decision.display == "full":
        return text, None
    return _cut(text, decision), text


def _cut(text: str, decision: Decision) -> str | None:
    if decision.display == "full":
        return text
    if decision.display == "metadata_only":
        return None
    limit = decision.snippet_chars
    if len(text) <= limit:
        return text
    if limit == 0:
        return None
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        head = PARTIAL_WORD.sub("", head) or head
    return head.rstrip() + "…"


def entity_fields(mentions: Iterable[Mention]) -> EntityFields:
    """Return the distinct names by type, in order of first appearance, without quantities."""
    names: dict[str, dict[str, None]] = {name: {} for name in ENTITY_FIELDS}
    for mention in mentions:
        if mention.entity_type in names:
            names[mention.entity_type].setdefault(mention.text)
    return EntityFields(**{name: tuple(found) for name, found in names.items()})


def _mention(mention: Mention, text: str, decision: Decision) -> MentionField:
    # A sentence is text: it may be kept only where the whole text may be shown.
    is_full = decision.display == "full"
    return MentionField(
        text=mention.text,
        label=mention.label,
        type=mention.entity_type,
        entity_id=mention.entity_id,
        start=mention.start,
        end=mention.end,
        sentence=text[mention.sentence_start : mention.sentence_end] if is_full else None,
        detector=mention.detector,
    )


def _rights(enriched: EnrichedArticle) -> RightsFields:
    rights = enriched.rights
    return RightsFields(
        status=rights.status,
        spdx_expression=rights.spdx_expression,
        license_uri=rights.license_uri,
        licensor=rights.licensor,
        attribution_text=rights.attribution_text,
        effective=rights.effective,
        notes=rights.notes,
        evidence=rights.evidence,
    )

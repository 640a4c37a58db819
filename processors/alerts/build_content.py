"""Return what a message says of an article: never more than its licence allows to show (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from dateline.alert_records import AlertContent, AlertEntity, MatchReason, Watch
from dateline.records import EnrichedArticle, GroupedArticle
from dateline.rights.record import Decision
from dateline.rights.shown import showable_text, shown_decision, shown_text, shown_title
from dateline.rights.snippet import OMISSION, cut_snippet
from processors.alerts.entity_claims import NamedEntity

PLACES = {"title": " in the title", "body": " in the text", "field": ""}
WITHDRAWN = "the article was withdrawn, nothing of it may be shown"
NO_TEXT = "the licence of this article allows no text to be shown, only its title, source and link"
# Of the entities and terms of one article; a message is read by people.
MAX_REASONS = 20
MAX_ENTITIES = 20


def build_content(
    grouped: GroupedArticle,
    watch: Watch | None,
    reasons: Sequence[MatchReason],
    *,
    excerpt_chars: int,
    because: Iterable[str] = (),
    note: str = "",
) -> AlertContent:
    """Return the content of an alert about an article with text.

    Args:
        grouped: usable, with a decision.
        watch: whose alert it is; None: it is gone, and its name and query stay empty.
        reasons: why its query is true; the sentence of the first that has one is told.
        excerpt_chars: the excerpt is no longer, nor longer than a snippet where that is limited.
        because: what else made it fire, in words; told before the reasons.
        note: what has changed.
    """
    enriched, decision = grouped.enriched, shown_decision(grouped)
    watch_name, query = (watch.name, watch.query) if watch else ("", "")
    if enriched is None or decision is None:
        return _without_text(grouped, watch_name, query, note)
    excerpt = _excerpt(enriched, decision, excerpt_chars)
    sentence, is_withheld = _sentence(enriched, decision, reasons)
    article, attribution = enriched.article, enriched.rights.attribution
    return AlertContent(
        watch_name=watch_name,
        query=query,
        reasons=tuple(dict.fromkeys((*because, *map(reason_text, reasons))))[:MAX_REASONS],
        title=shown_title(enriched, decision),
        sentence=sentence,
        excerpt=excerpt,
        withheld_reason=_withheld_reason(decision, is_withheld=is_withheld or excerpt is None),
        entities=_entities(grouped, reasons),
        url=article.url,
        source_id=grouped.source_id,
        publisher=article.publisher,
        language=enriched.language,
        spdx_expression=enriched.rights.spdx_expression,
        attribution_text=attribution.text if attribution else None,
        published_at=article.published_at,
        first_seen_at=grouped.first_seen_at,
        note=note,
    )


def withdrawn_content(grouped: GroupedArticle, told: AlertContent, note: str) -> AlertContent:
    """Return the content of a correction: whose article it was, and nothing of what it said."""
    bare = _without_text(grouped, told.watch_name, told.query, note)
    return replace(bare, url=bare.url or told.url, publisher=told.publisher)


def _without_text(grouped: GroupedArticle, watch_name: str, query: str, note: str) -> AlertContent:
    version = grouped.enriched.article if grouped.enriched else grouped.kill
    return AlertContent(
        watch_name=watch_name,
        query=query,
        reasons=(),
        title=None,
        sentence=None,
        excerpt=None,
        withheld_reason=WITHDRAWN,
        url=version.url if version else None,
        source_id=grouped.source_id,
        first_seen_at=grouped.first_seen_at,
        note=note,
    )


def reason_text(reason: MatchReason) -> str:
    """Return a reason in words: ``entity:"al-Khulaifi" (Jassim Al-Khulaifi) in the title``."""
    name = f" ({reason.entity_name})" if reason.entity_name else ""
    return f"{reason.term}{name}{PLACES[reason.place]}"


def mention_reason(grouped: GroupedArticle, entity: NamedEntity, term: str) -> MatchReason:
    """Return the first mention of ``entity`` in the text as a reason."""
    enriched = grouped.enriched
    mentions = enriched.mentions if enriched else ()
    indices = (
        [
            index
            for each in enriched.entities
            if each.entity_id in entity.all_ids
            for index in each.mention_indices
        ]
        if enriched
        else []
    )
    found = min((mentions[index] for index in indices), key=lambda each: each.start, default=None)
    return MatchReason(
        term=term,
        place="body",
        start=found.start if found else None,
        end=found.end if found else None,
        sentence_start=found.sentence_start if found else None,
        sentence_end=found.sentence_end if found else None,
        entity_id=entity.entity_id,
        entity_name=entity.name,
    )


def _excerpt(enriched: EnrichedArticle, decision: Decision, excerpt_chars: int) -> str | None:
    shown = shown_text(showable_text(enriched), decision)
    if not shown:
        return None
    # A page that limits snippets limits this one too, although its text may be shown.
    is_limited = enriched.rights.preferences.snippet_max_chars is not None
    limit = min(excerpt_chars, decision.snippet_chars) if is_limited else excerpt_chars
    return cut_snippet(shown, limit)


def _sentence(
    enriched: EnrichedArticle, decision: Decision, reasons: Sequence[MatchReason]
) -> tuple[str | None, bool]:
    """Return the sentence of the first reason that has one, and whether it is held back."""
    spans = ((each.sentence_start, each.sentence_end) for each in reasons if each.place == "body")
    span = next(((start, end) for start, end in spans if start is not None and end), None)
    if span is None:
        return None, False
    text = showable_text(enriched)
    if span[1] > _shown_chars(text, enriched, decision):
        return None, True
    sentence = " ".join(text[span[0] : span[1]].split())
    # What is left of a sentence inside a passage that may not be quoted.
    is_empty = not any(map(str.isalnum, sentence.replace(OMISSION, "")))
    return (None, True) if is_empty else (sentence, False)


def _shown_chars(text: str, enriched: EnrichedArticle, decision: Decision) -> int:
    """Return how far into the text a quotation may reach."""
    shown = shown_text(text, decision)
    if enriched.rights.preferences.snippet_max_chars is not None and shown is not None:
        shown = cut_snippet(shown, decision.snippet_chars)
    if not shown:
        return 0
    return len(text) if shown == text else len(shown.removesuffix("…"))


def _withheld_reason(decision: Decision, *, is_withheld: bool) -> str | None:
    if not is_withheld:
        return None
    if decision.display == "metadata_only":
        return NO_TEXT
    return (
        "the licence of this article allows only the first"
        f" {decision.snippet_chars} characters of its text to be shown"
    )


def _entities(grouped: GroupedArticle, reasons: Iterable[MatchReason]) -> tuple[AlertEntity, ...]:
    if grouped.enriched is None:
        return ()
    across = {each.document_entity_id: each.entity_id for each in grouped.resolved}
    types = {
        across.get(each.entity_id, each.entity_id): each.entity_type
        for each in grouped.enriched.entities
    }
    named = {each.entity_id: each.entity_name for each in reasons if each.entity_id}
    return tuple(
        AlertEntity(entity_id=entity_id, name=name or "", entity_type=types.get(entity_id, ""))
        for entity_id, name in islice(named.items(), MAX_ENTITIES)
    )

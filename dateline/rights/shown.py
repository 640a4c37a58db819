"""Return what may be shown of an article: one rule for the index and for messages."""

from __future__ import annotations

from dataclasses import replace

from dateline.records import EnrichedArticle, GroupedArticle
from dateline.rights.record import Decision, Purpose
from dateline.rights.snippet import cut_snippet, without_passages

SHOWN_PURPOSE: Purpose = "public_search"


def shown_decision(grouped: GroupedArticle) -> Decision | None:
    """Return the decision for what people may see; None: there is none.

    Of a text that its source holds back nothing is kept or shown, whatever was decided.
    """
    found = next((each for each in grouped.decisions if each.purpose == SHOWN_PURPOSE), None)
    if found is not None and grouped.pub_status == "withheld":
        return replace(found, store="metadata_only", display="metadata_only")
    return found


def showable_text(enriched: EnrichedArticle) -> str:
    """Return the clean text with what no snippet may show blanked, of the same length."""
    return without_passages(enriched.text, enriched.rights.preferences.nosnippet_texts)


def shown_text(text: str, decision: Decision) -> str | None:
    """Return what may be shown of ``text``; a snippet ends at a word."""
    if decision.display == "full":
        return text
    return cut_snippet(text, decision.snippet_chars) if decision.display == "snippet" else None


def shown_title(enriched: EnrichedArticle, decision: Decision) -> str | None:
    """Return the title; one that we derived is the text's own first words, and shown as text."""
    if not enriched.is_title_derived:
        return enriched.title
    passages = enriched.rights.preferences.nosnippet_texts
    return shown_text(without_passages(enriched.title, passages), decision)

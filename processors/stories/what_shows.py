"""Return what a story may show of an article, by its licence decision."""

from __future__ import annotations

from collections.abc import Sequence

from dateline.document_records import KeyPhrase
from dateline.records import EnrichedArticle
from dateline.rights.record import Decision
from dateline.story_entities import story_entities
from processors.stories.story_book import HIDDEN, Shown

SHOWN_PURPOSE = "public_search"


def what_shows(enriched: EnrichedArticle, decisions: Sequence[Decision]) -> Shown:
    """Return the title and names that people may see of an article with these decisions.

    A title of the source's own is a fact about the article; one that we derived is its text, and
    shows only where the whole text does. Of an article that is withheld, or may not be in search,
    nothing shows.
    """
    decision = next((each for each in decisions if each.purpose == SHOWN_PURPOSE), None)
    if decision is None or enriched.article.pub_status != "usable":
        return HIDDEN
    if "no_index" in (decision.store, decision.display):
        return HIDDEN
    return Shown(title=_title(enriched, decision), entities=story_entities(enriched.entities))


def _title(enriched: EnrichedArticle, decision: Decision) -> str:
    if not enriched.is_title_derived:
        return enriched.title
    preferences = enriched.rights.preferences
    is_whole = preferences.snippet_max_chars is None and not preferences.nosnippet_texts
    if decision.display != "full" or not is_whole:
        return ""
    return _best_event(enriched.key_phrases) or enriched.title


def _best_event(phrases: Sequence[KeyPhrase]) -> str:
    events = [phrase for phrase in phrases if phrase.kind == "event"]
    best = max(events, key=lambda phrase: phrase.score, default=None)
    return best.text if best is not None else ""

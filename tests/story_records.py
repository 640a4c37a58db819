"""Made-up enriched articles about made-up events, as the stories stage reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from made_up_stories import text_about
from sample_records import at, enriched_article, kill_notice, raw_article

from dateline import ids
from dateline.document_records import DocumentEntity
from dateline.records import EnrichedArticle, KillNotice
from dateline.rights.record import Preferences, Rights
from processors.enrich.story_terms import story_terms

GRANTED = Rights(status="public_domain", confidence=1.0)
RESERVED = Rights(status="reserved", confidence=0.9)
NO_SEARCH = Rights(status="reserved", confidence=0.9, preferences=Preferences(noindex=True))
HOUR = 60.0
DAY = 24 * HOUR


def article_id(name: str) -> str:
    return ids.article_id(f"{name}.example", "k")


def about(  # noqa: PLR0913 (each is a fact that tests change)
    name: str,
    event: str = "flood",
    number: int = 0,
    *,
    minute: float = 1,
    text: str | None = None,
    rights: Rights = GRANTED,
    names: tuple[str, ...] = (),
    raw: dict[str, Any] | None = None,
    **fields: Any,
) -> EnrichedArticle:
    """Return the article of the source ``<name>.example`` about an event."""
    text = text_about(event, number, length=150) if text is None else text
    row = {
        "article_id": article_id(name), "source_id": f"{name}.example",
        "url": f"https://{name}.example/1", "published_at": at(minute),
    }  # fmt: skip
    entities = tuple(
        DocumentEntity(
            entity_id=ids.entity_id("person", each), entity_type="person", name=each,
            is_full_name=True, mention_indices=(0,),
        )
        for each in names
    )  # fmt: skip
    values: dict[str, Any] = {
        "title": f"Title of {name}", "rights": rights, "story_terms": story_terms(text),
        "entities": entities,
    }  # fmt: skip
    article = raw_article(text, minute, **(row | (raw or {})))
    return enriched_article(text, minute, article=article, **(values | fields))


def killed(name: str, minute: float) -> KillNotice:
    return kill_notice(minute, article_id=article_id(name), source_id=f"{name}.example")


def days(count: float) -> timedelta:
    return timedelta(days=count)

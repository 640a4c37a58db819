"""The seed articles as the enrich stage reads them: raw record in, enriched record out."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from dateline import ids
from dateline.document_records import DocumentEntity
from dateline.records import EnrichedArticle, RawArticle
from dateline.settings import PROJECT_DIR, EnrichSettings
from dateline.wire import from_wire, to_wire
from processors.enrich.child import Child, enrich_payloads
from processors.enrich.entry import ChildOptions, Enriched

FIRST, SECOND = "000_028804fa6c569b56.txt", "002_8ed5c32099a933e7.txt"
SEEDS = Path(__file__).resolve().parents[3] / "seeds"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@cache
def child() -> Child:
    """Return what a worker process of the stage holds."""
    settings = EnrichSettings()
    return Child(
        ChildOptions(
            models=settings.models, config_dir=PROJECT_DIR / "config",
            max_text_chars=settings.max_text_chars,
        )
    )  # fmt: skip


def enriched(body: str, **fields: object) -> EnrichedArticle:
    """Return the article with this body as it leaves the stage."""
    raw = RawArticle(
        article_id=ids.article_id("orchard", "1"), source_id="orchard", key="1",
        content_sha256=ids.content_sha256(title=None, summary=None, body=body), body=body,
        media_type="text/plain", origin="live", observed_at=NOW, updated_at=NOW,
        **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    (result,) = enrich_payloads(child(), [to_wire(raw)])
    assert isinstance(result, Enriched), result
    return from_wire(result.payload, EnrichedArticle)


@cache
def seed(file: str) -> EnrichedArticle:
    """Return a seed article as it leaves the stage."""
    return enriched((SEEDS / file).read_bytes().decode())


def entity(article: EnrichedArticle, name: str) -> DocumentEntity:
    """Return the one entity that has this name or alias."""
    (found,) = [each for each in article.entities if name in (each.name, *each.aliases)]
    return found

"""Put the development stories into a real Elasticsearch, as the stages enrich, join and index."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from dateline import ids
from dateline.endpoints import async_search_client, search_client
from dateline.local import ServerOptions, SilentProgress, start_servers, stop_servers
from dateline.records import EnrichedArticle, GroupedArticle, RawArticle, SearchDocument
from dateline.rights.decide import decide_all
from dateline.rights.policy import Policy, load_policy
from dateline.rights.record import Rights
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import ArticlesIndex, apply_templates, articles_index
from dateline.settings import PROJECT_DIR, Settings, load_settings
from dateline.wire import from_wire, to_wire
from processors.enrich.child import Child, enrich_payloads
from processors.enrich.entry import ChildOptions, Enriched
from processors.index.build_document import build_document

from .data import Article

SOURCE = "development.example"
# The texts have no times: all get one, so that nothing is told by it.
AT = datetime(2026, 11, 1, tzinfo=UTC)
_CONFIG = PROJECT_DIR / "config"
# The floor looks into the shown text alone, so all of it may be shown.
_RIGHTS = Rights(
    status="granted", spdx_expression="CC-BY-4.0", family="cc", effective=("by",), confidence=1.0
)


@dataclass(frozen=True, slots=True)
class StoriesIndex:
    """A server with all articles; ``article_ids`` by id in the index."""

    client: Elasticsearch
    index: ArticlesIndex
    article_ids: dict[str, str]


@contextmanager
def indexed(articles: Sequence[Article]) -> Iterator[StoriesIndex]:
    """Give a server of its own with ``articles`` in it; it is stopped and deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="dateline-quality-") as folder:
        state_dir = Path(folder) / ".dateline"
        options = ServerOptions(kafka_port=19_392, elasticsearch_port=19_400)
        endpoints = start_servers(state_dir, options=options, report=SilentProgress())
        try:
            settings = load_settings(
                environ={},
                assignments=[
                    f"project.state_dir={state_dir}",
                    f"elasticsearch.url={endpoints.elasticsearch_url}",
                ],
            )
            with search_client(settings) as client:
                yield fill(client, settings, articles)
        finally:
            stop_servers(state_dir)


def fill(client: Elasticsearch, settings: Settings, articles: Sequence[Article]) -> StoriesIndex:
    """Write ``articles`` into the index of ``settings`` and return it."""
    documents = _documents(articles, settings)
    asyncio.run(_write(settings, documents))
    index = articles_index(settings)
    client.indices.refresh(index=index.read_alias)
    return StoriesIndex(client, index, {each.article_id: each.key for each in documents})


def _documents(articles: Sequence[Article], settings: Settings) -> list[SearchDocument]:
    child = Child(
        ChildOptions(
            models=settings.enrich.models,
            config_dir=_CONFIG,
            max_text_chars=settings.enrich.max_text_chars,
        )
    )
    policy = load_policy(_CONFIG / "policies.toml")
    results = enrich_payloads(child, [to_wire(_raw(each)) for each in articles])
    return [
        build_document(_grouped(article, _record(result), policy))
        for article, result in zip(articles, results, strict=True)
    ]


def _raw(article: Article) -> RawArticle:
    return RawArticle(
        article_id=ids.article_id(SOURCE, article.id), source_id=SOURCE, key=article.id,
        content_sha256=ids.text_sha256(article.text), body=article.text, media_type="text/plain",
        origin="backfill", observed_at=AT, updated_at=AT, language="en",
    )  # fmt: skip


def _record(result: object) -> EnrichedArticle:
    if not isinstance(result, Enriched):
        raise TypeError(result)
    return from_wire(result.payload, EnrichedArticle)


def _grouped(article: Article, enriched: EnrichedArticle, policy: Policy) -> GroupedArticle:
    raw = enriched.article
    return GroupedArticle(
        article_id=raw.article_id, source_id=SOURCE, revision=1, change="new", first_seen_at=AT,
        observed_at=AT, origin=raw.origin, pub_status="usable",
        story_id=ids.story_id(ids.article_id(SOURCE, article.story)), versions=(),
        decisions=decide_all(_RIGHTS, policy=policy, at=AT),
        enriched=replace(enriched, rights=_RIGHTS),
    )  # fmt: skip


async def _write(settings: Settings, documents: Sequence[SearchDocument]) -> None:
    client = async_search_client(settings)
    try:
        await apply_templates(client, settings)
        writer = IndexWriter(
            client, articles_index(settings), max_bulk_bytes=1_000_000, retry_ceiling_seconds=1,
            on_wait=lambda: None,
        )  # fmt: skip
        await writer.write(documents)
    finally:
        await client.close()

"""Templates, indices and the archive against the real Elasticsearch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from elasticsearch import AsyncElasticsearch, BadRequestError
from sample_records import at, enriched_article, kill_notice, raw_article

from dateline.endpoints import async_search_client
from dateline.errors import ConfigError, DocumentRefused, InvariantBroken
from dateline.outcomes import Outcome
from dateline.records import (
    ArticleState,
    EntityRecord,
    GeoPointField,
    GroupedArticle,
    SearchDocument,
    StoryRecord,
)
from dateline.rights.decide import decide_all, decisions_sha256
from dateline.rights.policy import load_policy
from dateline.rights.record import Rights
from dateline.search.archive import find_archived
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import apply_templates, articles_index, ensure_index
from dateline.settings import PROJECT_DIR, Settings
from processors.index.build_document import build_document
from processors.stories.assign_revision import assign_revision

pytestmark = pytest.mark.integration
T = TypeVar("T")


def run(settings: Settings, work: Callable[[AsyncElasticsearch], Awaitable[T]]) -> T:
    async def main() -> T:
        client = async_search_client(settings)
        try:
            return await asyncio.wait_for(work(client), 60)
        finally:
            await client.close()

    return asyncio.run(main())


def writer(client: AsyncElasticsearch, settings: Settings) -> IndexWriter:
    return IndexWriter(
        client, articles_index(settings), max_bulk_bytes=5_000_000, retry_ceiling_seconds=1.0,
        on_wait=lambda: None,
    )  # fmt: skip


def document(state: ArticleState, version: Any) -> SearchDocument:
    enriched = version if not hasattr(version, "reason") else None
    policy = load_policy(PROJECT_DIR / "config" / "policies.toml")
    decisions = decide_all(enriched.rights, policy=policy) if enriched else ()
    return build_document(
        GroupedArticle(
            article_id=state.article_id, source_id=state.source_id, revision=state.revision,
            change="content", first_seen_at=state.first_seen_at, observed_at=state.last_changed_at,
            origin="live", pub_status=state.pub_status, story_id=state.story_id,
            versions=state.versions, decisions=decisions, enriched=enriched,
            kill=None if enriched else version,
        )
    )  # fmt: skip


def versions_of_one_article() -> tuple[ArticleState, ArticleState]:
    first = assign_revision(None, raw_article("A", 1), max_versions=10).state
    return first, assign_revision(first, kill_notice(2), max_versions=10).state


def test_templates_applied_twice_are_unchanged(pipeline_settings: Settings) -> None:
    async def work(client: AsyncElasticsearch) -> None:
        again = await apply_templates(client, pipeline_settings)

        assert again.change == "unchanged"
        assert again.analyzer == "standard"  # the embedded server's core has no other
        assert again.template == pipeline_settings.scoped("news-articles")

    run(pipeline_settings, work)


def test_template_survives_its_indices_and_forms_the_next(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)
    alias = index.write_alias(at(0))

    async def work(client: AsyncElasticsearch) -> None:
        await ensure_index(client, index, alias)
        await ensure_index(client, index, alias)  # safe to repeat
        await client.indices.delete(index=index.index_name(alias))
        await ensure_index(client, index, alias)

        mappings = (await client.indices.get_mapping(index=alias)).body
        (found,) = mappings.values()
        assert found["mappings"]["dynamic"] == "strict"
        aliases = await client.indices.get_alias(index=index.index_name(alias))
        assert set(aliases[index.index_name(alias)]["aliases"]) == {alias, index.read_alias}

    run(pipeline_settings, work)


def story_record(revision: int = 1) -> StoryRecord:
    return StoryRecord(
        story_id="5a" * 32, root_article_id="a" * 64, revision=revision, title=f"Title {revision}",
        first_at=at(0), last_at=at(revision), merged_ids=("5b" * 32,), split_from_ids=("5c" * 32,),
    )  # fmt: skip


def entity_record(revision: int = 1) -> EntityRecord:
    return EntityRecord(
        entity_id="Q1", revision=revision, entity_type="place", name="Qatar", names=("Katar",),
        member_ids=("Q1",), updated_at=at(1),
    )  # fmt: skip


def test_stories_and_entities_have_strict_indices_of_their_own(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)

    async def work(client: AsyncElasticsearch) -> None:
        records = writer(client, pipeline_settings)
        assert await records.write([story_record(2), entity_record(), story_record(1)]) == [
            Outcome.INDEXED, Outcome.INDEXED, Outcome.DUPLICATE,
        ]  # fmt: skip
        for small in (index.stories, index.entities):
            found = (await client.indices.get_mapping(index=small.alias)).body
            assert set(found) == {small.index_name}
            assert found[small.index_name]["mappings"]["dynamic"] == "strict"
            with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
                await client.index(index=small.alias, document={"guessed": 1})
        await client.indices.refresh(index=index.stories.alias)
        for alias in ("5b" * 32, "5c" * 32):
            query = {"term": {"aliases": alias}}
            answer = await client.search(index=index.stories.alias, query=query, version=True)
            (hit,) = answer["hits"]["hits"]
            assert (hit["_version"], hit["_source"]["title"]) == (2, "Title 2")

        applied = await apply_templates(client, pipeline_settings)
        assert applied.record_indices == (index.stories.index_name, index.entities.index_name)

    run(pipeline_settings, work)


def test_small_index_that_was_wiped_is_made_again(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)

    async def work(client: AsyncElasticsearch) -> None:
        records = writer(client, pipeline_settings)
        assert await records.write([entity_record(3)]) == [Outcome.INDEXED]
        await client.indices.delete(index=index.entities.index_name)
        assert await records.write([entity_record(3)]) == [Outcome.INDEXED]
        assert await client.indices.exists_alias(name=index.entities.alias)

    run(pipeline_settings, work)


def test_points_are_where_they_should_be(pipeline_settings: Settings) -> None:
    """Elasticsearch reads a bare pair with the longitude first; Doha would lie in the Arctic."""
    usable, _ = versions_of_one_article()
    index = articles_index(pipeline_settings)

    async def work(client: AsyncElasticsearch) -> None:
        doha = GeoPointField(lat=25.29, lon=51.53)
        indexed = replace(document(usable, enriched_article("A", 1)), geo_points=(doha,))
        assert await writer(client, pipeline_settings).write([indexed]) == [Outcome.INDEXED]
        await client.indices.refresh(index=index.read_alias)
        near = {"geo_distance": {"distance": "10km", "geo_points": "25.3,51.5"}}
        assert (await client.count(index=index.read_alias, query=near))["count"] == 1

    run(pipeline_settings, work)


def test_setting_that_changes_reaches_the_template(pipeline_settings: Settings) -> None:
    slower = replace(
        pipeline_settings, index=replace(pipeline_settings.index, refresh_interval_ms=900)
    )

    async def work(client: AsyncElasticsearch) -> None:
        applied = await apply_templates(client, slower)
        name = articles_index(slower).read_alias
        stored = (await client.indices.get_index_template(name=name))["index_templates"][0]

        assert applied.change == "updated"
        assert (await apply_templates(client, slower)).change == "unchanged"
        settings = stored["index_template"]["template"]["settings"]["index"]
        assert settings["refresh_interval"] == "900ms"

    run(pipeline_settings, work)


def test_index_with_another_mapping_is_the_operators_to_mend(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)
    name = index.index_name(index.write_alias(at(0)))

    async def work(client: AsyncElasticsearch) -> None:
        await client.indices.delete_index_template(name=index.read_alias)
        await client.indices.create(
            index=name, mappings={"properties": {"revision": {"type": "text"}}}
        )
        with pytest.raises(ConfigError, match=f"index {name} has another mapping"):
            await apply_templates(client, pipeline_settings)

    run(pipeline_settings, work)


def test_index_is_not_made_without_its_template(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)

    async def work(client: AsyncElasticsearch) -> None:
        await client.indices.delete_index_template(name=index.read_alias)
        with pytest.raises(InvariantBroken, match="is gone"):
            await ensure_index(client, index, index.write_alias(at(0)))
        assert not await client.indices.exists(
            index=f"{index.index_prefix}*", allow_no_indices=False
        )

    run(pipeline_settings, work)


def test_archive_without_an_index_is_empty(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)

    async def work(client: AsyncElasticsearch) -> None:
        assert await find_archived(client, index, ["a" * 64]) == {}

    run(pipeline_settings, work)


def test_archive_gives_back_what_the_stories_stage_forgot(pipeline_settings: Settings) -> None:
    index = articles_index(pipeline_settings)
    usable, killed = versions_of_one_article()

    async def work(client: AsyncElasticsearch) -> None:
        articles = writer(client, pipeline_settings)
        indexed = document(usable, enriched_article("A", 1))
        assert await articles.write([indexed]) == [Outcome.INDEXED]
        await client.indices.refresh(index=index.read_alias)
        decided = replace(
            usable,
            rights=Rights(status="unknown"),
            decisions_sha256=decisions_sha256(indexed.decisions),
        )
        assert await find_archived(client, index, [usable.article_id]) == {
            usable.article_id: decided
        }

        assert await articles.write([document(killed, kill_notice(2))]) == [Outcome.INDEXED]
        assert await articles.write([document(usable, enriched_article("A", 1))]) == [
            Outcome.DUPLICATE
        ]
        await client.indices.refresh(index=index.read_alias)
        assert await find_archived(client, index, [usable.article_id, "b" * 64]) == {
            killed.article_id: killed
        }

    run(pipeline_settings, work)


def test_document_that_breaks_the_mapping_is_refused_alone(pipeline_settings: Settings) -> None:
    usable, _ = versions_of_one_article()
    good = document(usable, enriched_article("A", 1))
    bad = replace(good, article_id="b" * 64, source_id="x" * 40_000)  # over Lucene's term limit

    async def work(client: AsyncElasticsearch) -> None:
        results = await writer(client, pipeline_settings).write([bad, good])

        assert isinstance(results[0], DocumentRefused)
        assert "failed to parse field [source_id]" in results[0].message
        assert "xxxx" not in results[0].message
        assert results[1] is Outcome.INDEXED

    run(pipeline_settings, work)

"""The two seed articles are one story, whichever comes first."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import pytest
from sample_records import at
from stories_doubles import Broker, Process

from dateline import ids
from dateline.records import EnrichedArticle, RawArticle
from dateline.settings import PROJECT_DIR, EnrichSettings
from dateline.wire import from_wire, to_wire
from processors.enrich.child import Child, enrich_payloads
from processors.enrich.entry import ChildOptions, Enriched

SEEDS = sorted((PROJECT_DIR / "seeds").glob("*.txt"))


@cache
def enriched(path: Path) -> EnrichedArticle:
    """Return a seed as it leaves the enrich stage."""
    settings = EnrichSettings()
    child = Child(
        ChildOptions(
            models=settings.models,
            config_dir=PROJECT_DIR / "config",
            max_text_chars=settings.max_text_chars,
        )
    )
    body = path.read_bytes().decode()
    raw = RawArticle(
        article_id=ids.article_id("seeds", path.name), source_id="seeds", key=path.name,
        content_sha256=ids.content_sha256(title=None, summary=None, body=body), body=body,
        media_type="text/plain", origin="live", observed_at=at(1), updated_at=at(1),
    )  # fmt: skip
    (result,) = enrich_payloads(child, [to_wire(raw)])
    assert isinstance(result, Enriched), result
    return from_wire(result.payload, EnrichedArticle)


@pytest.mark.parametrize("is_turned", [False, True], ids=["first", "turned"])
@pytest.mark.parametrize("in_one_batch", [False, True], ids=["two batches", "one batch"])
def test_the_two_seeds_are_one_story(is_turned: bool, in_one_batch: bool) -> None:
    seeds = [enriched(path) for path in (SEEDS[::-1] if is_turned else SEEDS)]
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        for batch in [seeds] if in_one_batch else [[each] for each in seeds]:
            await process.take(*batch)

    asyncio.run(main())

    assert len(seeds) == 2
    assert {item.role for item in broker.grouped} == {"original"}
    (story,) = broker.stories.values()
    assert {item.story_id for item in broker.grouped} == {story.story_id}
    assert story.article_count == 2
    assert story.title
    assert "Qatar" in {entity.name for entity in story.entities}

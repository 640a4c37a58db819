"""Who is who, through the real stages: by evidence, by hand, and after a stage was killed."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_on_servers import run_command
from stages_on_servers import running_stages, send_enriched, until
from story_records import about, article_id

from dateline import ids
from dateline.cli.entity import entity as entity_command
from dateline.cli.search import search as search_command
from dateline.cli.story import story as story_command
from dateline.document_records import DocumentEntity
from dateline.endpoints import search_client
from dateline.errors import SearchUnavailable
from dateline.records import EnrichedArticle, SearchDocument
from dateline.search.find_articles import find_article
from dateline.search.templates import articles_index
from dateline.settings import Settings

pytestmark = pytest.mark.integration

OLD, NEW = "Mohammed al-Farouki", "Muhammad Al Faruqi"
ADA, OTHER_ADA = "Ada Brookfield", "Ida Brockfeld"


def named(name: str, *aliases: str) -> DocumentEntity:
    return DocumentEntity(
        entity_id=ids.entity_id("person", name), entity_type="person", name=name,
        is_full_name=True, mention_indices=(), aliases=aliases, salience=0.5,
    )  # fmt: skip


def article(name: str, event: str, *entities: DocumentEntity) -> EnrichedArticle:
    now = datetime.now(UTC).replace(microsecond=0)
    made: EnrichedArticle = about(name, event, entities=entities, mentions=())
    raw = replace(made.article, observed_at=now, updated_at=now, published_at=now)
    return replace(made, article=raw)


def document(settings: Settings, name: str) -> SearchDocument | None:
    with search_client(settings) as client:
        try:
            return find_article(client, articles_index(settings), article_id(name))
        except SearchUnavailable:
            return None  # the index is being made


def people(settings: Settings, *names: str) -> list[tuple[str, ...]]:
    found = [document(settings, name) for name in names]
    return [each.entities.person if each else () for each in found]


def as_json(settings: Settings, *words: str) -> Any:
    result = run_command(settings, entity_command, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("failpoint", [None, "stories.before_commit", "stories.after_commit"])
def test_a_text_with_both_names_joins_what_was_indexed_before(
    pipeline_settings: Settings, tmp_path: Path, failpoint: str | None
) -> None:
    settings = pipeline_settings
    with running_stages(settings, tmp_path / "log", "index"):
        with running_stages(settings, tmp_path / "log", "stories"):
            send_enriched(settings, article("one", "flood", named(OLD)))
            send_enriched(settings, article("two", "strike", named(NEW)))
            until(lambda: all(people(settings, "one", "two")), "two articles")
        assert people(settings, "one", "two") == [(OLD,), (NEW,)]
        send_enriched(settings, article("both", "vote", named(OLD, NEW)))
        if failpoint:
            # It dies over the very record that joins both names.
            log = tmp_path / "log"
            with running_stages(settings, log, "stories", failpoint=failpoint) as (dying,):
                assert dying.wait(90) == -signal.SIGKILL
        with running_stages(settings, tmp_path / "log", "stories"):
            names = ("one", "two", "both")
            until(lambda: len({*people(settings, *names)}) == 1, "one name")

    (name,) = people(settings, "one")[0]
    found = [document(settings, each) for each in names]
    assert all(each and each.revision <= 2 for each in found)
    assert sum(each.revision for each in found if each) in (4, 5)
    assert {each.story_id for each in found if each} == {
        ids.story_id(article_id(each)) for each in names
    }
    told = as_json(settings, NEW)["entity"]
    assert told["name"] == name
    assert {OLD, NEW} <= {*told["names"]}
    (decision,) = told["record"]["merges"]
    assert decision["by"] == "evidence"
    assert article_id("both") in decision["article_ids"]
    hits = run_command(settings, search_command, "--entity", OLD, "--json")
    assert len(json.loads(hits.stdout)["hits"]) == 3


def test_corrections_by_hand_are_made_kept_and_taken_back(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    first, second = (ids.entity_id("person", name) for name in (ADA, OTHER_ADA))
    with running_stages(settings, tmp_path / "log", "index", "stories"):
        send_enriched(settings, article("one", "flood", named(ADA)))
        send_enriched(settings, article("two", "strike", named(OTHER_ADA)))
        until(lambda: all(people(settings, "one", "two")), "two articles")

        as_json(settings, "merge", ADA, OTHER_ADA, "--note", "married name", "--wait")
        until(lambda: len({*people(settings, "one", "two")}) == 1, "one name")
        as_json(settings, "rename", ADA, "Ada B. Brookfield", "--wait")
        until(
            lambda: people(settings, "one", "two") == [("Ada B. Brookfield",)] * 2, "the new name"
        )
    with running_stages(settings, tmp_path / "log", "index", "stories"):
        # Another process of the stage: what was said by hand holds for articles to come.
        send_enriched(settings, article("three", "vote", named(OTHER_ADA)))
        until(lambda: people(settings, "three") == [("Ada B. Brookfield",)], "the third article")
        (record,) = [each for each in as_json(settings, "corrections") if each["is_renamed"]]
        assert [each["by"] for each in record["merges"]] == ["hand"]
        assert record["merges"][0]["reason"] == "married name"

        as_json(settings, "split", first, second, "--wait")
        until(lambda: len({*people(settings, "one", "two")}) == 2, "two names")

    assert people(settings, "two") == people(settings, "three")
    story = run_command(settings, story_command, article_id("one"), "--json")
    assert json.loads(story.stdout)["article_total"] == 1

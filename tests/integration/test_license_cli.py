"""License explain and re-decide with the real servers and stages."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_on_servers import index_documents, run_command
from export_samples import decisions, licensed
from made_up_stories import text_about
from sample_documents import tombstone
from sample_records import enriched_article, raw_article
from stages_on_servers import running_stages, send_enriched, until

from dateline import ids
from dateline.cli.license import license_command
from dateline.endpoints import search_client
from dateline.errors import DependencyUnavailable, SearchUnavailable
from dateline.records import EnrichedArticle, SearchDocument
from dateline.rights.policy import load_policy
from dateline.rights.record import Attribution, Rights
from dateline.search.find_articles import find_article
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR, Settings

pytestmark = pytest.mark.integration

STAMP = load_policy(PROJECT_DIR / "config" / "policies.toml").stamp
GRANTED = Rights(
    status="granted", spdx_expression="CC-BY-4.0", effective=("by",), confidence=0.9,
    attribution=Attribution(text="By W", html="By W", jsonld="{}", is_complete=True),
)  # fmt: skip


def _json(settings: Settings, *words: str, exit_code: int = 0) -> dict[str, Any]:
    result = run_command(settings, license_command, *words, "--json")
    assert result.exit_code == exit_code, (result.output, result.exception)
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def test_explain_tells_an_indexed_article_and_what_is_not_held(
    pipeline_settings: Settings,
) -> None:
    copy = licensed("copy.txt", origin_article_id="e" * 64)
    index_documents(pipeline_settings, [copy, tombstone("killed.txt")])

    told = _json(pipeline_settings, "explain", copy.article_id[:10])
    shown = run_command(pipeline_settings, license_command, "explain", copy.url or "").stdout

    assert told["rights"]["spdx_expression"] == "CC-BY-4.0"
    assert [each["purpose"] for each in told["decisions"]] == [
        each.purpose for each in copy.decisions
    ]
    assert any("e" * 64 in line for line in told["not_held"])
    assert ">>Licensed under CC BY<<" in shown
    assert "granted: a licence is given to the text" in shown
    killed = _json(pipeline_settings, "explain", tombstone("killed.txt").article_id)
    assert killed["rights"] is None
    assert "why it was withdrawn: the source withdrew it" in killed["not_held"]
    missing = run_command(pipeline_settings, license_command, "explain", "f" * 64)
    assert missing.exit_code == 1
    assert "no indexed article" in missing.output


def test_a_dry_run_counts_what_would_change_and_sends_nothing(
    pipeline_settings: Settings,
) -> None:
    old = licensed("old.txt", decisions=decisions(policy_id="default@1"))
    now = licensed("now.txt", decisions=decisions(policy_id=STAMP))
    index_documents(
        pipeline_settings, [_stamped(old, "default@1"), _stamped(now, STAMP), tombstone()]
    )

    report = _json(pipeline_settings, "re-decide", "--dry-run")

    assert (report["articles"], report["changed"]) == (1, 1)
    row = next(
        each
        for each in report["transitions"]
        if (each["purpose"], each["column"]) == ("ml_training", "ai_use")
    )
    assert row == {
        "purpose": "ml_training", "column": "ai_use", "from": "allowed", "to": "review",
        "count": 1, "examples": [old.article_id],
    }  # fmt: skip
    assert "requested" not in report
    assert _json(pipeline_settings, "re-decide", "--dry-run", "--source", "x")["articles"] == 0


def _stamped(document: SearchDocument, stamp: str) -> SearchDocument:
    from processors.index.rights_fields import decision_filters

    changed = tuple(replace(each, policy_id=stamp) for each in document.decisions)
    return replace(document, decisions=changed, decision=decision_filters(changed))


# ---- the whole way: request, stories, index ------------------------------------------------------


def _article(key: str) -> EnrichedArticle:
    at = datetime.now(UTC).replace(microsecond=0)
    article = raw_article(
        # A text of its own: a copy would be told of its original, which is a revision, too.
        text_about(key, 0), article_id=ids.article_id("w.example", key), source_id="w.example",
        key=key, observed_at=at, updated_at=at, url=f"https://w.example/{key}",
    )  # fmt: skip
    return enriched_article(article.body, article=article, rights=GRANTED)


def _indexed(settings: Settings, article_id: str) -> SearchDocument | None:
    with search_client(settings) as client:
        try:
            return find_article(client, articles_index(settings), article_id)
        except SearchUnavailable:
            return None  # the stage is making the index: its shard does not answer yet


@pytest.fixture
def earlier_project(tmp_path: Path) -> Path:
    """Return a copy of the project with the policy that was in force before this one."""
    project = tmp_path / "earlier"
    for name in ("dateline", "processors", "producers", "config"):
        shutil.copytree(PROJECT_DIR / name, project / name)
    policies = project / "config" / "policies.toml"
    text = policies.read_text()
    number = STAMP.rpartition("@")[2]
    earlier = text.replace(f"\nversion = {number}\n", f"\nversion = {int(number) - 1}\n")
    assert earlier != text
    policies.write_text(earlier)
    return project


def test_articles_of_an_earlier_policy_are_decided_again(
    pipeline_settings: Settings, tmp_path: Path, earlier_project: Path
) -> None:
    settings = pipeline_settings
    articles = [_article(f"n{number}") for number in range(3)]
    found = [each.article.article_id for each in articles]
    earlier = load_policy(earlier_project / "config" / "policies.toml").stamp
    with running_stages(settings, tmp_path / "log", "stories", "index", project=earlier_project):
        send_enriched(settings, *articles)
        until(lambda: all(_indexed(settings, each) for each in found), "the index")
    assert {_policy_of(settings, each) for each in found} == {earlier}
    # Of this one the text never was in Kafka.
    lost = licensed("lost.txt", decisions=decisions(policy_id=earlier))
    index_documents(settings, [_stamped(lost, earlier)])

    with running_stages(settings, tmp_path / "log", "stories", "index", project=PROJECT_DIR):
        answer = _json(settings, "re-decide", exit_code=1)
        again = _json(settings, "re-decide", "--source", "w.example")

    assert (answer["articles"], answer["requested"], answer["decided"]) == (4, 4, 3)
    assert [row["article_id"] for row in answer["not_decided"]] == [lost.article_id]
    assert answer["not_decided"][0]["policy_id"] == earlier
    assert (again["articles"], again["changed"]) == (0, 0)
    assert {_policy_of(settings, each) for each in found} == {STAMP}
    assert {_revision_of(settings, each) for each in found} == {2}


def _policy_of(settings: Settings, article_id: str) -> str:
    document = _indexed(settings, article_id)
    assert document is not None
    (stamp,) = {each.policy_id for each in document.decisions}
    return stamp


def _revision_of(settings: Settings, article_id: str) -> int:
    document = _indexed(settings, article_id)
    assert document is not None
    return document.revision


def test_stages_that_do_not_run_are_named(pipeline_settings: Settings) -> None:
    old = licensed("old.txt", decisions=decisions(policy_id="default@1"))
    index_documents(pipeline_settings, [_stamped(old, "default@1")])

    result = run_command(pipeline_settings, license_command, "re-decide", "--patience", "2")
    sent = _json(pipeline_settings, "re-decide", "--no-wait")

    assert isinstance(result.exception, DependencyUnavailable)
    assert "the stage stories has made no progress for 2 s" in str(result.exception)
    assert sent["requested"] == 1

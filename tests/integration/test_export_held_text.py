"""Texts that search may only quote and an export may pass on: read back from the real topic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_on_servers import index_documents, run_command
from kafka import KafkaAdminClient, KafkaProducer
from kafka.structs import TopicPartition
from sample_records import SOURCE, enriched_article, kill_notice, raw_article, sha

from dateline import ids
from dateline.cli.export import export
from dateline.endpoints import kafka_bootstrap
from dateline.errors import ConfigError
from dateline.records import (
    EnrichedArticle,
    GroupedArticle,
    KillNotice,
    SearchDocument,
    VersionSeen,
)
from dateline.rights.decide import decide_all
from dateline.rights.policy import load_policy
from dateline.rights.record import Attribution, Preferences, Rights
from dateline.settings import PROJECT_DIR, Settings
from dateline.topics import load_topics
from dateline.wire import to_wire
from processors.index.build_document import build_document

pytestmark = pytest.mark.integration

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")
NOW = datetime.now(UTC).replace(microsecond=0)
TEXT = "The harbour council met on Tuesday and heard the reports of its committees. " * 8
CREDIT = Attribution(text="By Coast Wire", html="<p>", jsonld="{}", is_complete=True)
BY = Rights(status="granted", spdx_expression="CC-BY-4.0", effective=("by",), confidence=0.9,
            attribution=CREDIT)  # fmt: skip
BY_NC = replace(BY, spdx_expression="CC-BY-NC-4.0", effective=("by", "nc"))


def _enriched(key: str, rights: Rights = BY_NC, *, text: str = TEXT) -> EnrichedArticle:
    raw = raw_article(text, key=key, observed_at=NOW, updated_at=NOW)
    return enriched_article(text, article=raw, rights=rights, title=f"Title of {key}", summary=text)


def _document(enriched: EnrichedArticle, revision: int = 1) -> SearchDocument:
    raw = enriched.article
    return build_document(
        GroupedArticle(
            article_id=raw.article_id, source_id=raw.source_id, revision=revision,
            change="content", first_seen_at=NOW, observed_at=NOW, origin="live",
            pub_status="usable", story_id="s" * 64, enriched=enriched,
            versions=(VersionSeen(content_sha256=raw.content_sha256, updated_at=NOW, revision=1),),
            decisions=decide_all(enriched.rights, policy=POLICY, at=NOW),
        )
    )  # fmt: skip


def _tombstone(key: str) -> SearchDocument:
    kill = kill_notice(key=key)
    return build_document(
        GroupedArticle(
            article_id=kill.article_id, source_id=kill.source_id, revision=2, change="kill",
            first_seen_at=NOW, observed_at=NOW, origin="live", pub_status="canceled",
            story_id="s" * 64, versions=(), kill=kill,
        )
    )  # fmt: skip


def _send(settings: Settings, *records: EnrichedArticle | KillNotice) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    topic = load_topics(settings)["enriched"].name
    try:
        for record in records:
            article = record.article if isinstance(record, EnrichedArticle) else record
            producer.send(topic, key=article.article_id.encode(), value=to_wire(record)).get(30)
    finally:
        producer.close()


def _forget(settings: Settings, before_offset: int) -> None:
    """Delete records as retention does."""
    place = TopicPartition(load_topics(settings)["enriched"].name, 0)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap(settings))
    try:
        admin.delete_records({place: before_offset})
    finally:
        admin.close()


def _export(
    settings: Settings, folder: Path, purpose: str = "redistribution_nc"
) -> tuple[dict[str, Any], Mapping[str, dict[str, Any]]]:
    result = run_command(settings, export, "--purpose", purpose, "--out", str(folder), "--json")
    assert result.exit_code == 0, result.output
    lines = (folder / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return json.loads(result.stdout), {row["article_id"]: row for row in rows}


def _held(report: Mapping[str, Any]) -> dict[str, int]:
    return {reason: row["count"] for reason, row in report["held_back"].items()}


def _id(key: str) -> str:
    return ids.article_id(SOURCE, key)


def test_a_text_for_non_commercial_use_is_passed_on_whole_for_that_purpose_only(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    nc, by, unknown = _enriched("nc"), _enriched("by", BY), _enriched("u", Rights(status="unknown"))
    _send(pipeline_settings, nc, by, unknown)
    documents = [_document(each) for each in (nc, by, unknown)]
    index_documents(pipeline_settings, documents)
    assert documents[0].body != TEXT  # what search may show of it

    report, rows = _export(pipeline_settings, tmp_path / "nc")

    assert (report["read"], report["exported"], report["read_back"]) == (3, 2, 1)
    assert {rows[_id(key)]["text"] for key in ("nc", "by")} == {TEXT}
    assert rows[_id("nc")]["summary"] == TEXT
    assert rows[_id("nc")]["effective"] == ["by", "nc"]
    assert _held(report) == {"rights_unknown": 1}
    assert [path.name for path in tmp_path.iterdir() if path.name != "inbox"] == ["nc"]

    report, rows = _export(pipeline_settings, tmp_path / "sold", "redistribution_commercial")

    assert set(rows) == {_id("by")}
    assert _held(report) == {"rights_unknown": 1, "purpose_not_allowed": 1}


def test_the_version_that_was_decided_about_is_taken_and_no_other(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    old, new, late = (_enriched("k", text=f"{word} {TEXT}") for word in ("Old", "New", "Late"))
    other = _enriched("only-old")
    _send(pipeline_settings, old, new, late, other)
    changed = replace(_document(other), content_sha256=sha("not sent"))
    index_documents(pipeline_settings, [_document(new), changed])

    report, rows = _export(pipeline_settings, tmp_path / "out")

    assert rows[_id("k")]["text"] == new.text
    assert rows[_id("k")]["content_sha256"] == new.article.content_sha256
    assert _held(report) == {"text_not_held": 1}


def test_what_retention_took_or_the_source_withdrew_is_held_back(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    gone, killed, here = (_enriched(key) for key in ("gone", "killed", "here"))
    _send(pipeline_settings, gone, killed, here, kill_notice(key="killed"))
    _forget(pipeline_settings, 1)
    index_documents(pipeline_settings, [_document(gone), _tombstone("killed"), _document(here)])

    report, rows = _export(pipeline_settings, tmp_path / "out")

    assert set(rows) == {_id("here")}
    assert _held(report) == {"text_not_held": 1, "canceled": 1}
    assert report["held_back"]["text_not_held"]["why"].startswith("text not held: ")


def test_a_text_with_passages_that_no_snippet_shows_is_passed_on_whole(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    passage = "heard the reports of its committees"
    marked = Preferences(nosnippet_texts=(passage,))
    free = _enriched("free", replace(BY, preferences=marked))
    fixed = _enriched("nd", replace(BY, preferences=marked, effective=("by", "nd")))
    _send(pipeline_settings, free, fixed)
    documents = [_document(free), _document(fixed)]
    index_documents(pipeline_settings, documents)
    assert passage not in (documents[0].body or "")

    report, rows = _export(pipeline_settings, tmp_path / "out")

    assert rows[_id("free")]["text"] == TEXT
    # Of ND texts with such passages parts may be quoted, and nothing is passed on.
    assert _held(report) == {"purpose_not_allowed": 1}


def test_kafka_is_asked_only_for_texts_that_the_index_does_not_give(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    away = replace(
        pipeline_settings, kafka=replace(pipeline_settings.kafka, bootstrap_servers="auto")
    )
    index_documents(pipeline_settings, [_document(_enriched("by", BY))])
    assert _export(away, tmp_path / "whole")[0]["exported"] == 1

    index_documents(pipeline_settings, [_document(_enriched("nc"))])
    result = run_command(
        away, export, "--purpose", "redistribution_nc", "--out", str(tmp_path / "part")
    )

    # Neither half an export nor one that calls such texts lost.
    assert isinstance(result.exception, ConfigError)
    assert "no embedded server runs" in str(result.exception)
    assert not (tmp_path / "part").exists()


def test_texts_from_before_the_topic_s_oldest_record_cost_no_error(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    old = _document(_enriched("old"))
    ahead = replace(old, observed_at=NOW + timedelta(days=1))  # a clock that runs ahead
    index_documents(pipeline_settings, [ahead])

    assert _held(_export(pipeline_settings, tmp_path / "out")[0]) == {"text_not_held": 1}

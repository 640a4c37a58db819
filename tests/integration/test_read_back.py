"""Texts read back from the real topic, requests to decide again, and a stage that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.structs import TopicPartition
from made_up_stories import text_about
from sample_records import enriched_article, kill_notice, raw_article

from dateline import ids
from dateline.consumer_lag import read_position
from dateline.endpoints import kafka_bootstrap
from dateline.records import EnrichedArticle, GroupedArticle, Record, Redecide, StoryRecord
from dateline.rights.policy import load_policy
from dateline.rights.record import Access, Attribution, Rights
from dateline.settings import PROJECT_DIR, Settings
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.wire import from_wire, to_wire
from processors.stories.read_back import EnrichedReader

pytestmark = pytest.mark.integration

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")
TEXT = "The harbour council voted on Tuesday to dredge the northern basin. " * 5
PATIENCE_SECONDS = 60.0


def send(settings: Settings, *records: Record) -> None:
    """Write records to the topic that the stories stage reads, in order."""
    producer = KafkaProducer(
        bootstrap_servers=kafka_bootstrap(settings), max_request_size=17_500_000
    )
    topic = load_topics(settings)["enriched"].name
    try:
        for record in records:
            article = record.article if isinstance(record, EnrichedArticle) else record
            producer.send(topic, key=article.article_id.encode(), value=to_wire(record)).get(30)  # type: ignore[union-attr]  # records with an id only
    finally:
        producer.close()


def read(settings: Settings, *offsets: int) -> list[EnrichedArticle | None]:
    async def main() -> list[EnrichedArticle | None]:
        reader = EnrichedReader(kafka_bootstrap(settings), load_topics(settings)["enriched"].name)
        try:
            return [await reader.read(offset) for offset in offsets]
        finally:
            await reader.close()

    return asyncio.run(asyncio.wait_for(main(), PATIENCE_SECONDS))


def test_articles_are_read_back_by_offset_in_any_order(pipeline_settings: Settings) -> None:
    large = enriched_article("x" * 3_000_000, 2, key="large")
    articles = [enriched_article("A", 1), large, enriched_article("B", 3)]
    send(pipeline_settings, *articles)

    found = read(pipeline_settings, 2, 0, 1, 2, 0)

    assert found == [articles[n] for n in (2, 0, 1, 2, 0)]


def test_what_is_no_article_or_not_there_is_none(pipeline_settings: Settings) -> None:
    send(pipeline_settings, kill_notice(1), enriched_article("A", 2))

    found = read(pipeline_settings, 0, 1, 2, 9_999)

    assert [article is None for article in found] == [True, False, True, True]


def test_empty_topic_holds_nothing(pipeline_settings: Settings) -> None:
    assert read(pipeline_settings, 0) == [None]


def test_text_that_retention_took_is_gone(pipeline_settings: Settings) -> None:
    send(pipeline_settings, enriched_article("A", 1), enriched_article("B", 2))
    place = TopicPartition(load_topics(pipeline_settings)["enriched"].name, 0)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap(pipeline_settings))
    try:
        admin.delete_records({place: 1})
    finally:
        admin.close()

    assert [article is None for article in read(pipeline_settings, 0, 1)] == [True, False]


# ---- a real stage that dies between two writes ---------------------------------------------------

NOW = datetime.now(UTC).replace(microsecond=0)
GRANTED = Rights(
    status="granted", spdx_expression="CC-BY-4.0", effective=("by",), confidence=0.9,
    attribution=Attribution(text="By W", html="By W", jsonld="{}", is_complete=True),
)  # fmt: skip


def version(source: str, minutes_ago: int, **rights: Any) -> EnrichedArticle:
    at = NOW - timedelta(minutes=minutes_ago)
    article = raw_article(
        TEXT if source != "x.example" else text_about("x", 0),
        article_id=ids.article_id(source, "k"), source_id=source, observed_at=at, updated_at=at, url=f"https://{source}/1",
    )  # fmt: skip
    return enriched_article(article.body, article=article, rights=replace(GRANTED, **rights))


def worker(settings: Settings, failpoint: str = "") -> subprocess.Popen[bytes]:
    chosen = [
        f"project.state_dir={settings.state_dir}",
        f"project.namespace={settings.project.namespace}",
        f"kafka.bootstrap_servers={settings.kafka.bootstrap_servers}",
        f"elasticsearch.url={settings.elasticsearch.url}",
        "stages.session_timeout_seconds=6",
    ]
    options = [part for value in chosen for part in ("--set", value)]
    environment = {
        name: value for name, value in os.environ.items() if name != "DATELINE_FAILPOINT"
    }
    if failpoint:
        environment["DATELINE_FAILPOINT"] = failpoint
    return subprocess.Popen(
        [sys.executable, "-m", "dateline", *options, "worker", "stories"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=PROJECT_DIR,
    )  # fmt: skip


def killed_then_finished(settings: Settings, failpoint: str, records: Sequence[Record]) -> None:
    """Send ``records``, let one worker die at the failpoint, and another one finish."""
    send(settings, *records)
    dying = worker(settings, failpoint)
    try:
        assert dying.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    finally:
        dying.kill()
        dying.wait()
    successor = worker(settings)
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while lag(settings):
            assert time.monotonic() < deadline, "the successor does not finish"
            assert successor.poll() is None
            time.sleep(0.2)
    finally:
        successor.send_signal(signal.SIGTERM)
        successor.wait(30)


def lag(settings: Settings) -> int:
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap(settings))
    topic = load_topics(settings)["enriched"].name
    try:
        return read_position(admin, settings.scoped("dateline-stories"), topic).lag_records
    finally:
        admin.close()


def grouped(settings: Settings) -> list[GroupedArticle]:
    topic = load_topics(settings)["grouped"]
    found: list[GroupedArticle] = []
    with open_reader(settings) as reader:
        for partition in range(topic.partitions):
            end = reader.bounds(topic.name, partition).end
            records = [
                from_wire(record.value, GroupedArticle, StoryRecord)
                for record in reader.scan(topic.name, partition, start=0, end=end)
            ]
            found += [record for record in records if isinstance(record, GroupedArticle)]
    return found


def told(items: Sequence[GroupedArticle], source: str) -> dict[int, set[tuple[str, str]]]:
    """Return by revision what was said of the article: more than one thing would be a fault."""
    rows: dict[int, set[tuple[str, str]]] = {}
    for item in items:
        if item.source_id == source:
            shown = next((d.display for d in item.decisions if d.purpose == "public_search"), "")
            rows.setdefault(item.revision, set()).add((str(item.enriched is None), shown))
    return rows


@pytest.mark.parametrize(
    "failpoint", ["stories.before_commit", "stories.after_commit", "stories.before_ack"]
)
def test_stage_that_is_killed_decides_again_once(
    pipeline_settings: Settings, failpoint: str
) -> None:
    settings = pipeline_settings
    expiring = version("x.example", 30, access=Access(expires_at=NOW - timedelta(minutes=20)))
    asked = Redecide(
        article_id=expiring.article.article_id,
        requested_at=NOW - timedelta(minutes=10),
        policy_id=POLICY.stamp,
    )
    withdrawn = kill_notice(
        article_id=ids.article_id("a.example", "k"), source_id="a.example",
        observed_at=NOW - timedelta(minutes=5), updated_at=NOW - timedelta(minutes=5),
    )  # fmt: skip

    killed_then_finished(
        settings, failpoint, [version("a.example", 40), version("b.example", 35), expiring]
    )
    killed_then_finished(settings, failpoint, [asked, asked, withdrawn])

    items = grouped(settings)
    assert told(items, "x.example") == {1: {("False", "full")}, 2: {("False", "metadata_only")}}
    assert told(items, "b.example") == {1: {("False", "full")}, 2: {("False", "snippet")}}
    assert told(items, "a.example") == {1: {("False", "full")}, 2: {("True", "")}}

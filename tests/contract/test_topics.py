"""config/topics.toml: names, partitions, limits, writers and readers."""

from __future__ import annotations

import re

import pytest

from dateline.settings import Settings
from dateline.topics import Topic, load_topics
from dateline.wire import MAX_RAW_BYTES, MAX_RECORD_BYTES
from processors.registry import STAGES

TOPICS = load_topics(Settings())
# The design's table (section 2). A count that changes moves articles to other partitions.
PARTITIONS = {
    "raw": 6,
    "raw_backfill": 6,
    "enriched": 1,
    "grouped": 6,
    "story": 1,
    "watch": 1,
    "alert": 6,
    "dead_letter": 1,
}
# enrich-backfill is the enrich stage on another topic. Alerts and deliveries are declared ahead of
# their stages, so that their topics exist from the first day.
STAGE_NAMES = {name.removesuffix("-backfill") for name in STAGES}
PARTICIPANTS = {*STAGE_NAMES, "alerts", "deliver", "producers", "cli", "web"}
# A record on the topic is its JSON plus key, headers and the batch's own frame.
FRAME_BYTES = 100_000


def limit_bytes(topic: Topic) -> int | None:
    value = topic.config.get("max.message.bytes")
    return None if value is None else int(value)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_name_is_news_noun_version(topic: Topic) -> None:
    assert re.fullmatch(r"news\.[a-z]+(_[a-z]+)*\.v[1-9]\d*", topic.name)
    assert topic.name == f"news.{topic.role}.v1"


def test_partitions_are_those_of_the_design() -> None:
    assert {role: topic.partitions for role, topic in TOPICS.items()} == PARTITIONS


def test_names_are_inside_the_namespace() -> None:
    settings = Settings()
    scoped = load_topics(type(settings)(project=type(settings.project)(namespace="t1")))
    assert scoped["raw"].name == "t1-news.raw.v1"


def test_dead_letters_hold_more_than_every_other_topic() -> None:
    dead_letters = limit_bytes(TOPICS["dead_letter"])
    assert dead_letters is not None
    for role, topic in TOPICS.items():
        limit = limit_bytes(topic)
        if role != "dead_letter" and limit is not None:
            assert dead_letters > limit, role


@pytest.mark.parametrize(
    ("role", "record_bytes"),
    [
        ("raw", MAX_RAW_BYTES),
        ("raw_backfill", MAX_RAW_BYTES),
        ("enriched", MAX_RECORD_BYTES),
        ("grouped", MAX_RECORD_BYTES),
        ("dead_letter", MAX_RECORD_BYTES),
    ],
)
def test_largest_record_fits(role: str, record_bytes: int) -> None:
    limit = limit_bytes(TOPICS[role])
    assert limit is not None
    assert limit >= record_bytes + FRAME_BYTES


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_cleanup_is_declared(topic: Topic) -> None:
    if topic.role in ("story", "watch"):
        assert topic.config["cleanup.policy"] == "compact"
    else:
        assert topic.config["cleanup.policy"] == "delete"
        assert int(topic.config["retention.ms"]) >= 7 * 24 * 3600 * 1000


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_writers_and_readers_are_known(topic: Topic) -> None:
    assert topic.writers
    assert topic.readers
    assert set(topic.writers) | set(topic.readers) <= PARTICIPANTS


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_stage_is_a_reader_of_its_topic(stage: object) -> None:
    name, reads = stage.name, stage.reads  # type: ignore[attr-defined]  # parametrized Stage
    assert name.removesuffix("-backfill") in TOPICS[reads].readers


@pytest.mark.parametrize("stage", sorted(STAGE_NAMES))
def test_stage_may_write_dead_letters(stage: str) -> None:
    assert stage in TOPICS["dead_letter"].writers

"""Topics on the real Kafka: created, raised, never lowered by accident."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cli_on_servers import run_command
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from dateline.cli.topics import topics
from dateline.endpoints import kafka_bootstrap
from dateline.settings import Settings
from dateline.topics import TOPICS_PATH, AppliedTopic, ConfigChange, apply_topics, load_topics

pytestmark = pytest.mark.integration

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def admin(pipeline_settings: Settings) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(bootstrap_servers=kafka_bootstrap(pipeline_settings))
    yield client
    client.close()


def _set(admin: KafkaAdminClient, name: str, **configs: object) -> None:
    named = {key.replace("_", "."): str(value) for key, value in configs.items()}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=named)])


def _configs(admin: KafkaAdminClient, name: str) -> Mapping[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, name)
    found = admin.describe_configs([resource], config_filter="all")["topic"][name]
    return {key: row["value"] for key, row in found.items()}


def test_a_topic_of_an_earlier_version_gets_the_longer_retention(
    pipeline_settings: Settings, admin: KafkaAdminClient
) -> None:
    name = load_topics(pipeline_settings)["enriched"].name
    _set(admin, name, retention_ms=7 * DAY_MS, max_message_bytes=1_000_000, segment_ms=3_600_000)

    shown = run_command(pipeline_settings, topics, "apply", "--dry-run")

    assert shown.exit_code == 0, shown.output
    assert f"{name}  retention.ms 7 days -> 30 days" in shown.stdout
    assert f"{name}  max.message.bytes 1,000,000 -> 16,500,000" in shown.stdout
    assert "Nothing was changed" in shown.stdout
    assert _configs(admin, name)["retention.ms"] == str(7 * DAY_MS)

    applied = run_command(pipeline_settings, topics, "apply", "--json")

    value = json.loads(applied.stdout)
    assert value[name]["what"] == "changed"
    assert {other["what"] for key, other in value.items() if key != name} == {"unchanged"}
    found = _configs(admin, name)
    assert found["retention.ms"] == str(30 * DAY_MS)
    assert found["max.message.bytes"] == "16500000"
    # What an operator set beside it stays.
    assert found["segment.ms"] == "3600000"
    assert {each.what for each in apply_topics(pipeline_settings).values()} == {"unchanged"}


@pytest.mark.parametrize(("days", "shown"), [(400, "400 days"), (None, "unlimited")])
def test_a_longer_retention_is_lowered_with_the_flag_only(
    pipeline_settings: Settings, admin: KafkaAdminClient, days: int | None, shown: str
) -> None:
    name = load_topics(pipeline_settings)["enriched"].name
    longer = -1 if days is None else days * DAY_MS
    _set(admin, name, retention_ms=longer)

    kept = run_command(pipeline_settings, topics, "apply")

    assert f"{name}  retention.ms stays {shown}: the file says 30 days" in kept.stdout
    assert _configs(admin, name)["retention.ms"] == str(longer)
    assert (
        f"{shown} -> 30 days" in run_command(pipeline_settings, topics, "apply", "--lower").stdout
    )
    assert _configs(admin, name)["retention.ms"] == str(30 * DAY_MS)


def test_a_dry_run_creates_nothing(
    pipeline_settings: Settings, admin: KafkaAdminClient, tmp_path: Path
) -> None:
    path = tmp_path / "topics.toml"
    text = TOPICS_PATH.read_text()
    path.write_text(text.replace('name = "news.alert.v1"', 'name = "news.other.v1"'))
    name = pipeline_settings.scoped("news.other.v1")

    result = apply_topics(pipeline_settings, path=path, is_dry_run=True)

    assert result[name] == AppliedTopic(what="created")
    assert name not in admin.list_topics()
    assert apply_topics(pipeline_settings, path=path)[name].what == "created"
    assert _configs(admin, name)["retention.ms"] == str(7 * DAY_MS)


@pytest.mark.parametrize(
    ("before", "after", "is_raise"),
    [(7, 30, True), (30, 7, False), (30, -1, True), (-1, 30, False)],
)
def test_without_limit_is_more_than_any_limit(before: int, after: int, is_raise: bool) -> None:
    assert ConfigChange(name="retention.ms", before=before, after=after).is_raise is is_raise

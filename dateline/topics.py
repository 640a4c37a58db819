"""Return the topics of ``config/topics.toml``, and create those that are missing.

Topics are created here and never by Faust, which would make them with 8 partitions of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from dateline.endpoints import kafka_bootstrap
from dateline.errors import ConfigError
from dateline.kafka_errors import translated
from dateline.settings import PROJECT_DIR, Settings

TOPICS_PATH = PROJECT_DIR / "config" / "topics.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic: its name on the server, its shape, and who writes and reads it."""

    role: str
    name: str
    key: str
    partitions: int
    config: Mapping[str, str]
    writers: tuple[str, ...]
    readers: tuple[str, ...]


def load_topics(settings: Settings, path: Path = TOPICS_PATH) -> Mapping[str, Topic]:
    """Return the topics by role (``raw``, ``enriched``, ...), names inside the namespace.

    Raises:
        ConfigError: the file is missing, is no TOML, or lacks a key.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            role: Topic(
                role=role,
                name=settings.scoped(row["name"]),
                key=row["key"],
                partitions=row["partitions"],
                config=row["config"],
                writers=tuple(row["writers"]),
                readers=tuple(row["readers"]),
            )
            for role, row in tree.items()
        }
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigError(f"topics file {path}: {error!r}.") from error


def admin_client(settings: Settings) -> KafkaAdminClient:
    """Return an admin client; the caller closes it."""
    try:
        return KafkaAdminClient(bootstrap_servers=kafka_bootstrap(settings))
    except KafkaError as error:
        raise translated(error) from error


def apply_topics(settings: Settings) -> dict[str, str]:
    """Create the topics that are missing and return ``created`` or ``unchanged`` by name.

    Safe to call twice and from two processes. Partition counts never change in place: an article
    would move to another partition and lose its order.

    Raises:
        ConfigError: a topic exists with another number of partitions.
        BrokerUnavailable: Kafka does not answer.
    """
    topics = load_topics(settings)
    admin = admin_client(settings)
    try:
        return _apply(admin, topics)
    except KafkaError as error:
        raise translated(error) from error
    finally:
        admin.close()


def _apply(admin: KafkaAdminClient, topics: Mapping[str, Topic]) -> dict[str, str]:
    existing = set(admin.list_topics())
    result: dict[str, str] = {}
    missing = [topic for topic in topics.values() if topic.name not in existing]
    present = [topic for topic in topics.values() if topic.name in existing]
    for topic in present:
        _check_partitions(admin, topic)
        result[topic.name] = "unchanged"
    for topic in missing:
        request = NewTopic(
            name=topic.name,
            num_partitions=topic.partitions,
            replication_factor=-1,  # the broker's default: 1 embedded, 3 in a real cluster
            topic_configs=dict(topic.config),
        )
        try:
            admin.create_topics([request], wait_for_metadata=True)
        except TopicAlreadyExistsError:
            result[topic.name] = "unchanged"  # another process was faster
        else:
            result[topic.name] = "created"
    return result


def _check_partitions(admin: KafkaAdminClient, topic: Topic) -> None:
    described: list[dict[str, Any]] = admin.describe_topics([topic.name])
    found = len(described[0]["partitions"])
    if found != topic.partitions:
        raise ConfigError(
            f"topic {topic.name} has {found} partitions, config/topics.toml says"
            f" {topic.partitions}.",
            hint="Partition counts never change in place; choose another namespace and replay.",
        )

"""Return the topics of ``config/topics.toml``, create those that are missing, raise their limits.

Topics are created here and never by Faust, which would make them with 8 partitions of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from dateline.endpoints import kafka_bootstrap
from dateline.errors import ConfigError
from dateline.kafka_errors import translated
from dateline.settings import PROJECT_DIR, Settings

TOPICS_PATH = PROJECT_DIR / "config" / "topics.toml"
# What an existing topic is brought to: with more of it nothing is lost. The rest stays as it was
# made; another cleanup policy would delete.
RAISED_CONFIGS = ("retention.ms", "max.message.bytes")
UNLIMITED = -1


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChange:
    """One limit of a topic: as it is on the server, and as the file says."""

    name: str
    before: int
    after: int

    @property
    def is_raise(self) -> bool:
        """Return whether the file says more; -1 is without limit."""
        if UNLIMITED in (self.before, self.after):
            return self.after == UNLIMITED
        return self.after > self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedTopic:
    """What was done about a topic, or would be; ``kept`` is what the file would have lower."""

    what: Literal["created", "changed", "unchanged"]
    changes: tuple[ConfigChange, ...] = ()
    kept: tuple[ConfigChange, ...] = ()


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


def apply_topics(
    settings: Settings,
    *,
    path: Path = TOPICS_PATH,
    may_lower: bool = False,
    is_dry_run: bool = False,
) -> dict[str, AppliedTopic]:
    """Create the topics that are missing, raise retention and record size; return all by name.

    Safe to call twice and from two processes. Partition counts never change in place: an article
    would move to another partition and lose its order. Lower limits delete records, or refuse
    them: they are taken with ``may_lower`` only. With ``is_dry_run`` nothing is changed.

    Raises:
        ConfigError: a topic exists with another number of partitions; Kafka refuses a change.
        BrokerUnavailable: Kafka does not answer.
    """
    topics = load_topics(settings, path)
    admin = admin_client(settings)
    try:
        return _apply(admin, topics, may_lower=may_lower, is_dry_run=is_dry_run)
    except KafkaError as error:
        raise translated(error) from error
    finally:
        admin.close()


def _apply(
    admin: KafkaAdminClient, topics: Mapping[str, Topic], *, may_lower: bool, is_dry_run: bool
) -> dict[str, AppliedTopic]:
    existing = set(admin.list_topics())
    missing = [topic for topic in topics.values() if topic.name not in existing]
    present = [topic for topic in topics.values() if topic.name in existing]
    for topic in present:
        _check_partitions(admin, topic)
    result = {
        topic.name: _difference(topic, found, may_lower=may_lower)
        for topic, found in zip(present, _found_configs(admin, present), strict=True)
    }
    if is_dry_run:
        return result | {topic.name: AppliedTopic(what="created") for topic in missing}
    _alter(admin, result)
    return result | {topic.name: _created(admin, topic) for topic in missing}


def _created(admin: KafkaAdminClient, topic: Topic) -> AppliedTopic:
    request = NewTopic(
        name=topic.name,
        num_partitions=topic.partitions,
        replication_factor=-1,  # the broker's default: 1 embedded, 3 in a real cluster
        topic_configs=dict(topic.config),
    )
    try:
        admin.create_topics([request], wait_for_metadata=True)
    except TopicAlreadyExistsError:
        return AppliedTopic(what="unchanged")  # another process was faster
    return AppliedTopic(what="created")


def _found_configs(admin: KafkaAdminClient, topics: Sequence[Topic]) -> list[Mapping[str, int]]:
    """Return of each topic the limits that it has on the server."""
    if not topics:
        return []
    asked = [_resource(topic.name, dict.fromkeys(RAISED_CONFIGS, "")) for topic in topics]
    answer = admin.describe_configs(asked, config_filter="all")["topic"]
    return [
        {name: int(row["value"]) for name, row in answer.get(topic.name, {}).items()}
        for topic in topics
    ]


def _difference(topic: Topic, found: Mapping[str, int], *, may_lower: bool) -> AppliedTopic:
    others = [
        ConfigChange(name=name, before=found[name], after=int(topic.config[name]))
        for name in RAISED_CONFIGS
        if name in topic.config and name in found and found[name] != int(topic.config[name])
    ]
    changes = tuple(change for change in others if change.is_raise or may_lower)
    return AppliedTopic(
        what="changed" if changes else "unchanged",
        changes=changes,
        kept=tuple(change for change in others if change not in changes),
    )


def _alter(admin: KafkaAdminClient, wanted: Mapping[str, AppliedTopic]) -> None:
    resources = [
        _resource(name, {change.name: str(change.after) for change in applied.changes})
        for name, applied in wanted.items()
        if applied.changes
    ]
    if not resources:
        return
    answers = admin.alter_configs(resources)["topic"]
    refused = [f"{name}: {answer}" for name, answer in answers.items() if answer != "OK"]
    if refused:
        raise ConfigError(
            f"Kafka refuses to change {'; '.join(refused)}.",
            hint="It needs the right to alter configs of the topic.",
        )


def _resource(name: str, configs: Mapping[str, str]) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(configs))


def _check_partitions(admin: KafkaAdminClient, topic: Topic) -> None:
    described: list[dict[str, Any]] = admin.describe_topics([topic.name])
    found = len(described[0]["partitions"])
    if found != topic.partitions:
        raise ConfigError(
            f"topic {topic.name} has {found} partitions, config/topics.toml says"
            f" {topic.partitions}.",
            hint="Partition counts never change in place; choose another namespace and replay.",
        )

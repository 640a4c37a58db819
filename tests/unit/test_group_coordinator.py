"""A broker that has just started does not know yet who keeps the offsets of a group."""

from __future__ import annotations

from typing import Any, cast

import pytest
from kafka import KafkaAdminClient
from kafka.admin import OffsetSpec
from kafka.errors import CoordinatorNotAvailableError, GroupAuthorizationFailedError, KafkaError
from kafka.errors import NotCoordinatorError as NotCoordinator
from kafka.structs import OffsetAndMetadata, TopicPartition

from dateline.consumer_lag import read_position

PLACE = TopicPartition("topic", 0)


class Broker:
    """The admin client's view of a topic of no records."""

    def __init__(self, *failures: KafkaError) -> None:
        self.failures = list(failures)

    def describe_topics(self, topics: list[str]) -> list[dict[str, Any]]:
        return [{"name": topic, "partitions": [PLACE]} for topic in topics]

    def list_partition_offsets(self, wanted: dict[Any, OffsetSpec], *_: Any) -> dict[Any, Any]:
        return {place: OffsetAndMetadata(0, "", -1) for place in wanted}

    def list_group_offsets(self, wanted: dict[str, Any]) -> dict[str, dict[Any, Any]]:
        if self.failures:
            raise self.failures.pop(0)
        return {group: {PLACE: OffsetAndMetadata(0, "", -1)} for group in wanted}


def test_a_group_without_a_coordinator_yet_is_asked_again() -> None:
    broker = Broker(NotCoordinator("moved"), CoordinatorNotAvailableError("none"))

    assert read_position(cast(KafkaAdminClient, broker), "group", "topic").is_drained
    assert broker.failures == []


def test_other_failures_are_told_at_once() -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        read_position(
            cast(KafkaAdminClient, Broker(GroupAuthorizationFailedError("no"))), "group", "topic"
        )

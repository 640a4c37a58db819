"""Return how far a consumer group is behind its topic, in records that it could really read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka import IsolationLevel, KafkaAdminClient, KafkaConsumer
from kafka.admin import OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)
from kafka.structs import TopicPartition

# Long enough for a first fetch (metadata, connection); the answer usually comes at once.
LOOK_SECONDS = 5.0
# The topic of committed offsets is made with the first group, and its leader is chosen after that.
COORDINATOR_SECONDS = 15.0
NO_COORDINATOR_YET = (
    CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a group stands in its topic: sums over all partitions."""

    committed: int
    lag_records: int
    undecided_records: int
    """Offsets of transactions that are neither committed nor aborted: no reader gets them yet."""

    @property
    def is_drained(self) -> bool:
        """Return whether nothing waits and nothing is about to become visible."""
        return not self.lag_records and not self.undecided_records


def read_position(admin: KafkaAdminClient, group: str, topic: str) -> Position:
    """Return the committed offsets and the waiting records of ``group``.

    A transaction leaves a marker behind its records that takes an offset and that no reader ever
    gets, so "end minus committed" is never zero on a topic written in transactions: where there is
    a difference, this looks whether a record can be read.
    """
    count = len(admin.describe_topics([topic])[0]["partitions"])
    partitions = [TopicPartition(topic, partition) for partition in range(count)]
    latest = dict.fromkeys(partitions, OffsetSpec.LATEST)
    ends = _offsets(admin.list_partition_offsets(latest, IsolationLevel.READ_COMMITTED))
    log_ends = _offsets(admin.list_partition_offsets(latest))
    starts = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
    offsets = _group_offsets(admin, group, partitions)
    positions: dict[TopicPartition, int] = {}
    for partition in partitions:
        known = offsets.get(partition)
        positions[partition] = max(known.offset if known else -1, starts[partition].offset)
    behind = {p: at for p, at in positions.items() if ends[p] > at}
    lag_records = sum(ends[p] - at for p, at in behind.items())
    if behind and not _has_records(admin, behind, ends):
        lag_records = 0
    return Position(
        committed=sum(positions.values()),
        lag_records=lag_records,
        undecided_records=sum(log_ends.values()) - sum(ends.values()),
    )


def _group_offsets(
    admin: KafkaAdminClient, group: str, partitions: list[TopicPartition]
) -> Mapping[TopicPartition, Any]:
    """Return what the group has committed; a broker that has just started finds its place first."""
    deadline = time.monotonic() + COORDINATOR_SECONDS
    while True:
        try:
            answer: Mapping[str, Any] = admin.list_group_offsets({group: partitions})
        except NO_COORDINATOR_YET:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            offsets: Mapping[TopicPartition, Any] = answer[group]
            return offsets


def _offsets(answer: Mapping[TopicPartition, Any]) -> dict[TopicPartition, int]:
    return {partition: info.offset for partition, info in answer.items()}


def _has_records(
    admin: KafkaAdminClient,
    positions: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> bool:
    consumer = KafkaConsumer(
        bootstrap_servers=admin.config["bootstrap_servers"],
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_poll_records=1,
    )
    try:
        consumer.assign(list(positions))
        for partition, offset in positions.items():
            consumer.seek(partition, offset)
        deadline = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < deadline:
            if consumer.poll(timeout_ms=200):
                return True
            # Going past a marker moves the position, though it hands out nothing.
            if all(consumer.position(partition) >= ends[partition] for partition in positions):
                return False
        return True  # not seen to the end: what may be there counts
    finally:
        consumer.close()

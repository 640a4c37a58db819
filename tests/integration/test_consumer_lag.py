"""The lag of a group on a topic written in transactions, on a real broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError
from kafka.structs import OffsetAndMetadata, TopicPartition

from dateline.consumer_lag import Position, read_position
from dateline.settings import Settings
from dateline.topics import load_topics

GROUP = "reader"


@pytest.fixture
def admin(pipeline_settings: Settings) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=pipeline_settings.kafka.bootstrap_servers)
    yield client
    client.close()


@pytest.fixture
def producer(pipeline_settings: Settings) -> Iterator[Any]:
    client = KafkaProducer(
        bootstrap_servers=pipeline_settings.kafka.bootstrap_servers,
        transactional_id=pipeline_settings.scoped("lag-test"),
    )
    client.init_transactions()
    yield client
    client.close()


@pytest.fixture
def topic(pipeline_settings: Settings) -> str:
    return load_topics(pipeline_settings)["grouped"].name


def _send(producer: Any, topic: str, count: int) -> None:
    producer.begin_transaction()
    for _ in range(count):
        producer.send(topic, b"record", partition=0).get(timeout=30)


def _end(admin: Any, topic: str) -> Position:
    """Return the position when the broker has written the marker: it answers before that."""
    deadline = time.monotonic() + 30
    while (position := read_position(admin, GROUP, topic)).undecided_records:
        assert time.monotonic() < deadline
    return position


def _commit_offset(admin: Any, topic: str, offset: int) -> None:
    place = TopicPartition(topic, 0)
    deadline = time.monotonic() + 30
    while True:  # a fresh broker makes its topic of committed offsets first
        try:
            admin.alter_group_offsets(GROUP, {place: OffsetAndMetadata(offset, "", -1)})
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
            assert time.monotonic() < deadline
        else:
            return


def test_nothing_written_is_no_lag(admin: Any, topic: str) -> None:
    _commit_offset(admin, topic, 0)
    assert read_position(admin, GROUP, topic).is_drained


def test_a_trailing_marker_is_no_lag(admin: Any, producer: Any, topic: str) -> None:
    _send(producer, topic, 3)
    producer.commit_transaction()
    assert _end(admin, topic).lag_records > 0
    _commit_offset(admin, topic, 3)  # offset 3 is the marker
    assert read_position(admin, GROUP, topic).is_drained
    _send(producer, topic, 1)
    producer.commit_transaction()
    assert _end(admin, topic).lag_records > 0


def test_aborted_records_are_no_lag(admin: Any, producer: Any, topic: str) -> None:
    _send(producer, topic, 20)
    producer.abort_transaction()
    assert _end(admin, topic).is_drained


def test_an_open_transaction_is_no_lag_yet(admin: Any, producer: Any, topic: str) -> None:
    _send(producer, topic, 2)
    producer.flush()
    position = read_position(admin, GROUP, topic)
    assert (position.lag_records, position.undecided_records) == (0, 2)
    assert not position.is_drained
    producer.commit_transaction()
    assert _end(admin, topic).lag_records > 0

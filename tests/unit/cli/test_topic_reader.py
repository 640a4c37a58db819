"""Looking backwards for the last record of a key."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from cli_doubles import AT, MemoryReader, record
from kafka.errors import CoordinatorNotAvailableError
from kafka.structs import OffsetAndMetadata, TopicPartition

from dateline import topic_reader
from dateline.topic_reader import TopicReader, TopicRecord, partition_of


def _rows(*keys: bytes) -> list[TopicRecord]:
    return [
        record(offset=offset, key=key, at=AT + timedelta(minutes=offset))
        for offset, key in enumerate(keys)
    ]


@pytest.mark.parametrize(
    ("key", "expected"), [(b"a" * 64, 1), (b"b" * 64, 4), (b"", 3), (b"k", 4), (b"article", 3)]
)
def test_partition_of_agrees_with_the_default_partitioner(key: bytes, expected: int) -> None:
    from kafka.partitioner.default import DefaultPartitioner

    cluster = SimpleNamespace(
        topics=lambda: {"t"},
        partitions_for_topic=lambda _topic: set(range(6)),
        available_partitions_for_topic=lambda _topic: set(range(6)),
    )
    theirs = DefaultPartitioner().partition("t", key, key, None, None, cluster)
    assert partition_of(key, 6) == theirs


def test_find_last_returns_the_youngest_of_the_key() -> None:
    reader = MemoryReader(t=[_rows(b"k", b"x", b"k", b"x")])

    found = reader.find_last("t", b"k", max_records=10)

    assert found.record is not None
    assert found.record.offset == 2


def test_find_last_reads_backwards_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_reader, "STEP_RECORDS", 2)
    reader = MemoryReader(t=[_rows(b"x", b"x", b"k", b"x", b"x", b"x")])
    told: list[tuple[str, int, int]] = []

    reader.find_last("t", b"k", max_records=10, on_scan=lambda *read: told.append(read))

    assert [(start, end) for _, _, start, end in reader.scans] == [(4, 6), (2, 4)]
    assert told == [("t", 2, 6), ("t", 4, 6)]


def test_find_last_reads_no_more_than_allowed() -> None:
    reader = MemoryReader(t=[_rows(b"k", b"x", b"x")])

    found = reader.find_last("t", b"k", max_records=2)

    assert (found.record, found.scanned_count, found.is_complete) == (None, 2, False)


def test_find_last_reads_nothing_older_than_asked() -> None:
    reader = MemoryReader(t=[_rows(b"k", b"x", b"x")])

    found = reader.find_last("t", b"k", max_records=9, since=AT + timedelta(minutes=1))

    assert (found.record, found.scanned_count, found.is_complete) == (None, 2, True)


def test_find_last_finds_nothing_when_nothing_is_so_young() -> None:
    reader = MemoryReader(t=[_rows(b"k")])

    found = reader.find_last("t", b"k", max_records=9, since=AT + timedelta(days=1))

    assert (found.record, found.scanned_count) == (None, 0)


def test_find_last_in_a_missing_topic_finds_nothing() -> None:
    assert MemoryReader().find_last("t", b"k", max_records=9).is_complete


def test_read_returns_none_outside_the_kept_offsets() -> None:
    reader = MemoryReader(t=[_rows(b"a", b"b")])
    reader.starts["t", 0] = 1

    assert reader.read("t", 0, 0) is None
    assert reader.read("t", 0, 2) is None
    assert reader.read("t", 7, 0) is None
    assert reader.read("t", 0, 1) == _rows(b"a", b"b")[1]


class _FreshCluster:
    """Refuses the first question, as a broker does that has not made its offsets topic yet."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)

    def list_group_offsets(self, _asked: dict[str, list[TopicPartition]]) -> object:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"g": {TopicPartition("t", 0): answer}} if answer else {"g": {}}


def test_committed_waits_for_the_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_reader, "COORDINATOR_PAUSE_SECONDS", 0)
    offset = OffsetAndMetadata(7, "", -1)
    admin = _FreshCluster(CoordinatorNotAvailableError(), offset)

    assert TopicReader(None, admin).committed("g", "t", 0) == 7


def test_committed_is_none_before_the_first_acknowledgement() -> None:
    unknown = OffsetAndMetadata(-1, "", -1)

    assert TopicReader(None, _FreshCluster(None)).committed("g", "t", 0) is None
    assert TopicReader(None, _FreshCluster(unknown)).committed("g", "t", 0) is None

"""Read what stands in the raw topics, for the oracle and for rates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dateline.records import KillNotice, RawArticle
from dateline.settings import Settings
from dateline.topic_reader import TopicRecord, open_reader
from dateline.topics import load_topics
from dateline.wire import from_wire
from tests.web.oracle import Found

ROLES = ("raw", "raw_backfill")


def raw_records(settings: Settings) -> Iterator[TopicRecord]:
    """Yield every record of the raw topics, partition by partition."""
    topics = load_topics(settings)
    with open_reader(settings) as reader:
        for role in ROLES:
            name = topics[role].name
            for partition in range(reader.partition_count(name)):
                bounds = reader.bounds(name, partition)
                yield from reader.scan(name, partition, start=bounds.start, end=bounds.end)


def found_records(settings: Settings) -> list[Found]:
    """Return the records as the oracle wants them: those of one key in the order of sending."""
    records = sorted(raw_records(settings), key=lambda record: record.at)  # stable: offsets stay
    return [_found(from_wire(record.value, RawArticle, KillNotice)) for record in records]


def _found(record: RawArticle | KillNotice) -> Found:
    text = record.body if isinstance(record, RawArticle) else None
    return Found(source_id=record.source_id, key=record.key, text=text)


def sending_times(settings: Settings) -> list[datetime]:
    """Return when each record was handed to Kafka, in order."""
    return sorted(record.at for record in raw_records(settings))


def record_count(settings: Settings) -> int:
    """Return how many records the raw topics have, without reading them."""
    topics = load_topics(settings)
    total = 0
    with open_reader(settings) as reader:
        for role in ROLES:
            name = topics[role].name
            for partition in range(reader.partition_count(name)):
                bounds = reader.bounds(name, partition)
                total += bounds.end - bounds.start
    return total

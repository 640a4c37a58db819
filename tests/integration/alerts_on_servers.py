"""Feed the alerts stage on real servers, and read what it wrote to topic and ledger."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grouped_articles import article_id, grouped, watch
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition
from stages_on_servers import until

from dateline.alert_records import Alert
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.endpoints import async_search_client, kafka_bootstrap
from dateline.records import GroupedArticle
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.topic_reader import partition_of
from dateline.topics import load_topics
from dateline.wire import from_wire, to_wire
from processors.index.build_document import build_document

MARKER_NUMBERS = itertools.count()


def send_grouped(settings: Settings, *records: GroupedArticle | bytes) -> None:
    topic = load_topics(settings)["grouped"].name
    producer = KafkaProducer(
        bootstrap_servers=kafka_bootstrap(settings), compression_type="gzip",
        max_request_size=20_000_000,
    )  # fmt: skip
    try:
        for each in records:
            if isinstance(each, bytes):
                producer.send(topic, key=b"bad", value=each).get(30)
            else:
                producer.send(topic, key=each.article_id.encode(), value=to_wire(each)).get(30)
    finally:
        producer.close()


def published(settings: Settings) -> list[Alert]:
    """Return the records of the topic of alerts, as far as it reaches now."""
    return [from_wire(value, Alert) for value in values_of(settings, "alert")]


def values_of(settings: Settings, role: str) -> list[bytes]:
    topic = load_topics(settings)[role]
    parts = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = KafkaConsumer(
        bootstrap_servers=kafka_bootstrap(settings), enable_auto_commit=False, group_id=None
    )
    try:
        ends = consumer.end_offsets(parts)
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        found: list[bytes] = []
        while any(consumer.position(part) < ends[part] for part in parts):
            for messages in consumer.poll(timeout_ms=500).values():
                found += [message.value for message in messages]
        return found
    finally:
        consumer.close()


def in_ledger(settings: Settings) -> list[LedgerEntry]:
    async def read() -> list[LedgerEntry]:
        client = async_search_client(settings)
        try:
            index = articles_index(settings).alerts
            await client.indices.refresh(index=index.alias, ignore_unavailable=True)
            return await Ledger(client, index).find(limit=1000)
        finally:
            await client.close()

    return asyncio.run(read())


def write_index(settings: Settings, *records: GroupedArticle) -> None:
    async def write() -> None:
        client = async_search_client(settings)
        index = articles_index(settings)
        try:
            writer = IndexWriter(
                client, index, max_bulk_bytes=5_000_000, retry_ceiling_seconds=1.0,
                on_wait=lambda: None,
            )  # fmt: skip
            await writer.write([build_document(each) for each in records])
            await client.indices.refresh(index=index.read_alias)
        finally:
            await client.close()

    asyncio.run(write())


def log_counts(log: Path) -> Counter[str]:
    """Return how often each line of interest stands in the log."""
    text = log.read_text()
    return Counter(
        {word: text.count(word) for word in ("ALARM", "dead letter", "watches are in force")}
    )


def until_told(settings: Settings, count: int) -> list[Alert]:
    """Return the alerts of the topic when there are ``count`` distinct ones."""
    until(lambda: len({each.alert_id for each in published(settings)}) >= count, f"{count} alerts")
    return published(settings)


def markers(settings: Settings) -> list[GroupedArticle]:
    """Return an article for each partition that matches a watch of its own.

    When all are told, everything sent before has been read.
    """
    count = load_topics(settings)["grouped"].partitions
    found: dict[int, GroupedArticle] = {}
    while len(found) < count:
        name = f"marker{next(MARKER_NUMBERS)}"
        place = partition_of(article_id(name).encode(), count)
        found.setdefault(place, grouped(name, "An obelisk stands there.", names=()))
    return list(found.values())


MARKER = watch("marker", "obelisk", repeat="every_article", channel_ids=())


def drained(settings: Settings) -> list[Alert]:
    """Return all alerts but the markers' when everything sent before has been dealt with."""
    # What follows alerts, corrections say, is published behind all matches of its batch; a second
    # round of markers is in a later batch.
    for _ in range(2):
        sent = markers(settings)
        send_grouped(settings, *sent)
        wanted = {each.article_id for each in sent}
        until(lambda ids=wanted: ids <= told_articles(settings), "the markers")
    return [each for each in published(settings) if each.watch_id != "marker"]


def told_articles(settings: Settings) -> set[str]:
    return {each.article_id for each in published(settings)}


def told(alerts: Sequence[Alert]) -> list[tuple[str, str, str]]:
    return sorted((each.watch_id, each.trigger, each.article_id) for each in alerts)

"""Write watches and channels to ``news.watch.v1``, read them whole, and follow them.

The topic is compacted: the last record of a key counts. A record without a value takes its key
away, as does one that is not active.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from aiokafka import ConsumerRecord
from kafka import KafkaProducer
from kafka.errors import KafkaError

from dateline.alert_records import Channel, Watch
from dateline.endpoints import kafka_bootstrap
from dateline.errors import RecordRejected
from dateline.kafka_errors import translated
from dateline.settings import Settings
from dateline.topic_follower import TopicFollower
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.watches.watchlist import WatchChange, Watchlist, WatchRecord, record_key
from dateline.wire import from_wire, to_wire

log = logging.getLogger(__name__)

SEND_TIMEOUT_SECONDS = 30.0
# Queries are parsed as they come: the loop's other work gets its turn between so many.
RECORDS_A_TURN = 50


def send_records(settings: Settings, records: Sequence[WatchRecord]) -> None:
    """Write ``records`` in order; they are in force at the stages within a second.

    Raises:
        BrokerUnavailable: Kafka does not acknowledge; some may be written, and all may be again.
        ConfigError: no address is known, or Kafka refuses this client.
    """
    topic = load_topics(settings)["watch"].name
    try:
        producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
        try:
            futures = [
                producer.send(topic, key=record_key(record).encode(), value=to_wire(record))
                for record in records
            ]
            for future in futures:
                future.get(SEND_TIMEOUT_SECONDS)
        finally:
            producer.close(timeout=SEND_TIMEOUT_SECONDS)
    except KafkaError as error:
        raise translated(error) from error


def read_watchlist(settings: Settings) -> Watchlist:
    """Return all watches and channels, as far as the topic reaches now.

    A record that is not ours is left out, with a line in the log.

    Raises:
        BrokerUnavailable: Kafka does not answer.
        ConfigError: no address is known, or Kafka refuses this client.
    """
    topic = load_topics(settings)["watch"].name
    watchlist = Watchlist()
    with open_reader(settings) as reader:
        if not reader.partition_count(topic):
            return watchlist
        bounds = reader.bounds(topic, 0)
        for record in reader.scan(topic, 0, start=bounds.start, end=bounds.end):
            change = _change(record.key, record.value)
            if change is not None:
                watchlist.apply(change)
    return watchlist


def _change(key: bytes | None, value: bytes | None) -> WatchChange | None:
    try:
        name = (key or b"").decode()
        record = from_wire(value, Watch, Channel) if value is not None else None
    except (RecordRejected, UnicodeDecodeError) as error:
        log.critical("ALARM news.watch.v1: the record of key %r is not ours: %s", key, error)
        return None
    if record is not None and record_key(record) != name:
        log.critical("ALARM news.watch.v1: key %r holds the record of another id", name)
        return None
    return WatchChange(key=name, record=record)


def follow_watches(
    bootstrap_servers: str,
    topic: str,
    *,
    on_change: Callable[[WatchChange], None],
    on_progress: Callable[[], None] = lambda: None,
) -> TopicFollower:
    """Return what hands every change to ``on_change``: all there are first, then each new one."""

    async def take(records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            change = _change(record.key, record.value)
            if change is not None:
                on_change(change)

    return TopicFollower(
        bootstrap_servers, topic,
        take=take, is_whole=True, max_records=RECORDS_A_TURN, on_progress=on_progress,
    )  # fmt: skip

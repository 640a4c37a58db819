"""Return the dead letters of the pipeline, and send them back to where they came from.

Records of the dead letter topic with one key are one letter: a stage that crashed before its
acknowledgement writes the same letter again. A record with an empty value and the header
``requeued_at`` marks the letter of its key as sent back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from dateline.clock import Clock
from dateline.dead_letters import REQUEUED_HEADER, dead_letter_key, from_record
from dateline.endpoints import kafka_bootstrap
from dateline.errors import ConfigError, SchemaMismatch
from dateline.kafka_errors import translated
from dateline.records import DeadLetter
from dateline.settings import Settings
from dateline.topic_reader import TopicReader, TopicRecord

# One partition (config/topics.toml): the order of letters and marks is the order of writing.
PARTITION = 0
# More dead letters than these mean a broken stage: the last ones tell why.
MAX_LETTER_RECORDS = 100_000
MAX_REQUEST_BYTES = 17_500_000  # above the topic's max.message.bytes
KEY = re.compile(r"(?P<topic>[\w.\-]+)/(?P<partition>\d{1,9})/(?P<offset>\d{1,18})", re.ASCII)
NUMBER = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLetter:
    """A dead letter without its payload (which may have 16 MB), and where that stands.

    ``number`` is the offset of its first writing in the dead letter topic. ``times_count`` counts
    how often it was written, ``requeued_at`` says when it was sent back last.
    """

    key: str
    number: int
    last_at: datetime
    letter: DeadLetter
    payload_bytes: int
    times_count: int = 1
    requeued_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """The letters, oldest first.

    ``unreadable_count`` counts records that are no dead letters of ours. ``is_complete`` is false
    when the topic holds more records than were read.
    """

    letters: tuple[StoredLetter, ...]
    unreadable_count: int
    is_complete: bool = True

    def find(self, given: str) -> StoredLetter:
        """Return the letter with this number or key ``topic/partition/offset``.

        Raises:
            ConfigError: there is none.
        """
        for stored in self.letters:
            if given == stored.key or (NUMBER.fullmatch(given) and stored.number == int(given)):
                return stored
        raise ConfigError(
            f"there is no dead letter {given!r}.", hint="See `dateline dead-letters list`."
        )


Send = Callable[..., None]


def fold_letters(records: Iterable[TopicRecord]) -> Letters:
    """Return one letter a key, in the order of their first writing."""
    letters: dict[bytes, StoredLetter] = {}
    unreadable_count = 0
    for record in records:
        key = record.key or b""
        marked_at = _requeued_at(record)
        if marked_at is not None:
            if key in letters:
                letters[key] = replace(letters[key], requeued_at=marked_at)
            continue
        try:
            letter = from_record(None, record.headers)
        except SchemaMismatch:
            unreadable_count += 1
            continue
        known = letters.get(key)
        letters[key] = StoredLetter(
            key=dead_letter_key(letter.topic, letter.partition, letter.offset).decode(),
            number=known.number if known else record.offset,
            last_at=record.at,
            letter=known.letter if known else letter,
            payload_bytes=len(record.value or b""),
            times_count=known.times_count + 1 if known else 1,
            requeued_at=known.requeued_at if known else None,
        )
    return Letters(letters=tuple(letters.values()), unreadable_count=unreadable_count)


def _requeued_at(record: TopicRecord) -> datetime | None:
    value = dict(record.headers).get(REQUEUED_HEADER)
    # Headers of the original record have a prefix, so that none of them passes for the mark.
    if value is None or record.value:
        return None
    try:
        return datetime.fromisoformat(value.decode())
    except ValueError:
        return record.at


def read_letters(
    reader: TopicReader, topic: str, *, max_records: int = MAX_LETTER_RECORDS
) -> Letters:
    """Return the letters among the last ``max_records`` records of the dead letter topic.

    A topic that does not exist holds none.
    """
    if not reader.partition_count(topic):
        return Letters(letters=(), unreadable_count=0)
    bounds = reader.bounds(topic, PARTITION)
    start = max(bounds.start, bounds.end - max_records)
    found = fold_letters(reader.scan(topic, PARTITION, start=start, end=bounds.end))
    return replace(found, is_complete=start == bounds.start)


def read_payload(reader: TopicReader, topic: str, stored: StoredLetter) -> DeadLetter:
    """Return the letter with its original bytes.

    Raises:
        ConfigError: the record went by retention since the letters were listed.
    """
    record = reader.read(topic, PARTITION, stored.number)
    if record is None:
        raise ConfigError(f"dead letter {stored.key} is no longer kept by Kafka.")
    return replace(stored.letter, payload=record.value or b"")


def selected(
    letters: Sequence[StoredLetter],
    *,
    code: str | None = None,
    stage: str | None = None,
    since: datetime | None = None,
) -> list[StoredLetter]:
    """Return the letters with this code and stage that were written since then."""
    return [
        stored
        for stored in letters
        if (code is None or stored.letter.code == code.upper())
        and (stage is None or stored.letter.stage == stage)
        and (since is None or stored.last_at >= since)
    ]


def requeue(
    reader: TopicReader, send: Send, topic: str, stored: StoredLetter, clock: Clock
) -> None:
    """Send the original bytes, key and headers to where they came from, then mark the letter.

    The mark follows the acknowledgement of the original: a crash between the two repeats the
    record, which every stage takes without harm, and never loses it. The original partition is
    kept, and with it the place of the article in the order of its versions.

    Raises:
        ConfigError: the letter or its topic is gone.
        BrokerUnavailable: Kafka has not acknowledged; the letter is not marked.
    """
    letter = read_payload(reader, topic, stored)
    if letter.partition >= reader.partition_count(letter.topic):
        raise ConfigError(
            f"dead letter {stored.key}: there is no {letter.topic}[{letter.partition}] any more.",
            hint="`dateline topics apply` creates missing topics.",
        )
    send(
        letter.topic,
        key=letter.key,
        value=letter.payload,
        headers=list(letter.headers),
        partition=letter.partition,
    )
    send(
        topic,
        key=stored.key.encode(),
        value=b"",
        headers=[(REQUEUED_HEADER, clock.now().isoformat().encode())],
        partition=PARTITION,
    )


@contextmanager
def open_sender(settings: Settings) -> Iterator[Send]:
    """Return a function that sends one record and returns when Kafka has acknowledged it.

    Raises:
        BrokerUnavailable: Kafka does not answer, or does not acknowledge in time.
        ArticleInvalid: Kafka refuses the record as too large.
    """
    timeout_seconds = settings.producer.delivery_timeout_seconds
    try:
        producer = KafkaProducer(
            bootstrap_servers=kafka_bootstrap(settings),
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            linger_ms=0,
            max_request_size=MAX_REQUEST_BYTES,
            delivery_timeout_ms=int(timeout_seconds * 1000),
            request_timeout_ms=int(min(timeout_seconds * 1000, 30_000)),
        )
    except KafkaError as error:
        raise translated(error) from error

    def send(topic: str, **record: Any) -> None:
        try:
            producer.send(topic, **record).get(timeout=timeout_seconds)
        except KafkaError as error:
            raise translated(error) from error

    try:
        yield send
    finally:
        producer.close(timeout=10)

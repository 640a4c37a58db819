"""Return at which stage an article is, from the topics, the groups, the index and the dead letters.

Reading is bounded: at most ``max_records`` of the one partition of a topic that the article's key
belongs to, the youngest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dateline.dead_letter_store import StoredLetter
from dateline.errors import RecordRejected
from dateline.records import (
    EnrichedArticle,
    GroupedArticle,
    KillNotice,
    RawArticle,
    Redecide,
    SearchDocument,
)
from dateline.topic_reader import Found, OnScan, TopicReader, TopicRecord
from dateline.topics import Topic
from dateline.wire import from_wire

StepState = Literal["done", "waiting", "dead_letter", "not_seen", "unknown"]
MAX_SCANNED_RECORDS = 200_000
# Clocks of the machines that write to Kafka may differ by so much.
CLOCK_MARGIN = timedelta(hours=1)
# Which stage reads a topic, by the topic's role; the group is `dateline-<stage>`.
READERS = {
    "raw": "enrich", "raw_backfill": "enrich-backfill", "enriched": "stories", "grouped": "index",
}  # fmt: skip
VERSION_CHARS = 8
# A letter of another record than those on the way: an older version, or gone by retention.
EARLIER_LETTER = "dead letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the producer remembers of the last record it sent of an article."""

    topic: str
    partition: int
    offset: int
    observed_at: datetime
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place on the way of an article, and whether it has been there.

    ``lag_records``: how many records of its partition the stage has to take before this one.
    """

    name: str
    state: StepState
    detail: str
    at: datetime | None = None
    partition: int | None = None
    offset: int | None = None
    lag_records: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was found out of an article beside the topics.

    ``search_failure`` says why the index could not be asked; then ``document`` means nothing.
    """

    article_id: str
    sent: Sent | None
    document: SearchDocument | None
    search_failure: str | None
    letters: Sequence[StoredLetter]


class ArticleTrace:
    """Follow one article; made for one call of ``steps``."""

    def __init__(
        self,
        reader: TopicReader,
        topics: Mapping[str, Topic],
        groups: Mapping[str, str],
        *,
        max_records: int = MAX_SCANNED_RECORDS,
        on_scan: OnScan | None = None,
    ) -> None:
        self._reader = reader
        self._topics = topics
        self._groups = groups
        self._max_records = max_records
        self._on_scan = on_scan

    def steps(self, known: Known) -> list[Step]:
        """Return the way of the article, in the order of the flow.

        Raises:
            BrokerUnavailable: Kafka does not answer.
        """
        role, raw = self._raw(known)
        found = [sent_step(known.sent), *self._place(role, raw, known)]
        since = _earliest(raw, known)
        for role in ("enriched", "grouped"):
            record = self._find(role, known.article_id, since)
            found.extend(self._place(role, record, known))
        found.append(document_step(known))
        found.extend(_other_letters(known.letters, found))
        return found

    def _raw(self, known: Known) -> tuple[str, Found]:
        sent = known.sent
        if sent and not _is_requeued(known.letters, sent):
            record = self._reader.read(sent.topic, sent.partition, sent.offset)
            if record is not None:
                is_backfill = sent.topic == self._topics["raw_backfill"].name
                found = Found(record=record, scanned_count=1, is_complete=True)
                return ("raw_backfill" if is_backfill else "raw"), found
        since = sent.observed_at - CLOCK_MARGIN if sent else None
        live = self._find("raw", known.article_id, since)
        if live.record is None:
            backfill = self._find("raw_backfill", known.article_id, since)
            if backfill.record is not None:
                return "raw_backfill", backfill
        return "raw", live

    def _find(self, role: str, article_id: str, since: datetime | None) -> Found:
        return self._reader.find_last(
            self._topics[role].name,
            article_id.encode(),
            max_records=self._max_records,
            since=since,
            on_scan=self._on_scan,
        )

    def _place(self, role: str, found: Found, known: Known) -> list[Step]:
        """Return the step of a topic and the step of the stage that reads it."""
        topic, stage = self._topics[role].name, READERS[role]
        record = found.record
        if record is None:
            return [absent_step(topic, found), Step(name=stage, state="not_seen", detail="")]
        letter = _letter_of(known.letters, record)
        if letter is not None:
            return [topic_step(record), letter_step(stage, letter)]
        committed = self._reader.committed(self._groups[stage], topic, record.partition)
        start = self._reader.bounds(topic, record.partition).start
        return [topic_step(record), stage_step(stage, record, committed, start=start)]


def sent_step(sent: Sent | None) -> Step:
    """Return whether a producer of this folder sent the article."""
    if sent is None:
        detail = "no producer that keeps its state in this folder has sent it"
        return Step(name="sent", state="not_seen", detail=detail)
    return Step(
        name="sent", state="done", detail=f"read from {sent.origin}", at=sent.observed_at
    )  # fmt: skip


def absent_step(topic: str, found: Found) -> Step:
    """Return that a topic does not hold the article, or that not all of it was read."""
    detail = f"not among the {found.scanned_count} records that may hold it"
    if not found.is_complete:
        detail += "; older records were not read (--max-records)"
    return Step(name=topic, state="not_seen", detail=detail)


def topic_step(record: TopicRecord) -> Step:
    """Return where a record stands, and which version of the article it holds."""
    return Step(
        name=record.topic,
        state="done",
        detail=_contents(record),
        at=record.at,
        partition=record.partition,
        offset=record.offset,
    )


def stage_step(stage: str, record: TopicRecord, committed: int | None, *, start: int) -> Step:
    """Return whether a stage is done with a record.

    Args:
        stage: name of the stage.
        record: what it has to read.
        committed: the next offset it will read of that partition; None: it never acknowledged any.
        start: the first offset that the partition still has.
    """
    if committed is not None and committed > record.offset:
        return Step(name=stage, state="done", detail="acknowledged")
    lag = record.offset - max(start, committed or 0)
    detail = f"lag {lag}: so many records of the partition are before it"
    if committed is None:
        detail += "; the stage has not acknowledged any yet"
    return Step(name=stage, state="waiting", detail=detail, lag_records=lag)


def letter_step(stage: str, stored: StoredLetter) -> Step:
    """Return that a record went to the dead letters, why, and whether it was sent back."""
    letter = stored.letter
    again = f"; sent back {stored.requeued_at:%Y-%m-%d %H:%M} UTC" if stored.requeued_at else ""
    return Step(
        name=stage,
        state="dead_letter",
        detail=f"{letter.code} {letter.error} ({stored.key}){again}",
        at=letter.first_failed_at,
        partition=letter.partition,
        offset=letter.offset,
    )


def document_step(known: Known) -> Step:
    """Return what the index holds of the article."""
    document = known.document
    if known.search_failure:
        return Step(name="document", state="unknown", detail=known.search_failure)
    if document is None:
        return Step(name="document", state="not_seen", detail="not in the index")
    what = "searchable" if document.pub_status == "usable" else f"tombstone: {document.kill_reason}"
    version = (document.content_sha256 or "")[:VERSION_CHARS]
    return Step(
        name="document",
        state="done",
        detail=f"{what}, revision {document.revision}" + (f", text {version}" if version else ""),
        at=document.observed_at,
    )


def verdict(steps: Sequence[Step]) -> str:
    """Return in a few words where the article is."""
    if not is_seen(steps):
        return "not found"
    way = [step for step in steps if step.name != EARLIER_LETTER]
    stuck = next((step for step in way if step.state in ("dead_letter", "waiting")), None)
    if stuck is None:
        last = way[-1]
        if last.state == "done":
            return f"indexed ({last.detail})"
        seen = [step for step in way if step.state == "done"] or steps[-1:]
        if last.state == "not_seen" and seen[-1].name == READERS["grouped"]:
            return "passed every stage, but is not in the index: was the index emptied?"
        return f"last seen at {seen[-1].name}"
    if stuck.state == "dead_letter":
        return f"dead letter of {stuck.name}: {stuck.detail}"
    return f"waiting for {stuck.name}: {stuck.detail}"


def is_seen(steps: Sequence[Step]) -> bool:
    """Return whether any place knows the article."""
    return any(step.state not in ("not_seen", "unknown") for step in steps)


def _earliest(raw: Found, known: Known) -> datetime | None:
    times = [
        raw.record.at if raw.record else None,
        known.sent.observed_at if known.sent else None,
        known.document.observed_at if known.document else None,
    ]
    given = [moment for moment in times if moment is not None]
    return min(given) - CLOCK_MARGIN if given else None


def _other_letters(letters: Sequence[StoredLetter], steps: Sequence[Step]) -> list[Step]:
    shown = {(step.partition, step.offset) for step in steps if step.state == "dead_letter"}
    return [
        letter_step(EARLIER_LETTER, stored)
        for stored in letters
        if (stored.letter.partition, stored.letter.offset) not in shown
    ]


def _is_requeued(letters: Sequence[StoredLetter], sent: Sent) -> bool:
    place = (sent.topic, sent.partition, sent.offset)
    return any(
        stored.requeued_at is not None
        and (stored.letter.topic, stored.letter.partition, stored.letter.offset) == place
        for stored in letters
    )


def _letter_of(letters: Sequence[StoredLetter], record: TopicRecord) -> StoredLetter | None:
    place = (record.topic, record.partition, record.offset)
    return next(
        (
            stored
            for stored in letters
            if (stored.letter.topic, stored.letter.partition, stored.letter.offset) == place
        ),
        None,
    )


def _contents(record: TopicRecord) -> str:
    try:
        return _describe(record)
    except RecordRejected as error:
        return f"not readable: {error.code} {error.message}"


_Known = RawArticle | KillNotice | EnrichedArticle | GroupedArticle | Redecide


def _describe(record: TopicRecord) -> str:
    known = _decoded(record.value)
    if isinstance(known, GroupedArticle):
        text = known.enriched.article.content_sha256 if known.enriched else None
        return f"revision {known.revision} ({known.change}){_version(text)}"
    if isinstance(known, EnrichedArticle):
        return f"{len(known.mentions)} names{_version(known.article.content_sha256)}"
    if isinstance(known, Redecide):
        return f"asked to decide again by {known.policy_id}"
    if isinstance(known, KillNotice):
        return f"withdrawal: {known.reason}"
    return f"article{_version(known.content_sha256)}"


def _decoded(payload: bytes | None) -> _Known:
    known: _Known = from_wire(  # type: ignore[call-overload]
        payload, RawArticle, KillNotice, EnrichedArticle, GroupedArticle, Redecide
    )
    return known


def _version(content_sha256: str | None) -> str:
    return f", text {content_sha256[:VERSION_CHARS]}" if content_sha256 else ""

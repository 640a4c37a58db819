"""Generate a seeded load, send it, and keep a journal of what the broker has acknowledged."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaProducer

from dateline import ids
from dateline.endpoints import kafka_bootstrap
from dateline.records import EnrichedArticle, GroupedArticle, Origin, RawArticle
from dateline.rights.record import Rights
from dateline.settings import PROJECT_DIR, Settings
from dateline.topics import load_topics
from dateline.wire import to_wire

NOTICE = (
    "All Content by Fable Press Agency is licensed under a Creative Commons Attribution 4.0"
    " International License."
)
DELIVERY_TIMEOUT_MS = 600_000
# How the versions of an article arrive: positions in time, in the order of sending.
PATTERNS: tuple[tuple[int, ...], ...] = (
    (1, 2), (1, 2), (2, 1), (2, 1), (1, 2, 3), (3, 1, 2), (2, 3, 1), (1, 1), (2, 2, 1),
)  # fmt: skip
GOING_BACK = ((0, 1), (1, 2), (0, 3))  # (text, time): the source returns to its first text


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an article, ready to be sent; ``shown`` is what a reader must find.

    ``group_id`` is the original's article id, of an original with copies and of each copy.
    """

    article: RawArticle
    shown: str
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A record that must end in the dead letters with ``code``, written by ``stage``."""

    kind: str
    payload: bytes | None
    code: str
    role: str = "raw"
    stage: str = "enrich"
    key: bytes | None = b"poison"


Item = Version | Poison


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An item and where the broker says that it stands."""

    item: Item
    topic: str
    partition: int
    offset: int

    @property
    def place(self) -> str:
        """Return the key of a dead letter of this record."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(slots=True)
class Journal:
    """What the broker has acknowledged, in no order; the offsets give the order of arrival."""

    sent: list[Sent] = field(default_factory=list)

    def versions(self) -> list[tuple[Sent, Version]]:
        """Return the acknowledged versions in the order in which a partition holds them."""
        found = [(sent, sent.item) for sent in self.sent if isinstance(sent.item, Version)]
        return sorted(found, key=lambda pair: (pair[0].topic, pair[0].partition, pair[0].offset))

    def poison(self) -> list[tuple[Sent, Poison]]:
        """Return the acknowledged poison records."""
        return [(sent, sent.item) for sent in self.sent if isinstance(sent.item, Poison)]


def make_load(
    seed: int | str, *, source_id: str, articles: int, poison: int = 0, origin: Origin = "live"
) -> list[Item]:
    """Return items in the order of sending: a third of the articles has later versions.

    Beside them a text of which other sources have copies, and one whose original comes last.
    """
    chance = random.Random(seed)  # noqa: S311 (a seeded load, no secret)
    writer = _Writer(chance, source_id, origin)
    waiting = [list(writer.versions(number)) for number in range(articles)]
    if articles:
        waiting += [writer.group("copies"), writer.group("late")[::-1]]
    turns = [number for number, versions in enumerate(waiting) for _ in versions]
    chance.shuffle(turns)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    items: list[Item] = []
    for moment, number in enumerate(turns):
        version = waiting[number].pop(0)
        observed = start + timedelta(milliseconds=10 * moment)
        article = replace(version.article, observed_at=observed)
        items.append(replace(version, article=article))
        if chance.random() < 0.03:  # a producer that died before it noted the acknowledgement
            items.append(items[-1])
    for record in _poison_records(chance, source_id, poison):
        items.insert(chance.randrange(len(items) + 1), record)
    return items


_LETTERS = "bcdfghklmnprstvz"


# What articles are compared by: long words, names and numbers (``processors/enrich/story_terms``).
_TERM = re.compile(r"[A-Za-z]{4,}|[A-Z][A-Za-z.]*|\d[\d.,]*")


def own_words(text: str, name: str) -> str:
    """Return ``text`` with terms that no other article has, and short words as they were."""
    digits = ids.text_sha256(name)[:8]
    ending = "".join(_LETTERS[int(digit, 16)] for digit in digits)
    return _TERM.sub(lambda term: f"{term[0][0]}{ending}", text)


class _Writer:
    """Writes articles of 40 to 80 words out of the seeds' sentences, in words of each one's own.

    So none is a copy of another where it is not meant, and no stories merge: the versions alone say
    which revisions there must be.
    """

    def __init__(self, chance: random.Random, source_id: str, origin: Origin) -> None:
        self._chance = chance
        self._source_id = source_id
        self._origin = origin
        self._sentences = seed_sentences()

    def versions(self, number: int) -> Iterator[Version]:
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if self._chance.random() >= 1 / 3:
            rows: Sequence[tuple[int, int]] = ((0, 1),)
        elif self._chance.random() < 0.1:
            rows = GOING_BACK
        else:
            rows = tuple(enumerate(self._chance.choice(PATTERNS)))
        texts: dict[int, str] = {}
        for text_number, hour in rows:
            shown = texts.setdefault(text_number, self._text(number, text_number))
            updated_at = day - timedelta(days=2, hours=-hour)
            yield self._version(f"article-{number}", shown, updated_at, self._source_id)

    def group(self, name: str) -> list[Version]:
        """Return a text and its copies at other sources, in the order of their publication."""
        text = self._text(name, 0)
        words = text.split()
        more = own_words(
            "Updated by our desk after the talks ended.", f"{self._source_id}/{name}/more"
        )
        forms = (text, text, f"{more} {text}", f"{' '.join(words[:-8])}.")
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        sources = [
            self._source_id,
            *(f"{self._source_id}.copier-{n}" for n in range(1, len(forms))),
        ]
        versions = [
            self._version(f"group-{name}", shown, day - timedelta(days=2, hours=-hour), source)
            for hour, (shown, source) in enumerate(zip(forms, sources, strict=True))
        ]
        group_id = versions[0].article.article_id
        return [
            replace(
                each,
                article=replace(each.article, published_at=each.article.updated_at),
                group_id=group_id,
            )
            for each in versions
        ]

    def _text(self, number: int | str, text_number: int) -> str:
        words = 0
        chosen = []
        while words < 40:
            sentence = self._chance.choice(self._sentences)
            if words + len(sentence.split()) <= 76 and sentence not in chosen:
                chosen.append(sentence)
                words += len(sentence.split())
        token = ids.text_sha256(f"{self._source_id}/{number}/{text_number}")[:16]
        return f"{own_words(' '.join(chosen), f'{self._source_id}/{number}')} It is {token}."

    def _version(self, key: str, shown: str, updated_at: datetime, source_id: str) -> Version:
        body = f"{shown} {NOTICE}"
        article = RawArticle(
            article_id=ids.article_id(source_id, key),
            source_id=source_id,
            key=key,
            content_sha256=ids.content_sha256(title=None, summary=None, body=body),
            body=body,
            media_type="text/plain",
            origin=self._origin,
            observed_at=updated_at,
            updated_at=updated_at,
        )
        return Version(article=article, shown=shown)


def seed_sentences() -> list[str]:
    """Return the sentences of the seed articles, with plain quotes: cleaning changes nothing."""
    text = " ".join(path.read_text("utf-8") for path in sorted(PROJECT_DIR.glob("seeds/*.txt")))
    plain = text.translate(str.maketrans("“”‘’", "\"\"''"))
    parts = re.split(r"(?<=[a-z)]\.) +(?=[A-Z])", " ".join(plain.split()))
    # Nothing that looks like a notice, a dateline, or a quotation cut in two (a notice that stands
    # inside a quotation grants nothing, and the text would not be shown in full).
    return [
        part
        for part in parts
        if 8 <= len(part.split()) <= 60
        and part.count('"') % 2 == 0
        and "licensed" not in part
        and "TEHRAN" not in part
    ]


def _poison_records(chance: random.Random, source_id: str, count: int) -> list[Poison]:
    kinds = poison_kinds(source_id)
    if count >= len(kinds):
        chosen = [kinds[number % len(kinds)] for number in range(count)]
    else:
        chosen = chance.sample(kinds, count)
    return [_marked(record, number) for number, record in enumerate(chosen)]


def _marked(record: Poison, number: int) -> Poison:
    """Give each record a key of its own: poison in every partition, not in one."""
    return record if record.key is None else replace(record, key=f"poison-{number}".encode())


def poison_kinds(source_id: str) -> list[Poison]:
    """Return one poison record of every kind."""
    moment = datetime.now(UTC)
    key = f"poison-of-{source_id}"
    article = RawArticle(
        article_id=ids.article_id(source_id, key),
        source_id=source_id,
        key=key,
        content_sha256=ids.content_sha256(title=None, summary=None, body="x"),
        body="x",
        media_type="text/plain",
        origin="live",
        observed_at=moment,
        updated_at=moment,
    )
    good = to_wire(article)
    body = b'"body":"x"'
    enriched = EnrichedArticle(
        article=article, text="x", offsets=((0, 0),), title="x", is_title_derived=True,
        summary="x", is_summary_derived=True, language="en", language_confidence=1.0,
        rights=Rights(status="unknown"), pipeline_version="enrich@1",
    )  # fmt: skip
    undecided = GroupedArticle(
        article_id=article.article_id, source_id=source_id, revision=1, change="new",
        first_seen_at=moment, observed_at=moment, origin="live", pub_status="usable",
        story_id="story", versions=(), enriched=enriched,
    )  # fmt: skip
    raw = {
        "not JSON": (b"this is no record", "E201"),
        "no UTF-8": (good.replace(body, b'"body":"\xff\xfe\xc3("'), "E201"),
        "empty value": (b"", "E201"),
        "tombstone": (None, "E201"),
        "null bytes": (b"\0" * 100, "E201"),
        "control character": (good.replace(body, b'"body":"\0"'), "E201"),
        "cut off": (good[: len(good) // 2], "E201"),
        "byte order mark": (b"\xef\xbb\xbf" + good, "E201"),
        "deep nesting": (b'{"schema":"raw_article","version":1,"body":' + b"[" * 100_000, "E201"),
        "deep nesting, closed": (
            good.replace(body, body + b',"more":' + b"[" * 100_000 + b"]" * 100_000),
            "E201",
        ),
        "lone surrogate": (good.replace(body, b'"body":"\\ud800 alone"'), "E201"),
        "over 5 MB": (good.replace(body, b'"body":"' + b"a" * 5_100_000 + b'"'), "E201"),
        "an array": (b"[" + good + b"]", "E202"),
        "a number": (b"17", "E202"),
        "other schema": (b'{"schema":"weather","version":1}', "E202"),
        "other version": (good.replace(b'"version":1', b'"version":99'), "E202"),
        "other stage": (to_wire(enriched), "E202"),
        "missing field": (good.replace(body, b'"text":"x"'), "E202"),
        "wrong type": (good.replace(body, b'"body":5'), "E202"),
        "no time zone": (
            good.replace(b'"updated_at":"', b'"updated_at":"2026-11-01T10:00:00","was":"'),
            "E202",
        ),
        "no date": (good.replace(b'"updated_at":"', b'"updated_at":"soon","was":"'), "E202"),
        "bad id": (good.replace(article.article_id.encode(), b"7"), "E202"),
        "no text": (good.replace(body, b'"body":""'), "E203"),
        "white space": (good.replace(body, b'"body":" \\n\\t\\u200b\\u00a0 "'), "E203"),
        "a notice alone": (good.replace(body, b'"body":"' + NOTICE.encode() + b'"'), "E203"),
    }
    stories, index = {"role": "enriched", "stage": "stories"}, {"role": "grouped", "stage": "index"}
    return [
        *(Poison(kind=kind, payload=payload, code=code) for kind, (payload, code) in raw.items()),
        Poison(kind="no key", payload=b"{}", code="E202", key=None),
        Poison(kind="stories: not JSON", payload=b"no record", code="E201", **stories),
        Poison(kind="stories: other stage", payload=good, code="E202", **stories),
        Poison(kind="stories: tombstone", payload=None, code="E201", **stories),
        Poison(kind="index: not JSON", payload=b"no record", code="E201", **index),
        Poison(kind="index: other stage", payload=good, code="E202", **index),
        Poison(kind="index: no decision", payload=to_wire(undecided), code="E203", **index),
    ]


class Sender:
    """Sends items in a thread of its own; ``finish`` returns the journal.

    Args:
        settings: where Kafka is.
        items: what is sent, in this order.
        per_second: how fast; None: as fast as Kafka takes them.
    """

    def __init__(
        self, settings: Settings, items: Sequence[Item], per_second: float | None = None
    ) -> None:
        self._settings = settings
        self._items = items
        self._per_second = per_second
        self._journal = Journal()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._thread.start()

    def finish(self, *, seconds: float = 600) -> Journal:
        """Return what was acknowledged: every item, or the failure is raised."""
        self._thread.join(seconds)
        if self._failure is not None:
            raise self._failure
        assert not self._thread.is_alive(), f"the load was not acknowledged within {seconds} s"
        assert len(self._journal.sent) == len(self._items)
        return self._journal

    def _run(self) -> None:
        try:
            self._send()
        except BaseException as error:  # noqa: BLE001 (raised again in the test's thread)
            self._failure = error

    def _send(self) -> None:
        topics = load_topics(self._settings)
        producer: Any = KafkaProducer(
            bootstrap_servers=kafka_bootstrap(self._settings),
            acks="all",
            enable_idempotence=True,
            max_request_size=6_000_000,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            max_block_ms=DELIVERY_TIMEOUT_MS,
            linger_ms=5,
        )
        started = time.monotonic()
        try:
            futures = []
            for number, item in enumerate(self._items):
                if self._per_second:
                    time.sleep(max(0.0, started + number / self._per_second - time.monotonic()))
                futures.append(producer.send(**_request(item, topics)))
            for item, future in zip(self._items, futures, strict=True):
                found = future.get(timeout=DELIVERY_TIMEOUT_MS / 1000)
                self._journal.sent.append(
                    Sent(
                        item=item,
                        topic=found.topic,
                        partition=found.partition,
                        offset=found.offset,
                    )
                )
        finally:
            producer.close(timeout=10)


def _request(item: Item, topics: Any) -> dict[str, Any]:
    if isinstance(item, Poison):
        return {"topic": topics[item.role].name, "key": item.key, "value": item.payload}
    role = "raw" if item.article.origin == "live" else "raw_backfill"
    return {
        "topic": topics[role].name,
        "key": item.article.article_id.encode(),
        "value": to_wire(item.article),
    }


def send(settings: Settings, items: Sequence[Item]) -> Journal:
    """Send ``items`` at once and return the journal."""
    return Sender(settings, items).finish()

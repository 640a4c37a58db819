"""Read whole texts back from ``news.enriched.v1`` where the index may show a part of them only.

The purpose of an export may allow more than search shows: a BY-NC text is quoted by a commercial
search, and may be passed on without profit. The index does not give such a text out, whoever asks;
the topic holds it for as long as its retention says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import msgspec
from elasticsearch import Elasticsearch

from dateline.errors import ConfigError, RecordRejected
from dateline.export.read_index import scan_sources
from dateline.records import EnrichedArticle, SearchDocument
from dateline.rights.record import Purpose
from dateline.search.templates import ArticlesIndex
from dateline.topic_reader import TopicReader
from dateline.wire import from_wire

# The clocks of the machines that write to Kafka may differ by so much.
CLOCK_MARGIN = timedelta(hours=1)
WANTED_FIELDS = ("article_id", "content_sha256", "body_chars", "observed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldText:
    """The words of one version of an article, as the index has them or would have them."""

    content_sha256: str
    title: str
    text: str
    summary: str


class WantedText(msgspec.Struct, frozen=True):
    """The version of an article whose text is looked for; ``body_chars``: its length."""

    article_id: str
    content_sha256: str
    body_chars: int
    observed_at: datetime


class TextFile:
    """Texts on disk by article; ``held_texts`` makes one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}

    def put(self, article_id: str, held: HeldText) -> None:
        """Keep a text."""
        line = msgspec.json.encode(held)
        self._places[article_id] = (self._file.seek(0, 2), len(line))
        self._file.write(line)

    def completed(self, document: SearchDocument) -> SearchDocument:
        """Return ``document`` with its whole text, or as it is where that text is not here."""
        place = self._places.get(document.article_id)
        if place is None:
            return document
        self._file.seek(place[0])
        held = msgspec.json.decode(self._file.read(place[1]), type=HeldText)
        # The index may have got another version since.
        if (held.content_sha256, len(held.text)) != (document.content_sha256, document.body_chars):
            return document
        return replace(document, body=held.text, title=held.title, summary=held.summary)


@contextmanager
def open_text_file(beside: Path) -> Iterator[TextFile]:
    """Yield a file without a name in the folder of ``beside``: nothing of it stays.

    Raises:
        ConfigError: the folder cannot be written.
    """
    parent = beside.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        file = TemporaryFile(dir=parent)  # noqa: SIM115 (closed below; only opening may fail so)
    except OSError as error:
        raise ConfigError(f"{parent} cannot be written: {error.strerror or error}.") from error
    with file:
        yield TextFile(file)


def find_wanted(
    client: Elasticsearch,
    index: ArticlesIndex,
    query: Mapping[str, Any],
    *,
    purpose: Purpose,
    policy_id: str,
) -> Mapping[bytes, WantedText]:
    """Return by key the articles whose whole text a purpose may have and the index does not show.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    decision = f"decision.{purpose}"
    filters = [
        query,
        {"term": {"pub_status": "usable"}},
        {"term": {f"{decision}.policy_id": policy_id}},
        {"term": {f"{decision}.export": True}},
        {"term": {f"{decision}.display": "full"}},
        {"range": {"body_chars": {"gt": 0}}},
        {"exists": {"field": "content_sha256"}},
    ]
    shown_whole = [
        {"term": {"decision.public_search.display": "full"}},
        {"term": {"rights.preferences.has_nosnippet": False}},
    ]
    wanted = {"bool": {"filter": filters, "must_not": {"bool": {"filter": shown_whole}}}}
    rows = scan_sources(client, index, wanted, source={"includes": list(WANTED_FIELDS)})
    found = (msgspec.convert(row, WantedText) for row in rows)
    return {each.article_id.encode(): each for each in found}


def copy_texts(
    reader: TopicReader,
    topic: str,
    wanted: Mapping[bytes, WantedText],
    texts: TextFile,
    *,
    on_text: Callable[[], None] = lambda: None,
) -> None:
    """Copy the wanted texts that ``topic`` holds; reads it once, and no further than needed.

    Raises:
        BrokerUnavailable: Kafka does not answer.
    """
    left = dict(wanted)
    since = min(each.observed_at for each in left.values()) - CLOCK_MARGIN
    for partition in range(reader.partition_count(topic)):
        start = reader.offset_at(topic, partition, since)
        if start is None:
            continue
        end = reader.bounds(topic, partition).end
        for record in reader.scan(topic, partition, start=start, end=end):
            want = left.get(record.key or b"")
            held = _held(record.value, want) if want else None
            if want and held:
                texts.put(want.article_id, held)
                del left[want.article_id.encode()]
                on_text()
            if not left:
                return


def _held(value: bytes | None, want: WantedText) -> HeldText | None:
    try:
        enriched = from_wire(value, EnrichedArticle)
    except RecordRejected:
        return None  # a withdrawal, or a request to decide again
    version = (enriched.article.content_sha256, len(enriched.text))
    if version != (want.content_sha256, want.body_chars):
        return None
    return HeldText(
        content_sha256=want.content_sha256, title=enriched.title, text=enriched.text,
        summary=enriched.summary,
    )  # fmt: skip

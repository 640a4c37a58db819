"""Small stand-ins for Kafka in the tests of the producer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from dateline.clock import FixedClock
from dateline.records import KillNotice, RawArticle
from dateline.wire import from_wire
from producers.article_writer import Delivered, Outgoing, Undeliverable
from producers.build_record import IngestOptions
from producers.ingest import Event, Ingest, Tag, Totals
from producers.read_paths import make_root, open_input, walk
from producers.sent_state import SentState
from producers.source_lock import SourceLocks

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MAX_BYTES = 5_000_000


class MemoryWriter:
    """An ``ArticleWriter`` that keeps records in a list; the first ``fail_count`` never arrive."""

    def __init__(self) -> None:
        self.records: list[Outgoing[Tag]] = []
        self.refuse_keys: set[bytes] = set()
        self.is_dead = False
        self._pending: list[Outgoing[Tag]] = []

    @property
    def pending_count(self) -> int:
        return len(self._pending)

    @property
    def pending_bytes(self) -> int:
        return sum(len(outgoing.payload) for outgoing in self._pending)

    def is_pending(self, key: bytes) -> bool:
        return any(outgoing.key == key for outgoing in self._pending)

    def send(self, outgoing: Outgoing[Tag]) -> None:
        self._pending.append(outgoing)

    def collect(self, *, keep: int = 0) -> Iterator[Delivered[Tag] | Undeliverable[Tag]]:
        while len(self._pending) > keep and not self.is_dead:
            outgoing = self._pending.pop(0)
            if outgoing.key in self.refuse_keys:
                yield Undeliverable(outgoing=outgoing, reason="Kafka refuses the record")
                continue
            self.records.append(outgoing)
            yield Delivered(
                outgoing=outgoing, topic=outgoing.topic, partition=0, offset=len(self.records) - 1
            )

    def close(self) -> None:
        self._pending.clear()


class Harness:
    """A folder of articles, a writer in memory, a state on disk and a clock that stands still."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "wire"
        self.folder.mkdir()
        self.tmp_path = tmp_path
        self.clock = FixedClock(NOW)
        self.writer = MemoryWriter()
        self.events: list[Event] = []
        self.stop = threading.Event()
        self.max_bytes = MAX_BYTES

    @property
    def state_file(self) -> Path:
        return self.tmp_path / "state" / "cluster.sqlite"

    def run(self, *folders: Path, options: IngestOptions | None = None) -> Totals:
        options = options or IngestOptions()
        self.events.clear()
        with SentState(self.state_file) as state, SourceLocks(self.tmp_path) as locks:
            ingest = Ingest(
                writer=None if options.is_dry_run else self.writer,
                state=state,
                locks=locks,
                topics={"live": "news.raw.v1", "backfill": "news.raw_backfill.v1"},
                max_bytes=self.max_bytes,
                clock=self.clock,
                options=options,
                tell=self.events.append,
                stop=self.stop,
            )
            roots = [
                make_root(folder, source=options.publisher) for folder in folders or [self.folder]
            ]
            return ingest.run(
                open_input(path, root, max_bytes=self.max_bytes, format_=options.format_)
                for root in roots
                for path in walk(root)
            )

    def sent(self) -> list[RawArticle | KillNotice]:
        return [from_wire(each.payload, RawArticle, KillNotice) for each in self.writer.records]

    def articles(self) -> list[RawArticle]:
        return [record for record in self.sent() if isinstance(record, RawArticle)]

    def refused(self) -> list[str]:
        return [
            f"{Path(event.file).name}{'' if event.line is None else f':{event.line}'}:"
            f" {event.reason}"
            for event in self.events
            if event.kind == "refused"
        ]

    def skipped(self) -> list[str]:
        return [event.reason for event in self.events if event.kind == "skipped"]

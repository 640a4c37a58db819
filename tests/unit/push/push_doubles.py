"""A Kafka that can be away, and a served endpoint, for the tests of what is pushed."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from producer_doubles import MAX_BYTES, NOW, MemoryWriter

from dateline.clock import FixedClock
from dateline.records import KillNotice, RawArticle
from dateline.wire import from_wire
from producers.article_writer import Delivered, Undeliverable
from producers.build_record import IngestOptions
from producers.ingest import Event, Ingest, Tag
from producers.push.accept_articles import IntakeAccept, KnownFiles
from producers.push.api_keys import parse_api_keys
from producers.push.intake import Intake, IntakeOptions
from producers.push.push_app import PushOptions, create_push_app
from producers.push.push_server import open_push_server
from producers.sent_state import SentState
from producers.source_lock import SourceLocks

PATIENCE_SECONDS = 20.0
KEY = "a-key-of-the-wire-agency"
OTHER_KEY = "a-key-of-somebody-else"
KEYS = parse_api_keys(f"wire:{KEY},other:{OTHER_KEY}")
AS_WIRE = {"Authorization": f"Bearer {KEY}"}


class GatedWriter(MemoryWriter):
    """A ``MemoryWriter`` whose acknowledgements wait for ``is_up``, as Kafka's do."""

    def __init__(self) -> None:
        super().__init__()
        self.is_up = threading.Event()
        self.is_up.set()
        self.is_waited_for = threading.Event()
        self.collect_count = 0
        self.error: Exception | None = None
        self.stop = threading.Event()

    def collect(self, *, keep: int = 0) -> Iterator[Delivered[Tag] | Undeliverable[Tag]]:
        self.collect_count += 1
        while self.pending_count > keep and not self.is_up.is_set():
            self.is_waited_for.set()
            if self.stop.wait(0.005):
                return
        if self.error is not None:
            raise self.error
        yield from super().collect(keep=keep)

    def articles(self) -> list[RawArticle]:
        found = [from_wire(each.payload, RawArticle, KillNotice) for each in self.records]
        return [record for record in found if isinstance(record, RawArticle)]


class Room:
    """An intake on a folder, with a Kafka that can be away."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.writer = GatedWriter()
        self.clock = FixedClock(NOW)
        self.events: list[Event] = []

    @contextmanager
    def open_ingest(self, tell: Callable[[Event], None], stop: threading.Event) -> Iterator[Ingest]:
        self.writer.stop = stop
        with SentState(self.tmp_path / "sent.sqlite") as state, SourceLocks(self.tmp_path) as locks:
            yield Ingest(
                writer=self.writer,
                state=state,
                locks=locks,
                topics={"live": "news.raw.v1", "backfill": "news.raw_backfill.v1"},
                max_bytes=MAX_BYTES,
                clock=self.clock,
                options=IngestOptions(),
                tell=tell,
                stop=stop,
            )

    def intake(self, *, max_jobs: int = 64, busy_seconds: float = PATIENCE_SECONDS) -> Intake:
        return Intake(
            self.open_ingest,
            options=IntakeOptions(max_jobs=max_jobs, busy_seconds=busy_seconds),
            tell=self.events.append,
        )


class Client:
    """Requests to a served endpoint."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self.session = session
        self.port = port

    async def push(
        self,
        body: Any,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        path: str = "/articles",
    ) -> tuple[int, dict[str, Any], aiohttp.ClientResponse]:
        data = body if not isinstance(body, dict) else json.dumps(body).encode()
        sent = {"Content-Type": content_type, **(AS_WIRE if headers is None else headers)}
        async with self.session.post(path, data=data, headers=sent) as answer:
            return answer.status, await answer.json(content_type=None), answer


@asynccontextmanager
async def served(
    room: Room, options: PushOptions | None = None, *, known_files: KnownFiles | None = None
) -> AsyncIterator[Client]:
    """Serve the endpoint on a real port with a real intake."""
    options = options or PushOptions(keys=KEYS)
    async with room.intake() as intake:
        accept = IntakeAccept(
            intake,
            max_line_bytes=MAX_BYTES,
            max_articles=options.max_lines,
            known_files=known_files,
        )
        app = create_push_app(options, accept)
        async with (
            open_push_server(app, bind="127.0.0.1", port=0, shutdown_seconds=1) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        ):
            yield Client(session, port)


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)

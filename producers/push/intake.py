"""Let many tasks use one `Ingest`: a thread owns it, runs their jobs and settles them together."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, TypeVar

from producers.ingest import Event, Ingest
from producers.source_lock import SourceBusy

T = TypeVar("T")
OpenIngest = Callable[[Callable[[Event], None], threading.Event], AbstractContextManager[Ingest]]


class IntakeBusy(Exception):
    """No place became free in time: Kafka is slow or away. Nothing of the job was done."""

    def __init__(self, retry_after_seconds: float) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__("the intake is full")


class IntakeEnded(Exception):
    """The intake ended before Kafka acknowledged the job: hand it over again after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeOptions:
    """How much may wait, and how long a task waits for a place."""

    # As many jobs as are worth one wait for Kafka; each holds its articles in memory.
    max_jobs: int = 64
    busy_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Generic[T]):
    """What a job returned, and what became of each of its articles."""

    value: T
    events: tuple[Event, ...]


@dataclass(slots=True, kw_only=True)
class _Job:
    run: Callable[[Ingest, str], Any]
    name: str
    future: Future[Any] = field(default_factory=Future)
    events: list[Event] = field(default_factory=list)
    value: Any = None
    error: Exception | None = None


class Intake:
    """The only user of an `Ingest`; ``async with`` opens it, settles and closes it.

    Args:
        open_ingest: is called in the intake's thread with where events go and with the event that
            tells the `Ingest` to stop. Everything that belongs to the thread (state, locks) is
            opened there.
        options: how much may wait.
        tell: is told every event, in the intake's thread.

    Use it from one event loop.
    """

    def __init__(
        self,
        open_ingest: OpenIngest,
        *,
        options: IntakeOptions,
        tell: Callable[[Event], None],
    ) -> None:
        self._open_ingest = open_ingest
        self._options = options
        self._tell = tell
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._jobs: dict[str, _Job] = {}
        self._slots = asyncio.Semaphore(options.max_jobs)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._opened: Future[None] = Future()
        self._ended: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        # Held articles keep the name of their job over a restart; it must not come again.
        self._run_token = secrets.token_hex(4)
        self._job_count = 0

    @property
    def is_full(self) -> bool:
        """Return whether the next job would have to wait for a place."""
        return self._slots.locked()

    async def start(self) -> None:
        """Open the `Ingest` in its thread.

        Raises:
            ConfigError: no Kafka, no topic, a damaged state file.
            BrokerUnavailable: Kafka does not answer.
        """
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.wrap_future(self._executor.submit(self._run))
        opened = asyncio.wrap_future(self._opened)
        await asyncio.wait({opened, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            self._executor.shutdown(wait=False)
            self._ended.result()

    async def submit(self, job: Callable[[Ingest], T]) -> T:
        """Return what ``job`` returns, once Kafka has acknowledged everything it sent.

        Args:
            job: runs in the intake's thread; it offers articles and does not settle.

        Raises:
            IntakeBusy: no place became free in time.
            IntakeEnded: the intake stopped; what it sent may or may not be acknowledged.
            SourceBusy: another process sends a source of this job. What came before is safe.
        """
        return (await self.submit_reporting(lambda ingest, _: job(ingest), label="job")).value

    async def submit_reporting(self, job: Callable[[Ingest, str], T], *, label: str) -> Reported[T]:
        """Return the same as `submit`, and what became of each article.

        Args:
            job: is given a name of its own to use as ``Input.shown``: events are told apart by it.
            label: the beginning of that name, for people.

        A caller that is cancelled before its job began takes it back.
        """
        try:
            async with asyncio.timeout(self._options.busy_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise IntakeBusy(self._options.busy_seconds) from None
        self._job_count += 1
        entry = _Job(run=job, name=f"{label}#{self._run_token}-{self._job_count}")
        with self._lock:
            if self._is_closed:
                self._slots.release()
                raise IntakeEnded("the intake has ended")
            self._queue.put(entry)
        value = await asyncio.wrap_future(entry.future)
        return Reported(value=value, events=tuple(entry.events))

    async def join(self) -> None:
        """Wait until the intake has ended.

        Raises:
            ConfigError: Kafka refuses this client.
            InvariantBroken: our bug, as any other error here.
        """
        if self._ended is not None:
            await asyncio.shield(self._ended)

    async def stop(self) -> None:
        """Settle what is in flight, within the grace of the writer, and end.

        Jobs that have not begun, and the one that is running, fail with `IntakeEnded`.
        """
        with self._lock:
            self._is_closed = True
        self._stop.set()
        self._queue.put(None)
        if self._ended is not None:
            await asyncio.wait({self._ended})  # what it raised is for `join`
        self._executor.shutdown(wait=False)

    async def __aenter__(self) -> Intake:
        """Return this object, started."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; raise what ended the intake before its time."""
        await self.stop()
        await self.join()

    def _run(self) -> None:
        try:
            with self._open_ingest(self._route, self._stop) as ingest:
                self._opened.set_result(None)
                while not self._stop.is_set():
                    self._take_batch(ingest)
        finally:
            self._fail_all()

    def _take_batch(self, ingest: Ingest) -> None:
        job = self._queue.get()
        # The places bound the batch: a job leaves its place when it is settled.
        while job is not None:
            self._run_job(job, ingest)
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
        ingest.settle()
        ingest.release_sources()
        is_safe = not ingest.unacknowledged_count
        for done in list(self._jobs.values()):
            if not is_safe:
                done.error = done.error or IntakeEnded("not acknowledged before the stop")
            self._finish(done)

    def _run_job(self, job: _Job, ingest: Ingest) -> None:
        if not job.future.set_running_or_notify_cancel():
            self._free(1)
            return
        self._jobs[job.name] = job
        if not self._stop.is_set():
            try:
                job.value = job.run(ingest, job.name)
            except SourceBusy as error:
                job.error = error
        # `Ingest.take` leaves the rest of an input out when it is told to stop.
        if self._stop.is_set() and job.error is None:
            job.error = IntakeEnded("stopped before the job was done")

    def _finish(self, job: _Job) -> None:
        del self._jobs[job.name]
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.value)
        self._free(1)

    def _fail_all(self) -> None:
        with self._lock:
            self._is_closed = True
        for job in list(self._jobs.values()):
            job.error = IntakeEnded("the intake ended before the job was acknowledged")
            self._finish(job)
        with contextlib.suppress(queue.Empty):
            while True:
                waiting = self._queue.get_nowait()
                if waiting is not None and waiting.future.set_running_or_notify_cancel():
                    waiting.future.set_exception(IntakeEnded("the intake has ended"))
        # Whoever waits for a place is let in and turned away.
        self._free(self._options.max_jobs)

    def _free(self, count: int) -> None:
        def release() -> None:
            for _ in range(count):
                self._slots.release()

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(release)

    def _route(self, event: Event) -> None:
        job = self._jobs.get(event.file)
        if job is not None:
            job.events.append(event)
        self._tell(event)

"""Run enrichment in child processes; one that hangs or dies is replaced, its article named.

``pebble`` gives each task a time limit and tells a crash of one child from the others' work.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as TaskTimeout

from pebble import ProcessExpired, ProcessPool

from dateline.errors import ArticleCrashed, RecordRejected
from processors.enrich.entry import ChildOptions, Enriched, enrich_chunk, initialize

log = logging.getLogger(__name__)

TRIES_ALONE = 2  # a child may also die of something else: an article is blamed when it kills twice

ChunkResult = Enriched | RecordRejected
Task = Callable[[Sequence[bytes]], list[ChunkResult]]


def _nothing() -> None:
    """Do nothing."""


class EnrichPool:
    """A pool of enriching children; started with the first chunk.

    ``on_progress`` is called whenever a chunk is done or given up: finding the one article that
    hangs takes its time limit several times over, and is no standstill. ``task`` and
    ``initializer`` are what the children run; they are found by their names there.
    """

    def __init__(  # noqa: PLR0913 (settings by name)
        self,
        *,
        options: ChildOptions,
        processes: int,
        chunk_articles: int,
        chunk_timeout_seconds: float,
        max_tasks_per_process: int,
        on_progress: Callable[[], None] = _nothing,
        task: Task = enrich_chunk,
        initializer: Callable[[ChildOptions], None] = initialize,
    ) -> None:
        self._options = options
        self._processes = processes
        self._chunk_articles = chunk_articles
        self._chunk_timeout_seconds = chunk_timeout_seconds
        self._max_tasks_per_process = max_tasks_per_process
        self._on_progress = on_progress
        self._task = task
        self._initializer = initializer
        self._pool: ProcessPool | None = None

    async def enrich(self, payloads: Sequence[bytes]) -> list[ChunkResult]:
        """Return one result a payload, in order; raise what is our bug."""
        size = chunk_size(len(payloads), self._processes, self._chunk_articles)
        chunks = [payloads[i : i + size] for i in range(0, len(payloads), size)]
        parts = await asyncio.gather(*(self._chunk(chunk) for chunk in chunks))
        return [result for part in parts for result in part]

    def close(self) -> None:
        """End the children now; a chunk in work is not acknowledged and comes again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join(timeout=2)

    async def _chunk(self, payloads: Sequence[bytes]) -> list[ChunkResult]:
        tries = TRIES_ALONE if len(payloads) == 1 else 1
        reason = ""
        for _ in range(tries):
            try:
                return await self._run(payloads)
            except TaskTimeout:
                reason = f"ran past its limit of {self._chunk_timeout_seconds:g} s"
            except ProcessExpired as error:
                reason = f"killed its worker process (exit code {error.exitcode})"
            log.warning("enrich: a chunk of %d %s; the worker is replaced", len(payloads), reason)
        if len(payloads) == 1:
            return [ArticleCrashed(f"the article {reason}, {TRIES_ALONE} times alone")]
        middle = len(payloads) // 2
        halves = await asyncio.gather(
            self._chunk(payloads[:middle]), self._chunk(payloads[middle:])
        )
        return [*halves[0], *halves[1]]

    async def _run(self, payloads: Sequence[bytes]) -> list[ChunkResult]:
        future = self._started().schedule(
            self._task, args=[list(payloads)], timeout=self._chunk_timeout_seconds
        )
        try:
            return await asyncio.wrap_future(future)
        finally:
            self._on_progress()

    def _started(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._processes,
                max_tasks=self._max_tasks_per_process,
                initializer=self._initializer,
                initargs=[self._options],
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool


def chunk_size(articles: int, processes: int, largest: int) -> int:
    """Return how many articles each child gets at once: all children busy, none for too long."""
    return max(1, min(largest, -(-articles // processes)))

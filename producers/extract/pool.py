"""Run parsers and extraction in child processes that are limited, watched and recycled.

Extraction leaks memory and hostile pages find slow paths; a child that dies or runs past its limit
costs the one input it had.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import multiprocessing
import resource
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TaskTimeout
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from dateline.parent_watch import start_parent_watch
from producers.parsed import Refusal

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_CHILD_BYTES = 2_000_000_000
# A child may also die of something else (the kernel out of memory): an input is blamed when it
# kills twice.
TRIES = 2
# A broken pool takes every input in work with it, and says nothing of any.
TRIES_BROKEN = 4
LOSSES = (TaskTimeout, ProcessExpired, BrokenProcessPool)
# Libraries that log every page they cannot use.
NOISY_LOGGERS = ("trafilatura", "htmldate", "courlan", "charset_normalizer", "justext")


class ExtractPool:
    """A pool of child processes, started with the first input; use as a context, or ``close`` it.

    Args:
        processes: children at work at a time.
        timeout_seconds: of one input; a child that takes longer is killed.
        max_tasks_per_process: inputs before a child is replaced; 0: never.
        max_child_bytes: address space of a child.
        preload: modules a child imports before its first input, outside of the time limit.
    """

    def __init__(
        self,
        *,
        processes: int,
        timeout_seconds: float,
        max_tasks_per_process: int,
        max_child_bytes: int = MAX_CHILD_BYTES,
        preload: Sequence[str] = (),
    ) -> None:
        self._processes = processes
        self._timeout_seconds = timeout_seconds
        self._max_tasks_per_process = max_tasks_per_process
        self._initargs = (max_child_bytes, tuple(preload))
        self._pool: ProcessPool | None = None
        self._waiting: set[Future[Any]] = set()

    async def run(
        self, function: Callable[..., Result], *args: Any, **named: Any
    ) -> Result | Refusal:
        """Return ``function(*args, **named)`` as computed by a child, or why there is no answer.

        The function must be one that a child can import by its name. ``extraction crashed: ...``
        is a child that died, ``extraction too slow: ...`` one that was killed for its time,
        ``our bug: ...`` an exception. A cancelled call frees its child. The caller limits how many
        wait here.

        Raises:
            CancelledError: the pool was closed.
        """
        losses = _Losses(self._timeout_seconds)
        while True:
            future = self._schedule(function, args, named)
            try:
                outcome: Result | Refusal = await asyncio.wrap_future(future)
            except LOSSES as error:
                if (refusal := losses.verdict(error)) is not None:
                    return refusal
            else:
                return outcome

    def map_ordered(
        self, function: Callable[[Item], Result], inputs: Iterable[Item], *, in_flight: int
    ) -> Iterator[Result | Refusal]:
        """Return one result an input, in order; at most ``in_flight`` inputs are taken ahead."""
        waiting: deque[tuple[Item, Future[Any]]] = deque()
        try:
            for each in inputs:
                waiting.append((each, self._schedule(function, (each,), {})))
                if len(waiting) >= in_flight:
                    yield self._settled(function, *waiting.popleft())
            while waiting:
                yield self._settled(function, *waiting.popleft())
        finally:
            for _, future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the children now; what is in work is given up. Safe to call twice."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for future in list(self._waiting):
            future.cancel()  # pebble would leave those who wait for it waiting
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join(timeout=5)

    def __enter__(self) -> ExtractPool:
        """Return this pool."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End the children."""
        self.close()

    def _settled(
        self, function: Callable[[Item], Result], item: Item, future: Future[Any]
    ) -> Result | Refusal:
        losses = _Losses(self._timeout_seconds)
        while True:
            try:
                outcome: Result | Refusal = future.result()
            except LOSSES as error:
                if (refusal := losses.verdict(error)) is not None:
                    return refusal
                future = self._schedule(function, (item,), {})
            else:
                return outcome

    def _schedule(
        self, function: Callable[..., Any], args: Sequence[Any], named: dict[str, Any]
    ) -> Future[Any]:
        pool = self._pool
        if pool is not None and not pool.active:
            # One idle child that dies (the kernel out of memory) breaks all of pebble's pool.
            logger.warning("extraction: the process pool broke and is started again")
            self.close()
            pool = None
        if pool is None:
            pool = self._pool = self._new_pool()
        future: Future[Any] = pool.schedule(
            _guarded, args=(function, args, named), timeout=self._timeout_seconds
        )
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._processes,
            max_tasks=self._max_tasks_per_process,
            initializer=_initialize,
            initargs=self._initargs,
            context=multiprocessing.get_context("spawn"),
        )


@dataclass(slots=True)
class _Losses:
    """How often the child of one input was lost, and when that is enough."""

    timeout_seconds: float
    deaths: int = 0
    breaks: int = 0

    def verdict(self, error: BaseException) -> Refusal | None:
        """Return the refusal of the input; None when it is to be tried again."""
        if isinstance(error, ProcessExpired):
            self.deaths += 1
            if self.deaths < TRIES:
                return None
            return Refusal(reason=f"extraction crashed: the process ended with {error.exitcode}")
        if isinstance(error, BrokenProcessPool):
            self.breaks += 1
            if self.breaks < TRIES_BROKEN:
                return None
            return Refusal(reason="extraction crashed: the processes cannot be started")
        return Refusal(reason=f"extraction too slow: over {self.timeout_seconds:g} s")


def _initialize(max_child_bytes: int, preload: Sequence[str]) -> None:
    """Limit this child and load what it needs."""
    if (parent := multiprocessing.parent_process()) is not None and parent.pid is not None:
        start_parent_watch(parent.pid)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = max_child_bytes if hard == resource.RLIM_INFINITY else min(max_child_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in preload:
        importlib.import_module(name)


def _guarded(function: Callable[..., Any], args: Sequence[Any], named: dict[str, Any]) -> Any:
    """Return the answer of ``function``, or a refusal in place of an exception."""
    try:
        return function(*args, **named)
    except MemoryError:
        return Refusal(reason="extraction crashed: out of memory")
    except Exception as error:  # one input must never stop the others
        logger.exception("%s failed", getattr(function, "__name__", function))
        return Refusal(reason=f"our bug: {type(error).__name__} in a child process")

"""Wait for a dependency that is away, and tell the watchdog that waiting is progress."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_random_exponential,
)

from dateline.errors import DependencyUnavailable

log = logging.getLogger(__name__)
T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.5  # reliability.md rule 7: full jitter, 0.5 s to the ceiling
# A third of the shortest allowed stages.stall_seconds: a longer pause must not look like a stall.
LONGEST_SILENCE_SECONDS = 10.0


class Progress:
    """When this process last got somewhere; read by the watchdog's thread."""

    def __init__(self) -> None:
        self._last_monotonic = monotonic()

    def touch(self) -> None:
        """Note that work was done, or that a dependency is being waited for."""
        self._last_monotonic = monotonic()

    def idle_seconds(self) -> float:
        """Return the time since the last progress."""
        return monotonic() - self._last_monotonic


async def pause(
    seconds: float,
    touch: Callable[[], None],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Sleep, and say meanwhile that this is no stall."""
    while seconds > 0:
        touch()
        await sleep(min(seconds, LONGEST_SILENCE_SECONDS))
        seconds -= LONGEST_SILENCE_SECONDS


async def wait_out(
    operation: Callable[[], Awaitable[T]],
    *,
    progress: Progress,
    ceiling_seconds: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Return the result of ``operation``, tried again without limit while its dependency is away.

    Only ``DependencyUnavailable`` is retried; ``operation`` must be safe to repeat.
    """

    def tell(state: RetryCallState) -> None:
        progress.touch()
        error = state.outcome.exception() if state.outcome else None
        pause_seconds = state.next_action.sleep if state.next_action else 0.0
        log.warning("try %d: %s; again in %.1f s", state.attempt_number, error, pause_seconds)

    async def patient_sleep(seconds: float) -> None:
        await pause(seconds, progress.touch, sleep=sleep)

    retrying = AsyncRetrying(
        sleep=patient_sleep,
        retry=retry_if_exception_type(DependencyUnavailable),
        wait=wait_random_exponential(multiplier=FIRST_PAUSE_SECONDS, max=ceiling_seconds),
        before_sleep=tell,
        reraise=True,
    )

    async def awaited() -> T:
        # tenacity awaits coroutine functions only: a lambda's coroutine would be dropped unrun.
        return await operation()

    result: T = await retrying(awaited)
    progress.touch()
    return result

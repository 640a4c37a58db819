"""Let one request at a time go to a host, spaced, over all its feeds and pages."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from producers.fetch.fetched import FetchProblem
from producers.fetch.parse_http_url import host_of

# Pauses up to this are waited for; longer ones are the caller's to schedule.
WAITED_PAUSE_SECONDS = 5.0
# Without Retry-After: this, doubled for each further refusal in a row.
FIRST_PAUSE_SECONDS = 30.0
LONGEST_GUESSED_PAUSE_SECONDS = 3600.0
LONGEST_PAUSE_SECONDS = 86_400.0
# How long refusals in a row are remembered after the pause they led to.
REFUSALS_KEPT_SECONDS = 3600.0
SWEEP_EVERY_HOSTS = 1024


@dataclass(slots=True, kw_only=True)
class _Host:
    """``waiting`` holds (priority, order of arrival, future)."""

    delay_seconds: float
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    is_busy: bool = False
    last_start_at: float = float("-inf")
    paused_until: float = float("-inf")
    refusals_in_a_row: int = 0


class HostQueue:
    """The turns of all hosts.

    Within a host the lowest priority number goes first, among equals the first to come. Hosts know
    nothing of each other. For one event loop.

    Args:
        min_delay_seconds: from the start of a request to that of the next; no site's wish for less
            beats it.
        max_delay_seconds: ceiling of what a site may ask for.
        monotonic: seconds; the pace of the event loop's own clock.
    """

    def __init__(
        self,
        *,
        min_delay_seconds: float,
        max_delay_seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._min_delay_seconds = min_delay_seconds
        self._max_delay_seconds = max(max_delay_seconds, min_delay_seconds)
        self._monotonic = monotonic
        self._hosts: dict[str, _Host] = {}
        self._sweep_at_count = SWEEP_EVERY_HOSTS
        self._arrivals = itertools.count()

    @property
    def host_count(self) -> int:
        """Return how many hosts are remembered."""
        return len(self._hosts)

    @asynccontextmanager
    async def turn(
        self, url: str, *, delay_seconds: float | None = None, priority: int = 0
    ) -> AsyncIterator[None]:
        """Wait for this host's next turn and hold it.

        Args:
            url: what will be asked for.
            delay_seconds: the spacing the site asks for, kept for its later turns too; None leaves
                it as it is.
            priority: lower goes first.

        Raises:
            FetchProblem: ``busy``: the host asked for a pause of more than 5 s, before or while
                this turn was waited for; ``url``.
        """
        host = self._host(host_of(url))
        if delay_seconds is not None:
            host.delay_seconds = self._delay(delay_seconds)
        self._refuse_if_paused(host)
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(host.waiting, (priority, next(self._arrivals), granted))
        self._arm(host)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self._leave(host)  # granted and cancelled in the same step
            raise
        try:
            yield
        finally:
            self._leave(host)

    def back_off(self, url: str, seconds: float | None = None) -> float:
        """Note that the host refused (429, 503) and return for how long it is left alone.

        Args:
            url: what was asked for.
            seconds: what its Retry-After says; None: a guess that doubles with each refusal.

        Effects: those who wait for a turn get ``busy`` when the pause is longer than 5 s.
        """
        host = self._host(host_of(url))
        if seconds is None:
            seconds = min(
                FIRST_PAUSE_SECONDS * 2 ** min(host.refusals_in_a_row, 20),
                LONGEST_GUESSED_PAUSE_SECONDS,
            )
        host.refusals_in_a_row += 1
        seconds = min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
        host.paused_until = max(host.paused_until, self._monotonic() + seconds)
        if seconds > WAITED_PAUSE_SECONDS:
            waiting, host.waiting = host.waiting, []
            for _, _, granted in sorted(waiting, key=lambda each: each[:2]):
                if not granted.done():
                    granted.set_exception(_busy(seconds))
        self._arm(host)
        return seconds

    def recovered(self, url: str) -> None:
        """Note that the host answered without refusing."""
        host = self._hosts.get(host_of(url))
        if host is not None:
            host.refusals_in_a_row = 0

    def _host(self, name: str) -> _Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= self._sweep_at_count:
                self._sweep()
            host = self._hosts[name] = _Host(delay_seconds=self._min_delay_seconds)
        return host

    def _delay(self, wanted_seconds: float) -> float:
        return max(self._min_delay_seconds, min(wanted_seconds, self._max_delay_seconds))

    def _refuse_if_paused(self, host: _Host) -> None:
        left_seconds = host.paused_until - self._monotonic()
        if left_seconds > WAITED_PAUSE_SECONDS:
            raise _busy(left_seconds)

    def _arm(self, host: _Host) -> None:
        """Grant the next turn now, or set the timer for it."""
        if host.timer is not None:
            host.timer.cancel()
            host.timer = None
        # Those who gave up stay in the queue until they are at its head.
        while host.waiting and host.waiting[0][2].done():
            heapq.heappop(host.waiting)
        if host.is_busy or not host.waiting:
            return
        due_at = max(host.last_start_at + host.delay_seconds, host.paused_until)
        wait_seconds = due_at - self._monotonic()
        if wait_seconds > 0:
            loop = asyncio.get_running_loop()
            host.timer = loop.call_later(wait_seconds, self._arm, host)
            return
        _, _, granted = heapq.heappop(host.waiting)
        host.is_busy = True
        host.last_start_at = self._monotonic()
        granted.set_result(None)

    def _leave(self, host: _Host) -> None:
        host.is_busy = False
        self._arm(host)

    def _sweep(self) -> None:
        """Forget hosts without waiters, pace or pause to remember."""
        now = self._monotonic()
        self._hosts = {name: host for name, host in self._hosts.items() if _is_live(host, now)}
        # Twice what is left: looking at all of them stays cheap for each new one.
        self._sweep_at_count = max(SWEEP_EVERY_HOSTS, 2 * len(self._hosts))


def _is_live(host: _Host, now: float) -> bool:
    if host.is_busy or any(not granted.done() for _, _, granted in host.waiting):
        return True
    kept_seconds = REFUSALS_KEPT_SECONDS if host.refusals_in_a_row else 0.0
    return now < max(host.last_start_at + host.delay_seconds, host.paused_until + kept_seconds)


def _busy(seconds: float) -> FetchProblem:
    return FetchProblem("busy", "the host asked for a pause", retry_after_seconds=seconds)

"""Do the work of each channel beside that of all others: a slow or dead one delays itself only."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

Work = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class _Lane:
    waiting: deque[tuple[str, Work]] = field(default_factory=deque)
    active_count: int = 0
    paused_until: float = 0.0  # monotonic seconds: a clock that is set does not touch it


class Lanes:
    """Queues of work, one a channel, each with a few workers; nothing waits here for long.

    What a lane refuses, or drops when it stops, is not lost: it is found again when it is due.
    """

    def __init__(
        self,
        *,
        workers: Callable[[str], int],
        max_waiting: int,
        max_active: int,
        on_broken: Callable[[BaseException], None],
    ) -> None:
        self._workers = workers
        self._max_waiting = max_waiting
        self._active = asyncio.Semaphore(max_active)
        self._on_broken = on_broken
        self._lanes: dict[str, _Lane] = {}
        self._keys: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopped = False

    def room(self, channel_id: str) -> int:
        """Return how much more work the lane would take now."""
        lane = self._lanes.get(channel_id) or _Lane()
        if self._is_stopped or lane.paused_until > monotonic():
            return 0
        return self._max_waiting - len(lane.waiting)

    def offer(self, channel_id: str, key: str, work: Work) -> bool:
        """Take the work unless the lane is full or paused, or has work of that key."""
        if key in self._keys or self.room(channel_id) <= 0:
            return False
        self._keys.add(key)
        self._lanes.setdefault(channel_id, _Lane()).waiting.append((key, work))
        self._begin(channel_id)
        return True

    def pause(self, channel_id: str, seconds: float) -> None:
        """Begin nothing more in the lane for so long, and take nothing."""
        lane = self._lanes.setdefault(channel_id, _Lane())
        lane.paused_until = max(lane.paused_until, monotonic() + seconds)
        asyncio.get_running_loop().call_later(seconds, self._begin, channel_id)

    def closed(self) -> frozenset[str]:
        """Return the lanes that take nothing now."""
        return frozenset(each for each in self._lanes if self.room(each) <= 0)

    async def idle(self, timeout_seconds: float | None = None) -> None:
        """Return when nothing is under way, or after the timeout."""
        deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
        while self._tasks:
            left = None if deadline is None else deadline - monotonic()
            if left is not None and left <= 0:
                return
            await asyncio.wait(self._tasks, timeout=left)

    async def stop(self, timeout_seconds: float) -> None:
        """Drop what waits, give what is under way some time, then end it."""
        self._is_stopped = True
        for lane in self._lanes.values():
            lane.waiting.clear()
        await self.idle(timeout_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, channel_id: str) -> None:
        lane = self._lanes.get(channel_id)
        if lane is None or lane.paused_until > monotonic():
            return
        while lane.waiting and lane.active_count < self._workers(channel_id):
            key, work = lane.waiting.popleft()
            lane.active_count += 1
            task = asyncio.create_task(self._run(key, work))
            self._tasks.add(task)
            task.add_done_callback(lambda done: self._ended(channel_id, done))

    async def _run(self, key: str, work: Work) -> None:
        try:
            async with self._active:
                await work()
        finally:
            self._keys.discard(key)

    def _ended(self, channel_id: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        lane = self._lanes[channel_id]
        lane.active_count -= 1
        self._begin(channel_id)
        if not lane.waiting and not lane.active_count and lane.paused_until <= monotonic():
            del self._lanes[channel_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_broken(error)

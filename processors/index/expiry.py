"""Drop hidden texts whose time is over, once an hour, beside the stage's own work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from dateline.errors import DependencyUnavailable
from dateline.search.expire_internal import Expired

log = logging.getLogger(__name__)

# The limit is counted in days; an hour more is within what the policy means.
EVERY_SECONDS = 3600.0


class Expiry:
    """Call ``expire`` at once and then every hour, until it is stopped."""

    def __init__(
        self, expire: Callable[[], Awaitable[Expired]], *, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._expire = expire
        self._every_seconds = every_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; safe to call twice."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def check(self) -> None:
        """Raise what ended the work for good, so that it cannot stop in silence."""
        if self._task is not None and self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """End it, also in the middle: what is dropped stays dropped."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                expired = await self._expire()
            except DependencyUnavailable as error:
                log.warning("index: hidden texts wait for their end: %s", error)
            else:
                if expired.dropped_count:
                    log.info("index: %d hidden texts dropped", expired.dropped_count)
            await asyncio.sleep(self._every_seconds)

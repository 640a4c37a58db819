"""Find what is due, every second: retries, what was held, and what a dead process left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from dateline.alert_records import Channel
from dateline.alerts.deliveries import DeliveryStore
from dateline.clock import Clock
from dateline.errors import DependencyUnavailable
from processors.deliver.channel_health import ChannelHealth
from processors.deliver.courier import Courier
from processors.deliver.lanes import Lanes

log = logging.getLogger(__name__)

# Of a sweep: enough to keep a channel busy until the next one, of more channels than are busy.
MAX_CHANNELS = 200
MAX_DUE_PER_CHANNEL = 100  # the most that Elasticsearch gives of a group
# How soon another process learns that a channel was disabled, or that it was enabled.
REFRESH_SECONDS = 10.0


class Sweep:
    """Offer to the courier what is due, until it is stopped."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        *,
        store: DeliveryStore,
        health: ChannelHealth,
        courier: Courier,
        lanes: Lanes,
        find_channel: Callable[[str], Channel | None],
        clock: Clock,
        every_seconds: float,
        check: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._health = health
        self._courier = courier
        self._lanes = lanes
        self._find_channel = find_channel
        self._clock = clock
        self._every_seconds = every_seconds
        self._check = check
        self._sleep = sleep
        self._refresh_at = 0.0

    async def run(self) -> None:
        """Sweep for ever; raises what ``check`` does."""
        while True:
            self._check()
            try:
                await self.once()
            except DependencyUnavailable as error:
                log.warning("deliver: what is due is not known: %s", error)
            await self._sleep(self._every_seconds)

    async def once(self) -> None:
        """Offer what is due now."""
        now = self._clock.now()
        if monotonic() >= self._refresh_at:
            self._refresh_at = monotonic() + REFRESH_SECONDS
            await self._health.refresh()
        due = await self._store.due(
            now, max_channels=MAX_CHANNELS, per_channel=MAX_DUE_PER_CHANNEL,
            without_channels=self._lanes.closed(),
        )  # fmt: skip
        for stored in due:
            self._courier.offer(stored)
        for channel_id in await self._store.held_channels(now):
            if (channel := self._find_channel(channel_id)) is not None:
                self._courier.offer_bundle(channel)

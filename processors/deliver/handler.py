"""Write a delivery for each alert and channel, and have it sent beside the handler's own work."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from dateline.alert_records import Alert, Channel
from dateline.alerts.deliveries import Delivery, DeliveryStore, new_delivery
from dateline.clock import Clock
from dateline.errors import RecordRejected
from dateline.outcomes import Outcome
from dateline.topic_follower import TopicFollower
from dateline.wire import from_wire
from processors import failpoint
from processors.deliver.channel_health import ChannelHealth
from processors.deliver.courier import Courier, Patiently
from processors.deliver.known_channels import KnownChannels
from processors.deliver.lanes import Lanes
from processors.deliver.sweep import Sweep
from processors.deliver.transitions import as_created
from processors.guard import Incoming, Result

log = logging.getLogger(__name__)

# Part of the stage's deadline to stop; what is not marked by then is sent again under its id.
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverParts:
    """What the handler puts to work; ``close`` closes what they opened."""

    store: DeliveryStore
    health: ChannelHealth
    courier: Courier
    lanes: Lanes
    sweep: Sweep
    channels: KnownChannels
    follower: TopicFollower
    clock: Clock
    patiently: Patiently
    close: Callable[[], Awaitable[None]]
    on_broken: Callable[[BaseException], None]


class DeliverHandler:
    """Create deliveries; nothing is sent while a batch is handled, so no channel holds it up."""

    def __init__(self, parts: DeliverParts) -> None:
        self._parts = parts
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learn the channels and begin to look for what is due."""
        parts = self._parts
        await parts.patiently(parts.follower.start)
        await parts.patiently(parts.health.refresh)
        self._sweeping = asyncio.create_task(parts.sweep.run())
        self._sweeping.add_done_callback(self._ended)
        log.info("deliver: %d channels", parts.channels.count())

    async def stop(self) -> None:
        """End what is under way; what was not sent is found again."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        await self._parts.lanes.stop(STOP_SECONDS)
        await self._parts.follower.stop()
        await self._parts.close()

    def partitions_changed(self) -> None:
        """Do nothing: what another process has in hand is in the deliveries."""

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record when every delivery is written; safe to repeat."""
        read = [_read(record) for record in records]
        alerts = [each for each in read if isinstance(each, Alert) and each.channel_id]
        written = iter(await self._write(alerts))
        failpoint.hit("deliver.after_create")
        return [
            each
            if isinstance(each, RecordRejected)
            else next(written) if each.channel_id else Outcome.PASSED
            for each in read
        ]  # fmt: skip

    async def _write(self, alerts: Sequence[Alert]) -> list[Outcome]:
        taken: Counter[str] = Counter()
        deliveries = [self._new(alert, taken) for alert in alerts]
        created = await self._parts.store.create(deliveries)
        for stored in created:
            if stored is not None and stored.record.lease_owner:
                self._parts.courier.offer(stored, is_fresh=True)
        return [Outcome.DUPLICATE if stored is None else Outcome.PASSED for stored in created]

    def _new(self, alert: Alert, taken: Counter[str]) -> Delivery:
        """Return a delivery as it is first written: ours, if it can be sent at once."""
        parts, now = self._parts, self._parts.clock.now()
        channel = self._channel(alert.channel_id)
        state = parts.health.state(alert.channel_id, channel)
        delivery = as_created(new_delivery(alert, now), channel, state, now)
        has_room = parts.lanes.room(alert.channel_id) > taken[alert.channel_id]
        if delivery.status != "waiting" or not has_room:
            return delivery
        taken[alert.channel_id] += 1
        return parts.courier.leased(delivery)

    def _channel(self, channel_id: str) -> Channel | None:
        return self._parts.channels.told(channel_id)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._parts.on_broken(error)


def _read(record: Incoming) -> Alert | RecordRejected:
    try:
        return from_wire(record.payload, Alert)
    except RecordRejected as error:
        return error

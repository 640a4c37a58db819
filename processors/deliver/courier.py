"""Take one delivery as far as it gets now: held, sent, tried again later, or settled.

The order is what keeps the promise: leased with its message id, sent, marked. A crash before the
mark sends the message again under the same id; nothing else does.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from dateline.alert_records import Channel
from dateline.alerts.deliveries import Delivery, DeliveryStore
from dateline.alerts.guarded_records import Stored
from dateline.channels.message import Message, Sent, retry
from dateline.clock import Clock
from processors import failpoint
from processors.deliver.bundles import form_bundle, settle_bundle
from processors.deliver.channel_health import ChannelHealth, pause_seconds
from processors.deliver.lanes import Lanes
from processors.deliver.prepare import NotSent, NotYet, Preparer, Ready
from processors.deliver.schedule import after_quiet, hold, hold_for_hour
from processors.deliver.transitions import (
    after_bug,
    after_sent,
    alone,
    held,
    leased,
    parked,
    postponed,
    settled,
)

log = logging.getLogger(__name__)
T = TypeVar("T")


class Sender(Protocol):
    """What sends a message to a channel of any kind, and never raises for what a receiver does."""

    async def send(self, channel: Channel, message: Message) -> Sent:
        """Return what came of one try."""
        ...


class Patiently(Protocol):
    """Run an operation again and again while a server is away."""

    async def __call__(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Return its result."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierOptions:
    """Who this process is, how long it may hold a delivery, and when failures are repeated."""

    owner: str
    lease_seconds: float
    schedule: tuple[float, ...]


class Courier:
    """Work on single deliveries; many at once."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        *,
        store: DeliveryStore,
        health: ChannelHealth,
        preparer: Preparer,
        sender: Sender,
        lanes: Lanes,
        find_channel: Callable[[str], Channel | None],
        clock: Clock,
        patiently: Patiently,
        options: CourierOptions,
    ) -> None:
        self._store = store
        self._health = health
        self._preparer = preparer
        self._sender = sender
        self._lanes = lanes
        self._find_channel = find_channel
        self._clock = clock
        self._patiently = patiently
        self._options = options

    def leased(self, delivery: Delivery) -> Delivery:
        """Return the delivery in the hands of this process."""
        until = self._clock.now() + timedelta(seconds=self._options.lease_seconds)
        return leased(delivery, self._options.owner, until)

    def offer(self, stored: Stored[Delivery], *, is_fresh: bool = False) -> bool:
        """Have the delivery worked on; False: not now.

        ``is_fresh``: this process has just made it, and nobody has tried to send it.
        """
        delivery = stored.record

        async def work() -> None:
            await self.attempt(stored, is_fresh=is_fresh)

        return self._lanes.offer(delivery.channel_id, delivery.delivery_id, work)

    def offer_bundle(self, channel: Channel) -> bool:
        """Have what is due of the channel told as a bundle, unless it may not be told now."""
        now = self._clock.now()
        if not self._health.is_open(channel) or after_quiet(channel, now) > now:
            return False

        async def work() -> None:
            bundle = await self._patiently(
                lambda: form_bundle(self._store, channel.channel_id, now, lease=self.leased)
            )
            if bundle is not None:
                await self._patiently(lambda: self._health.has_slot(channel, now, is_forced=True))
                await self.attempt(bundle)

        return self._lanes.offer(channel.channel_id, f"bundle {channel.channel_id}", work)

    async def attempt(self, stored: Stored[Delivery], *, is_fresh: bool = False) -> None:
        """Take the delivery as far as it gets now."""
        channel = self._find_channel(stored.record.channel_id)
        put_off = await self._put_off(stored.record, channel, is_fresh=is_fresh)
        if put_off is not None or channel is None:
            await self._save(stored, put_off or parked(stored.record, None))
            return
        claimed = await self._claimed(stored)
        if claimed is None:
            return
        try:
            outcome = await self._tried(claimed.record, channel)
        except Exception as error:  # noqa: BLE001 (rendering and sending: one bad alert must not
            # end the stage, nor hold up others)
            await self._our_bug(claimed, error)
            return
        if outcome is not None:
            await self._finished(claimed, outcome, channel)

    async def _put_off(
        self, delivery: Delivery, channel: Channel | None, *, is_fresh: bool
    ) -> Delivery | None:
        """Return the delivery as it waits; None: it goes out now."""
        now = self._clock.now()
        if channel is None or not self._health.is_open(channel):
            # Nobody has sent what is fresh: it may become part of another message.
            return parked(replace(delivery, message_id="") if is_fresh else delivery, channel)
        if delivery.message_id and not is_fresh:
            # Somebody may have sent it under its id: it must not become part of another message.
            until = after_quiet(channel, now)
            return postponed(delivery, until) if until > now else None
        how = hold(channel, now)
        if how is None and not await self._patiently(lambda: self._health.has_slot(channel, now)):
            how = hold_for_hour(channel, now)
        return held(delivery, how) if how else None

    async def _claimed(self, stored: Stored[Delivery]) -> Stored[Delivery] | None:
        """Return the delivery as ours for long enough; None: another process has it."""
        delivery: Stored[Delivery] | None = stored
        if not self._is_ours(stored.record):
            delivery = await self._save(stored, self.leased(stored.record))
        if delivery is not None and delivery.record.status == "forming":
            forming = delivery
            return await self._patiently(lambda: settle_bundle(self._store, forming))
        return delivery

    def _is_ours(self, delivery: Delivery) -> bool:
        enough = self._clock.now() + timedelta(seconds=self._options.lease_seconds / 2)
        return (
            delivery.lease_owner == self._options.owner
            and delivery.lease_until is not None
            and delivery.lease_until > enough
        )

    async def _tried(
        self, delivery: Delivery, channel: Channel
    ) -> tuple[Delivery, Sent] | NotSent | NotYet | None:
        now = self._clock.now()
        prepared = await self._patiently(lambda: self._preparer.prepare(delivery, channel, now))
        if not isinstance(prepared, Ready):
            return prepared
        failpoint.hit("deliver.before_send")
        sent = await self._sent(delivery, channel, prepared.message)
        failpoint.hit("deliver.after_send")
        return None if sent is None else (replace(delivery, note=prepared.note), sent)

    async def _sent(self, delivery: Delivery, channel: Channel, message: Message) -> Sent | None:
        """Return what came of sending while the delivery is ours; None: it is no more."""
        left = (delivery.lease_until or self._clock.now()) - self._clock.now()
        if left <= timedelta(0):
            return None  # Elasticsearch was away for long: by now another process may have it
        try:
            async with asyncio.timeout(left.total_seconds()):
                return await self._sender.send(channel, message)
        except TimeoutError:
            return retry("it took longer than deliver.lease_seconds")

    async def _finished(
        self,
        claimed: Stored[Delivery],
        outcome: tuple[Delivery, Sent] | NotSent | NotYet,
        channel: Channel,
    ) -> None:
        if isinstance(outcome, NotSent):
            await self._save(claimed, settled(claimed.record, outcome.status))
        elif isinstance(outcome, NotYet):
            await self._save(claimed, postponed(claimed.record, outcome.until))
        else:
            await self._mark(claimed, *outcome, channel)

    async def _mark(
        self, claimed: Stored[Delivery], delivery: Delivery, sent: Sent, channel: Channel
    ) -> None:
        now = self._clock.now()
        jitter = random.random()  # noqa: S311 (jitter, no secret)
        marked = after_sent(delivery, sent, now, schedule=self._options.schedule, jitter=jitter)
        await self._save(claimed, marked)
        failpoint.hit("deliver.after_mark")
        if sent.outcome == "delivered":
            await self._patiently(lambda: self._health.succeeded(channel))
            return
        _tell(marked, sent)
        state = await self._patiently(lambda: self._health.failed(channel, sent, now))
        pause = pause_seconds(sent, state.failures_in_a_row, self._options.schedule)
        if pause:
            self._lanes.pause(channel.channel_id, pause)

    async def _our_bug(self, claimed: Stored[Delivery], error: Exception) -> None:
        # The kind alone goes into the record: the words of an unforeseen error may hold anything.
        log.error("deliver: our bug with delivery %s", claimed.record.delivery_id, exc_info=error)
        now = self._clock.now()
        marked = after_bug(claimed.record, type(error).__name__, now)
        if marked.status == "failed":
            log.critical(
                "ALARM deliver: our bug, delivery %s is given up: %s",
                marked.delivery_id, type(error).__name__,
            )  # fmt: skip
            if marked.is_bundle:
                await self._patiently(lambda: self._dissolve(marked, now))
        await self._save(claimed, marked)

    async def _dissolve(self, bundle: Delivery, now: datetime) -> None:
        """Have the members told one by one: the one that we cannot tell hurts no other."""
        for member in await self._preparer.members(bundle):
            await self._store.save(member, alone(member.record, now))

    async def _save(self, base: Stored[Delivery], delivery: Delivery) -> Stored[Delivery] | None:
        saved = await self._patiently(lambda: self._store.save(base, delivery))
        if saved is None:
            log.info("deliver: delivery %s is in other hands", delivery.delivery_id)
        return saved


def _tell(delivery: Delivery, sent: Sent) -> None:
    log.warning(
        "deliver: %s to channel %s: %s (%s), attempt %d, %s",
        delivery.delivery_id, delivery.channel_id, sent.outcome, sent.error or sent.status_code,
        delivery.attempts, delivery.next_attempt_at or delivery.status,
    )  # fmt: skip

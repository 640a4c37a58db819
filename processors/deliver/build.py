"""Put the deliver stage together from its settings."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from elasticsearch import AsyncElasticsearch

from dateline.alerts.channel_states import ChannelStates
from dateline.alerts.deliveries import DeliveryStore
from dateline.alerts.ledger import Ledger
from dateline.clock import Clock
from dateline.search.templates import ArticlesIndex
from dateline.settings import Settings
from dateline.watch_topic import follow_watches
from processors.deliver.channel_health import ChannelHealth
from processors.deliver.courier import Courier, CourierOptions, Patiently, Sender
from processors.deliver.current_article import CurrentArticle, read_articles
from processors.deliver.handler import DeliverHandler, DeliverParts
from processors.deliver.known_channels import KnownChannels
from processors.deliver.lanes import Lanes
from processors.deliver.prepare import Preparer
from processors.deliver.sweep import Sweep
from processors.waiting import Progress, wait_out

T = TypeVar("T")
# A channel with more waiting gets it by and by: what is not here is found when it is due.
MAX_WAITING_PER_CHANNEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the stage talks to; it is closed with the stage."""

    client: AsyncElasticsearch
    index: ArticlesIndex
    sender: Sender
    close_sender: Callable[[], Awaitable[None]]
    bootstrap_servers: str
    watch_topic: str


def build_handler(
    outside: Outside,
    settings: Settings,
    *,
    progress: Progress,
    clock: Clock,
    on_broken: Callable[[BaseException], None],
) -> DeliverHandler:
    """Return the handler of the stage.

    Args:
        outside: what it talks to.
        settings: of the process.
        progress: of the stage, for the watchdog.
        clock: what time it is.
        on_broken: called when work beside the handler ends for good.
    """
    client, index = outside.client, outside.index
    patiently = _patiently(progress, settings.stages.retry_ceiling_seconds)
    store = DeliveryStore(client, index.deliveries)
    health = ChannelHealth(ChannelStates(client, index.channel_states), store)
    channels = KnownChannels()

    def workers(channel_id: str) -> int:
        channel = channels.find(channel_id)
        # All channels of Apprise share a few processes: one that hangs takes one of them.
        is_alone = channel is not None and channel.kind == "apprise"
        return 1 if is_alone else settings.deliver.sends_per_channel

    lanes = Lanes(
        workers=workers,
        max_waiting=MAX_WAITING_PER_CHANNEL,
        max_active=settings.deliver.max_sends,
        on_broken=on_broken,
    )

    async def articles(wanted: Sequence[tuple[str, datetime]]) -> Mapping[str, CurrentArticle]:
        return await read_articles(client, index, wanted)

    courier = Courier(
        store=store,
        health=health,
        preparer=Preparer(
            store, Ledger(client, index.alerts), articles, public_url=settings.channels.public_url
        ),
        sender=outside.sender,
        lanes=lanes,
        find_channel=channels.find,
        clock=clock,
        patiently=patiently,
        options=CourierOptions(
            owner=f"{os.getpid()}-{secrets.token_hex(8)}",
            lease_seconds=settings.deliver.lease_seconds,
            schedule=tuple(float(each) for each in settings.deliver.retry_seconds.split(",")),
        ),
    )

    follower = follow_watches(
        outside.bootstrap_servers,
        outside.watch_topic,
        on_change=channels.apply,
        on_progress=progress.touch,
    )
    sweep = Sweep(
        store=store, health=health, courier=courier, lanes=lanes, find_channel=channels.find,
        clock=clock, every_seconds=settings.deliver.sweep_seconds, check=follower.check,
    )  # fmt: skip

    async def close() -> None:
        await outside.close_sender()
        await client.close()

    return DeliverHandler(
        DeliverParts(
            store=store,
            health=health,
            courier=courier,
            lanes=lanes,
            sweep=sweep,
            channels=channels,
            follower=follower,
            clock=clock,
            patiently=patiently,
            close=close,
            on_broken=on_broken,
        )
    )  # fmt: skip


def _patiently(progress: Progress, ceiling_seconds: float) -> Patiently:
    async def patiently(operation: Callable[[], Awaitable[T]]) -> T:
        return await wait_out(operation, progress=progress, ceiling_seconds=ceiling_seconds)

    return patiently

"""The deliver stage without Kafka: real Elasticsearch, a clock and receiver that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from alert_samples import NOW, entry
from elasticsearch import AsyncElasticsearch, NotFoundError
from sample_records import at, kill_notice

from dateline.alert_records import Alert, Channel
from dateline.alerts.deliveries import Delivery
from dateline.alerts.ledger import Ledger
from dateline.channels.message import Message, Sent
from dateline.clock import FixedClock
from dateline.endpoints import async_search_client
from dateline.ids import delivery_id
from dateline.outcomes import Outcome
from dateline.records import GroupedArticle, SearchDocument
from dateline.rights.record import DisplayTier
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.watches.watchlist import WatchChange
from dateline.wire import to_wire
from processors.deliver.build import Outside, build_handler
from processors.guard import Incoming, Result
from processors.index.build_document import build_document
from processors.waiting import Progress

T = TypeVar("T")
TAKEN = Sent(outcome="delivered", status_code=200)
FAILED = Sent(outcome="retry", status_code=500, error="answers 500")
Answer = Callable[[Channel, Message], Awaitable[Sent]]


class Receiver:
    """Takes messages, or does what the test says; remembers those that it took."""

    def __init__(self) -> None:
        self.tried: list[Message] = []
        self.taken: list[Message] = []
        self.answers: list[Sent] = []
        self.answer: Answer | None = None

    async def send(self, channel: Channel, message: Message) -> Sent:
        self.tried.append(message)
        if self.answer:
            sent = await self.answer(channel, message)
        else:
            sent = self.answers.pop(0) if self.answers else TAKEN
        if sent.outcome == "delivered":
            self.taken.append(message)
        return sent

    @property
    def ids(self) -> list[str]:
        return [each.message_id for each in self.taken]


class Desk:
    """One worker of the stage."""

    def __init__(
        self, client: AsyncElasticsearch, settings: Settings, clock: FixedClock, receiver: Receiver
    ) -> None:
        self.client = client
        self.settings = settings
        self.clock = clock
        self.receiver = receiver
        self.index = articles_index(settings)
        self.broken: list[BaseException] = []
        outside = Outside(
            client=client, index=self.index, sender=receiver, close_sender=_nothing,
            bootstrap_servers=settings.kafka.bootstrap_servers, watch_topic="not read here",
        )  # fmt: skip
        self.handler = build_handler(
            outside, settings, progress=Progress(), clock=clock, on_broken=self.broken.append
        )
        self._parts = self.handler._parts
        self.store = self._parts.store

    def other(self) -> Desk:
        """Return another worker that knows the same channels."""
        desk = Desk(self.client, self.settings, self.clock, self.receiver)
        for channel in self._parts.channels._watchlist.channels.values():
            desk.know(channel)
        return desk

    def know(self, *channels: Channel) -> None:
        for each in channels:
            self._parts.channels.apply(WatchChange(key=f"channel:{each.channel_id}", record=each))

    async def tell(
        self, *alerts: Alert, in_ledger: bool = True, display: DisplayTier = "full"
    ) -> Sequence[Result]:
        """Have alerts written to the ledger and read by the stage; return when it is at rest."""
        if in_ledger:
            ledger = Ledger(self.client, self.index.alerts)
            await ledger.create([entry(each, display=display) for each in alerts])
        results = await self.handler.handle(
            [
                Incoming(topic="t", partition=0, offset=n, key=b"desk", payload=to_wire(each))
                for n, each in enumerate(alerts)
            ]
        )
        await self.rest()
        return results

    async def rest(self) -> None:
        await self._parts.lanes.idle(20)
        assert self.broken == []

    async def sweep(self, *, times: int = 3) -> None:
        """Look for what is due, so often that a bundle is formed, settled and sent."""
        for _ in range(times):
            with suppress_missing():
                await self.client.indices.refresh(index=self.index.deliveries.alias)
                await self.client.indices.refresh(index=self.index.channel_states.alias)
            await self._parts.sweep.once()
            await self.rest()

    async def pass_time(self, **duration: float) -> None:
        self.clock.advance(seconds=timedelta(**duration).total_seconds())
        await self.sweep()

    def lane_is_closed(self, channel_id: str) -> bool:
        return channel_id in self._parts.lanes.closed()

    async def delivery(self, alert: Alert) -> Delivery:
        found = await self.store.get([id_of(alert)])
        return found[id_of(alert)].record

    async def status(self, alert: Alert) -> str:
        return (await self.delivery(alert)).status

    async def kill(self, alert: Alert) -> None:
        notice = kill_notice()
        await self.index_documents(
            build_document(
                GroupedArticle(
                    article_id=alert.article_id, source_id="wire.example", revision=9,
                    change="kill", first_seen_at=NOW, observed_at=at(1), origin="live",
                    pub_status="canceled", story_id="s", versions=(),
                    kill=replace(notice, article_id=alert.article_id),
                )
            )
        )  # fmt: skip

    async def index_documents(self, *documents: SearchDocument) -> None:
        writer = IndexWriter(
            self.client, self.index, max_bulk_bytes=1_000_000, retry_ceiling_seconds=1.0,
            on_wait=lambda: None,
        )  # fmt: skip
        results = await writer.write(documents)
        assert set(results) <= {Outcome.INDEXED}, results


def suppress_missing() -> Any:
    """Return a block in which an index that was not made yet is no error."""
    return suppress(NotFoundError)


def id_of(alert: Alert) -> str:
    return delivery_id(alert.alert_id, alert.channel_id)


async def _nothing() -> None:
    pass


def on_desk(
    settings: Settings, work: Callable[[Desk], Awaitable[T]], *, now: datetime = NOW
) -> T:  # fmt: skip
    """Return what ``work`` does with a desk; a test that hangs fails after a minute."""

    async def main() -> T:
        client = async_search_client(settings)
        desk = Desk(client, settings, FixedClock(now), Receiver())
        try:
            return await asyncio.wait_for(work(desk), 60)
        finally:
            await desk._parts.lanes.stop(0)
            await client.close()

    return asyncio.run(main())

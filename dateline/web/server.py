"""Serve the application on one port, and end every stream when told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from dateline.alert_records import Watch
from dateline.alerts.deliveries import DeliveryStore
from dateline.alerts.ledger import Ledger
from dateline.clock import SystemClock
from dateline.endpoints import async_search_client, kafka_bootstrap, search_client
from dateline.search.templates import articles_index
from dateline.search.watch_queries import Estimate, estimate_per_day
from dateline.settings import Settings
from dateline.topics import load_topics
from dateline.watch_topic import follow_watches, send_records
from dateline.watches.query_tree import Query
from dateline.web.alert_follower import follow_alerts
from dateline.web.alert_hub import AlertHub
from dateline.web.alert_stream import AlertTeller
from dateline.web.app import build_app
from dateline.web.bind import open_listener, own_hosts, web_url
from dateline.web.rooms import BodyLimits, Rooms
from dateline.web.search_desk import SearchDesk
from dateline.web.watch_desk import WatchDesk

BODY_SECONDS = 10.0
KEEPALIVE_SECONDS = 20
STOP_SECONDS = 3
# Connections beside those of the streams.
MAX_OTHER_CONNECTIONS = 100
# How often it is looked whether the topics are still followed.
CHECK_SECONDS = 1.0

log = logging.getLogger(__name__)


async def run_web(settings: Settings, *, stop: asyncio.Event, tell: Callable[[str], None]) -> None:
    """Serve until ``stop``; ``tell`` gets the address.

    Raises:
        ConfigError: the address may not or cannot be listened on.
        DependencyUnavailable: a server does not answer at the start.
        InvariantBroken: a topic is not followed any more.
    """
    async with open_web(settings) as served:
        tell(f"Search and alerts are at {served.url}")
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), CHECK_SECONDS)
            served.check()


class Served:
    """A running server: its address, and whether all behind it runs."""

    def __init__(self, url: str, check: Callable[[], None]) -> None:
        self.url = url
        self.check = check


@asynccontextmanager
async def open_web(settings: Settings) -> AsyncIterator[Served]:
    """Serve to the end of the block.

    Raises:
        ConfigError: the address may not or cannot be listened on.
        DependencyUnavailable: a server does not answer.
    """
    index = articles_index(settings)
    topics = load_topics(settings)
    servers = kafka_bootstrap(settings)
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(open_listener(settings.web))
        client = async_search_client(settings)
        stack.push_async_callback(client.close)
        asked = stack.enter_context(search_client(settings))
        ledger = Ledger(client, index.alerts)
        hub = AlertHub(max_readers=settings.web.max_readers)
        teller = AlertTeller(hub, ledger)
        desk = _desk(settings)
        watches = follow_watches(servers, topics["watch"].name, on_change=desk.apply)
        alerts = follow_alerts(servers, topics["alert"].name, take=teller.take)
        stack.push_async_callback(watches.stop)
        await watches.start()
        stack.push_async_callback(alerts.stop)
        await alerts.start()
        rooms = Rooms(
            desk=desk,
            search=SearchDesk(asked, index, clock=SystemClock()),
            ledger=ledger,
            deliveries=DeliveryStore(client, index.deliveries),
            teller=teller,
            clock=SystemClock(),
            body_limits=BodyLimits(
                max_bytes=settings.web.max_body_bytes, timeout_seconds=BODY_SECONDS
            ),
            heartbeat_seconds=settings.web.heartbeat_seconds,
        )
        app = build_app(rooms, hosts=own_hosts(settings.web.bind))
        most = settings.web.max_readers + MAX_OTHER_CONNECTIONS
        await stack.enter_async_context(_serving(app, listener, max_connections=most))
        stack.callback(hub.close)

        def check() -> None:
            watches.check()
            alerts.check()

        host, port = listener.getsockname()[:2]
        yield Served(web_url(host, port), check)


class _Server(uvicorn.Server):
    """A server that leaves signals to the command that runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _serving(
    app: ASGIApp, listener: socket.socket, *, max_connections: int
) -> AsyncIterator[None]:
    server = _Server(
        uvicorn.Config(
            app, lifespan="off", log_config=None, access_log=False, server_header=False,
            proxy_headers=False, ws="none", http="h11", limit_concurrency=max_connections,
            timeout_keep_alive=KEEPALIVE_SECONDS, timeout_graceful_shutdown=STOP_SECONDS,
        )
    )  # fmt: skip
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


def _desk(settings: Settings) -> WatchDesk:
    async def send(watch: Watch) -> None:
        await asyncio.to_thread(send_records, settings, [watch])

    return WatchDesk(
        send=send,
        estimate=_estimator(settings),
        max_matches_per_day=settings.alerts.max_matches_per_day,
        clock=SystemClock(),
    )


def _estimator(settings: Settings) -> Callable[[Query], Awaitable[Estimate]]:
    index = articles_index(settings)

    def ask(query: Query) -> Estimate:
        with search_client(settings) as client:
            return estimate_per_day(client, index, query)

    async def estimate(query: Query) -> Estimate:
        return await asyncio.to_thread(ask, query)

    return estimate

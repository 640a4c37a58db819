"""Run everything that brings articles in by itself: polls, rechecks, pushes, hubs, embargoes."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web

from dateline.clock import Clock, SystemClock
from dateline.errors import DependencyUnavailable
from dateline.settings import PROJECT_DIR, Settings
from producers.article_writer import read_cluster
from producers.build_record import IngestOptions
from producers.extract.extract_page import PRELOAD
from producers.extract.pool import ExtractPool
from producers.feeds.document_store import DocumentStore
from producers.feeds.feed_state import FeedState, feeds_state_path
from producers.feeds.poll_tools import PollTools
from producers.feeds.poller import Poller
from producers.feeds.schedule import PollLimits
from producers.fetch.fetcher import Fetcher, open_fetcher
from producers.fetch.fetcher_options import fetcher_options
from producers.fetch.host_rights import HostRights
from producers.fetch.robots_store import RobotsStore
from producers.ingest import Event, Ingest
from producers.push.accept_articles import IntakeAccept
from producers.push.api_keys import parse_api_keys
from producers.push.intake import Intake, IntakeOptions
from producers.push.push_app import PushOptions, create_push_app
from producers.push.push_server import open_push_server
from producers.push.websub_app import WebSubOptions, create_websub_app
from producers.push.websub_client import WebSubClient
from producers.push.websub_state import SubscriptionStore
from producers.session import open_ingest
from producers.source_lock import SourceLocks

KAFKA_RETRY_SECONDS = 2.0
HUBS_SECONDS = 30.0
# What a parsing process loads before its first document, outside of its time limit.
PARSERS = (*PRELOAD, "producers.parse_feed")


async def run_feeds(
    settings: Settings,
    *,
    stop: asyncio.Event,
    tell: Callable[[str], None],
    clock: Clock | None = None,
) -> None:
    """Work until ``stop``; Kafka away at the start is waited for.

    Args:
        settings: where Kafka, the state and the source list are, and all limits.
        stop: set it to end; what is in flight is settled first.
        tell: gets one line for people whenever something happens that is not routine.
        clock: the time of observation.

    Raises:
        SourceBusy: another process polls the same list.
        ConfigError: the source list, a setting, a topic or the state cannot be used.
        InvariantBroken: our own bug.
    """
    fetch_options = fetcher_options(settings)
    push_options = _push_options(settings)
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        locks = stack.enter_context(SourceLocks(settings.state_dir))
        locks.acquire(settings.feeds.sources_file, purpose="poll")
        intake = await _started_intake(settings, clock, stop, tell)
        if intake is None:
            return
        stack.push_async_exit(intake)
        cluster_id = (await asyncio.to_thread(read_cluster, settings)).cluster_id
        pool = _pool(settings)
        stack.push_async_callback(asyncio.to_thread, pool.close)  # ending children takes a moment
        state_path = feeds_state_path(settings, cluster_id)
        robots_store = stack.enter_context(
            RobotsStore(settings.state_dir / "robots.sqlite", now=clock.now())
        )
        fetcher = await stack.enter_async_context(
            open_fetcher(fetch_options, clock=clock, robots_store=robots_store)
        )
        tools = PollTools(
            fetcher=fetcher,
            pool=pool,
            intake=intake,
            state=stack.enter_context(FeedState(state_path)),
            documents=stack.enter_context(
                DocumentStore(state_path.with_suffix(".documents.sqlite"))
            ),
            host_rights=_host_rights(settings, fetcher, clock, stack),
            clock=clock,
            tell=tell,
            max_items_per_poll=settings.feeds.max_items_per_poll,
            start_spread_seconds=settings.feeds.start_spread_seconds,
            limits=PollLimits(
                min_seconds=settings.feeds.min_interval_seconds,
                max_seconds=settings.feeds.max_interval_seconds,
            ),
        )
        poller = Poller(
            PROJECT_DIR / settings.feeds.sources_file,
            tools,
            concurrency=settings.feeds.concurrency,
        )
        works = [poller.run(stop), intake.join()]
        app = web.Application()
        if push_options is not None:
            accept = IntakeAccept(
                intake,
                max_line_bytes=settings.producer.max_file_bytes,
                max_articles=settings.push.max_lines,
                known_files=tools.host_rights.known_files if tools.host_rights else None,
            )
            app = create_push_app(push_options, accept)
        if settings.push.public_url:
            store = stack.enter_context(
                SubscriptionStore(tools.state.path.with_suffix(".websub.sqlite"))
            )
            client = WebSubClient(
                tools.fetcher.http, store, public_url=settings.push.public_url, clock=clock
            )
            app.add_subapp(
                "/websub/",
                create_websub_app(
                    store=store,
                    clock=clock,
                    options=WebSubOptions(max_body_bytes=settings.fetch.max_body_bytes),
                    on_content=poller.deliver,
                    on_hint=poller.poll_soon,
                ),
            )
            works.append(_keep_subscribed(poller, client))
        if push_options is not None or settings.push.public_url:
            path = "/articles" if push_options is not None else "/websub"
            await stack.enter_async_context(_served(app, settings, tell, path))
        await _until_any_ends(*works)


async def _keep_subscribed(poller: Poller, client: WebSubClient) -> None:
    """Subscribe at the hubs that feeds name, and renew what runs out."""
    while True:
        for feed_id, topic, hub in poller.hubs():
            await client.subscribe(feed_id, topic, hub)
        await client.renew_due()
        await asyncio.sleep(HUBS_SECONDS)


async def _started_intake(
    settings: Settings, clock: Clock, stop: asyncio.Event, tell: Callable[[str], None]
) -> Intake | None:
    """Return the intake, open; None when it was told to stop before Kafka answered."""

    @contextmanager
    def open_session(
        route: Callable[[Event], None], stop_intake: threading.Event
    ) -> Iterator[Ingest]:
        with (
            SourceLocks(settings.state_dir) as locks,
            open_ingest(
                settings,
                options=IngestOptions(),
                locks=locks,
                tell=route,
                stop=stop_intake,
                clock=clock,
            ) as ingest,
        ):
            yield ingest

    def on_event(event: Event) -> None:
        if event.kind == "notice":
            tell(event.reason)

    while not stop.is_set():
        intake = Intake(
            open_session,
            options=IntakeOptions(busy_seconds=settings.push.busy_seconds),
            tell=on_event,
        )
        try:
            await intake.start()
        except DependencyUnavailable as error:
            tell(f"waiting for Kafka: {error.message}")
            with_timeout = asyncio.wait_for(stop.wait(), KAFKA_RETRY_SECONDS)
            try:
                await with_timeout
            except TimeoutError:
                continue
        else:
            return intake
    return None


async def _until_any_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Run until one of them ends, and raise what it ended with."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _host_rights(
    settings: Settings, fetcher: Fetcher, clock: Clock, stack: AsyncExitStack
) -> HostRights | None:
    """Return what asks sites for their rights files, None where the settings forbid it."""
    if not settings.fetch.host_rights:
        return None
    store = RobotsStore(settings.state_dir / "host_rights.sqlite", now=clock.now())
    return HostRights(fetcher, clock=clock, store=stack.enter_context(store))


def _push_options(settings: Settings) -> PushOptions | None:
    """Return who may push, None when nobody may: the endpoint is then not opened."""
    push = settings.push
    keys = parse_api_keys(push.api_keys)
    if not keys and not push.allow_anonymous:
        return None
    return PushOptions(
        keys=keys,
        bind=push.bind,
        is_anonymous_allowed=push.allow_anonymous,
        max_body_bytes=push.max_body_bytes,
        max_lines=push.max_lines,
        busy_seconds=push.busy_seconds,
    )


def _pool(settings: Settings) -> ExtractPool:
    return ExtractPool(
        processes=settings.feeds.processes or os.cpu_count() or 1,
        timeout_seconds=settings.feeds.parse_timeout_seconds,
        max_tasks_per_process=settings.feeds.max_tasks_per_process,
        preload=PARSERS,
    )


@asynccontextmanager
async def _served(
    app: web.Application, settings: Settings, tell: Callable[[str], None], path: str
) -> AsyncIterator[int]:
    bind = settings.push.bind
    async with open_push_server(app, bind=bind, port=settings.push.port) as port:
        tell(f"taking articles at http://{bind}:{port}{path}")
        yield port

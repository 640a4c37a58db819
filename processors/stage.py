"""Run one stage as a Faust app in the shape that loses nothing (reliability.md section 1).

Bytes in, ``noack_take``, one actor, acknowledgements by hand in offset order, no exception out of
the agent. Each stage is an app of its own: one app is one consumer group.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from dateline.clock import SystemClock
from dateline.endpoints import kafka_bootstrap
from dateline.errors import ConfigError, InvariantBroken
from dateline.settings import Settings
from dateline.topics import load_topics
from processors import failpoint
from processors.guard import Guard, Handler, Incoming
from processors.kafka_out import RecordWriter
from processors.waiting import Progress
from processors.watchdog import start_watchdog

log = logging.getLogger(__name__)

REPORT_EVERY_SECONDS = 10.0
EXIT_BUG = 70  # EX_SOFTWARE: the supervisor shows it and starts the stage again


class StageHandler(Handler, Protocol):
    """A handler with what it opens and closes."""

    async def start(self) -> None:
        """Open what the handler needs; called once, before the first batch."""
        ...

    async def stop(self) -> None:
        """Close it."""
        ...

    def partitions_changed(self) -> None:
        """Note that partitions were assigned or revoked; called from the app's loop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StageContext:
    """What a handler is built from."""

    settings: Settings
    bootstrap_servers: str
    writer: RecordWriter
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage by name: the topic it reads, how its handler is built, and how much it takes."""

    name: str
    reads: str
    build: Callable[[StageContext], StageHandler]
    take_max_records: Callable[[Settings], int] = lambda settings: settings.stages.take_max_records


class _ReadCommittedThread(AIOKafkaConsumerThread):
    """Read what is committed only: the stories stage writes in transactions."""

    logger = logging.getLogger("faust.consumer")

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust sets it for its own exactly-once mode only, which we do not use (reliability 3.2).
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        return consumer


class _ReadCommittedConsumer(Consumer):
    logger = logging.getLogger("faust.consumer")

    def _new_consumer_thread(self) -> Any:
        return _ReadCommittedThread(self, loop=self.loop, beacon=self.beacon)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        # Faust counts the record behind a gap as part of it. Its offset is then there twice, so
        # that commits stop at every marker of a transaction; and when a later record is
        # acknowledged first, this one is committed unhandled: a crash would lose it.
        await super()._add_gap(tp, offset_from, offset_to - 1)


class _ReadCommittedTransport(Transport):
    Consumer = _ReadCommittedConsumer


class _App(faust.App):
    logger = logging.getLogger("faust.app")

    def _new_transport(self) -> Any:
        return _ReadCommittedTransport(self.conf.broker_consumer, self)


def create_app(settings: Settings, stage: Stage, bootstrap_servers: str) -> faust.App:
    """Return the Faust app of ``stage``, with every default that would lose records replaced."""
    stages = settings.stages
    # Faust insists on a folder and makes the last one of its path only; nothing is kept there.
    data_dir = settings.state_dir / "faust" / stage.name
    data_dir.mkdir(parents=True, exist_ok=True)
    return _App(
        settings.scoped(f"dateline-{stage.name}"),
        datadir=str(data_dir),
        broker=[f"kafka://{server}" for server in bootstrap_servers.split(",")],
        key_serializer="raw",
        value_serializer="raw",
        processing_guarantee="at_least_once",
        stream_wait_empty=False,  # only together with noack_take (rule 6)
        stream_buffer_maxsize=512,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        producer_threaded=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4_194_304,
        broker_session_timeout=stages.session_timeout_seconds,
        broker_heartbeat_interval=3.0,
        broker_rebalance_timeout=60.0,
        broker_request_timeout=max(30.0, stages.session_timeout_seconds),
        broker_commit_interval=1.0,
        broker_commit_every=1000,
        broker_max_poll_records=500,
        # Above the longest outage that may have to be waited out inside one batch.
        broker_max_poll_interval=24 * 3600.0,
        web_enabled=False,
        web_bind="127.0.0.1",
        web_tables_enabled=False,
        web_router_enabled=False,
    )


class StageRunner:
    """Wire one stage: app, agent, guard, watchdog; ``run`` returns when the process should end."""

    def __init__(self, settings: Settings, stage: Stage) -> None:
        self._settings = settings
        self._stage = stage
        self._progress = Progress()
        self._reported_at = 0.0
        bootstrap_servers = kafka_bootstrap(settings)
        topics = load_topics(settings)
        self._writer = RecordWriter(bootstrap_servers)
        self._handler = stage.build(
            StageContext(
                settings=settings,
                bootstrap_servers=bootstrap_servers,
                writer=self._writer,
                progress=self._progress,
            )
        )
        self._guard = Guard(
            self._handler,
            stage=stage.name,
            dead_letter_topic=topics["dead_letter"].name,
            write=self._writer.write,
            clock=SystemClock(),
            progress=self._progress,
            retry_ceiling_seconds=settings.stages.retry_ceiling_seconds,
        )
        self._bootstrap_servers = bootstrap_servers
        self._topic_name = topics[stage.reads].name
        self.app = create_app(settings, stage, bootstrap_servers)
        self._connect()

    def _connect(self) -> None:
        app = self.app
        topic = app.topic(self._topic_name, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=f"dateline.{self._stage.name}", concurrency=1)(self._agent)

        async def on_partitions(*_args: Any, **_kwargs: Any) -> None:
            self._handler.partitions_changed()

        async def on_stop(*_args: Any, **_kwargs: Any) -> None:
            await self._handler.stop()
            await self._writer.close()

        app.on_partitions_assigned.connect(on_partitions, weak=False)
        app.on_partitions_revoked.connect(on_partitions, weak=False)
        app.on_before_shutdown.connect(on_stop, weak=False)

    async def _start_handler(self) -> None:
        try:
            await self._handler.start()
        except asyncio.CancelledError:
            raise
        except ConfigError as error:
            log.critical("%s cannot start: %s", self._stage.name, error)
            end_process(error.exit_code)
        except Exception:
            log.critical("ALARM %s: unforeseen, the stage ends", self._stage.name, exc_info=True)
            end_process(EXIT_BUG)
        start_watchdog(
            bootstrap_servers=self._bootstrap_servers,
            group=self.app.conf.id,
            topic=self._topic_name,
            progress=self._progress,
            stall_seconds=self._settings.stages.stall_seconds,
        )

    async def _agent(self, stream: Any) -> AsyncIterator[None]:
        await self._start_handler()
        async for events in stream.noack_take(
            self._stage.take_max_records(self._settings),
            within=self._settings.stages.take_within_seconds,
        ):
            await self._batch(stream, events)
            yield None

    async def _batch(self, stream: Any, events: Sequence[Any]) -> None:
        try:
            await self._guard.process([_incoming(event) for event in events])
        except asyncio.CancelledError:
            raise  # nothing is acknowledged: the records come again
        except InvariantBroken as error:
            log.critical("ALARM %s: %s", self._stage.name, error)
            end_process(EXIT_BUG)
        except Exception:
            log.critical("ALARM %s: unforeseen, the stage ends", self._stage.name, exc_info=True)
            end_process(EXIT_BUG)
        failpoint.hit(f"{self._stage.name}.before_ack")
        for event in events:
            await stream.ack(event)
        self._report()

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._reported_at >= REPORT_EVERY_SECONDS:
            self._reported_at = now
            log.info("%s: %s", self._stage.name, self._guard.counts.summary())


def _incoming(event: Any) -> Incoming:
    message = event.message
    return Incoming(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        payload=message.value,
        # Kafka allows a header without a value, and a dead letter cannot be made of None.
        headers=tuple(
            (name, bytes(value or b"")) for name, value in _header_pairs(message.headers)
        ),
    )


def _header_pairs(headers: Any) -> Sequence[tuple[str, bytes]]:
    if not headers:
        return ()
    return tuple(headers.items()) if hasattr(headers, "items") else tuple(headers)


def end_process(code: int) -> None:
    """End at once: nothing more is acknowledged, and no clean-up can hang (rules 5 and 15)."""
    logging.shutdown()
    os._exit(code)


class StageWorker(faust.Worker):
    """A Faust worker that ends itself when a stop takes too long (rule 15)."""

    stop_deadline_seconds = 8.0

    def _say(self, *_args: Any, **_options: Any) -> None:
        """Print no greeting: the output is a log."""

    def _schedule_shutdown(self, signal: Any) -> None:
        timer = threading.Timer(self.stop_deadline_seconds, end_process, args=(0,))
        timer.daemon = True
        timer.start()
        super()._schedule_shutdown(signal)


def run_stage(settings: Settings, stage: Stage) -> None:
    """Run ``stage`` in this process until a signal ends it."""
    runner = StageRunner(settings, stage)
    worker = StageWorker(runner.app, loglevel=None, override_logging=False, redirect_stdouts=False)
    worker.stop_deadline_seconds = settings.stages.stop_deadline_seconds
    worker.execute_from_commandline()

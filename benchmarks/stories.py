"""How long the stories stage takes to start with a full window, and how fast it is then.

    OMP_NUM_THREADS=1 python -m benchmarks.stories [--articles 100000] [--timed 5000]

Fills ``news.story.v1`` on an embedded Kafka with the state of made-up articles, reads it back in a
process of its own, and gives that one further articles, in real transactions.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import platform
import pstats
import resource
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.made_up_window import MadeUpWindow
from dateline.clock import SystemClock
from dateline.endpoints import kafka_bootstrap
from dateline.local.options import ServerOptions
from dateline.local.servers import start_servers, stop_server, stop_servers
from dateline.records import ArticleState, StoryRecord
from dateline.rights.policy import load_policy
from dateline.settings import PROJECT_DIR, Settings, load_settings
from dateline.topics import apply_topics, load_topics
from dateline.wire import to_wire
from processors.guard import Incoming
from processors.kafka_out import Outgoing, TransactionalWriter
from processors.stories.handler import StoriesHandler
from processors.stories.read_back import EnrichedReader
from processors.stories.session import Session, cluster_settings
from processors.stories.state import read_state

PER_TRANSACTION = 1000
WINDOW_ARTICLES = 100_000
REPORT_PATH = PROJECT_DIR / "docs" / "bench-stories.md"


def main() -> None:
    """Print seconds, bytes and memory of a start, and articles a second after it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=WINDOW_ARTICLES)
    parser.add_argument("--timed", type=int, default=5_000)
    parser.add_argument("--profile", action="store_true", help="print where the time goes then")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dateline-bench-"))
    state_dir = folder / ".dateline"
    try:
        endpoints = start_servers(
            state_dir, options=ServerOptions(kafka_port=19392, elasticsearch_port=19492)
        )
        stop_server(state_dir, "elasticsearch")
        given = [
            f"project.state_dir={state_dir}",
            "project.namespace=bench",
            f"kafka.bootstrap_servers={endpoints.kafka_bootstrap}",
        ]
        apply_topics(load_settings(environ={}, assignments=given))
        lines: list[str] = []
        for work in (fill, measure):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
                found = child.submit(work, given, options).result()
            print(found, flush=True)
            lines += found.splitlines()
        if options.articles == WINDOW_ARTICLES and not options.profile:
            REPORT_PATH.write_text(_report(lines), encoding="utf-8")
    finally:
        stop_servers(state_dir)
        shutil.rmtree(folder, ignore_errors=True)


def _report(lines: Sequence[str]) -> str:
    rows = "\n".join(f"- {line}" for line in lines)
    return (
        "# The stories stage with a full window\n\n"
        f"Written by `make bench-stories` ({datetime.now(UTC):%Y-%m-%d %H:%M} UTC); do not edit."
        f" {os.cpu_count()} cores, Python {platform.python_version()}, a broker on the same"
        " machine. Absolute numbers vary.\n\n"
        f"{rows}\n\n"
        "Goals: a start within 60 s, and 500 articles/s in one process, each with 100,000 articles"
        " in the window.\nMade-up articles of 450 words with 12 entities; transactions, copies,"
        " clusters, entities and decisions about rights are the real ones.\n"
    )


def fill(given: list[str], options: argparse.Namespace) -> str:
    """Write the state of a window to its topic, and the timed articles to theirs."""
    return asyncio.run(_fill(load_settings(environ={}, assignments=given), options))


async def _fill(settings: Settings, options: argparse.Namespace) -> str:
    topics, window = load_topics(settings), MadeUpWindow(options.articles)
    writer = TransactionalWriter(kafka_bootstrap(settings), "bench-fill")
    await writer.start()
    batch: list[Outgoing] = []
    article_bytes = record_bytes = 0
    for state, story in window.states():
        value = to_wire(state)
        article_bytes += len(value)
        batch.append(_outgoing(topics["story"].name, state.article_id, value))
        if story is not None:
            value = to_wire(story)
            record_bytes += len(value)
            batch.append(_outgoing(topics["story"].name, story.story_id, value))
        if len(batch) >= PER_TRANSACTION:
            await writer.write(batch)
            batch.clear()
    await writer.write(batch)
    for first in range(0, options.timed, 100):
        texts = [window.enriched(number) for number in range(first, first + 100)]
        await writer.write(
            [_outgoing(topics["enriched"].name, each.article.article_id, to_wire(each))
             for each in texts]
        )  # fmt: skip
    await writer.close()
    return (
        f"state: {article_bytes / options.articles:.0f} bytes an article,"
        f" {record_bytes / options.articles:.0f} of its story's record, as JSON;"
        f" {_topic_bytes(settings, topics['story'].name) / options.articles:.0f}"
        " bytes an article in Kafka"
    )


def measure(given: list[str], options: argparse.Namespace) -> str:
    """Return the times of a start and of the timed articles."""
    return asyncio.run(_measure(load_settings(environ={}, assignments=given), options))


async def _measure(settings: Settings, options: argparse.Namespace) -> str:
    topics, servers = load_topics(settings), kafka_bootstrap(settings)
    begun = time.perf_counter()
    writer = TransactionalWriter(servers, settings.scoped("dateline-stories"))
    await writer.start()
    kept = await read_state(servers, topics["story"].name)
    read_seconds = time.perf_counter() - begun
    session = await Session.restored(
        writer, kept, settings=cluster_settings(settings.stories.cluster_days)
    )
    seconds = time.perf_counter() - begun
    counts = (session.clusters.article_count, session.clusters.story_count)
    del kept
    started_mb = _peak_mb()
    reader = EnrichedReader(servers, topics["enriched"].name)
    handler = _handler(settings, session, reader)
    profile = cProfile.Profile()
    if options.profile:
        profile.enable()
    rate, outgoing = await _timed(settings, handler, options.timed, topics["enriched"].name)
    if options.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    await handler.stop()
    return (
        f"start: {seconds:.1f} s for {counts[0]} articles in {counts[1]} stories"
        f" ({read_seconds:.1f} s of it reading), peak memory {started_mb:.0f} MB\n"
        f"then: {rate:.0f} articles/s over {options.timed} articles, {outgoing},"
        f" peak memory {_peak_mb():.0f} MB"
    )


async def _timed(
    settings: Settings, handler: StoriesHandler, count: int, topic: str
) -> tuple[float, str]:
    """Return articles a second, reading and writing included."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka_bootstrap(settings),
        isolation_level="read_committed",
        enable_auto_commit=False,
    )
    await consumer.start()
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    done, begun, cpu = 0, time.perf_counter(), time.process_time()
    while done < count:
        records = await _full_batch(consumer, partition, settings)
        if records:
            await handler.handle(records)
            done += len(records)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
    await consumer.stop()
    return done / seconds, f"{done / cpu_seconds:.0f} a second of processor time"


async def _full_batch(
    consumer: AIOKafkaConsumer, partition: TopicPartition, settings: Settings
) -> list[Incoming]:
    """Return a batch as the stage takes it: full, or what came within the time it waits."""
    most, records = settings.stories.take_max_records, list[Incoming]()
    until = time.perf_counter() + settings.stages.take_within_seconds
    while len(records) < most and (left := until - time.perf_counter()) > 0:
        found = await consumer.getmany(
            partition, timeout_ms=round(left * 1000), max_records=most - len(records)
        )
        records += [
            Incoming(topic=m.topic, partition=0, offset=m.offset, key=m.key, payload=m.value)
            for m in found.get(partition, ())
        ]
    return records


def _handler(settings: Settings, session: Session, reader: EnrichedReader) -> StoriesHandler:
    async def open_session() -> Session:
        return session

    async def nothing(_ids: Sequence[str]) -> Mapping[str, ArticleState]:
        return {}

    async def no_story(_ids: Sequence[str]) -> Mapping[str, StoryRecord]:
        return {}

    topics = load_topics(settings)
    return StoriesHandler(
        open_session=open_session,
        find_archived=nothing,
        find_archived_stories=no_story,
        close_readers=reader.close,
        policy=load_policy(PROJECT_DIR / "config" / "policies.toml"),
        read_back=reader.read,
        settings=settings.stories,
        enriched_topic=topics["enriched"].name,
        story_topic=topics["story"].name,
        grouped_topic=topics["grouped"].name,
        clock=SystemClock(),
    )


def _outgoing(topic: str, key: str, value: bytes) -> Outgoing:
    return Outgoing(topic=topic, key=key.encode(), value=value)


def _topic_bytes(settings: Settings, topic: str) -> int:
    """Return the size of the topic's log on disk."""
    folder = settings.state_dir / "kafka"
    return sum(
        path.stat().st_size
        for base, _, names in os.walk(folder.resolve())
        for name in names
        if name.endswith(".log") and Path(base).name == f"{topic}-0"
        for path in [Path(base) / name]
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

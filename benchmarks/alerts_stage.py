"""How many articles a second the alerts stage takes, with its claims and ledger, on real servers.

``python -m benchmarks.alerts_stage``: starts Kafka and Elasticsearch of its own, fills the topic of
grouped articles, then starts one process of the stage and waits until its group has read all.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaAdminClient, KafkaProducer
from rich.console import Console
from rich.progress import Progress

from benchmarks.articles import make_corpus
from benchmarks.ingest_process import Command, dateline_words, sampling
from benchmarks.made_up_watches import MadeUpWatches, grouped_articles
from dateline import ids
from dateline.consumer_lag import read_position
from dateline.endpoints import async_search_client
from dateline.local import ServerOptions, SilentProgress, start_servers, stop_servers
from dateline.records import GroupedArticle
from dateline.search.templates import RecordIndex, apply_templates, articles_index
from dateline.settings import Settings, load_settings
from dateline.topics import apply_topics, load_topics
from dateline.watch_topic import send_records
from dateline.wire import to_wire

CORPUS_ARTICLES = 2_500
IN_FORCE = "watches are in force"
LONGEST_SECONDS = 1_800.0


@dataclass(frozen=True)
class MadeUpArticles:
    """How many articles are sent, with how many new names each; None: of full length."""

    count: int
    new_names: int
    chars: int | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one count of watches costs."""

    watch_count: int
    article_count: int
    articles_per_second: float
    cpu_ms_per_article: float
    alert_count: int
    claim_count: int
    start_mb: float
    peak_mb: float


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts_stage", description=__doc__)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--watches", type=int, nargs="+", default=[0, 1_000, 10_000])
    parser.add_argument(
        "--new-names", type=int, default=5, help="people in each article that no other names"
    )
    parser.add_argument("--article-chars", type=int, help="cut the articles to so many letters")
    options = parser.parse_args()
    # Its servers must not outlive a run that somebody ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("watches", total=len(options.watches))
        folder = Path(tempfile.mkdtemp(prefix="alerts-stage-"))
        state_dir = folder / "servers"
        try:
            ports = ServerOptions(kafka_port=19392, elasticsearch_port=19400)
            start_servers(state_dir, options=ports, report=SilentProgress())
            for count in options.watches:
                progress.update(task, description=f"{count} watches")
                made = MadeUpArticles(options.articles, options.new_names, options.article_chars)
                print_row(measure(folder, count, made))
                progress.advance(task)
        finally:
            stop_servers(state_dir)
            shutil.rmtree((state_dir / "elasticsearch").resolve().parent, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(folder: Path, watch_count: int, articles: MadeUpArticles) -> Row:
    """Return what ``watch_count`` watches cost one process of the stage."""
    endpoints = start_servers(folder / "servers", report=SilentProgress())
    settings = load_settings(
        environ={},
        assignments=[
            f"project.state_dir={folder / f'state{watch_count}'}",
            f"project.namespace=b{watch_count}",
            f"kafka.bootstrap_servers={endpoints.kafka_bootstrap}",
            f"elasticsearch.url={endpoints.elasticsearch_url}",
        ],
    )
    apply_topics(settings)
    asyncio.run(_apply(settings))
    corpus = make_corpus(CORPUS_ARTICLES)
    send_records(settings, list(MadeUpWatches(corpus)(watch_count)))
    _send(settings, [each[: articles.chars] for each in corpus.texts], articles)
    words = [
        *dateline_words(settings, [f"elasticsearch.url={settings.elasticsearch.url}"]),
        "worker", "alerts",
    ]  # fmt: skip
    log = folder / f"log{watch_count}"
    command = Command(words, log)
    try:
        with sampling(command) as sampler:
            _wait(lambda: IN_FORCE in log.read_text("utf-8"), command)
            begun, cpu = time.monotonic(), command.cpu_seconds()
            start_mb = _mb(command)
            _wait(_drained(settings), command)
            seconds, cpu = time.monotonic() - begun, command.cpu_seconds() - cpu
    finally:
        command.stop()
    index = articles_index(settings)
    return Row(
        watch_count=watch_count, article_count=articles.count,
        articles_per_second=articles.count / seconds,
        cpu_ms_per_article=cpu * 1000 / articles.count,
        alert_count=asyncio.run(_count(settings, index.alerts)),
        claim_count=asyncio.run(_count(settings, index.claims)),
        start_mb=start_mb, peak_mb=sampler.peak_tree_mb(),
    )  # fmt: skip


def print_row(row: Row) -> None:
    """Print a line."""
    print(
        f"{row.watch_count:>7,} watches {row.article_count:>7,} articles"
        f" {row.articles_per_second:>6.0f} articles/s {row.cpu_ms_per_article:>6.2f} ms CPU each"
        f" {row.alert_count:>7,} alerts {row.claim_count:>9,} claims"
        f" {row.start_mb:>5.0f} MiB at start, {row.peak_mb:>5.0f} at most"
        f" ({datetime.now(UTC):%Y-%m-%d %H:%M})",
        flush=True,
    )


def _send(settings: Settings, texts: Sequence[str], articles: MadeUpArticles) -> None:
    count, new_names = articles.count, articles.new_names
    topic = load_topics(settings)["grouped"].name
    producer = KafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap_servers, compression_type="gzip", linger_ms=50
    )
    try:
        for at in range(0, count, 100):
            numbers = range(at, min(at + 100, count))
            written = [_with_names(texts[each % len(texts)], each, new_names) for each in numbers]
            for number, article in zip(numbers, grouped_articles(written), strict=True):
                producer.send(topic, key=article.article_id.encode(), value=_wire(article, number))
        producer.flush(60)
    finally:
        producer.close()


def _with_names(text: str, number: int, new_names: int) -> str:
    names = (_name(number * new_names + each) for each in range(new_names))
    return " ".join([text, *(f"It was said by {each} there." for each in names)])


def _name(number: int) -> str:
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:07}")
    return f"Ada K{letters}"


def _wire(article: GroupedArticle, number: int) -> bytes:
    # ``grouped_articles`` numbers those of one call.
    article_id = ids.article_id(article.source_id, f"{number}")
    return to_wire(replace(article, article_id=article_id, story_id=ids.story_id(article_id)))


def _drained(settings: Settings) -> Callable[[], bool]:
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap_servers)
    group, topic = settings.scoped("dateline-alerts"), load_topics(settings)["grouped"].name

    def drained() -> bool:
        position = read_position(admin, group, topic)
        return position.is_drained and position.committed > 0

    return drained


def _wait(condition: Callable[[], bool], command: Command) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not condition():
        command.require_running()
        if time.monotonic() > deadline:
            raise TimeoutError("the stage does not get on")
        time.sleep(0.2)


def _mb(command: Command) -> float:
    sample = command.sample()
    return sample.tree_bytes / 2**20 if sample else 0.0


async def _apply(settings: Settings) -> None:
    client = async_search_client(settings)
    try:
        await apply_templates(client, settings)
    finally:
        await client.close()


async def _count(settings: Settings, index: RecordIndex) -> int:
    client = async_search_client(settings)
    try:
        await client.indices.refresh(index=index.alias)
        return int((await client.count(index=index.alias))["count"])
    finally:
        await client.close()


if __name__ == "__main__":
    raise SystemExit(main())

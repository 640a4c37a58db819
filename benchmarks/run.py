"""``make bench``: articles per second of three contestants, latency and memory, in one run.

Absolute numbers vary from machine to machine and from hour to hour; the ratios are the result.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from elasticsearch import Elasticsearch
from kafka import KafkaProducer

from benchmarks import alert_latency
from benchmarks.articles import Corpus, make_corpus, raw_article
from dateline.endpoints import search_client
from dateline.local import (
    Endpoints,
    ServerOptions,
    SilentProgress,
    server_status,
    start_servers,
    stop_servers,
)
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR, Settings, load_settings
from dateline.supervisor import Supervisor
from dateline.topics import apply_topics, load_topics
from dateline.wire import to_wire
from processors.enrich.build_mentions import build_mentions
from processors.enrich.enrich_article import prepare
from processors.enrich.find_names import load_name_finder
from processors.enrich.rights_reader import load_rights_reader

STAGES = ("enrich", "stories", "index")
TELLING_STAGES = (*STAGES, "alerts", "deliver")
REPORT_PATH = PROJECT_DIR / "docs" / "bench.md"
CORES = os.cpu_count() or 1
NOT_READY = (404, 503)  # no index yet, or its shard is being made


@dataclass
class Measured:
    """What one run found."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    latencies_seconds: list[float] = field(default_factory=list)
    alert_seconds: list[float] = field(default_factory=list)
    peak_mb: dict[str, float] = field(default_factory=dict)
    entities_compared: int = 0
    entities_different: int = 0

    def rate(self, name: str) -> float:
        """Return the median rate of a contestant."""
        return statistics.median(self.rates[name])


def main() -> None:
    """Run the contestants in turn and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--light", type=int, default=60, help="articles of the latency part")
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--only-alerts", action="store_true", help="the latency of alerts alone")
    options = parser.parse_args()
    corpus = make_corpus(options.articles)
    print(f"{len(corpus.texts)} articles of about 600 words: {corpus.origin}")
    measured = Measured()
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        state_dir = Path(folder) / ".dateline"
        endpoints = start_servers(
            state_dir,
            options=ServerOptions(kafka_port=29092, elasticsearch_port=29200),
            report=SilentProgress(),
        )
        try:
            if options.only_alerts:
                settings = bench_settings(state_dir, endpoints, "alerts")
                apply_topics(settings)
                measure_alerts(settings, corpus.texts, measured, count=options.light)
                print(alerts_line(measured))
                return
            for number in range(options.rounds):
                settings = bench_settings(state_dir, endpoints, f"bench{number}")
                apply_topics(settings)
                run_round(settings, corpus, measured, is_last=number == options.rounds - 1)
            measure_latency(settings, corpus.texts, measured, count=options.light)
            measure_alerts(settings, corpus.texts, measured, count=options.light)
            for server in server_status(state_dir):
                measured.peak_mb[server.name] = server.memory_bytes / 2**20
        finally:
            stop_servers(state_dir)
    report = render(measured, corpus, options.rounds)
    print(report)
    if not options.no_report:
        REPORT_PATH.write_text(report, encoding="utf-8")


def bench_settings(state_dir: Path, endpoints: Endpoints, namespace: str) -> Settings:
    """Return settings bound to the servers of this run alone."""
    return load_settings(
        environ={},
        assignments=[
            f"project.state_dir={state_dir}",
            f"project.namespace={namespace}",
            f"kafka.bootstrap_servers={endpoints.kafka_bootstrap}",
            f"elasticsearch.url={endpoints.elasticsearch_url}",
        ],
    )


def run_round(settings: Settings, corpus: Corpus, measured: Measured, *, is_last: bool) -> None:
    """Measure each contestant once on the same articles."""
    reader = load_rights_reader(PROJECT_DIR / "config")
    prepared = [prepare(raw_article(t, n, "bench"), reader) for n, t in enumerate(corpus.texts)]
    clean = [item.text[item.ner_start :] for item in prepared]
    bare = bare_pipe(clean)
    record(measured, "bare nlp.pipe", len(clean) / bare["seconds"])
    with pipeline(settings, measured) as client:
        seconds, documents = dateline_run(settings, client, corpus.texts)
    record(measured, "Dateline", len(corpus.texts) / seconds)
    finder = load_name_finder(PROJECT_DIR / "config" / "gazetteer")
    expected = [
        finder.find(
            build_mentions([tuple(e) for e in ents], item.text, [(0, len(item.text))], "x",
                           offset=item.ner_start),
            item.text, [(0, len(item.text))], language=item.language.code,
            story_start=item.ner_start,
        ).mentions
        for ents, item in zip(bare["entities"], prepared, strict=True)
    ]  # fmt: skip
    compare(measured, expected, documents)
    if is_last:
        few = corpus.texts[: max(40, len(corpus.texts) // 8)]
        record(measured, "one-by-one agent", len(few) / tutorial(settings, few))


def record(measured: Measured, name: str, rate: float) -> None:
    """Note and print one rate."""
    measured.rates.setdefault(name, []).append(rate)
    print(f"  {name:18} {rate:7.1f} articles/s", flush=True)


def bare_pipe(texts: Sequence[str]) -> dict:
    """Run the bare contestant in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_pipe", str(CORES)],
        input=json.dumps(list(texts)).encode(),
        stdout=subprocess.PIPE,
        check=True,
        cwd=PROJECT_DIR,
    )
    return json.loads(done.stdout)


@contextlib.contextmanager
def pipeline(
    settings: Settings,
    measured: Measured,
    *,
    stages: Sequence[str] = STAGES,
    assignments: Sequence[str] = (),
) -> Iterator[Elasticsearch]:
    """Run the stages, warmed up, with their memory sampled; ``assignments``: further settings."""
    words = [
        word
        for key in ("state_dir", "namespace")
        for word in ("--set", f"project.{key}={getattr(settings.project, key)}")
    ]
    words += ["--set", f"kafka.bootstrap_servers={settings.kafka.bootstrap_servers}"]
    words += ["--set", f"elasticsearch.url={settings.elasticsearch.url}"]
    words += [word for each in assignments for word in ("--set", each)]
    commands = {
        name: [
            sys.executable,
            "-m",
            "dateline",
            *words,
            "worker",
            name,
            f"--supervised-by={os.getpid()}",
        ]
        for name in stages
    }
    supervisor = Supervisor(commands, settings.state_dir / "logs", print)
    client = search_client(settings)
    stop = threading.Event()
    supervisor.start()
    sampler = threading.Thread(target=sample_memory, args=(supervisor, measured, stop))
    sampler.start()
    try:
        send(settings, make_corpus(24, seed=1).texts, "warm")
        wait_for(client, settings, "warm", 24)
        yield client
    finally:
        stop.set()
        sampler.join()
        supervisor.stop(deadline_seconds=15)
        client.close()


def sample_memory(supervisor: Supervisor, measured: Measured, stop: threading.Event) -> None:
    """Note the peak of each process: proportional set size where the system tells it."""
    while not stop.wait(0.5):
        for name, pid in supervisor.pids().items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                note_peak(measured, name, process)
                for number, child in enumerate(process.children()):
                    note_peak(measured, f"{name} worker {number + 1}", child)


def note_peak(measured: Measured, name: str, process: psutil.Process) -> None:
    """Keep the larger of the peak so far and the resident size now."""
    resident_mb = process.memory_info().rss / 2**20
    measured.peak_mb[name] = max(measured.peak_mb.get(name, 0.0), resident_mb)


def send(settings: Settings, texts: Sequence[str], source_id: str) -> None:
    """Send raw articles and return when Kafka has them."""
    topic = load_topics(settings)["raw"].name
    producer = KafkaProducer(
        bootstrap_servers=settings.kafka.bootstrap_servers, compression_type="gzip", linger_ms=5
    )
    futures = []
    for number, text in enumerate(texts):
        article = raw_article(text, number, source_id)
        futures.append(
            producer.send(topic, key=article.article_id.encode(), value=to_wire(article))
        )
    for future in futures:
        future.get(60)
    producer.close(timeout=10)


def wait_for(
    client: Elasticsearch, settings: Settings, source_id: str, count: int, limit: float = 900
) -> None:
    """Return when ``count`` articles of a source are searchable."""
    deadline = time.monotonic() + limit
    alias = articles_index(settings).read_alias
    while time.monotonic() < deadline:
        found = client.options(ignore_status=NOT_READY).count(
            index=alias, query={"term": {"source_id": source_id}}
        )
        if found.get("count", 0) >= count:
            return
        time.sleep(0.1)
    raise TimeoutError(f"{count} articles of {source_id} are not searchable after {limit} s")


def dateline_run(
    settings: Settings, client: Elasticsearch, texts: Sequence[str]
) -> tuple[float, list[dict]]:
    """Return seconds from the first send to the last article searchable, and the documents."""
    started_at = time.perf_counter()
    send(settings, texts, "bench")
    wait_for(client, settings, "bench", len(texts))
    seconds = time.perf_counter() - started_at
    alias = articles_index(settings).read_alias
    found = client.search(
        index=alias, query={"term": {"source_id": "bench"}}, size=10_000,
        source_includes=["key", "mentions", "body_chars"],
    )  # fmt: skip
    documents = [hit["_source"] for hit in found["hits"]["hits"]]
    return seconds, sorted(documents, key=lambda document: int(document["key"]))


def compare(measured: Measured, expected: Sequence, documents: Sequence[dict]) -> None:
    """Count entities that differ from the bare pipeline's with the same gazetteer behind it."""
    for mentions, document in zip(expected, documents, strict=True):
        wanted = {(m.start, m.end, m.label) for m in mentions}
        got = {(m["start"], m["end"], m["label"]) for m in document["mentions"]}
        measured.entities_compared += len(wanted)
        measured.entities_different += len(wanted ^ got)


def tutorial(settings: Settings, texts: Sequence[str]) -> float:
    """Return the seconds that the tutorial's agent takes, warmed up."""
    topic, index = load_topics(settings)["raw"].name, "tutorial"
    client = search_client(settings)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tutorial_agent", settings.kafka.bootstrap_servers,
         settings.elasticsearch.url, topic, index],
        cwd=PROJECT_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        # It reads the topic from its start: the warm-up articles, then those of the round.
        wait_count(client, index, 10)
        before, started_at = count(client, index), time.perf_counter()
        wait_count(client, index, before + len(texts))
        return (time.perf_counter() - started_at) * len(texts) / (count(client, index) - before)
    finally:
        process.kill()
        process.wait()
        client.close()


def count(client: Elasticsearch, index: str) -> int:
    """Return how many documents an index has, refreshed."""
    client.options(ignore_status=NOT_READY).indices.refresh(index=index)
    found = client.options(ignore_status=NOT_READY).count(index=index)
    return int(found.get("count", 0))


def wait_count(client: Elasticsearch, index: str, wanted: int, limit: float = 300) -> None:
    """Return when an index has at least ``wanted`` documents."""
    deadline = time.monotonic() + limit
    while count(client, index) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{index} has not {wanted} documents after {limit} s")
        time.sleep(0.1)


def measure_latency(
    settings: Settings, texts: Sequence[str], measured: Measured, *, count: int
) -> None:
    """Send one article at a time and note when each can be found."""
    topic = load_topics(settings)["raw"].name
    alias = articles_index(settings).read_alias
    with pipeline(settings, measured) as client:
        producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
        for number in range(count):
            article = raw_article(texts[number % len(texts)], number, "light")
            sent_at = time.perf_counter()
            producer.send(topic, key=article.article_id.encode(), value=to_wire(article)).get(30)
            query = {"ids": {"values": [article.article_id]}}
            while (
                not client.options(ignore_status=NOT_READY)
                .count(index=alias, query=query)
                .get("count")
            ):
                time.sleep(0.01)
            measured.latencies_seconds.append(time.perf_counter() - sent_at)
        producer.close(timeout=10)


def measure_alerts(
    settings: Settings, texts: Sequence[str], measured: Measured, *, count: int
) -> None:
    """Send one article at a time and note when the webhook about each is there."""
    with pipeline(settings, measured, stages=TELLING_STAGES, assignments=alert_latency.ASSIGNMENTS):
        measured.alert_seconds += alert_latency.time_alerts(settings, texts, count=count)


def alerts_line(measured: Measured) -> str:
    """Return how long alerts take, in words."""
    p50, p95 = (percentile(measured.alert_seconds, share) for share in (0.5, 0.95))
    return (
        f"Latency from send to webhook at light load ({len(measured.alert_seconds)} articles, one"
        f" at a time, one watch, all stages): p50 {p50:.2f} s, p95 {p95:.2f} s, longest"
        f" {max(measured.alert_seconds):.2f} s."
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def render(measured: Measured, corpus: Corpus, rounds: int) -> str:
    """Return the report in Markdown."""
    bare, ours, one = (
        measured.rate(name) for name in ("bare nlp.pipe", "Dateline", "one-by-one agent")
    )
    p50, p95 = (percentile(measured.latencies_seconds, share) for share in (0.5, 0.95))
    lines = [
        "# Speed, latency and memory",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {CORES} cores,"
        f" {psutil.virtual_memory().total / 2**30:.0f} GiB, Python {platform.python_version()};"
        f" {len(corpus.texts)} articles of about 600 words ({corpus.origin}), median of {rounds}"
        " rounds in one run. Absolute numbers vary; compare within the run.",
        "",
        "| contestant | articles/s | Dateline is |",
        "|---|---|---|",
        f"| bare `nlp.pipe`, tok2vec + NER, all cores, no Kafka, no Elasticsearch | {bare:.1f} |"
        f" {ours / bare:.2f} times as fast |",
        f"| one-by-one agent of a tutorial, full pipeline, one call an article | {one:.1f} |"
        f" {ours / one:.2f} times as fast |",
        f"| **Dateline, Kafka to searchable, all enrichment** | **{ours:.1f}** | |",
        "",
        f"Entities: {measured.entities_compared} of the bare pipeline compared,"
        f" {measured.entities_different} different.",
        "",
        f"Latency from send to searchable at light load ({len(measured.latencies_seconds)}"
        f" articles, one at a time): p50 {p50:.2f} s, p95 {p95:.2f} s.",
        "",
        alerts_line(measured),
        "",
        "| process | peak resident MiB |",
        "|---|---|",
        *(f"| {name} | {peak:.0f} |" for name, peak in sorted(measured.peak_mb.items())),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

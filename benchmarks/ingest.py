"""``make bench-ingest``: what continuous ingestion costs, and what it survives.

Simulated sites on loopback, a real Kafka, the real commands. Parts: a polling load, b extraction
against bare trafilatura, c memory over time, d kills, e a large archive.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ingest_kills import KillOptions, measure_kills
from benchmarks.ingest_pages import measure_archive, measure_extraction
from benchmarks.ingest_polling import PollingOptions, measure_polling
from benchmarks.ingest_results import REPORT_PATH, TITLES, PartResult, remember, render
from dateline.local import (
    ServerOptions,
    SilentProgress,
    start_servers,
    stop_server,
    stop_servers,
)
from dateline.settings import Settings, load_settings
from dateline.topics import apply_topics

# Below the ports that systems give to outgoing connections.
KAFKA_PORT = 23092
ELASTICSEARCH_PORT = 23200
LOAD_MINUTES = 7.0  # a warm-up and five minutes of CPU


def main() -> None:
    """Run the parts that were asked for, and write the report."""
    options = parse_options()
    parts = [part.strip() for part in options.only.split(",")]
    # Servers and pollers must not outlive a run that is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with bench_folder() as folder, kafka(folder) as bootstrap:
        results = list(run_parts(parts, options, folder, bootstrap))
    kept = results if options.no_report else remember(results)
    report = render(kept)
    print(report)
    if not options.no_report:
        REPORT_PATH.write_text(report, encoding="utf-8")


def parse_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(TITLES), help="parts, as a,b,c,d,e")
    parser.add_argument("--feeds", type=int, default=500, help="a, c: feeds")
    parser.add_argument(
        "--minutes", type=float, help="a, c: how long to poll (c alone or with a: 30, a: 7)"
    )
    parser.add_argument("--changes", type=int, default=50, help="a, c: changes a minute")
    parser.add_argument("--pages", type=int, default=2000, help="b: pages")
    parser.add_argument("--rounds", type=int, default=3, help="b: rounds")
    parser.add_argument("--kills", type=int, default=20, help="d: kill -9")
    parser.add_argument("--publishers", type=int, default=22, help="d: readable publishers")
    parser.add_argument("--seed", type=int, default=1, help="d: of load and moments")
    parser.add_argument("--archive-mb", type=int, default=1000, help="e: size of the archive")
    parser.add_argument("--set", action="append", default=[], help="setting of the poller")
    parser.add_argument("--no-report", action="store_true")
    return parser.parse_args()


def run_parts(
    parts: list[str], options: argparse.Namespace, folder: Path, bootstrap: str
) -> Iterator[PartResult]:
    """Yield the result of each part, each in topics of its own."""
    sets = tuple(options.set)
    polled = [part for part in parts if part in "ac"]
    if polled:
        print(f"polling ({', '.join(polled)})", flush=True)
        minutes = options.minutes or (30.0 if "c" in polled else LOAD_MINUTES)
        polling = PollingOptions(
            feeds=options.feeds,
            minutes=minutes,
            changes_per_minute=options.changes,
            poller_sets=sets,
        )
        yield from measure_polling(namespace(folder, bootstrap, "poll"), folder, polling, polled)
    if "b" in parts:
        print("extraction (b)", flush=True)
        yield measure_extraction(
            namespace(folder, bootstrap, "pages"),
            folder,
            page_count=options.pages,
            rounds=options.rounds,
        )
    if "d" in parts:
        print("kills (d)", flush=True)
        kills = KillOptions(
            kills=options.kills,
            publishers=options.publishers,
            seed=options.seed,
            poller_sets=sets,
        )
        yield measure_kills(namespace(folder, bootstrap, "kills"), folder, kills)
    if "e" in parts:
        print("archive (e)", flush=True)
        yield measure_archive(
            namespace(folder, bootstrap, "archive"), folder, archive_mb=options.archive_mb
        )


def namespace(folder: Path, bootstrap: str, name: str) -> Settings:
    """Return settings with topics and state of their own."""
    settings = load_settings(
        environ={},
        assignments=[
            f"project.state_dir={folder / name}",
            f"project.namespace={name}",
            f"kafka.bootstrap_servers={bootstrap}",
        ],
    )
    apply_topics(settings)
    return settings


@contextlib.contextmanager
def bench_folder() -> Iterator[Path]:
    """Return a folder for logs and data, which is kept when a part fails."""
    folder = Path(tempfile.mkdtemp(prefix="dateline-bench-"))
    try:
        yield folder
    except BaseException:
        print(f"logs: {folder}")
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """Run the embedded Kafka for the block and return its address."""
    state_dir = folder / ".dateline"
    options = ServerOptions(kafka_port=KAFKA_PORT, elasticsearch_port=ELASTICSEARCH_PORT)
    endpoints = start_servers(state_dir, options=options, report=SilentProgress())
    try:
        # Nothing here is searched: its share of the cores belongs to the measured commands.
        stop_server(state_dir, "elasticsearch")
        yield endpoints.kafka_bootstrap
    finally:
        stop_servers(state_dir)
        # As root Elasticsearch's data lies outside; the link leads there.
        shutil.rmtree((state_dir / "elasticsearch").resolve().parent, ignore_errors=True)


if __name__ == "__main__":
    main()

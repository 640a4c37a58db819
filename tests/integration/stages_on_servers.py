"""Run stages as processes of their own against the servers of a test, and send them records."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kafka import KafkaProducer

from dateline.endpoints import kafka_bootstrap
from dateline.records import EnrichedArticle, KillNotice
from dateline.settings import PROJECT_DIR, Settings
from dateline.topics import load_topics
from dateline.wire import to_wire

PATIENCE_SECONDS = 90.0


def send_enriched(settings: Settings, *records: EnrichedArticle | KillNotice) -> None:
    """Write records to the topic that the stories stage reads, in order."""
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    topic = load_topics(settings)["enriched"].name
    try:
        for each in records:
            article = each.article if isinstance(each, EnrichedArticle) else each
            producer.send(topic, key=article.article_id.encode(), value=to_wire(each)).get(30)
    finally:
        producer.close()


@contextmanager
def running_stages(
    settings: Settings,
    log: Path,
    *names: str,
    project: Path = PROJECT_DIR,
    failpoint: str | None = None,
    options: Mapping[str, str] | None = None,
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run the stages until the end of the block; ``failpoint`` is where one ends as if killed.

    ``options`` are further settings.
    """
    values = {
        "project.state_dir": str(settings.state_dir),
        "project.namespace": settings.project.namespace,
        "kafka.bootstrap_servers": settings.kafka.bootstrap_servers,
        "elasticsearch.url": settings.elasticsearch.url,
        "stages.session_timeout_seconds": "6",
        **(options or {}),
    }
    words = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
    environment = dict(os.environ) | ({"DATELINE_FAILPOINT": failpoint} if failpoint else {})
    with log.open("ab") as out:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "dateline", *words, "worker", name],
                env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=project,
            )
            for name in names
        ]  # fmt: skip
    try:
        yield running
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it did not come to hold in time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s for {what}"
        time.sleep(0.2)

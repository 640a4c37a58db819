"""Time articles from their sending to the webhook about them, through all real stages."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from kafka import KafkaProducer

from benchmarks.articles import raw_article
from dateline.alert_records import Channel, Watch
from dateline.settings import Settings
from dateline.topics import load_topics
from dateline.watch_topic import send_records
from dateline.wire import to_wire

# What the running stages have to be given.
ASSIGNMENTS = ("channels.allow_networks=127.0.0.0/8",)
SOURCE_ID = "told"
WARM_UPS = 5  # the first alerts make their indices
PATIENCE_SECONDS = 60.0
Arrivals = queue.Queue[tuple[str, float]]


def time_alerts(settings: Settings, texts: Sequence[str], *, count: int) -> list[float]:
    """Send one article at a time, and return the seconds until its webhook was there.

    The stages run, with ``ASSIGNMENTS``.
    """
    seconds: list[float] = []
    topic = load_topics(settings)["raw"].name
    with receiver() as (url, arrivals):
        now = datetime.now(UTC)
        channel = Channel(channel_id="desk", kind="webhook", created_at=now, address=url)
        watch = Watch(
            watch_id="all", created_at=now, query=f"orchard AND source:{SOURCE_ID}",
            repeat="every_article", channel_ids=("desk",),
        )  # fmt: skip
        send_records(settings, [channel, watch])
        time.sleep(2.0)  # the stages follow the topic within a second
        producer = KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)
        for number in range(count + WARM_UPS):
            article = raw_article(texts[number % len(texts)], number, SOURCE_ID)
            sent_at = time.perf_counter()
            producer.send(topic, key=article.article_id.encode(), value=to_wire(article))
            arrived_id, arrived_at = arrivals.get(timeout=PATIENCE_SECONDS)
            if arrived_id != article.article_id:
                raise RuntimeError("the webhook is about another article")
            seconds.append(arrived_at - sent_at)
        producer.close(timeout=10)
    return seconds[WARM_UPS:]


@contextmanager
def receiver() -> Iterator[tuple[str, Arrivals]]:
    """Run a receiver of webhooks; yield its address, and a queue of (article id, moment)."""
    arrivals: Arrivals = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived_at = time.perf_counter()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            arrivals.put((msgspec.json.decode(body)["data"]["article_id"], arrived_at))

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", arrivals
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

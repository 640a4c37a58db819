"""Send requests to the stories stage and wait until Kafka has them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from dateline.cli.context import CliContext
from dateline.cli.export import progress
from dateline.cli.terminal import one_line, print_text
from dateline.errors import DependencyUnavailable
from dateline.records import EntityCorrection, Redecide
from dateline.topics import load_topics
from dateline.wire import to_wire
from producers.article_writer import KafkaArticleWriter, Outgoing, Undeliverable, read_cluster

# In flight at a time; each is some 200 bytes.
MAX_PENDING = 2000


def ask_stories(
    context: CliContext, requests: Iterable[Redecide | EntityCorrection], *, total: int
) -> dict[int, int]:
    """Send ``total`` requests; return the next offset behind them by partition.

    Raises:
        BrokerUnavailable, ConfigError: Kafka cannot be had.
        DependencyUnavailable: it was interrupted; what is acknowledged stays.
    """
    settings = context.settings
    topic = load_topics(settings)["enriched"].name
    writer: KafkaArticleWriter[None] = KafkaArticleWriter(
        settings,
        cluster_id=read_cluster(settings).cluster_id,
        stop=threading.Event(),
        notice=lambda line: print_text(context.stderr, one_line(line), "yellow"),
    )
    ends: dict[int, int] = {}
    try:
        with progress(context, "asking", total) as advance:
            for request in requests:
                key = request.article_id if isinstance(request, Redecide) else request.entity_id
                writer.send(
                    Outgoing(topic=topic, key=key.encode(), payload=to_wire(request), tag=None)
                )
                _note(ends, writer, advance, keep=MAX_PENDING)
            _note(ends, writer, advance, keep=0)
    finally:
        writer.close()
    return ends


def _note(
    ends: dict[int, int],
    writer: KafkaArticleWriter[None],
    advance: Callable[[int], None],
    *,
    keep: int,
) -> None:
    for result in writer.collect(keep=keep):
        if isinstance(result, Undeliverable):
            raise DependencyUnavailable(f"Kafka refuses a request: {result.reason}.")
        ends[result.partition] = max(ends.get(result.partition, 0), result.offset + 1)
        advance(1)

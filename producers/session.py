"""Return an `Ingest` with everything it needs open: Kafka, state and locks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from dateline.clock import Clock
from dateline.errors import ConfigError, DependencyUnavailable
from dateline.settings import Settings
from producers.article_writer import Cluster, KafkaArticleWriter, read_cluster
from producers.build_record import IngestOptions
from producers.ingest import Event, Ingest, Tag, raw_topics
from producers.sent_state import SentState, state_path
from producers.source_lock import SourceLocks


@contextmanager
def open_ingest(
    settings: Settings,
    *,
    options: IngestOptions,
    locks: SourceLocks,
    tell: Callable[[Event], None],
    stop: threading.Event,
    clock: Clock,
) -> Iterator[Ingest]:
    """Give an `Ingest`; on leaving, close what was opened (the caller has settled).

    A dry run without Kafka works, and takes everything for new.

    Raises:
        ConfigError: no Kafka, or no topic, or a damaged state file.
        BrokerUnavailable: Kafka does not answer.
    """
    with ExitStack() as stack:
        cluster = _cluster(settings, options, tell)
        topics = raw_topics(settings, cluster)
        state = None
        if cluster is not None:
            path = state_path(settings, cluster.cluster_id)
            if not options.is_dry_run or path.exists():
                state = stack.enter_context(SentState(path))
        writer: KafkaArticleWriter[Tag] | None = None
        if cluster is not None and not options.is_dry_run:
            writer = KafkaArticleWriter(
                settings,
                cluster_id=cluster.cluster_id,
                stop=stop,
                notice=lambda text: tell(Event(kind="notice", reason=text)),
                grace_seconds=settings.stages.stop_deadline_seconds,
            )
            stack.callback(writer.close)
        yield Ingest(
            writer=writer,
            state=state,
            locks=locks,
            topics=topics,
            max_bytes=settings.producer.max_file_bytes,
            clock=clock,
            options=options,
            tell=tell,
            stop=stop,
        )


def _cluster(
    settings: Settings, options: IngestOptions, tell: Callable[[Event], None]
) -> Cluster | None:
    try:
        return read_cluster(settings)
    except (ConfigError, DependencyUnavailable):
        if not options.is_dry_run:
            raise
        tell(Event(kind="notice", reason="Kafka is not running: everything counts as new"))
        return None

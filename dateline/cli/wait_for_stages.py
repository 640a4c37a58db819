"""Wait until the stages are done with records that a command has sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from kafka import KafkaAdminClient

from dateline.cli.context import CliContext
from dateline.cli.export import progress
from dateline.consumer_lag import read_position
from dateline.errors import DependencyUnavailable
from dateline.topic_reader import TopicReader, open_reader
from dateline.topics import admin_client, load_topics

POLL_SECONDS = 0.5


def wait_for_stories_and_index(
    context: CliContext, sent: Mapping[int, int], *, patience_seconds: float
) -> None:
    """Return when what stands before the offsets ``sent`` of the enriched topic is indexed.

    Args:
        context: settings, and the terminal for the bar.
        sent: the next offset behind what was sent, by partition.
        patience_seconds: how long a stage may make no progress.

    Raises:
        DependencyUnavailable: a stage makes no progress, or Kafka does not answer.
    """
    topics = load_topics(context.settings)
    admin = admin_client(context.settings)
    try:
        with open_reader(context.settings) as reader:
            stories = _Wait(context, reader, admin, "stories", topics["enriched"].name)
            stories.until(sent, patience_seconds)
            grouped = topics["grouped"].name
            ends = {
                number: reader.bounds(grouped, number).end
                for number in range(reader.partition_count(grouped))
            }
            _Wait(context, reader, admin, "index", grouped).until(ends, patience_seconds)
    finally:
        admin.close()


@dataclass(frozen=True, slots=True)
class _Wait:
    context: CliContext
    reader: TopicReader
    admin: KafkaAdminClient
    stage: str
    topic: str

    @property
    def group(self) -> str:
        return self.context.settings.scoped(f"dateline-{self.stage}")

    def until(self, ends: Mapping[int, int], patience_seconds: float) -> None:
        """Return when the stage has acknowledged everything before ``ends``."""
        lag = self._lag(ends)
        moved_at = time.monotonic()
        with progress(self.context, self.stage, lag) as advance:
            while lag:
                time.sleep(POLL_SECONDS)
                before, lag = lag, self._lag(ends)
                advance(before - lag)
                if lag < before:
                    moved_at = time.monotonic()
                    continue
                # The marker of a transaction takes an offset that nobody acknowledges.
                if read_position(self.admin, self.group, self.topic).is_drained:
                    return
                if time.monotonic() - moved_at > patience_seconds:
                    raise DependencyUnavailable(
                        f"the stage {self.stage} has made no progress for"
                        f" {patience_seconds:.0f} s.",
                        hint="The requests are kept: start `dateline run`, or the stage.",
                    )

    def _lag(self, ends: Mapping[int, int]) -> int:
        done = (
            (self.reader.committed(self.group, self.topic, number) or 0, end)
            for number, end in ends.items()
        )
        return sum(max(0, end - committed) for committed, end in done)

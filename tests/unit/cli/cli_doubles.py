"""A terminal that is read by tests, and a Kafka in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from click.testing import CliRunner, Result
from rich.console import Console

from dateline.cli.context import CliContext
from dateline.settings import Settings
from dateline.topic_reader import Bounds, TopicReader, TopicRecord

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def console(*, colours: bool = False) -> Console:
    return Console(
        file=io.StringIO(), highlight=False, soft_wrap=True, force_terminal=colours,
        color_system="truecolor" if colours else None, no_color=not colours, _environ={},
    )  # fmt: skip


def written(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def context(settings: Settings | None = None) -> CliContext:
    return CliContext(settings=settings or Settings(), console=console(), stderr=console())


def invoke(command: click.Command, *arguments: str, settings: Settings | None = None) -> Result:
    """Run a command; ``result.stdout`` has what went through the console, too."""
    obj = context(settings)
    result = CliRunner().invoke(command, list(arguments), obj=obj)
    result.stdout_bytes += written(obj.console).encode()
    return result


class MemoryReader(TopicReader):
    """Topics as lists of records; each list is one partition."""

    def __init__(self, **topics: Sequence[Sequence[TopicRecord | None]]) -> None:
        super().__init__(None, None)
        self._topics = {name.replace("_", "."): list(rows) for name, rows in topics.items()}
        self.commits: dict[tuple[str, str, int], int] = {}
        self.scans: list[tuple[str, int, int, int]] = []
        self.starts: dict[tuple[str, int], int] = {}

    def cluster_id(self) -> str:
        return "cluster"

    def partition_count(self, topic: str) -> int:
        return len(self._topics.get(topic, ()))

    def bounds(self, topic: str, partition: int) -> Bounds:
        start = self.starts.get((topic, partition), 0)
        return Bounds(start=start, end=len(self._topics[topic][partition]))

    def offset_at(self, topic: str, partition: int, moment: datetime) -> int | None:
        rows = self._topics[topic][partition]
        return next((r.offset for r in rows if r is not None and r.at >= moment), None)

    def committed(self, group: str, topic: str, partition: int) -> int | None:
        return self.commits.get((group, topic, partition))

    def scan(self, topic: str, partition: int, *, start: int, end: int) -> Iterator[TopicRecord]:
        self.scans.append((topic, partition, start, end))
        yield from (row for row in self._topics[topic][partition][start:end] if row is not None)

    def append(self, topic: str, record: TopicRecord, partition: int = 0) -> None:
        self._topics[topic][partition] = [*self._topics[topic][partition], record]


def record(**fields: Any) -> TopicRecord:
    row: dict[str, Any] = {
        "topic": "t", "partition": 0, "offset": 0, "at": AT, "key": b"k", "value": b"v",
        "headers": (),
    }  # fmt: skip
    return TopicRecord(**(row | fields))

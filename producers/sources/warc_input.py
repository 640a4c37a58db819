"""Return the articles of a WARC file, extracted in child processes on all cores, in order."""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from producers.extract.extract_page import PRELOAD
from producers.extract.pool import ExtractPool
from producers.parsed import Parsed, Refusal
from producers.sources.warc_file import Record, WarcPage, parse_record, parse_warc
from producers.sources.warc_stream import ByteReader

# A page takes some 15 ms; one that takes a thousand times longer is an attack.
PAGE_TIMEOUT_SECONDS = 20.0
# Enough that no core waits for a slow page, few enough that pages of 10 MB fit into memory.
IN_FLIGHT_PER_PROCESS = 4
# Handing over a task costs as much as a tenth of a page: small pages go together.
BATCH_PAGES = 8
BATCH_BYTES = 1_000_000
# A child grows by some megabytes in a thousand pages, and takes 0.7 s to start.
MAX_TASKS_PER_PROCESS = 2000 // BATCH_PAGES


def parse_warc_input(stream: ByteReader) -> Iterator[Parsed]:
    """Return what `parse_warc` does; the children end with the iterator.

    Raises: Nothing but what reading raises.
    """
    processes = len(os.sched_getaffinity(0))
    with ExtractPool(
        processes=processes,
        timeout_seconds=PAGE_TIMEOUT_SECONDS,
        max_tasks_per_process=MAX_TASKS_PER_PROCESS,
        preload=(*PRELOAD, "producers.sources.warc_file"),
    ) as pool:
        in_flight = processes * IN_FLIGHT_PER_PROCESS
        yield from parse_warc(
            stream, extract=functools.partial(_in_batches, pool=pool, in_flight=in_flight)
        )


def parse_records(records: Sequence[Record]) -> list[Parsed]:
    """Return what `parse_record` does for each, in order; runs in a child."""
    return [parse_record(record) for record in records]


def _in_batches(
    function: Callable[[Record], Parsed],
    records: Iterable[Record],
    *,
    pool: ExtractPool,
    in_flight: int,
) -> Iterator[Parsed]:
    """Apply ``function`` in the children; a batch that fails is done again, page by page."""
    waiting: deque[Sequence[Record]] = deque()

    def noted() -> Iterator[Sequence[Record]]:
        for batch in _batches(records):
            waiting.append(batch)
            yield batch

    for result in pool.map_ordered(parse_records, noted(), in_flight=in_flight):
        batch = waiting.popleft()
        if isinstance(result, Refusal):
            yield from pool.map_ordered(function, batch, in_flight=in_flight)
        else:
            yield from result


def _batches(records: Iterable[Record]) -> Iterator[Sequence[Record]]:
    batch: list[Record] = []
    size_bytes = 0
    for record in records:
        batch.append(record)
        size_bytes += len(record.data) if isinstance(record, WarcPage) else 0
        if len(batch) >= BATCH_PAGES or size_bytes >= BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch

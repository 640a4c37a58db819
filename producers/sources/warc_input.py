"""Return the articles of a WARC file, extracted in child processes on all cores, in order."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

from producers.extract.extract_page import PRELOAD
from producers.extract.pool import ExtractPool
from producers.parsed import Parsed
from producers.sources.warc_file import parse_warc
from producers.sources.warc_stream import ByteReader

# A page takes some 15 ms; one that takes a thousand times longer is an attack.
PAGE_TIMEOUT_SECONDS = 20.0
# A child grows by some megabytes in a thousand pages, and takes 0.7 s to start.
MAX_TASKS_PER_PROCESS = 2000
# Enough that no core waits for a slow page, few enough that pages of 10 MB fit into memory.
IN_FLIGHT_PER_PROCESS = 4


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
            stream, extract=functools.partial(pool.map_ordered, in_flight=in_flight)
        )

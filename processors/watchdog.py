"""End the process when it hangs: records wait and nothing moves.

Faust and aiokafka can die in silence (reliability.md 3.1, 3.3), so this looks from outside: a
thread with a client of its own compares the group's committed offsets with the ends of the topic.
"""

from __future__ import annotations

import logging
import os
import threading
import time

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from dateline.consumer_lag import Position, read_position
from processors.waiting import Progress

__all__ = ["Position", "read_position", "start_watchdog"]

log = logging.getLogger(__name__)

EXIT_STALLED = 75  # EX_TEMPFAIL: a restart may help
LOOK_EVERY_SECONDS = 10.0


def start_watchdog(
    *, bootstrap_servers: str, group: str, topic: str, progress: Progress, stall_seconds: float
) -> None:
    """Start the thread; it ends the process with code 75 after ``stall_seconds`` without progress.

    Waiting for a dependency counts as progress (contract point 2).
    """
    thread = threading.Thread(
        target=_watch,
        args=(bootstrap_servers, group, topic, progress, stall_seconds),
        name="watchdog",
        daemon=True,
    )
    thread.start()


def _watch(
    bootstrap_servers: str, group: str, topic: str, progress: Progress, stall_seconds: float
) -> None:
    moved_at = time.monotonic()
    last: Position | None = None
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        try:
            admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
            try:
                position = read_position(admin, group, topic)
            finally:
                admin.close()
        except KafkaError as error:
            log.info("watchdog: Kafka does not answer: %r", error)
            moved_at = time.monotonic()  # the broker is away: that is no stall of ours
            continue
        if last is None or position.committed != last.committed or not position.lag_records:
            moved_at = time.monotonic()
        last = position
        idle_seconds = min(time.monotonic() - moved_at, progress.idle_seconds())
        if idle_seconds > stall_seconds:
            log.critical(
                "ALARM: %d records wait in %s and nothing moved for %.0f s; the stage ends",
                position.lag_records, topic, idle_seconds,
            )  # fmt: skip
            os._exit(EXIT_STALLED)

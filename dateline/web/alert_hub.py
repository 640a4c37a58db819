"""Hand each alert once to everybody who listens; whoever does not keep up is let go."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from dateline.alerts.ledger import LedgerEntry
from dateline.web.alert_value import alert_value

# A reader that has so many waiting does not read; it comes back, and is told from the ledger. Ten
# batches of the topic: a burst alone must not look like a reader that sleeps.
MAX_WAITING = 2_000
# Ids of what was told, to tell nothing twice: a day of ten alerts a minute.
MAX_REMEMBERED = 15_000


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """An alert, written once for all readers."""

    alert_id: str
    watch_id: str
    data: str


def alert_event(entry: LedgerEntry) -> AlertEvent:
    """Return the event that tells ``entry``."""
    data = msgspec.json.encode(alert_value(entry)).decode()
    return AlertEvent(entry.alert.alert_id, entry.alert.watch_id, data)


class Reader:
    """One who listens, to one watch or to all."""

    def __init__(self, watch_id: str | None, *, max_waiting: int = MAX_WAITING) -> None:
        self._watch_id = watch_id
        self._max_waiting = max_waiting
        self._waiting: deque[AlertEvent] = deque()
        self._news = asyncio.Event()
        self.is_ended = False

    def offer(self, event: AlertEvent) -> None:
        """Take an event, without waiting for anybody."""
        if self.is_ended or self._watch_id not in (None, event.watch_id):
            return
        if len(self._waiting) >= self._max_waiting:
            self.end()
            return
        self._waiting.append(event)
        self._news.set()

    def end(self) -> None:
        """Let the reader go; what waits is not told any more."""
        self.is_ended = True
        self._waiting.clear()
        self._news.set()

    async def next(self) -> AlertEvent | None:
        """Return the next event when it is there; None: the reader was let go."""
        while not self._waiting:
            if self.is_ended:
                return None
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()


class AlertHub:
    """All readers, and the order in which alerts were told since the start."""

    def __init__(self, *, max_readers: int, max_remembered: int = MAX_REMEMBERED) -> None:
        self._max_readers = max_readers
        self._max_remembered = max_remembered
        self._readers: set[Reader] = set()
        self._told: dict[str, int] = {}
        self._count = 0

    @property
    def is_full(self) -> bool:
        """Return whether nobody else may listen."""
        return len(self._readers) >= self._max_readers

    @property
    def is_idle(self) -> bool:
        """Return whether nobody listens."""
        return not self._readers

    @contextmanager
    def reader(self, watch_id: str | None) -> Iterator[Reader]:
        """Listen until the end of the block; where the hub is full, the reader is ended already."""
        reader = Reader(watch_id)
        if self.is_full:
            reader.end()
        else:
            self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def unknown(self, alert_ids: Sequence[str]) -> list[str]:
        """Return those that were not told yet, each once, in order."""
        return [each for each in dict.fromkeys(alert_ids) if each not in self._told]

    def tell(self, events: Sequence[AlertEvent]) -> None:
        """Tell each event that was not told yet."""
        for event in events:
            if event.alert_id in self._told:
                continue
            self._count += 1
            self._told[event.alert_id] = self._count
            for reader in self._readers:
                reader.offer(event)
        while len(self._told) > self._max_remembered:
            del self._told[next(iter(self._told))]

    def was_told_by(self, alert_id: str, last_id: str) -> bool:
        """Return whether ``alert_id`` was told before ``last_id``, or is it; False: not known."""
        if alert_id == last_id:
            return True
        place, last = self._told.get(alert_id), self._told.get(last_id)
        return place is not None and last is not None and place < last

    def close(self) -> None:
        """Let all readers go."""
        for reader in list(self._readers):
            reader.end()

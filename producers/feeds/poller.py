"""Poll every source when it is due, look again at its articles, and send what was held back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from dateline.errors import ConfigError
from producers.feeds.feed_progress import after_restart, first_record
from producers.feeds.feed_record import FeedRecord, RecheckRow
from producers.feeds.poll_feed import FeedPoll
from producers.feeds.poll_tools import PollTools
from producers.feeds.recheck_page import recheck_page
from producers.feeds.source_list import SourceConfig, load_sources
from producers.push.intake import IntakeBusy, IntakeEnded
from producers.push.push_result import PushBusy, PushClosed
from producers.source_lock import SourceBusy

TICK_SECONDS = 0.5
# The list of sources is read again when its file has changed.
RELOAD_SECONDS = 5.0
HELD_SECONDS = 5.0
# Looks at pages in the air at a time, and those of one host: polls of feeds come first.
MAX_RECHECKS = 16
MAX_RECHECKS_OF_HOST = 2
DUE_RECHECKS = 64  # considered at a time; those of hosts in work are not among them
# A source that left the list may come back within a day, for example by an editor's mistake.
FORGET_SECONDS = 3600.0
FORGET_AFTER = timedelta(days=1)
RETRY_SECONDS = 5.0
# A last poll this far ahead was made while the clock was wrong.
CLOCK_BACK = timedelta(hours=1)
SOURCE_BUSY = timedelta(minutes=1)
RECHECK = "recheck "

_Locks = WeakValueDictionary[str, asyncio.Lock]


class Poller:
    """Runs until told to stop; one task a feed at most.

    Args:
        sources_path: the source list; read again when it changes.
        tools: what the polls share.
        concurrency: feeds in work at the same time.
    """

    def __init__(self, sources_path: Path, tools: PollTools, *, concurrency: int) -> None:
        self._path = sources_path
        self._tools = tools
        self._slots = asyncio.Semaphore(concurrency)
        # Locks live as long as someone holds or waits for them.
        self._hosts: _Locks = WeakValueDictionary()
        self._hints: set[str] = set()
        self._is_kafka_slow = False
        self._polls: dict[str, FeedPoll] = {}
        self._records: dict[str, FeedRecord] = {}
        # A hub may deliver while the feed is polled.
        self._turns: _Locks = WeakValueDictionary()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._file_version: tuple[int, int] | None = None
        self._due: dict[str, float] = {}
        # Publishers: all on the list, and those whose articles are looked at again.
        self._listed: frozenset[str] = frozenset()
        self._rechecked: frozenset[str] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``; what is in the air then is given up and comes again.

        Raises:
            ConfigError: the source list is wrong at the start.
        """
        self._reload(is_start=True)
        try:
            while not stop.is_set():
                await self._tick()
                try:
                    await asyncio.wait_for(stop.wait(), TICK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver(self, feed_id: str, data: bytes, content_type: str) -> None:
        """Take what a hub has sent of a feed, and return when Kafka has it.

        Raises:
            PushBusy: Kafka is slow, or another process sends the source.
            PushClosed: this process is ending.
        """
        async with _lock(self._turns, feed_id):
            poll = self._polls.get(feed_id)
            if poll is None:
                return
            try:
                self._keep(poll, await poll.deliver(self._records[feed_id], data, content_type))
            except IntakeBusy as busy:
                raise PushBusy(busy.retry_after_seconds) from busy
            except SourceBusy as busy:
                raise PushBusy(RETRY_SECONDS) from busy
            except IntakeEnded as ended:
                raise PushClosed from ended

    async def poll_soon(self, feed_id: str) -> None:
        """Poll a feed at the next tick: its hub says that there is news."""
        if feed_id in self._records:
            # One that is being polled may have been read before the news: it is polled again.
            self._hints.add(feed_id)

    def hubs(self) -> list[tuple[str, str, str]]:
        """Return feed, topic and hub of every feed that offers one and may use it."""
        return [
            (feed_id, record.self_url or record.url, record.hub_url)
            for feed_id, record in self._records.items()
            if record.hub_url and self._polls[feed_id].source.websub
        ]

    async def _tick(self) -> None:
        self._collect()
        now = self._tools.clock.now()
        if self._is_time("reload", RELOAD_SECONDS):
            self._reload(is_start=False)
        if self._is_time("held", HELD_SECONDS):
            self._start("held", self._release_held())
        if self._is_time("forget", FORGET_SECONDS):
            self._forget_rechecks(now)
        # To fetch feeds and pages would be in vain; a burst of pushes alone stops nobody.
        if self._is_kafka_slow and self._tools.intake.is_full:
            return
        for feed_id, record in self._records.items():
            is_due = feed_id in self._hints or _is_due(record, now)
            if is_due and record.status != "paused" and feed_id not in self._running:
                self._hints.discard(feed_id)
                self._start(feed_id, self._poll(feed_id))
        self._start_rechecks(now)

    def _start_rechecks(self, now: datetime) -> None:
        urls = [name.split()[1] for name in self._running if name.startswith(RECHECK)]
        free = MAX_RECHECKS - len(urls)
        if free <= 0:
            return
        due = self._tools.state.due_rechecks(
            now,
            sources=self._rechecked,
            busy_hosts={urlsplit(url).netloc for url in urls},
            limit=DUE_RECHECKS,
        )
        started: Counter[str] = Counter()
        for row in due:
            host = _host(row.url)
            if started.total() < free and started[host] < MAX_RECHECKS_OF_HOST:
                started[host] += 1
                self._start(f"{RECHECK}{row.url} {row.article_id}", self._recheck(row))

    def _forget_rechecks(self, now: datetime) -> None:
        """Forget the looks at articles of sources that are no longer on the list."""
        self._tools.state.forget_rechecks(self._listed, due_before=now - FORGET_AFTER)

    async def _poll(self, feed_id: str) -> None:
        async with _lock(self._turns, feed_id):
            poll = self._polls.get(feed_id)
            if poll is None:
                return
            known = self._records[feed_id]
            try:
                self._keep(poll, await poll.run(known, turn=self._turn_of(known.url)))
            except IntakeBusy as busy:
                if not self._is_kafka_slow:
                    self._tools.tell(f"waiting for Kafka, nothing is lost: {busy}")
                self._is_kafka_slow = True
                # Not at once: the site would be asked for the same again and again.
                wait = max(busy.retry_after_seconds, self._tools.limits.min_seconds)
                later = self._tools.clock.now() + timedelta(seconds=wait)
                self._keep(poll, replace(known, next_poll_at=later))
            else:
                self._is_kafka_slow = False

    def _keep(self, poll: FeedPoll, record: FeedRecord) -> None:
        """Take over what a poll has found, unless the source left the list meanwhile."""
        feed_id = record.feed_id
        if feed_id in self._polls:
            is_same = self._polls[feed_id].source.publisher == poll.source.publisher
            source_id = record.source_id if is_same else self._records[feed_id].source_id
            self._records[feed_id] = replace(record, source_id=source_id)

    @asynccontextmanager
    async def _turn_of(self, url: str) -> AsyncIterator[None]:
        """Hold a place among the feeds in work; a host has one, so that none takes them all."""
        async with _lock(self._hosts, _host(url)), self._slots:
            yield

    async def _recheck(self, row: RecheckRow) -> None:
        try:
            await recheck_page(row, self._tools)
        except IntakeBusy:
            await asyncio.sleep(RETRY_SECONDS)
        except SourceBusy:
            # A long import must not hold the places of the looks at other sources.
            if self._tools.state.recheck(row.article_id) == row:
                later = self._tools.clock.now() + SOURCE_BUSY
                self._tools.state.update_recheck(row.article_id, replace(row, due_at=later))

    async def _release_held(self) -> None:
        try:
            await self._tools.intake.submit(lambda ingest: ingest.release_due())
        except IntakeBusy:
            await asyncio.sleep(RETRY_SECONDS)

    def _reload(self, *, is_start: bool) -> None:
        """Take the source list as it is now; a wrong one is told and the old one goes on."""
        version = _file_version(self._path)
        if version == self._file_version and not is_start:
            return
        self._file_version = version
        try:
            sources = load_sources(self._path)
        except ConfigError as error:
            if is_start:
                raise
            self._tools.tell(f"the source list is not taken over: {error}")
            return
        self._take(sources)

    def _take(self, sources: tuple[SourceConfig, ...]) -> None:
        now = self._tools.clock.now()
        spread_seconds = self._tools.start_spread_seconds
        wanted = {source.feed_id: source for source in sources if source.is_active}
        self._listed = frozenset(source.publisher for source in sources)
        self._rechecked = frozenset(each.publisher for each in wanted.values() if each.recheck)
        for feed_id in set(self._polls) - set(wanted):
            del self._polls[feed_id], self._records[feed_id]
            if feed_id in self._running:
                self._running[feed_id].cancel()
        for feed_id, source in wanted.items():
            if feed_id in self._polls and self._polls[feed_id].source == source:
                continue
            before = self._polls.get(feed_id)
            self._polls[feed_id] = FeedPoll(source, self._tools)
            known = self._tools.state.feed(feed_id)
            if known is None:
                self._records[feed_id] = first_record(
                    feed_id=feed_id,
                    url=source.url,
                    source_id=source.publisher,
                    now=now,
                    spread_seconds=spread_seconds,
                )
                continue
            known = after_restart(known, now=now, spread_seconds=spread_seconds)
            if before is not None and before.source.url != source.url:
                known = replace(known, url=source.url)
            self._records[feed_id] = replace(known, source_id=source.publisher)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if name in self._running:
            work.close()
            return
        self._running[name] = asyncio.create_task(work, name=name)

    def _collect(self) -> None:
        """Take finished tasks away; what no one foresaw ends this process, loudly."""
        for name, task in list(self._running.items()):
            if task.done():
                del self._running[name]
                if not task.cancelled():
                    error = task.exception()
                    if error is not None and not isinstance(error, IntakeEnded):
                        raise error

    def _is_time(self, what: str, every_seconds: float) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every_seconds
        return True


def _lock(locks: _Locks, name: str) -> asyncio.Lock:
    """Return the lock that all who use it now share; the caller keeps it."""
    lock = locks.get(name)
    if lock is None:
        lock = locks[name] = asyncio.Lock()
    return lock


def _is_due(record: FeedRecord, now: datetime) -> bool:
    if record.next_poll_at is None or record.next_poll_at <= now:
        return True
    return record.last_poll_at is not None and record.last_poll_at > now + CLOCK_BACK


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _file_version(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size

"""Send messages through Apprise (Slack, Teams, Telegram, ntfy, ...), in confined children."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from pebble import ProcessExpired, ProcessPool

from dateline.alert_records import Channel
from dateline.channels.apprise_child import start_child, tell
from dateline.channels.apprise_services import service_problem
from dateline.channels.message import Message, Sent, refused, retry
from dateline.channels.plain_words import chat_line
from dateline.outbound.address_guard import Network
from dateline.settings import channel_secret

# Its plugins keep sessions and caches.
MESSAGES_PER_CHILD = 500


class AppriseSender:
    """A pool of child processes, started with the first message.

    A child that takes longer than ``timeout_seconds`` for a message is killed.
    """

    def __init__(
        self, allowed: Sequence[Network], *, processes: int, timeout_seconds: float
    ) -> None:
        self._allowed = tuple(allowed)
        self._processes = processes
        self._timeout_seconds = timeout_seconds
        self._pool: ProcessPool | None = None
        self._waiting: set[Future[Sent]] = set()

    async def send(self, channel: Channel, message: Message) -> Sent:
        """Return what the service made of the short form of ``message``.

        Raises: Nothing that the service, the network or Apprise does.
        """
        if not channel.secret_env:
            return refused("no secret_env: the Apprise address is read from that variable")
        url = channel_secret(channel.secret_env)
        if url is None:
            return refused(f"the variable {channel.secret_env} that holds the address is not set")
        problem = service_problem(url)
        if problem is not None:
            return refused(f"the address in {channel.secret_env} {problem}")
        future = self._schedule(url, chat_line(message.subject), message.short.rstrip())
        waiting = asyncio.wrap_future(future)
        try:
            await asyncio.wait([waiting])
        except asyncio.CancelledError:
            future.cancel()
            raise
        return _result(waiting)

    async def close(self) -> None:
        """End the children now."""
        pool = self._stop()
        if pool is not None:
            await asyncio.to_thread(pool.join, 5)

    def _stop(self) -> ProcessPool | None:
        pool, self._pool = self._pool, None
        if pool is not None:
            for future in list(self._waiting):
                future.cancel()  # pebble would leave those who wait for it waiting
            pool.stop()  # type: ignore[no-untyped-call]
        return pool

    def _schedule(self, url: str, title: str, body: str) -> Future[Sent]:
        if self._pool is not None and not self._pool.active:
            # A child that dies while it is idle breaks all of pebble's pool.
            self._stop()
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._processes,
                max_tasks=MESSAGES_PER_CHILD,
                initializer=start_child,
                initargs=(self._allowed, os.getpid()),
                context=multiprocessing.get_context("spawn"),
            )
        future: Future[Sent] = self._pool.schedule(
            tell, args=(url, title, body), timeout=self._timeout_seconds
        )
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future


def _result(done: asyncio.Future[Any]) -> Sent:
    """Return the child's answer; of an error only its kind, for its text may repeat the address."""
    if done.cancelled():
        return retry("the process of Apprise was stopped")
    error = done.exception()
    if error is None:
        sent: Sent = done.result()
        return sent
    if isinstance(error, TimeoutError):
        return retry("no answer in time")
    if isinstance(error, ProcessExpired):
        return retry("the process of Apprise ended")
    return retry(f"Apprise failed ({type(error).__name__})")

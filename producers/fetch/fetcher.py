"""Fetch politely: what robots.txt allows, one request a host at a time, with its pauses kept."""

from __future__ import annotations

import enum
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dateline.clock import Clock, SystemClock
from dateline.errors import ConfigError
from dateline.outbound.guarded_resolver import Lookup
from dateline.outbound.retry_after import parse_retry_after
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.host_queue import HostQueue
from producers.fetch.http_client import HttpClient, HttpOptions, open_http_client
from producers.fetch.parse_robots import MAX_PARSED_BYTES
from producers.fetch.robots import RobotsCache
from producers.fetch.robots_store import RobotsStore

PRODUCT_TOKEN = "dateline"  # noqa: S105 (the name that robots.txt groups use)
REFUSING = frozenset({429, 503})
CONTACT = re.compile(r"[!-'*-~][ !-'*-~]{0,198}")  # printable ASCII without parentheses


class Priority(enum.IntEnum):
    """Who goes first at a host."""

    FEED = 0
    PAGE = 1
    RECHECK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FetcherOptions:
    """Limits of the client and the pace at one host."""

    http: HttpOptions
    min_host_delay_seconds: float = 1.0
    max_host_delay_seconds: float = 60.0


class Fetcher:
    """The client, the robots rules and the host queues as one; made by `open_fetcher`."""

    def __init__(
        self,
        client: HttpClient,
        hosts: HostQueue,
        clock: Clock,
        robots_store: RobotsStore | None = None,
    ) -> None:
        self.http = client
        self._hosts = hosts
        self._clock = clock
        self.robots = RobotsCache(
            self._get_robots, user_agent_token=PRODUCT_TOKEN, clock=clock, store=robots_store
        )

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        priority: int = Priority.PAGE,
        max_body_bytes: int | None = None,
    ) -> Fetched:
        """Return the answer, whatever its status, after waiting for a turn at each hop's host.

        Args:
            url: what to get.
            headers: of the request, for example ``If-None-Match``.
            priority: a `Priority`; lower goes first at a host.
            max_body_bytes: another limit than the usual one.

        Raises:
            FetchProblem: nothing was received. ``robots`` without ``retry_after_seconds`` means
                that the site forbids the address; with it, that robots.txt cannot be had for now.
                ``busy``: the host asked for a pause (now or earlier).

        Effects: 429 and 503 are returned as answers and pause the host for later fetches.
        """

        @asynccontextmanager
        async def hop(target: str) -> AsyncIterator[None]:
            if not await self.robots.may_fetch(target):
                raise FetchProblem("robots", "robots.txt forbids this address")
            delay_seconds = self.robots.crawl_delay_seconds(target)
            async with self._hosts.turn(target, delay_seconds=delay_seconds, priority=priority):
                yield

        answer = await self.http.get(
            url, headers=headers, max_body_bytes=max_body_bytes, on_hop=hop
        )
        self._note_pause(answer)
        return answer

    async def _get_robots(self, url: str) -> Fetched:
        answer = await self.http.get(
            url,
            # One more: the parser must see that something was cut off.
            max_body_bytes=MAX_PARSED_BYTES + 1,
            is_cut_allowed=True,
            on_hop=self._hosts.turn,
        )
        self._note_pause(answer)
        return answer

    def _note_pause(self, answer: Fetched) -> None:
        if answer.status in REFUSING:
            stated = answer.headers.get("retry-after", "")
            seconds = parse_retry_after(stated, self._clock.now())
            self._hosts.back_off(answer.final_url, seconds)
        else:
            self._hosts.recovered(answer.final_url)


@asynccontextmanager
async def open_fetcher(
    options: FetcherOptions,
    *,
    clock: Clock | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    lookup: Lookup | None = None,
    robots_store: RobotsStore | None = None,
) -> AsyncIterator[Fetcher]:
    """Open a fetcher; its connections are closed at the end.

    Args:
        options: limits and pace.
        clock: ages of robots.txt and dates in Retry-After.
        monotonic: seconds, for the pace.
        lookup: resolves names instead of the system.
        robots_store: remembers robots.txt over restarts.
    """
    hosts = HostQueue(
        min_delay_seconds=options.min_host_delay_seconds,
        max_delay_seconds=options.max_host_delay_seconds,
        monotonic=monotonic,
    )
    async with open_http_client(options.http, lookup=lookup) as client:
        yield Fetcher(client, hosts, clock or SystemClock(), robots_store)


def user_agent(version: str, contact: str) -> str:
    """Return who asks and why, with a contact for the sites we read.

    Args:
        version: of this program.
        contact: an address of the web or of mail; empty leaves it out.

    Raises:
        ConfigError: the contact cannot stand in a header.
    """
    if not contact:
        return f"Dateline/{version} (news monitoring)"
    if not CONTACT.fullmatch(contact):
        raise ConfigError(
            "fetch.contact holds characters that cannot stand in a header.",
            hint="Expected an address such as https://example.org/about or desk@example.org.",
        )
    return f"Dateline/{version} (+{contact}; news monitoring)"

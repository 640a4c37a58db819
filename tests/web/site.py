"""Serve simulated publishers on loopback, each on an address of its own, and note every request."""

from __future__ import annotations

import random
import socket
import time
import weakref
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

from aiohttp import web

from .hostile import TRICKS
from .plans import CRAWL_DELAY_SECONDS, FeedPlan, SitePlan
from .publisher import Event, Expected, Publisher, Resource
from .script import Script, act

# A net of loopback addresses that nothing else is likely to use.
NETWORK = "127.20"
HOSTS_PER_BLOCK = 250
PORT_TRIES = 50
STEP = timedelta(seconds=1)
TROUBLED_REQUESTS = range(2, 5)  # requests 3 to 5 of a feed that goes away and comes back
RETRY_AFTER_SECONDS = 2
MOVED_TO = "/moved-feed"
IN_THE_PAST = timedelta(hours=6)


@dataclass(slots=True, kw_only=True)
class Request:
    """A request as it came in; ``at_seconds`` is monotonic, ``status`` 0 until it is answered."""

    at_seconds: float
    host: str
    path: str
    user_agent: str
    if_none_match: str | None
    if_modified_since: str | None
    status: int = 0


class SimulatedWeb:
    """Publishers, their clock and their log; nothing is served before ``serve``.

    Args:
        plans: the publishers; the first ``first_count`` articles of each are there at once.
        seed: of texts and of ``advance``; the same seed and calls give the same bytes.
        start_at: the time of the first step; each change is one second after the last. Six hours
            ago by default, so that thousands of steps stay in the past.
        port: 0 takes a free one (then addresses, and so keys, differ from run to run).
    """

    def __init__(
        self,
        plans: Sequence[SitePlan],
        *,
        seed: int = 1,
        start_at: datetime | None = None,
        port: int = 0,
    ) -> None:
        self._sockets = _bind([_address(number) for number in range(len(plans))], port)
        # A web that is never served (plans and texts alone) must not leave sockets open.
        weakref.finalize(self, close_all, self._sockets)
        self.port: int = self._sockets[0].getsockname()[1]
        self.now = start_at or (datetime.now(UTC) - IN_THE_PAST).replace(microsecond=0)
        self.publishers: dict[str, Publisher] = {}
        self._by_host: dict[str, Publisher] = {}
        self._requests: defaultdict[str, list[Request]] = defaultdict(list)
        self._served: Counter[tuple[str, str]] = Counter()
        self._chance = random.Random(f"script/{seed}")  # noqa: S311 (a seeded script, no secret)
        for number, plan in enumerate(plans):
            host = f"{_address(number)}:{self.port}"
            publisher = Publisher(plan, origin=f"http://{host}", seed=seed)
            self.publishers[plan.name] = self._by_host[host] = publisher
            for _ in range(plan.first_count):
                publisher.publish(self.tick())

    # The script

    def tick(self) -> datetime:
        """Return the time of the next change."""
        self.now += STEP
        return self.now

    def advance(self, steps: int, script: Script | None = None) -> None:
        """Let the publishers do ``steps`` things, as the seed decides."""
        names = list(self.publishers)
        for _ in range(steps):
            publisher = self.publishers[self._chance.choice(names)]
            act(publisher, self._chance, script or Script(), self.tick)

    def journal(self) -> Iterator[Event]:
        """Yield what every publisher did, in the order of time."""
        events = [event for each in self.publishers.values() for event in each.events]
        return iter(sorted(events, key=lambda event: event.at))

    def expected(self) -> list[Expected]:
        """Return what must be known in the end of each article that can be had."""
        return [
            wanted
            for publisher in self.publishers.values()
            if publisher.plan.is_readable
            for wanted in publisher.expected()
        ]

    # The log

    def requests(self, host: str) -> list[Request]:
        """Return the requests to a host (``address:port``), in order."""
        return list(self._requests[host])

    def hosts(self) -> list[str]:
        """Return every host, in the order of the plans."""
        return list(self._by_host)

    def feed_urls(self, *, is_readable_only: bool = False) -> list[tuple[str, str]]:
        """Return address and publisher of every feed; children of a sitemap index are left out."""
        return [
            (f"{publisher.origin}{feed.path}", name)
            for name, publisher in self.publishers.items()
            if publisher.plan.is_readable or not is_readable_only
            for feed in publisher.plan.feeds
            if not feed.is_gzip_file
        ]

    def min_gap_seconds(self, host: str) -> float:
        """Return the shortest time between two requests to a host; infinite below two."""
        return min_gap_seconds([request.at_seconds for request in self._requests[host]])

    # Serving

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """Serve every publisher until the block ends."""
        runner = web.ServerRunner(web.Server(self._answer))
        await runner.setup()
        try:
            for each in self._sockets:
                await web.SockSite(runner, each).start()
            yield
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        seen = Request(
            at_seconds=time.monotonic(),
            host=request.host,
            path=request.path_qs,
            user_agent=request.headers.get("User-Agent", ""),
            if_none_match=request.headers.get("If-None-Match"),
            if_modified_since=request.headers.get("If-Modified-Since"),
        )
        self._requests[request.host].append(seen)
        publisher = self._by_host.get(request.host)
        if publisher is None:
            response: web.StreamResponse = web.Response(status=421)
        elif request.path == "/robots.txt":
            response = _robots(publisher.plan)
        else:
            response = await self._resource(publisher, request)
        seen.status = response.status
        return response

    async def _resource(self, publisher: Publisher, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        for feed in publisher.plan.feeds:
            if path == feed.path or (feed.delivery == "loop" and path == f"{feed.path}/again"):
                return await self._feed(publisher, feed, request)
            if feed.delivery == "moved" and path == MOVED_TO:
                return _conditional(request, publisher.feed(feed), feed)
        if path == "/":
            return web.Response(body=publisher.home(), headers={"Content-Type": "text/html"})
        return _page(publisher, request)

    async def _feed(
        self, publisher: Publisher, feed: FeedPlan, request: web.BaseRequest
    ) -> web.StreamResponse:
        trick = TRICKS.get(feed.delivery)
        if trick is not None:
            try:
                return await trick(request)
            except ConnectionError:  # the client had enough, as it should
                return web.Response(status=499)
        number = self._served[publisher.plan.name, feed.path]
        self._served[publisher.plan.name, feed.path] += 1
        if feed.delivery == "moved":
            return web.Response(status=301, headers={"Location": MOVED_TO})
        if feed.delivery == "gone_then_back" and number in TROUBLED_REQUESTS:
            return web.Response(status=410)
        if feed.delivery == "too_many" and number in TROUBLED_REQUESTS:
            return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        return _conditional(request, publisher.feed(feed), feed)


def min_gap_seconds(moments: Sequence[float]) -> float:
    """Return the shortest time between two of the moments; infinite below two."""
    return min(
        (later - earlier for earlier, later in pairwise(moments)),
        default=float("inf"),
    )


def _robots(plan: SitePlan) -> web.Response:
    if plan.robots == "missing":
        return web.Response(status=404)
    if plan.robots == "server_error":
        return web.Response(status=503)
    if plan.robots == "html":
        return web.Response(text="<!DOCTYPE html><p>Not here.</p>", content_type="text/html")
    lines = {
        "allow": "User-agent: *\nDisallow: /private/\n",
        "disallow": "User-agent: *\nDisallow: /\n",
        "crawl_delay": f"User-agent: *\nCrawl-delay: {CRAWL_DELAY_SECONDS}\n",
    }
    return web.Response(text=lines[plan.robots])


def _page(publisher: Publisher, request: web.BaseRequest) -> web.Response:
    _, _, name = request.path.removesuffix("/amp").partition("/story-")
    number = int(name) if name.isdecimal() and len(name) < 10 else -1
    state = publisher.page_state(number)
    if state is None:
        return web.Response(status=404)
    if state != "usable":
        return web.Response(status=publisher.plan.deletes_with)
    return _conditional(request, publisher.page(number), None)


def _conditional(
    request: web.BaseRequest, resource: Resource, feed: FeedPlan | None
) -> web.Response:
    """Return the resource, or 304, with the honesty of the feed."""
    manner = feed.validators if feed else "honest"
    headers = {"Content-Type": resource.content_type}
    if manner != "none":
        headers["ETag"] = '"constant"' if manner == "constant_etag" else resource.etag
        headers["Last-Modified"] = format_datetime(resource.modified_at, usegmt=True)
    if manner == "always_304" and ({"If-None-Match", "If-Modified-Since"} & request.headers.keys()):
        return web.Response(status=304, headers=headers)
    if manner == "honest" and _is_known(request, headers):
        return web.Response(status=304, headers=headers)
    return web.Response(body=resource.body, headers=headers)


def _is_known(request: web.BaseRequest, headers: dict[str, str]) -> bool:
    tag = request.headers.get("If-None-Match")
    if tag is not None:
        return tag == headers["ETag"]
    return request.headers.get("If-Modified-Since") == headers["Last-Modified"]


def _address(number: int) -> str:
    block, last = divmod(number, HOSTS_PER_BLOCK)
    return f"{NETWORK}.{block}.{last + 1}"


def _bind(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Return one bound socket an address, all on one port."""
    for _ in range(PORT_TRIES):
        sockets: list[socket.socket] = []
        wanted = port
        try:
            for address in addresses:
                sockets.append(socket.create_server((address, wanted), backlog=256))
                wanted = sockets[0].getsockname()[1]
        except OSError:
            close_all(sockets)
            if port:
                raise
        else:
            return sockets
    raise OSError(f"no port is free on all of {len(addresses)} addresses")


def close_all(sockets: Iterable[socket.socket]) -> None:
    """Close every socket."""
    for each in sockets:
        each.close()

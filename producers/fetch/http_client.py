"""The one HTTP client for everything that leaves the machine: guarded, limited, without memory."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

import aiohttp
from yarl import URL

from dateline.outbound.address_guard import Network
from dateline.outbound.guarded_resolver import GuardedResolver, Lookup, guarded_socket_factory
from producers.fetch.decode_body import BodyDecoder
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.http_problems import to_problem
from producers.fetch.parse_http_url import clean_text, parse_http_url, resolve_location

OnHop = Callable[[str], AbstractAsyncContextManager[None]]

MAX_CONNECTIONS = 100
MAX_CONNECTIONS_PER_HOST = 2
# News sites send policy headers beyond aiohttp's 8 KiB; with 128 of them a head stays below 5 MB.
MAX_HEADER_BYTES = 32_768
MAX_HEADERS = 128
CHUNK_BYTES = 65_536
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
# Not sent on to another origin.
PRIVATE_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Who we are and what a fetch may cost.

    ``connect_timeout_seconds`` limits the lookup and, separately, connect and TLS handshake;
    ``total_timeout_seconds`` all hops together, without the waiting of an ``on_hop``.
    ``max_ratio`` is decompressed by received bytes above 1 MB.
    """

    user_agent: str
    allowed_networks: tuple[Network, ...] = ()
    connect_timeout_seconds: float = 10.0
    total_timeout_seconds: float = 60.0
    max_redirects: int = 5
    max_body_bytes: int = 10_000_000
    max_ratio: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class _Budget:
    """The seconds left for the hops of one fetch."""

    def __init__(self, seconds: float) -> None:
        self._left_seconds = seconds
        self.used_seconds = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        started_at = time.monotonic()
        try:
            async with asyncio.timeout(self._left_seconds - self.used_seconds):
                yield
        finally:
            self.used_seconds += time.monotonic() - started_at


class HttpClient:
    """Fetch over http and https; made by `open_http_client`.

    Each connection goes to an address that was judged for that very connection, so neither
    redirects nor changing name servers lead inside. No proxy of the environment is used, no cookie
    is kept, TLS certificates are verified.
    """

    def __init__(self, session: aiohttp.ClientSession, options: HttpOptions) -> None:
        self._session = session
        self._options = options

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_body_bytes: int | None = None,
        is_cut_allowed: bool = False,
        on_hop: OnHop | None = None,
    ) -> Fetched:
        """Return the answer, whatever its status, after following redirects.

        Args:
            url: what to get.
            headers: of the request; ours win (``User-Agent``, ``Accept-Encoding``, ``Host``).
            max_body_bytes: another limit than that of the options.
            is_cut_allowed: cut a larger body at the limit; else it is refused.
            on_hop: is entered before and left after each request, with its address: pacing and
                permission, also for where redirects lead. What it raises is passed on.

        Raises:
            FetchProblem: no answer was received, or none that may be used.
        """
        target = parse_http_url(url)
        sent_headers = _request_headers(headers, self._options.user_agent)
        limit = self._options.max_body_bytes if max_body_bytes is None else max_body_bytes
        budget = _Budget(self._options.total_timeout_seconds)
        permanent, is_permanent = target, True
        seen = {target}
        while True:
            async with on_hop(str(target)) if on_hop else nullcontext():
                answer = await self._exchange(
                    "GET", target, sent_headers, budget, _BodyLimit(limit, is_cut_allowed)
                )
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location:
                return _fetched(url, target, permanent, answer, budget)
            following = resolve_location(target, location)
            if following in seen or len(seen) > self._options.max_redirects:
                reason = "in a circle" if following in seen else f"more than {len(seen) - 1}"
                raise FetchProblem("redirects", reason)
            seen.add(following)
            if following.origin() != target.origin():
                sent_headers = _without_private(sent_headers)
            is_permanent = is_permanent and answer.status in PERMANENT
            permanent = following if is_permanent else permanent
            target = following

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Fetched:
        """Send ``body`` and return the answer; redirects are answers like others.

        Raises:
            FetchProblem: as `get`; the request may have arrived all the same.
        """
        target = parse_http_url(url)
        budget = _Budget(self._options.total_timeout_seconds)
        answer = await self._exchange(
            "POST",
            target,
            _request_headers(headers, self._options.user_agent),
            budget,
            _BodyLimit(self._options.max_body_bytes, is_cut_allowed=False),
            data=body,
        )
        return _fetched(url, target, target, answer, budget)

    async def _exchange(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        budget: _Budget,
        limit: _BodyLimit,
        *,
        data: bytes | None = None,
    ) -> _Answer:
        try:
            async with (
                budget.running(),
                self._session.request(
                    method, url, headers=headers, data=data, allow_redirects=False
                ) as response,
            ):
                received = _response_headers(response)
                if response.status in REDIRECTS and "location" in received:
                    return _Answer(status=response.status, headers=received, body=b"")
                body = await _read_body(response, limit, self._options.max_ratio)
                return _Answer(status=response.status, headers=received, body=body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise to_problem(error) from error


@dataclass(frozen=True, slots=True)
class _BodyLimit:
    max_body_bytes: int
    is_cut_allowed: bool


@asynccontextmanager
async def open_http_client(
    options: HttpOptions, *, lookup: Lookup | None = None
) -> AsyncIterator[HttpClient]:
    """Open the client; connections are closed at the end.

    Args:
        options: limits.
        lookup: resolves names instead of the system.
    """
    resolver = GuardedResolver(
        options.allowed_networks, timeout_seconds=options.connect_timeout_seconds, lookup=lookup
    )
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        socket_factory=guarded_socket_factory(options.allowed_networks),
        # What was looked up for an earlier connection says nothing about this one.
        use_dns_cache=False,
        # Requests to a host are seconds apart, and a connection that the host has closed meanwhile
        # would look like an error of the site.
        force_close=True,
        limit=MAX_CONNECTIONS,
        limit_per_host=MAX_CONNECTIONS_PER_HOST,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=options.connect_timeout_seconds),
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
    )
    # aiohttp repeats a GET whose connection was reset at once, past our pacing.
    session._retry_connection = False  # noqa: SLF001 (there is no public way)
    try:
        async with session:
            yield HttpClient(session, options)
    finally:
        await resolver.close()


async def _read_body(response: aiohttp.ClientResponse, limit: _BodyLimit, max_ratio: int) -> bytes:
    length = response.content_length
    if length is not None and length > limit.max_body_bytes and not limit.is_cut_allowed:
        raise FetchProblem("too_large", f"more than {limit.max_body_bytes} bytes")
    decoder = BodyDecoder(
        response.headers.get("Content-Encoding", ""),
        max_body_bytes=limit.max_body_bytes,
        max_ratio=max_ratio,
        is_cut_allowed=limit.is_cut_allowed,
    )
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        decoder.feed(chunk)
        if decoder.is_full:
            break
    return decoder.finish()


def _request_headers(given: Mapping[str, str] | None, user_agent: str) -> dict[str, str]:
    headers = {"accept": "*/*"}
    for name, value in (given or {}).items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise FetchProblem("protocol", "a request header holds control characters")
        headers[name.lower()] = value
    for name in ("host", "connection", "content-length", "transfer-encoding"):
        headers.pop(name, None)
    # Brotli and zstd have had bombs that could not be counted while they unpack.
    return headers | {"user-agent": user_agent, "accept-encoding": "gzip, deflate"}


def _without_private(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in PRIVATE_HEADERS}


def _response_headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key, text = clean_text(name).lower(), clean_text(value)
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _fetched(url: str, final: URL, permanent: URL, answer: _Answer, budget: _Budget) -> Fetched:
    is_moved = permanent != parse_http_url(url)
    return Fetched(
        url=url,
        final_url=str(final),
        permanent_url=str(permanent) if is_moved else url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        seconds=budget.used_seconds,
    )

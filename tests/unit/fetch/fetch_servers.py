"""Real servers on loopback, names that lead to them, and a loop whose time passes at once."""

from __future__ import annotations

import asyncio
import selectors
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import Any

from aiohttp import web

from producers.fetch.fetched import FetchProblem
from producers.fetch.http_client import HttpOptions

LOOPBACK = (IPv4Network("127.0.0.0/8"),)
OPTIONS = HttpOptions(
    user_agent="Dateline/test", connect_timeout_seconds=5.0, total_timeout_seconds=20.0
)
LOCAL = replace(OPTIONS, allowed_networks=LOOPBACK)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Site:
    """A server that counts. ``requests`` holds "host path" in order."""

    port: int
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.partition(" ")[2] for request in self.requests]


@asynccontextmanager
async def serve(handler: Handler) -> AsyncIterator[Site]:
    """Serve every path with ``handler`` on a free port of 127.0.0.0/8."""
    site = Site(port=0)

    async def counted(request: web.Request) -> web.StreamResponse:
        site.requests.append(f"{request.host.partition(':')[0]} {request.path_qs}")
        site.headers.append({name.lower(): value for name, value in request.headers.items()})
        return await handler(request)

    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", counted)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()  # noqa: S104 (all of 127.0.0.0/8)
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serve_raw(script: Script, *, host: str = "127.0.0.1") -> AsyncIterator[Site]:
    """Serve each connection with ``script``, which writes what it likes."""
    site = Site(port=0)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.connections += 1
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await script(reader, writer)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, dualstack_ipv6=host == "::")
    server = await asyncio.start_server(connected, sock=listener)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def raw_answer(data: bytes) -> Script:
    """Return a script that reads a request's head and answers ``data``."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)

    return script


def names(**addresses: str | Sequence[str]) -> Callable[[str], Awaitable[Sequence[str]]]:
    """Return a lookup that knows ``name.example`` for each keyword."""
    table = {
        f"{name}.example": [given] if isinstance(given, str) else list(given)
        for name, given in addresses.items()
    }

    async def lookup(host: str) -> Sequence[str]:
        return table.get(host.rstrip("."), [])

    return lookup


async def problem_of(fetching: Coroutine[Any, Any, Any]) -> FetchProblem:
    """Return the problem that ``fetching`` ends in."""
    try:
        result = await fetching
    except FetchProblem as problem:
        return problem
    raise AssertionError(f"no problem but {result!r}")


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits for longer than nothing: the time jumps instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop without any real waiting; for what needs no network."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_jumping(main: Callable[[Callable[[], float]], Coroutine[Any, Any, Any]]) -> Any:
    """Run ``main(monotonic)`` in a loop whose timers are due at once, in order."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main(runner.get_loop().time))

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from aiohttp import web
from push_doubles import PATIENCE_SECONDS

from producers.push.connection_gate import MAX_HEAD_BYTES, ConnectionLimits, client_of
from producers.push.push_server import open_push_server

REQUEST = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody"
NEVER = 60.0


@asynccontextmanager
async def echo_server(*, keepalive_seconds: float = NEVER, **limits: Any) -> AsyncIterator[int]:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application()
    app.router.add_post("/echo", echo)
    async with open_push_server(
        app, bind="127.0.0.1", port=0, shutdown_seconds=1, keepalive_seconds=keepalive_seconds,
        limits=ConnectionLimits(**{"head_seconds": NEVER, **limits}),
    ) as port:  # fmt: skip
        yield port


class Connection:
    """A connection to the server, from ``host``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def answer(self) -> bytes:
        """Return the first line of the answer and its body; empty when the connection was cut."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split()[0])
                return head.split(b"\r\n")[0] + b" " + await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def ask(self, request: bytes = REQUEST) -> bytes:
        self.writer.write(request)
        return await self.answer()

    async def is_closed(self) -> bool:
        return await self.answer() == b""


@asynccontextmanager
async def connected(port: int, host: str = "127.0.0.1") -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


OK = b"HTTP/1.1 200 OK body"
TOO_MANY = b"HTTP/1.1 503 Service Unavailable "


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began_at = time.monotonic()
    yield
    assert time.monotonic() - began_at < seconds


def test_gate_closes_a_connection_that_says_nothing() -> None:
    async def scenario() -> None:
        async with echo_server(head_seconds=0.1) as port, connected(port) as silent:
            with within(10):
                assert await silent.is_closed()

    asyncio.run(scenario())


def test_gate_closes_a_connection_whose_head_drips() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        while not writer.transport.is_closing():
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.01)

    async def scenario() -> None:
        async with echo_server(head_seconds=0.3) as port, connected(port) as slow:
            slow.writer.write(b"POST /echo HTTP/1.1\r\n")
            dripping = asyncio.create_task(drip(slow.writer))
            with within(10):
                assert await slow.is_closed()
            dripping.cancel()

    asyncio.run(scenario())


def test_gate_closes_a_connection_whose_later_head_does_not_end() -> None:
    async def scenario() -> None:
        async with echo_server(keepalive_seconds=0.2) as port, connected(port) as slow:
            assert await slow.ask() == OK
            slow.writer.write(REQUEST[:30])
            with within(10):
                assert await slow.is_closed()

    asyncio.run(scenario())


def test_gate_closes_a_connection_whose_head_is_endless() -> None:
    async def scenario() -> None:
        async with echo_server() as port, connected(port) as endless:
            with within(10):
                assert await endless.ask(b"X: y\r\n" * (MAX_HEAD_BYTES // 5)) == b""

    asyncio.run(scenario())


def test_gate_gives_a_request_on_however_it_is_cut() -> None:
    async def scenario() -> None:
        async with echo_server(max_connections=1000, max_client_connections=1000) as port:
            for cut in range(1, len(REQUEST)):
                async with connected(port) as client:
                    client.writer.write(REQUEST[:cut])
                    await asyncio.sleep(0)
                    assert await client.ask(REQUEST[cut:]) == OK
                    assert await client.ask() == OK

    asyncio.run(scenario())


@pytest.mark.parametrize("first", [b"", REQUEST], ids=["silent", "served"])
def test_gate_lets_no_more_in_than_it_may(first: bytes) -> None:
    async def scenario() -> None:
        async with echo_server(max_connections=2) as port, connected(port) as one:
            if first:
                await one.ask(first)
            async with connected(port) as two:
                assert await two.ask() == OK
                async with connected(port) as three:
                    assert await three.answer() == TOO_MANY
                assert await two.ask() == OK
            await until_served(port)

    asyncio.run(scenario())


def test_gate_keeps_places_for_other_clients() -> None:
    async def scenario() -> None:
        async with (
            echo_server(max_connections=4, max_client_connections=2) as port,
            connected(port),
            connected(port),
            connected(port) as third,
            connected(port, host="127.0.0.2") as other,
        ):
            assert await third.answer() == TOO_MANY
            assert await other.ask() == OK

    asyncio.run(scenario())


def test_gate_ends_with_connections_that_were_not_let_in() -> None:
    async def scenario() -> None:
        async with echo_server() as port:
            silent = await asyncio.open_connection("127.0.0.1", port)
        with within(10):
            assert await Connection(*silent).is_closed()
        silent[1].close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("peername", "client"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 5, 0, 0), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::1", 5, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::/64"),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1"),
        ("", ""),
        (None, ""),
    ],
)
def test_client_is_an_address_or_its_network(peername: object, client: str) -> None:
    assert client_of(peername) == client


async def until_served(port: int) -> None:
    """Wait for the server to notice that a connection has ended."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with connected(port) as client:
                if await client.ask() == OK:
                    return
            await asyncio.sleep(0.01)

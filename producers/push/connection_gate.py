"""Let connections in: so many in all and of one client, and none that does not say what it wants.

The HTTP server itself sees a connection when the head of its first request is complete. The heads
of later requests are limited by its keep-alive time, bodies by the handlers.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
from dataclasses import dataclass

from aiohttp import web

# More than aiohttp reads of a request line and its headers, each up to 8 kB in practice.
MAX_HEAD_BYTES = 64_000
HEAD_ENDS = (b"\r\n\r\n", b"\n\n")
IPV6_CLIENT_BITS = 64  # what one customer is given
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How many connections may be open, in all and of one client, and how long a head may take."""

    max_connections: int = 256
    max_client_connections: int = 128
    head_seconds: float = 10.0


class ConnectionGate:
    """The protocols of new connections, for ``loop.create_server(gate.protocol, ...)``.

    A connection above the limits is answered with 503 and closed.

    Args:
        server: takes the connections that were let in.
        limits: of all that wait and those that were let in.
    """

    def __init__(self, server: web.Server, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._server = server
        self._waiting: dict[_Newcomer, str] = {}

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol of one new connection."""
        return _Newcomer(self)

    def close(self) -> None:
        """Close the connections that were not let in yet."""
        for newcomer in list(self._waiting):
            newcomer.close()

    def admit(self, newcomer: _Newcomer, client: str) -> bool:
        """Note a new connection; False: there are too many."""
        served = [client_of(handler.peername) for handler in self._server.connections]
        clients = [*self._waiting.values(), *served]
        if (
            len(clients) >= self.limits.max_connections
            or clients.count(client) >= self.limits.max_client_connections
        ):
            return False
        self._waiting[newcomer] = client
        return True

    def leave(self, newcomer: _Newcomer) -> None:
        """Forget a connection that was let in or closed."""
        self._waiting.pop(newcomer, None)

    def new_handler(self) -> asyncio.Protocol:
        """Return the HTTP protocol for a connection that is let in."""
        return self._server()


class _Newcomer(asyncio.Protocol):
    """A connection until the head of its first request is complete."""

    def __init__(self, gate: ConnectionGate) -> None:
        self._gate = gate
        self._head = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (TCP)
        self._transport = transport
        if not self._gate.admit(self, client_of(transport.get_extra_info("peername"))):
            transport.write(TOO_MANY)
            transport.close()
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._gate.limits.head_seconds, self.close)

    def data_received(self, data: bytes) -> None:
        # The end may stand across two pieces.
        searched = max(0, len(self._head) - len(HEAD_ENDS[0]))
        self._head += data
        if any(self._head.find(end, searched) >= 0 for end in HEAD_ENDS):
            self._hand_over()
        elif len(self._head) > MAX_HEAD_BYTES:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._leave()

    def close(self) -> None:
        """Close the connection at once: whoever holds it has said nothing that can be answered."""
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _hand_over(self) -> None:
        self._leave()
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        handler = self._gate.new_handler()
        transport.set_protocol(handler)
        handler.connection_made(transport)
        handler.data_received(bytes(self._head))

    def _leave(self) -> None:
        self._gate.leave(self)
        if self._timer is not None:
            self._timer.cancel()


@functools.lru_cache(maxsize=1024)  # asked of all open connections whenever one is added
def client_of(peername: object) -> str:
    """Return who is behind a peer's name or address: the address, of IPv6 its network of 64 bits.

    Raises: Nothing; "" for what is no address.
    """
    host = peername[0] if isinstance(peername, tuple) else peername
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return ""
    if address.version == 6:  # noqa: PLR2004
        mapped = address.ipv4_mapped
        network = ipaddress.ip_network((address, IPV6_CLIENT_BITS), strict=False)
        return str(mapped or network)
    return str(address)

"""Serve what others push: one port for the endpoint and the WebSub callbacks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from dateline.errors import ConfigError
from producers.push.connection_gate import ConnectionGate, ConnectionLimits

# How long the rest of a body that nobody wants is read, so that the client sees the answer.
LINGER_SECONDS = 5.0
KEEPALIVE_SECONDS = 75.0
DEFAULT_LIMITS = ConnectionLimits()

logger = logging.getLogger(__name__)


class _NoMalformedRequests(logging.Filter):
    """Leave out what is no HTTP: its text is a stranger's, or a client's header with a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


logger.addFilter(_NoMalformedRequests())


@asynccontextmanager
async def open_push_server(
    app: web.Application,
    *,
    bind: str,
    port: int,
    limits: ConnectionLimits = DEFAULT_LIMITS,
    keepalive_seconds: float = KEEPALIVE_SECONDS,
    shutdown_seconds: float = 5.0,
) -> AsyncIterator[int]:
    """Serve ``app`` and give the port (the free one that was found, for port 0).

    On leaving, no new connection is taken, and requests have ``shutdown_seconds`` to end.

    Args:
        app: what is served.
        bind: address to listen on.
        port: port to listen on.
        limits: of connections.
        keepalive_seconds: how long a connection may be idle between two requests, the head of the
            second included.
        shutdown_seconds: see above.

    Raises:
        ConfigError: the address cannot be bound.
    """
    runner = web.AppRunner(
        app,
        # Paths of callbacks are secrets, and so is a key in a header that someone logs.
        access_log=None,
        logger=logger,
        # Our own limits hold for decompressed bodies; a body that is refused stays compressed.
        auto_decompress=False,
        keepalive_timeout=keepalive_seconds,
        lingering_time=LINGER_SECONDS,
        shutdown_timeout=shutdown_seconds,
    )
    await runner.setup()
    assert runner.server is not None  # noqa: S101 (it is made by the setup)
    gate = ConnectionGate(runner.server, limits)
    try:
        async with _listening(gate, bind, port) as found_port:
            yield found_port
    finally:
        gate.close()
        await runner.cleanup()


@asynccontextmanager
async def _listening(gate: ConnectionGate, bind: str, port: int) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    try:
        listener = await loop.create_server(gate.protocol, bind, port)
    except OSError as error:
        raise ConfigError(
            f"push: cannot listen on {bind} port {port}: {error.strerror or error}.",
            hint="Set push.bind and push.port.",
        ) from error
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()

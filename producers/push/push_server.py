"""Serve what others push: one port for the endpoint and the WebSub callbacks."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from dateline.errors import ConfigError

# How long the rest of a body that nobody wants is read, so that the client sees the answer.
LINGER_SECONDS = 5.0
KEEPALIVE_SECONDS = 75.0

logger = logging.getLogger(__name__)


class _NoMalformedRequests(logging.Filter):
    """Leave out what is no HTTP: its text is a stranger's, or a client's header with a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


logger.addFilter(_NoMalformedRequests())


@asynccontextmanager
async def open_push_server(
    app: web.Application, *, bind: str, port: int, shutdown_seconds: float = 5.0
) -> AsyncIterator[int]:
    """Serve ``app`` and give the port (the free one that was found, for port 0).

    On leaving, no new connection is taken, and requests have ``shutdown_seconds`` to end.

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
        keepalive_timeout=KEEPALIVE_SECONDS,
        lingering_time=LINGER_SECONDS,
        shutdown_timeout=shutdown_seconds,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, bind, port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigError(
                f"push: cannot listen on {bind} port {port}: {error.strerror or error}.",
                hint="Set push.bind and push.port.",
            ) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()

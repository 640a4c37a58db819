"""Send the answers that no honest server sends."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache

from aiohttp import web

from .plans import Delivery

BOMB_BYTES = 200_000_000
ENDLESS_BYTES = 2_000_000_000  # who reads this far has no limit; the test machine has
NESTING = 100_000
DRIP_BYTES = 8
DRIP_SECONDS = 0.5
XML = {"Content-Type": "application/rss+xml"}


async def _drip(request: web.BaseRequest) -> web.StreamResponse:
    """Send a feed so slowly that no pause is long, and the end never comes."""
    response = web.StreamResponse(headers=XML)
    await response.prepare(request)
    text = b'<?xml version="1.0"?><rss version="2.0"><channel>' + b"<item/>" * 100_000
    for start in range(0, len(text), DRIP_BYTES):
        await response.write(text[start : start + DRIP_BYTES])
        await asyncio.sleep(DRIP_SECONDS)
    return response


async def _endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse(headers=XML)
    await response.prepare(request)
    await response.write(b'<?xml version="1.0"?><rss version="2.0"><channel>')
    chunk = b"<item><title>more</title></item>" * 2_000
    for _ in range(ENDLESS_BYTES // len(chunk)):
        await response.write(chunk)
    return response


async def _gzip_bomb(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=_bomb(), headers={**XML, "Content-Encoding": "gzip"})


async def _billion_laughs(request: web.BaseRequest) -> web.StreamResponse:
    entities = "".join(
        f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10)
    )
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]>'
        '<rss version="2.0"><channel><title>&l9;</title></channel></rss>'
    )
    return web.Response(body=body.encode(), headers=XML)


async def _deep_nesting(request: web.BaseRequest) -> web.StreamResponse:
    body = b'<rss version="2.0"><channel>' + b"<a>" * NESTING + b"</a>" * NESTING
    return web.Response(body=body + b"</channel></rss>", headers=XML)


async def _wrong_length(request: web.BaseRequest) -> web.StreamResponse:
    """Promise more than is sent, and close."""
    response = web.StreamResponse(headers={**XML, "Content-Length": "100000"})
    await response.prepare(request)
    await response.write(b'<?xml version="1.0"?><rss version="2.0"><channel>')
    if request.transport is not None:
        request.transport.close()
    return response


async def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Answer with a TCP reset."""
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        # Lingering for 0 s makes the kernel send RST in place of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response(status=500)


async def _html(request: web.BaseRequest) -> web.StreamResponse:
    body = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Hello.</p></body>"
    return web.Response(body=body, headers={"Content-Type": "text/html"})


async def _server_error(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=500, text="out of order")


def _redirect(location: str) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": location})

    return answer


async def _loop(request: web.BaseRequest) -> web.StreamResponse:
    """Redirect back and forth between two addresses."""
    target = request.path.removesuffix("/again") if request.path.endswith("/again") else (
        f"{request.path}/again"
    )  # fmt: skip
    return web.Response(status=302, headers={"Location": target})


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b"\0" * BOMB_BYTES, 6, mtime=0)


TRICKS: Mapping[Delivery, Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]] = {
    "drip": _drip,
    "endless": _endless,
    "gzip_bomb": _gzip_bomb,
    "billion_laughs": _billion_laughs,
    "deep_nesting": _deep_nesting,
    "wrong_length": _wrong_length,
    "reset": _reset,
    "html": _html,
    "server_error": _server_error,
    "loop": _loop,
    "to_private": _redirect("http://10.11.12.13/feed"),
    "to_metadata": _redirect("http://169.254.169.254/latest/meta-data/"),
    "to_file": _redirect("file:///etc/hostname"),
}

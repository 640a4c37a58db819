"""Return a connected socket to an address that the guard allows, for clients that take one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from dateline.outbound.address_guard import Judge, Network, is_allowed_address
from dateline.outbound.guarded_resolver import GuardedResolver, Lookup, guarded_socket_factory


async def connect_guarded(
    host: str,
    port: int,
    *,
    allowed: Sequence[Network],
    timeout_seconds: float,
    judge: Judge = is_allowed_address,
    lookup: Lookup | None = None,
) -> socket.socket:
    """Return a socket that is connected to ``host``; the caller closes it.

    Every address of the name is judged, and connected to is one that was judged.

    Args:
        host: name or address.
        port: of the server.
        allowed: networks of the operator's own.
        timeout_seconds: of lookup and connect together.
        judge: whether an address may be connected to.
        lookup: resolves names instead of the system.

    Raises:
        AddressForbidden: an address of the name is not allowed.
        OSError: no address, or none that answers.
        TimeoutError: not in time.
    """
    make = guarded_socket_factory(allowed, judge)
    resolver = GuardedResolver(allowed, timeout_seconds=timeout_seconds, lookup=lookup, judge=judge)
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
    try:
        async with asyncio.timeout(timeout_seconds):
            for found in await resolver.resolve(host, port):
                address = (found["host"], port)
                sock = make((found["family"], socket.SOCK_STREAM, 0, "", address))
                try:
                    sock.setblocking(False)
                    await asyncio.get_running_loop().sock_connect(sock, address)
                except OSError as error:
                    sock.close()
                    failure = error
                except BaseException:  # cancelled or out of time: the socket is nobody's
                    sock.close()
                    raise
                else:
                    return sock
    finally:
        await resolver.close()
    raise failure

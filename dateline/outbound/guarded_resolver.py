"""Resolve names and make sockets for allowed addresses only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from dateline.outbound.address_guard import Judge, Network, is_allowed_address

Lookup = Callable[[str], Awaitable[Sequence[str]]]

# `getaddrinfo` blocks its thread for many seconds for a dead name server; the event loop's own
# small pool is left to others.
LOOKUP_THREADS = 32


class AddressForbidden(OSError):
    """An address outside the public network that the operator has not allowed."""


class GuardedResolver(AbstractResolver):
    """Addresses of a name; none at all when one of them is forbidden.

    A name with one public and one private address is a way in, so it is refused as a whole. The
    addresses returned are the ones connected to: no second lookup comes between.
    """

    def __init__(
        self,
        allowed: Sequence[Network],
        *,
        timeout_seconds: float,
        lookup: Lookup | None = None,
        judge: Judge = is_allowed_address,
    ) -> None:
        self._allowed = allowed
        self._judge = judge
        self._timeout_seconds = timeout_seconds
        self._pool = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")
        self._lookup = lookup or self._system_lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``, for a connector.

        Raises:
            AddressForbidden: at least one of them is not allowed.
            OSError: there are none.
            TimeoutError: the name servers do not answer.
        """
        async with asyncio.timeout(self._timeout_seconds):
            try:
                found = await self._lookup(host)
            except UnicodeError as error:  # a label that is empty or too long
                raise socket.gaierror(socket.EAI_NONAME, "no valid host name") from error
        if not all(self._judge(address, self._allowed) for address in found):
            raise AddressForbidden("the name leads to a private address")
        results = [_result(host, address, port) for address in found]
        results = [each for each in results if family in (socket.AF_UNSPEC, each["family"])]
        if not results:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return results

    async def close(self) -> None:
        """Let go of the threads without waiting for lookups on their way."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _system_lookup(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._pool, _addresses, host)
        return list(dict.fromkeys(found))


def guarded_socket_factory(
    allowed: Sequence[Network], judge: Judge = is_allowed_address
) -> Callable[[Any], socket.socket]:
    """Return what makes sockets for allowed addresses: the last check, right before the connect.

    Connectors ask no resolver about addresses that stand in the URL itself.

    Raises (the factory): AddressForbidden.
    """

    def make(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not judge(str(address[0]), allowed):
            raise AddressForbidden("a private address")
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _addresses(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def _result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )

"""Sockets to addresses that were judged: of every name, and again right before the connect."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import pytest

from dateline.outbound.address_guard import is_own_address, parse_networks
from dateline.outbound.connect import connect_guarded
from dateline.outbound.guarded_resolver import AddressForbidden, Lookup

LOOPBACK = parse_networks(["127.0.0.0/8"])


def leads_to(*addresses: str) -> Lookup:
    async def lookup(_host: str) -> Sequence[str]:
        return addresses

    return lookup


def test_connect_guarded_tries_every_address() -> None:
    async def case() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            sock = await connect_guarded(
                "mail.example", port, allowed=LOOPBACK, timeout_seconds=5,
                lookup=leads_to("127.0.0.2", "127.0.0.1"),
            )  # fmt: skip
            with sock:
                assert sock.getpeername() == ("127.0.0.1", port)

    asyncio.run(case())


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1")])
def test_connect_guarded_refuses_a_name_with_a_private_address(addresses: tuple[str, ...]) -> None:
    case = connect_guarded(
        "mail.example", 25, allowed=(), timeout_seconds=5, lookup=leads_to(*addresses)
    )
    with pytest.raises(AddressForbidden):
        asyncio.run(case)


def test_connect_guarded_stays_in_the_house_when_told_so() -> None:
    case = connect_guarded(
        "mail.example", 25, allowed=LOOPBACK, timeout_seconds=5, judge=is_own_address,
        lookup=leads_to("93.184.215.14"),
    )  # fmt: skip
    with pytest.raises(AddressForbidden):
        asyncio.run(case)


def test_connect_guarded_says_when_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(connect_guarded("127.0.0.1", port, allowed=LOOPBACK, timeout_seconds=5))


def test_is_own_address_knows_the_operators_networks_only() -> None:
    assert is_own_address("127.0.0.1", LOOPBACK)
    assert not is_own_address("8.8.8.8", LOOPBACK)
    assert not is_own_address("localhost", LOOPBACK)
    assert not is_own_address("::ffff:127.0.0.1", LOOPBACK)

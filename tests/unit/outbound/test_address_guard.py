from __future__ import annotations

from ipaddress import IPv4Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import ConfigError
from dateline.outbound.address_guard import is_allowed_address, parse_networks

FORBIDDEN = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0",  # noqa: S104 (an address to refuse)
    "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.1",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "198.18.0.1",
    "198.19.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.2.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "224.0.1.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "192.88.99.1",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "fe80::1", "fe80::1%1", "fec0::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "2001::1", "2001:20::1",
    "100::1", "5f00::1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
    "64:ff9b:1::8.8.8.8", "2002:7f00::", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::", "2001:0:0808:0808:0:0:80ff:fffe",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:4860:4860::8888",
    "2001:0:808:808:0:0:f7f7:f7f7",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_address_guard_refuses_what_is_not_public(address: str) -> None:
    assert not is_allowed_address(address, ())


@pytest.mark.parametrize("address", PUBLIC)
def test_address_guard_takes_public_addresses(address: str) -> None:
    assert is_allowed_address(address, ())


@pytest.mark.parametrize(
    "address", ["", "localhost", "127.1", "0177.0.0.1", "2130706433", "0x7f.1", "8.8.8.8 ", "[::1]"]
)
def test_address_guard_refuses_what_is_no_plain_address(address: str) -> None:
    assert not is_allowed_address(address, (IPv4Network("0.0.0.0/0"),))


def test_address_guard_takes_what_the_operator_allows_and_nothing_beside_it() -> None:
    allowed = parse_networks(["10.20.0.0/16", " fd12::/64 ", "192.168.1.5"])

    assert is_allowed_address("10.20.3.4", allowed)
    assert is_allowed_address("::ffff:10.20.3.4", allowed)
    assert is_allowed_address("fd12::7", allowed)
    assert is_allowed_address("192.168.1.5", allowed)
    assert not is_allowed_address("10.21.0.1", allowed)
    assert not is_allowed_address("fd12:0:0:1::7", allowed)
    assert not is_allowed_address("192.168.1.6", allowed)
    assert not is_allowed_address("127.0.0.1", allowed)


@pytest.mark.parametrize("entry", ["intranet", "10.0.0.1/8", "10.0.0.0/33", ""])
def test_parse_networks_names_the_bad_entry(entry: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_networks(["10.0.0.0/8", entry])

    assert caught.value.message == f"fetch.allow_networks: {entry!r} is no network."


@given(st.ip_addresses(v=4))
def test_address_guard_judges_carried_addresses_as_the_bare_one(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    bare = is_allowed_address(str(address), ())

    assert is_allowed_address(f"::ffff:{address}", ()) == bare
    assert is_allowed_address(f"64:ff9b::{address}", ()) == bare
    assert is_allowed_address(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1", ()) == bare


@given(st.text(max_size=60), st.sampled_from([(), (ip_network("::/0"),)]))
def test_address_guard_answers_for_any_text(text: str, allowed: tuple[object, ...]) -> None:
    assert is_allowed_address(text, allowed) in (True, False)  # type: ignore[arg-type]

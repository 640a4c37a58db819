"""Return whether an address may be connected to: globally routable, or allowed by the operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from dateline.errors import ConfigError

Network = IPv4Network | IPv6Network
# Whether an address may be connected to, given the networks of the operator's own.
Judge = Callable[[str, Sequence[Network]], bool]

# The only block IANA has given out for global unicast; everything else is special or unassigned.
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
# What `ipaddress` of some supported Python versions takes for global (RFC 6890, 7526, 9637).
SPECIAL: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("3fff::/20"),
)


def is_allowed_address(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether a socket may be connected to ``address``.

    True for globally routable unicast and for everything inside ``allowed``. An IPv6 form that
    carries an IPv4 address (mapped, 6to4, NAT64, Teredo) is judged by what it carries.

    Args:
        address: an IP address in its usual spelling; anything else is refused.
        allowed: networks of the operator's own (an intranet), see `parse_networks`.

    Raises: Nothing.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return _is_allowed(parsed, allowed)


def is_own_address(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether ``address`` lies inside ``allowed``: for what may not leave the house.

    Raises: Nothing.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in allowed)


def parse_networks(
    text: Sequence[str], *, setting: str = "fetch.allow_networks"
) -> tuple[Network, ...]:
    """Return the networks that ``text`` lists, for example ``10.20.0.0/16`` or ``fd12::/64``.

    Raises:
        ConfigError: an entry is no network; the message repeats it, and the ``setting``.
    """
    return tuple(_parse_network(entry, setting) for entry in text)


def _parse_network(entry: str, setting: str) -> Network:
    try:
        return ip_network(entry.strip())
    except ValueError as error:
        raise ConfigError(
            f"{setting}: {entry!r} is no network.",
            hint="Expected an address or a prefix without host bits, such as 10.20.0.0/16.",
        ) from error


def _is_allowed(address: IPv4Address | IPv6Address, allowed: Sequence[Network]) -> bool:
    # A membership test across versions is False, and an address with a zone is in no network.
    if any(address in network for network in allowed):
        return True
    carried = list(_carried(address)) if isinstance(address, IPv6Address) else []
    if carried:
        return all(_is_allowed(each, allowed) for each in carried)
    if any(address in network for network in SPECIAL):
        return False
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST_V6:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo  # the relay and the machine behind it
    elif address in NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)

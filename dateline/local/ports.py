"""Return ports of 127.0.0.1 that are free."""

from __future__ import annotations

import socket
from collections.abc import Container, Iterable
from itertools import chain

HOST = "127.0.0.1"
# Below the ports that systems hand out for outgoing connections (32768 and up on Linux), where a
# port that is free now can be somebody's connection before the server has bound it.
SEARCH_OFFSET = 10_000
SEARCH_COUNT = 200


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        # Java servers set it too on Unix: a port whose last connection just ended is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_port(preferred: Iterable[int], *, taken: Container[int] = ()) -> int:
    """Return the first free port: the preferred ones in order, then 200 others, then any."""
    wishes = list(preferred)
    start = (wishes[0] + SEARCH_OFFSET) % 20_000 + 10_000 if wishes else 20_000
    for port in chain(wishes, range(start, start + SEARCH_COUNT)):
        if port not in taken and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        any_free: int = probe.getsockname()[1]
        return any_free

"""Confine a process to allowed addresses, whatever library opens the connection.

For libraries that bring their own HTTP client. Python's audit events come from the C code of the
``socket`` module right before the system call, so neither an own resolver nor a changed name, a
redirect or a second library leads around them, and a hook cannot be taken out again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from dateline.outbound.address_guard import Judge, Network, is_allowed_address, is_own_address
from dateline.outbound.guarded_resolver import AddressForbidden

CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
STARTING = frozenset(
    {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
     "os.system", "pty.spawn"}
)  # fmt: skip


class Confinement:
    """What this process may reach from now on; made by `confine_process`."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = tuple(allowed)
        self._judge: Judge = is_allowed_address
        self._refusals = 0

    def restrict(self, *, to_own_networks: bool) -> None:
        """Allow only the operator's own networks from now on, or public addresses again."""
        self._judge = is_own_address if to_own_networks else is_allowed_address

    def take_refusals(self) -> int:
        """Return how many connections were refused since the last call."""
        refusals, self._refusals = self._refusals, 0
        return refusals

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Refuse what may not be; called by the interpreter for every event.

        Raises:
            AddressForbidden: a connection to an address that is not allowed, to a name (which
                would be resolved behind our back), or to anything but an Internet address.
            PermissionError: another program is to be started.
        """
        if event in CONNECTING:
            self._judge_address(args[1] if len(args) > 1 else None)
        elif event in STARTING:
            raise PermissionError("this process starts no programs")

    def _judge_address(self, address: Any) -> None:
        if address is None:  # sendmsg on a socket that is connected already
            return
        host = address[0] if isinstance(address, tuple) and address else ""
        if not isinstance(host, str) or not self._judge(host, self._allowed):
            self._refusals += 1
            raise AddressForbidden("a private address")


def confine_process(allowed: Sequence[Network]) -> Confinement:
    """Confine this process for the rest of its life; for child processes of one purpose.

    Args:
        allowed: networks of the operator's own that may be connected to, beside public ones.
    """
    confinement = Confinement(allowed)
    sys.addaudithook(confinement.audit)
    return confinement

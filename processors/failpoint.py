"""End or stop the process at a named point, for the fault tests (``DATELINE_FAILPOINT``)."""

from __future__ import annotations

import os
import signal

from dateline.settings import failpoint

_WANTED = failpoint()


def hit(name: str) -> None:
    """Kill this process without any clean-up when a fault test asked for this point.

    ``NAME:stop`` pauses it instead, as a machine that sleeps would, until somebody wakes it.
    """
    if name == _WANTED:
        os.kill(os.getpid(), signal.SIGKILL)
    if f"{name}:stop" == _WANTED:
        os.kill(os.getpid(), signal.SIGSTOP)

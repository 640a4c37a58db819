"""End the process at a named point, for the fault tests (``DATELINE_FAILPOINT``)."""

from __future__ import annotations

import os
import signal

from dateline.settings import failpoint

_WANTED = failpoint()


def hit(name: str) -> None:
    """Kill this process without any clean-up when a fault test asked for this point."""
    if name == _WANTED:
        os.kill(os.getpid(), signal.SIGKILL)

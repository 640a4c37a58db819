"""End a process when the one that started it is gone, also when that was killed outright."""

from __future__ import annotations

import os
import threading
import time

PARENT_CHECK_SECONDS = 1.0
EXIT_ORPHANED = 75  # EX_TEMPFAIL


def start_parent_watch(parent_pid: int) -> None:
    """Start a thread that ends this process, without clean-up, when its parent has ended.

    Args:
        parent_pid: told by the parent; one that died while this process started is noticed too.
    """
    threading.Thread(
        target=_end_with_parent, args=(parent_pid,), name="parent-watch", daemon=True
    ).start()


def _end_with_parent(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(EXIT_ORPHANED)

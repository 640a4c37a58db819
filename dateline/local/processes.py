"""Start, find and stop the servers' processes.

Every process of a server carries the server's mark (``Folders.mark``) in its command line. A
process is ours when its pid *and* its mark match: a pid alone may have been given to another
process since, and a creation time shifts when the clock of the machine is set.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from dateline.local.folders import ServerUser

# Elasticsearch closes its indices on SIGTERM, Kafka its log segments: 1 to 3 s measured.
STOP_DEADLINE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommand:
    """A server's command line and surroundings."""

    arguments: Sequence[str | Path]
    environment: dict[str, str]
    working_dir: Path
    log_path: Path
    user: ServerUser | None = None


def spawn(command: ServerCommand) -> int:
    """Return the pid of the started server.

    The server gets a session of its own, so that Ctrl-C in our terminal does not reach it, and only
    the environment given: ``ES_JAVA_OPTS`` or ``JAVA_TOOL_OPTIONS`` of the caller would change it.

    Effects: the log of the run before is kept as ``<name>.log.1``.
    """
    user = command.user
    command.log_path.parent.mkdir(parents=True, exist_ok=True)
    if command.log_path.exists():
        command.log_path.replace(command.log_path.with_suffix(".log.1"))
    with command.log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [str(argument) for argument in command.arguments],
            env=command.environment,
            cwd=command.working_dir,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    # The server outlives this object on purpose; without this line Python warns when it goes.
    process.returncode = 0
    return process.pid


def is_ours(pid: int, mark: str) -> bool:
    """Say whether ``pid`` is alive and carries ``mark``; costs one look at one process."""
    try:
        return any(mark in argument for argument in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def find_processes(mark: str) -> list[psutil.Process]:
    """Return every living process that carries ``mark``, in no order."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(mark in argument for argument in process.info["cmdline"] or ())
    ]


def stop_processes(
    mark: str, *, stop_signal: signal.Signals, deadline_seconds: float = STOP_DEADLINE_SECONDS
) -> int:
    """Return how many processes with this mark were stopped; 0 when there was none.

    Effects: sends ``stop_signal``, waits for all of them, and kills what is left at the deadline.
    Safe to call twice.
    """
    processes = find_processes(mark)
    _send(processes, stop_signal)
    _, alive = wait_gone(processes, deadline_seconds)
    # A launcher may have started its server between our look and its end.
    late = find_processes(mark)
    _send([*alive, *late], signal.SIGKILL)
    wait_gone([*alive, *late], deadline_seconds)
    return len(processes)


def wait_gone(
    processes: Sequence[psutil.Process], deadline_seconds: float
) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Return (gone, alive) once all are gone or the deadline is over; zombies count as gone."""
    deadline = time.monotonic() + deadline_seconds
    while True:
        alive = [process for process in processes if _is_alive(process)]
        if not alive or time.monotonic() > deadline:
            return [process for process in processes if process not in alive], alive
        psutil.wait_procs(alive, timeout=0.05)


def memory_bytes(mark: str) -> int:
    """Return the resident memory of all processes with this mark."""
    total = 0
    for process in find_processes(mark):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total


def _is_alive(process: psutil.Process) -> bool:
    """Say whether it still runs; an ended child of ours is taken out of the process table."""
    try:
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            return True
        process.wait(timeout=0)
    except psutil.Error:
        # Gone, or the zombie of another parent.
        return False
    return False


def _send(processes: Sequence[psutil.Process], stop_signal: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(stop_signal)
        except psutil.NoSuchProcess:
            continue

"""Start, find and stop the servers' processes.

Every process of a server carries the server's mark (``Folders.mark``) in its command line. A
process is ours when its pid *and* its mark match: a pid alone may have been given to another
process since, and a creation time shifts when the clock of the machine is set.
"""

from __future__ import annotations

import os
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
# The longest that an ``exec`` may take on a busy machine before we call the process a stranger.
EXEC_SECONDS = 0.5
# Linux: the parent of all kernel threads, which never have a command line.
KTHREADD_PID = 2


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
        return _has_mark(psutil.Process(pid), mark)
    except psutil.Error:
        return False


def child_has_ended(pid: int) -> bool:
    """Say whether a child of ours has ended; its pid is nobody else's until we look away."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def find_processes(mark: str) -> list[psutil.Process]:
    """Return every living process that carries ``mark``, in no order."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "ppid"])
        if any(mark in argument for argument in process.info["cmdline"] or ())
        or (
            process.info["cmdline"] == []
            and not _is_kernel_thread(process)
            and _has_mark(process, mark)
        )
    ]


def _has_mark(process: psutil.Process, mark: str) -> bool:
    """Say whether the command line has the mark, waiting for it to be there.

    While a process changes its program (``exec``: our child just after its start, bash becoming
    Java) the kernel shows it without a command line for a moment; it must not pass for dead.
    """
    deadline = time.monotonic() + EXEC_SECONDS
    try:
        while not (arguments := process.cmdline()) and time.monotonic() < deadline:
            time.sleep(0.005)
    except psutil.Error:
        return False
    return any(mark in argument for argument in arguments)


def _is_kernel_thread(process: psutil.Process) -> bool:
    return KTHREADD_PID in (process.pid, process.info["ppid"])


def stop_processes(
    mark: str, *, stop_signal: signal.Signals, deadline_seconds: float = STOP_DEADLINE_SECONDS
) -> int:
    """Return how many processes with this mark were stopped; 0 when there was none.

    Effects: sends ``stop_signal``, waits for all of them, and kills what is left at the deadline.
    Safe to call twice.
    """
    processes = find_processes(mark)
    # A launcher may be starting its server while we look, by a helper without a mark. Everything
    # that it starts stays in its session, which ``spawn`` made for it alone.
    sessions = {_session(process) for process in processes} - {os.getsid(0), None}
    _send(processes, stop_signal)
    wait_gone(processes, deadline_seconds)
    deadline = time.monotonic() + deadline_seconds
    while time.monotonic() < deadline:
        late = [one for one in psutil.process_iter() if _session(one) in sessions]
        late += find_processes(mark)
        if not any(_is_alive(process) for process in late):
            break
        _send(late, signal.SIGKILL)
        wait_gone(late, deadline_seconds)
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


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


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

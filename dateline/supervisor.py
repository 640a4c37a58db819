"""Keep one process a stage running: restart with back-off, show every restart, stop in order."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
MAX_DOUBLINGS = 16  # far past the longest pause; 0.5 * 2**1024 is no float
HEALTHY_SECONDS = 60.0  # a process that ran so long starts its back-off anew
MAX_LOG_BYTES = 20_000_000  # with the one before it 40 MB a process, for weeks
CONFIGURATION_EXIT_CODE = 2  # an operator must mend it: another start would say the same


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float = 0.0
    restarts: int = 0
    is_given_up: bool = False


@dataclass(slots=True)
class Supervisor:
    """Processes by name, each with its command; ``tell`` gets one line an event."""

    commands: Mapping[str, Sequence[str]]
    log_dir: Path
    tell: Callable[[str], None]
    _children: list[_Child] = field(default_factory=list)

    def start(self) -> None:
        """Start every process."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self._children = [_Child(name, command) for name, command in self.commands.items()]
        for child in self._children:
            self._start(child)

    def poll(self) -> None:
        """Note ended processes and start them again when their pause is over."""
        now = time.monotonic()
        for child in self._children:
            rotate(self.log_path(child.name), max_bytes=MAX_LOG_BYTES)
            if child.is_given_up:
                continue
            if child.process is not None and child.process.poll() is not None:
                self._ended(child, child.process.returncode, now)
            elif child.process is None and now >= child.start_again_at:
                child.restarts += 1
                self._start(child)

    def is_running(self) -> bool:
        """Return whether any process is running or will be started again."""
        return any(not child.is_given_up for child in self._children)

    def given_up(self) -> list[str]:
        """Return the names of processes that an operator must mend."""
        return [child.name for child in self._children if child.is_given_up]

    def pids(self) -> dict[str, int]:
        """Return the process ids by name, of those that run."""
        return {
            child.name: child.process.pid
            for child in self._children
            if child.process is not None and child.process.poll() is None
        }

    def stop(self, *, deadline_seconds: float) -> None:
        """Stop every process with SIGTERM; after the deadline with SIGKILL."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + deadline_seconds
        for process in running:
            try:
                process.wait(timeout=max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its whole session: a stage that is killed cannot end its own children.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log_path(self, name: str) -> Path:
        """Return the file that a process writes its output to."""
        return self.log_dir / f"{name}.log"

    def _start(self, child: _Child) -> None:
        with self.log_path(child.name).open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 (our own commands)
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops them in order
            )
        child.started_at = time.monotonic()

    def _ended(self, child: _Child, exit_code: int, now: float) -> None:
        child.process = None
        where = self.log_path(child.name)
        if exit_code == CONFIGURATION_EXIT_CODE:
            child.is_given_up = True
            self.tell(f"{child.name} cannot start: {last_line(where)} (log: {where})")
            return
        if now - child.started_at > HEALTHY_SECONDS:
            child.failures = 0
        pause = min(
            LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(child.failures, MAX_DOUBLINGS)
        )
        child.failures += 1
        child.start_again_at = now + pause
        self.tell(
            f"{child.name} ended ({_exit_words(exit_code)}); restart {child.restarts + 1}"
            f" in {pause:g} s (log: {where})"
        )


def rotate(path: Path, *, max_bytes: int) -> None:
    """Move a log that has grown past ``max_bytes`` to ``<name>.log.1`` and begin it anew.

    Its process goes on writing to the same open file, in append mode, so the file is emptied in
    place; a line written between copy and emptying is lost.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return
    except FileNotFoundError:
        return
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    os.truncate(path, 0)


def _exit_words(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"  # real-time signals have no name


def last_line(path: Path, *, tail_bytes: int = 4096) -> str:
    """Return the last line of a log that is not empty, or ""."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - tail_bytes))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return next((line for line in reversed(lines) if line.strip()), "")

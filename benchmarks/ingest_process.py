"""Run a command of Dateline, and measure it with all its children."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from dateline.settings import PROJECT_DIR, Settings

SAMPLE_SECONDS = 1.0
STOP_SECONDS = 20.0
LOG_TAIL_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Resident memory at a moment: of the command itself, and with its children."""

    at_seconds: float
    own_bytes: int
    tree_bytes: int


class Command:
    """A running command; it ends with this process, or by ``stop`` or ``kill``."""

    def __init__(self, words: Sequence[str], log_path: Path) -> None:
        self._log_path = log_path
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                list(words), cwd=PROJECT_DIR, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._psutil = psutil.Process(self._process.pid)

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def require_running(self) -> None:
        """Raise with the end of the log when the command has ended by itself."""
        if self._process.poll() is not None:
            tail = self._log_path.read_text("utf-8", "replace")[-LOG_TAIL_CHARS:]
            raise RuntimeError(f"ended with {self._process.returncode}:\n{tail}")

    def wait(self) -> int:
        """Return the exit code as soon as there is one."""
        return self._process.wait()

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.poll()

    def tree(self) -> list[psutil.Process]:
        """Return the command and its living descendants."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [self._psutil, *self._psutil.children(recursive=True)]
        return []

    def cpu_seconds(self) -> float:
        """Return user and system time of the command and its children, dead ones included.

        A child that was waited for counts in its parent's ``children_*``, a living one itself.
        """
        total = 0.0
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def sample(self) -> Sample | None:
        """Return the memory now, or None when the command has ended."""
        found: list[int] = []
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(process.memory_info().rss)
        if not found:
            return None
        return Sample(at_seconds=time.monotonic(), own_bytes=found[0], tree_bytes=sum(found))

    def kill(self) -> list[psutil.Process]:
        """Send SIGKILL to the command alone and return the children that it had."""
        children = self.tree()[1:]
        self._process.kill()
        self._process.wait()
        return children

    def stop(self) -> None:
        """Ask the command to end, and make sure of it."""
        children = self.tree()[1:]
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for child in psutil.wait_procs(children, timeout=STOP_SECONDS)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


@dataclass(slots=True)
class Sampler:
    """Samples of a command, taken by a thread from ``sampling``."""

    samples: list[Sample] = field(default_factory=list)

    def medians(self, start: float, end: float) -> tuple[float, float]:
        """Return median MiB of the command and of its tree between two monotonic moments."""
        found = [sample for sample in self.samples if start <= sample.at_seconds < end]
        if not found:
            return float("nan"), float("nan")
        return (
            statistics.median(sample.own_bytes for sample in found) / 2**20,
            statistics.median(sample.tree_bytes for sample in found) / 2**20,
        )

    def peak_tree_mb(self) -> float:
        """Return the largest MiB of the tree."""
        return max((sample.tree_bytes for sample in self.samples), default=0) / 2**20


@contextlib.contextmanager
def sampling(command: Command) -> Iterator[Sampler]:
    """Sample the memory of ``command`` once a second for the block."""
    sampler, is_over = Sampler(), threading.Event()

    def run() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            sample = command.sample()
            if sample is not None:
                sampler.samples.append(sample)

    thread = threading.Thread(target=run, name="sampler", daemon=True)
    thread.start()
    try:
        yield sampler
    finally:
        is_over.set()
        thread.join()


def dateline_words(settings: Settings, assignments: Sequence[str] = ()) -> list[str]:
    """Return ``python -m dateline`` with the settings that every part needs."""
    common = (
        f"project.state_dir={settings.project.state_dir}",
        f"project.namespace={settings.project.namespace}",
        f"kafka.bootstrap_servers={settings.kafka.bootstrap_servers}",
    )
    sets = [word for each in (*common, *assignments) for word in ("--set", each)]
    return [sys.executable, "-m", "dateline", *sets]


def poller_words(
    settings: Settings, sources_path: Path, assignments: Sequence[str] = ()
) -> list[str]:
    """Return the command of the poller, which ends with this process."""
    words = dateline_words(
        settings,
        (
            f"feeds.sources_file={sources_path}",
            "fetch.allow_networks=127.0.0.0/8",
            *assignments,
        ),
    )
    return [*words, "feeds", f"--supervised-by={os.getpid()}"]

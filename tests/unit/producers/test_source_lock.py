from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from producers.source_lock import SourceBusy, SourceLocks

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from producers.source_lock import SourceLocks
locks = SourceLocks(Path(sys.argv[1]))
locks.acquire("example.org")
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_lock_held_by_another_process_is_refused_with_its_pid(tmp_path: Path) -> None:
    with holder(tmp_path) as process, SourceLocks(tmp_path) as locks:
        with pytest.raises(SourceBusy) as caught:
            locks.acquire("example.org")
        assert str(caught.value) == (
            f"source 'example.org' is being sent by process {process.pid}."
            " Wait for it, stop it, or name another publisher with --source."
        )
        assert caught.value.exit_code == 2
        locks.acquire("other.example")
        locks.acquire("example.org", purpose="watch")


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with SourceLocks(tmp_path) as locks:
            locks.acquire("example.org")


def test_lock_is_taken_once_and_freed_by_purpose(tmp_path: Path) -> None:
    with SourceLocks(tmp_path) as locks, SourceLocks(tmp_path) as others:
        locks.acquire("a/b c")
        locks.acquire("a/b c")
        locks.acquire("a/b c", purpose="watch")
        with pytest.raises(SourceBusy):
            others.acquire("a/b c")
        locks.release(purpose="source")
        others.acquire("a/b c")
        with pytest.raises(SourceBusy, match="is being watched by process"):
            others.acquire("a/b c", purpose="watch")

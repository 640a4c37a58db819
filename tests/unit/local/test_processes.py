"""Processes are ours by pid and mark; a pid alone proves nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dateline.local.processes import (
    ServerCommand,
    find_processes,
    is_ours,
    memory_bytes,
    spawn,
    stop_processes,
)

SLEEPER = "import signal; signal.pause()"
STUBBORN = (
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); signal.pause(); signal.pause()"
)


@pytest.fixture
def mark() -> Iterator[str]:
    name = f"dateline-test-{uuid.uuid4().hex}"
    yield name
    stop_processes(name, stop_signal=signal.SIGKILL)


def _command(tmp_path: Path, mark: str, code: str = SLEEPER) -> ServerCommand:
    return ServerCommand(
        arguments=[sys.executable, "-c", code, mark],
        environment={},
        working_dir=tmp_path,
        log_path=tmp_path / "logs" / "kafka.log",
    )


def _wait_for(path: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_spawn_runs_in_a_session_of_its_own(tmp_path: Path, mark: str) -> None:
    pid = spawn(_command(tmp_path, mark))
    assert os.getsid(pid) == pid
    assert is_ours(pid, mark)
    assert [process.pid for process in find_processes(mark)] == [pid]
    assert memory_bytes(mark) > 0


def test_spawn_keeps_the_log_of_the_run_before(tmp_path: Path, mark: str) -> None:
    log = tmp_path / "logs" / "kafka.log"
    log.parent.mkdir()
    log.write_text("before")
    spawn(_command(tmp_path, mark))
    assert log.with_suffix(".log.1").read_text() == "before"


def test_is_ours_refuses_a_pid_that_another_process_has_now(mark: str) -> None:
    assert not is_ours(os.getpid(), mark)


def test_is_ours_waits_for_a_process_that_changes_its_program(
    tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = spawn(_command(tmp_path, mark))
    answers: list[list[str]] = [[], [], ["python", mark]]
    with monkeypatch.context() as patch:
        patch.setattr(psutil.Process, "cmdline", lambda _process: answers.pop(0))
        assert is_ours(pid, mark)


def test_is_ours_refuses_a_pid_that_is_free(tmp_path: Path, mark: str) -> None:
    pid = spawn(_command(tmp_path, mark))
    stop_processes(mark, stop_signal=signal.SIGTERM)
    assert not psutil.pid_exists(pid)
    assert not is_ours(pid, mark)


def test_stop_processes_kills_what_ignores_the_signal(tmp_path: Path, mark: str) -> None:
    command = _command(tmp_path, mark, STUBBORN)
    pid = spawn(command)
    _wait_for(command.log_path, "deaf")
    assert stop_processes(mark, stop_signal=signal.SIGTERM, deadline_seconds=0.3) == 1
    assert not psutil.pid_exists(pid)


def test_stop_processes_twice(tmp_path: Path, mark: str) -> None:
    spawn(_command(tmp_path, mark))
    assert stop_processes(mark, stop_signal=signal.SIGTERM) == 1
    assert stop_processes(mark, stop_signal=signal.SIGTERM) == 0

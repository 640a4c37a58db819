from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dateline import supervisor as supervisor_module
from dateline.supervisor import Supervisor, last_line, rotate

DEADLINE_SECONDS = 20.0


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(supervisor_module, "LONGEST_PAUSE_SECONDS", 0.1)


class Bench:
    """A supervisor of one child, and what it told."""

    def __init__(self, folder: Path, code: str) -> None:
        self.lines: list[str] = []
        self.supervisor = Supervisor(
            {"child": [sys.executable, "-c", code]}, folder / "logs", self.lines.append
        )

    def poll_until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert time.monotonic() < end, f"told so far: {self.lines}"
            self.supervisor.poll()
            time.sleep(0.01)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[[str], Bench]]:
    benches: list[Bench] = []

    def make(code: str) -> Bench:
        benches.append(Bench(tmp_path, code))
        return benches[-1]

    yield make
    for made in benches:
        made.supervisor.stop(deadline_seconds=0.0)


def has_line(bench: Bench, text: str) -> Callable[[], bool]:
    log = bench.supervisor.log_path("child")
    return lambda: log.exists() and text in log.read_text()


def test_ended_process_is_started_again_with_growing_pauses(
    bench: Callable[[str], Bench],
) -> None:
    child = bench("raise SystemExit(70)")

    child.supervisor.start()
    child.poll_until(lambda: len(child.lines) >= 5)

    assert [re.sub(r" \(log: .*", "", line) for line in child.lines[:5]] == [
        "child ended (exit code 70); restart 1 in 0.02 s",
        "child ended (exit code 70); restart 2 in 0.04 s",
        "child ended (exit code 70); restart 3 in 0.08 s",
        "child ended (exit code 70); restart 4 in 0.1 s",
        "child ended (exit code 70); restart 5 in 0.1 s",
    ]
    assert child.supervisor.is_running()


def test_pause_stays_at_the_longest_after_a_day_of_failures(bench: Callable[[str], Bench]) -> None:
    child = bench("raise SystemExit(70)")
    child.supervisor.start()
    child.supervisor._children[0].failures = 5000

    child.poll_until(lambda: child.lines)

    assert "in 0.1 s" in child.lines[0]


def test_healthy_process_starts_its_pauses_anew(
    bench: Callable[[str], Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "HEALTHY_SECONDS", 0.0)
    child = bench("raise SystemExit(70)")

    child.supervisor.start()
    child.poll_until(lambda: len(child.lines) >= 3)

    assert all("in 0.02 s" in line for line in child.lines)


def test_configuration_error_gives_up_with_the_last_line_of_the_log(
    bench: Callable[[str], Bench],
) -> None:
    child = bench("print('trace'); print('Error: no such folder.'); print(); raise SystemExit(2)")

    child.supervisor.start()
    child.poll_until(lambda: child.lines)

    log = child.supervisor.log_path("child")
    assert child.lines == [f"child cannot start: Error: no such folder. (log: {log})"]
    assert child.supervisor.given_up() == ["child"]
    assert not child.supervisor.is_running()
    for _ in range(20):
        child.supervisor.poll()
    assert child.supervisor.pids() == {}


def test_killed_process_is_shown_and_started_again(bench: Callable[[str], Bench]) -> None:
    child = bench("import time; print('up', flush=True); time.sleep(60)")
    child.supervisor.start()
    first = child.supervisor.pids()["child"]

    os.kill(first, signal.SIGKILL)
    child.poll_until(lambda: child.supervisor.pids().get("child", first) != first)

    assert child.lines[0].startswith("child ended (SIGKILL); restart 1 in 0.02 s")


def test_signal_without_a_name_is_shown_by_number(bench: Callable[[str], Bench]) -> None:
    child = bench("import time; time.sleep(60)")
    child.supervisor.start()

    os.kill(child.supervisor.pids()["child"], signal.SIGRTMIN + 1)
    child.poll_until(lambda: child.lines)

    assert f"(signal {signal.SIGRTMIN + 1})" in child.lines[0]


def test_stop_ends_a_willing_process_with_sigterm(bench: Callable[[str], Bench]) -> None:
    child = bench(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )
    child.supervisor.start()
    child.poll_until(has_line(child, "up"))
    started = time.monotonic()

    child.supervisor.stop(deadline_seconds=10.0)

    assert has_line(child, "bye")()
    assert time.monotonic() - started < 5
    assert child.supervisor.pids() == {}


def test_stop_kills_an_unwilling_process_and_its_children_at_the_deadline(
    bench: Callable[[str], Bench],
) -> None:
    child = bench(
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('inner', inner.pid, flush=True)\n"
        "time.sleep(60)"
    )
    child.supervisor.start()
    child.poll_until(has_line(child, "inner "))
    pid = child.supervisor.pids()["child"]
    inner = int(child.supervisor.log_path("child").read_text().split()[1])
    started = time.monotonic()

    child.supervisor.stop(deadline_seconds=0.3)

    assert 0.25 < time.monotonic() - started < 5
    assert not psutil.pid_exists(pid)  # waited for: no zombie is left
    child.poll_until(lambda: not _is_alive(inner))


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def zombies() -> set[int]:
    children = psutil.Process().children()
    return {child.pid for child in children if child.status() == psutil.STATUS_ZOMBIE}


def test_restarts_leave_no_zombie(bench: Callable[[str], Bench]) -> None:
    of_other_tests = zombies()
    child = bench("raise SystemExit(1)")
    child.supervisor.start()
    child.poll_until(lambda: len(child.lines) >= 3)

    child.supervisor.stop(deadline_seconds=5.0)

    assert zombies() <= of_other_tests


def test_log_keeps_the_output_of_every_run(bench: Callable[[str], Bench]) -> None:
    child = bench("import sys; print('out'); print('err', file=sys.stderr); raise SystemExit(1)")

    child.supervisor.start()
    child.poll_until(lambda: len(child.lines) >= 2)

    text = child.supervisor.log_path("child").read_text()
    assert (text.count("out"), text.count("err")) == (2, 2) or text.count("out") > 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ""),
        (b"one\ntwo\n\n  \n", "two"),
        (b"no newline", "no newline"),
        (b"\xff broken\n", "\ufffd broken"),
    ],
)
def test_last_line(tmp_path: Path, content: bytes, expected: str) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(content)

    assert last_line(log) == expected


def test_last_line_of_a_missing_log_is_empty(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none.log") == ""


def test_rotate_keeps_the_last_part_and_empties_the_open_file(tmp_path: Path) -> None:
    path = tmp_path / "enrich.log"
    with path.open("ab") as log:
        log.write(b"x" * 100)
        log.flush()

        rotate(path, max_bytes=200)
        assert path.stat().st_size == 100

        rotate(path, max_bytes=99)
        log.write(b"next")
        log.flush()

    assert path.read_bytes() == b"next"
    assert (tmp_path / "enrich.log.1").read_bytes() == b"x" * 100


def test_rotate_of_a_log_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    rotate(tmp_path / "none.log", max_bytes=1)

    assert list(tmp_path.iterdir()) == []

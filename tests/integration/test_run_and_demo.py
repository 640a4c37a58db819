"""``dateline demo`` and ``dateline run`` as a user has them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from dateline.settings import PROJECT_DIR, Settings

pytestmark = pytest.mark.integration

DEADLINE_SECONDS = 60.0
# What an alert of the demo says that depends on which seed comes first.
OF_ONE_SEED = (
    "Iran's", "A Qatari", "alert  ", "why  ", "sentence  ", "excerpt  ", "names  ", "article  "
)  # fmt: skip


def command(settings: Settings, *words: str) -> list[str]:
    values = {
        "project.state_dir": settings.project.state_dir,
        "project.namespace": settings.project.namespace,
        "producer.inbox": settings.producer.inbox,
        "kafka.bootstrap_servers": settings.kafka.bootstrap_servers,
        "elasticsearch.url": settings.elasticsearch.url,
        "enrich.processes": "1",
    }
    assignments = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
    return [sys.executable, "-m", "dateline", *assignments, *words]


def output(words: Sequence[str], *, exit_code: int = 0) -> str:
    done = subprocess.run(words, cwd=PROJECT_DIR, capture_output=True, text=True, timeout=240)
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done.stdout


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s for {what}"
        time.sleep(0.2)


def processes_with(word: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if process.pid != os.getpid() and any(
            word in part for part in process.info["cmdline"] or ()
        ):
            found.append(process)
    return found


@pytest.fixture
def running(pipeline_settings: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    log = tmp_path / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command(pipeline_settings, "run"), cwd=PROJECT_DIR, stdout=out, stderr=out
        )
    try:
        until(lambda: "Running: " in log.read_text() or process.poll() is not None, "the start")
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        for left in processes_with(pipeline_settings.project.state_dir):
            left.kill()


def hits(settings: Settings, *words: str) -> list[dict]:
    done = subprocess.run(
        command(settings, "search", *words, "--json"), cwd=PROJECT_DIR, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    # Between the making of the first index and its shard's start the search itself fails.
    return json.loads(done.stdout)["hits"] if done.returncode == 0 else []


def test_run_makes_seeds_and_inbox_searchable_and_survives_a_killed_stage(
    running: subprocess.Popen[bytes], pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    log = tmp_path / "run.log"
    until(lambda: len(hits(settings, "Khulaifi", "--license", "CC-BY-4.0")) == 2, "the seeds")

    victims = [p for p in processes_with(settings.project.state_dir) if "index" in p.cmdline()]
    victims[0].kill()
    until(lambda: "index ended (SIGKILL); restart 1 in 0.5 s" in log.read_text(), "the restart")

    (settings.inbox_dir / "note.txt").write_text(
        "LONDON (Reuters) - The Orchard Bank kept its rates, Governor Ada Brook said in London."
    )
    until(lambda: len(hits(settings, "Orchard")) == 1, "the article of the inbox")
    found = hits(settings, "Orchard", "--place", "London")[0]
    assert found["dateline_place"] == "London"
    assert found["dateline_agency"] == "Reuters"
    assert found["rights"]["status"] == "unknown"

    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 0
    until(lambda: not processes_with(settings.project.state_dir), "every process to end")


def test_run_leaves_no_stage_behind_when_it_is_killed(
    running: subprocess.Popen[bytes], pipeline_settings: Settings
) -> None:
    assert len(processes_with(pipeline_settings.project.state_dir)) > 1
    running.kill()
    running.wait()
    until(lambda: not processes_with(pipeline_settings.project.state_dir), "the stages to end")


def demo_block() -> list[str]:
    """Return the output of ``make demo`` as the README shows it."""
    readme = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    match = re.search(r"^\$ make demo\n(.*?)^```$", readme, flags=re.S | re.M)
    assert match is not None, "the README shows no output of `make demo`"
    return match[1].splitlines()


def comparable(lines: Sequence[str]) -> list[str]:
    """Return the lines that do not change from run to run, without times and dates.

    Which seed comes first gives the story its id, the other one its reason, and is what the alert
    is about.
    """
    kept = []
    is_alert = False
    for line in lines:
        is_alert = (is_alert or line.startswith("dateline watch add")) and "Stopping" not in line
        if is_alert and line.startswith(OF_ONE_SEED):
            continue
        if re.match(r" +(similarity|new story)", line):
            continue
        line = re.sub(r"(story +)[0-9a-f]{12,64}", r"\1ID", line)
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "DATE", line)
        text = re.sub(r"\d+ ms|\d+(\.\d+)? s\b|\d+ articles/s|port \d+", "N", text)
        text = re.sub(r"─+", "─", text).rstrip()
        is_progress = text.startswith(("Start ", "Download", "Another ", "Installing"))
        if text and not is_progress:
            kept.append(text)
    return kept


def test_readme_shows_the_real_output_of_demo(tmp_path: Path) -> None:
    state_dir = tmp_path / ".dateline"
    words = [sys.executable, "-m", "dateline", "--set", f"project.state_dir={state_dir}", "demo"]
    done = subprocess.run(
        words, cwd=PROJECT_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert comparable(done.stdout.splitlines()) == comparable(demo_block())
    assert not processes_with(str(tmp_path))

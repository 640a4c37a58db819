"""The very command ``dateline run``, against a simulated web with hostile sites in it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from faults.pipeline import MARK, marked_processes, wait_until
from feeds_world import FETCH_SECONDS, HOST_DELAY_SECONDS, MAX_INTERVAL_SECONDS, World
from web.plans import hostile_sites, sources_toml
from web.process import WebProcess, start_web
from web.script import Script

from dateline.local import Endpoints
from dateline.settings import PROJECT_DIR, Settings, load_settings
from dateline.topics import Topic, load_topics

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 120.0
STOP_SECONDS = 20.0
NEWS = Script(publish=40, burst=5, edit=30, cancel=15, revive=5, new_guids=5)
CONFIG = """
[project]
state_dir = "{folder}/.dateline"
namespace = "{namespace}"

[kafka]
bootstrap_servers = "{kafka}"

[elasticsearch]
url = "{elasticsearch}"

[producer]
inbox = "{folder}/inbox"

[fetch]
allow_networks = "127.0.0.0/8"
min_host_delay_seconds = {host_delay}
total_timeout_seconds = {fetch_seconds}
max_body_bytes = 1000000
contact = "desk@news.example"

[feeds]
sources_file = "{folder}/config/sources.toml"
min_interval_seconds = 1
max_interval_seconds = {max_interval}
start_spread_seconds = 3

[stages]
session_timeout_seconds = 6

[enrich]
processes = 1
"""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What the world wants to know of the stages: they are started by the command itself."""

    settings: Settings
    topics: Mapping[str, Topic]


class RunCommand:
    """``dateline run`` with a folder of settings; every process of it carries a mark."""

    def __init__(self, config_path: Path, log_path: Path) -> None:
        self.mark = uuid.uuid4().hex
        self._config_path = config_path
        self._log_path = log_path
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self.command("run"), cwd=PROJECT_DIR, env={**os.environ, MARK: self.mark},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "dateline", "--config", str(self._config_path), *words]

    def log(self) -> str:
        return self._log_path.read_text("utf-8", "replace")

    def child(self, name: str) -> psutil.Process | None:
        """Return the supervised process that runs ``name``, None between two starts."""
        assert self.process.poll() is None, self.log()
        for each in psutil.Process(self.process.pid).children():
            try:
                if name in each.cmdline():
                    return each
            except psutil.Error:
                continue
        return None

    def json(self, *words: str) -> Any:
        """Return what another command prints with the same settings and ``--json``."""
        done = self._asked(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def is_searchable(self, word: str) -> bool:
        """Return whether a search finds something; it fails until the index has its shards."""
        done = self._asked("search", word)
        return done.returncode == 0 and bool(json.loads(done.stdout)["hits"])

    def _asked(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words, "--json"),
            cwd=PROJECT_DIR, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """End a process by SIGKILL and wait until another runs in its place."""
        victim = self.child(name)
        assert victim is not None
        victim.kill()
        told = re.compile(rf"^{name} ended \(SIGKILL\); restart 1 in", re.M)
        wait_until(
            lambda: told.search(self.log()) is not None and self.child(name) is not None,
            f"another {name}", seconds=30,
        )  # fmt: skip


@contextmanager
def running(folder: Path) -> Iterator[RunCommand]:
    run = RunCommand(folder / "config" / "dateline.toml", folder / "run.log")
    try:
        wait_until(
            lambda: "Running: " in run.log() or run.process.poll() is not None, "the start",
            seconds=60,
        )  # fmt: skip
        assert run.process.poll() is None, run.log()
        yield run
    finally:
        for left in marked_processes(run.mark):
            left.kill()
        run.process.wait()


def write_config(folder: Path, servers: Endpoints, web: WebProcess) -> Settings:
    """Write the settings and the source list of a folder of its own."""
    (folder / "config").mkdir()
    (folder / "config" / "sources.toml").write_text(sources_toml(web.feeds()))
    path = folder / "config" / "dateline.toml"
    path.write_text(
        CONFIG.format(
            folder=folder,
            namespace=f"r{uuid.uuid4().hex[:8]}",
            kafka=servers.kafka_bootstrap,
            elasticsearch=servers.elasticsearch_url,
            host_delay=HOST_DELAY_SECONDS,
            fetch_seconds=FETCH_SECONDS,
            max_interval=MAX_INTERVAL_SECONDS,
        )
    )
    return load_settings(config_path=path, environ={})


@dataclass(frozen=True, slots=True)
class Scene:
    """A web, and the command that takes it."""

    web: WebProcess
    world: World
    run: RunCommand


@pytest.fixture
def scene(servers: Endpoints, tmp_path: Path) -> Iterator[Scene]:
    with start_web(["--mixed", "11", "--plain", "2", "--hostile"]) as web:
        settings = write_config(tmp_path, servers, web)
        # The world only asks what there is; the command starts and stops everything.
        world = World(web, Pipeline(settings, load_topics(settings)), feeds=None)  # type: ignore[arg-type]
        world.wind_up_the_bomb()
        with running(tmp_path) as run:
            yield Scene(web, world, run)


def test_run_takes_a_web_survives_kills_and_leaves_nothing_behind(scene: Scene) -> None:
    web, world, run = scene.web, scene.world, scene.run
    wait_until(lambda: len(web.requests()) >= 30, "30 requests", seconds=60)
    assert not world.compared().is_caught_up  # killed in the middle of the work
    run.kill("feeds")
    web.advance(20, NEWS)
    run.kill("index")

    wait_until(lambda: run.is_searchable("Khulaifi"), "the seeds", seconds=PATIENCE_SECONDS)
    world.wait_indexed(seconds=PATIENCE_SECONDS)
    result = world.compared()
    assert result.is_clean, result
    ids_by_place = defaultdict(list)
    for document in world.documents():
        ids_by_place[document["source_id"], document["key"]].append(document["_id"])
    assert [place for place, ids in ids_by_place.items() if len(ids) > 1] == []
    published = {(each.source_id, each.key) for each in web.expected()}
    strange = {source_id for source_id, _ in ids_by_place.keys() - published}
    assert strange == {"seeds"}
    hostile = {plan.name for plan in hostile_sites()}
    assert hostile.isdisjoint(each.record.source_id for each in world.sent())
    wait_until(
        lambda: hostile <= failing_sources(run), "errors of hostile sites", seconds=PATIENCE_SECONDS
    )
    wanted = next(each for each in web.expected() if each.state == "usable")
    [hit] = run.json("search", wanted.current[-1])["hits"]
    assert (hit["source_id"], hit["key"]) == (wanted.source_id, wanted.key)

    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(STOP_SECONDS) == 0, run.log()
    wait_until(lambda: not marked_processes(run.mark), "every process to end", seconds=10)
    assert "Traceback" not in run.log()


def failing_sources(run: RunCommand) -> set[str]:
    """Return the publishers that `dateline sources` shows with an error."""
    feeds = run.json("sources")["feeds"]
    return {feed["source_id"] for feed in feeds if feed["last_error"]}

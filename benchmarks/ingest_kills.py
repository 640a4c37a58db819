"""Part d: kill the poller while publishers publish, edit and withdraw; nothing may be lost."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.ingest_process import Command, poller_words
from benchmarks.ingest_results import PartResult, Row, stamped
from benchmarks.ingest_topics import found_records
from dateline.settings import Settings
from tests.web.oracle import Result, compare
from tests.web.plans import sources_toml
from tests.web.process import WebProcess, start_web

INTERVAL_SECONDS = 2
LONGEST_SECONDS = 4
CHANGE_SECONDS = 0.25
LIVE_SECONDS = (4.0, 9.0)
MID_POLL_SECONDS = 0.6
BURST_COUNT = 5
CATCH_UP_SECONDS = 600.0  # a feed that lies with 304 is found out after ten polls
FIRST_POLLS_SECONDS = 120.0
ORPHAN_SECONDS = 15.0
CHECK_SECONDS = 5.0
WATCH_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class KillOptions:
    """How often; ``poller_sets`` are further settings of the poller."""

    kills: int = 20
    publishers: int = 22
    seed: int = 1
    poller_sets: tuple[str, ...] = ()


@dataclass(slots=True)
class Harm:
    """What was done, and what was left behind."""

    kills: int = 0
    kills_in_mid_poll: int = 0
    orphans: int = 0


def measure_kills(settings: Settings, folder: Path, options: KillOptions) -> PartResult:
    """Return what the oracle finds after all kills."""
    chance = random.Random(options.seed)  # noqa: S311 (a seeded run, no secret)
    sets = (
        f"feeds.min_interval_seconds={INTERVAL_SECONDS}",
        "feeds.start_spread_seconds=5",
        f"feeds.max_interval_seconds={LONGEST_SECONDS}",
        "fetch.min_host_delay_seconds=0.05",
        *options.poller_sets,
    )
    words = ["--mixed", str(options.publishers), "--hostile", "--seed", str(options.seed)]
    harm = Harm()
    with start_web(words) as web:
        sources = folder / "killed.toml"
        sources.write_text(sources_toml(web.feeds()), encoding="utf-8")
        command_words = poller_words(settings, sources, sets)
        log_path = folder / "kills.log"
        command = Command(command_words, log_path)
        try:
            _wait_for_first_polls(web, command)
            with publishing(web):
                for number in range(options.kills):
                    _wait_for_moment(web, command, chance, harm)
                    _end_orphans(command.kill(), harm)
                    harm.kills += 1
                    print(f"  kill {number + 1} of {options.kills}", flush=True)
                    command = Command(command_words, log_path)
            result, seconds = _caught_up(settings, web, command)
        finally:
            command.stop()
            (folder / "kills.journal.jsonl").write_bytes(web.journal())
    print(f"  {result}")
    return _result(result, harm, seconds, options)


def _wait_for_first_polls(web: WebProcess, command: Command) -> None:
    """Return when every host was asked once: first polls are spread over a minute."""
    hosts = set(web.hosts())
    deadline = time.monotonic() + FIRST_POLLS_SECONDS
    while hosts - {request.host for request in web.requests()}:
        command.require_running()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not every host was asked within {FIRST_POLLS_SECONDS:.0f} s")
        time.sleep(WATCH_SECONDS * 10)


@contextmanager
def publishing(web: WebProcess) -> Iterator[None]:
    """Let the publishers do something four times a second for the block."""
    is_over = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            while not is_over.wait(CHANGE_SECONDS):
                web.advance(1)
        except BaseException as error:  # noqa: BLE001 (raised again when the block ends)
            failures.append(error)

    thread = threading.Thread(target=run, name="publishers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    if failures:
        raise failures[0]


def _wait_for_moment(web: WebProcess, command: Command, chance: random.Random, harm: Harm) -> None:
    """Return a little after a request of the poller: polls are under way, records in flight."""
    live_until = time.monotonic() + chance.uniform(*LIVE_SECONDS)
    while time.monotonic() < live_until:
        command.require_running()
        time.sleep(WATCH_SECONDS)
    deadline = time.monotonic() + 10 * INTERVAL_SECONDS
    web.advance(BURST_COUNT)  # the next polls have something to send when the kill comes
    asked_at = time.monotonic()
    while time.monotonic() < deadline:
        if web.requests(since_seconds=asked_at):
            harm.kills_in_mid_poll += 1
            break
        command.require_running()
        time.sleep(WATCH_SECONDS)
    time.sleep(chance.uniform(0, MID_POLL_SECONDS))


def _end_orphans(children: list[psutil.Process], harm: Harm) -> None:
    """Count the children that outlive a killed poller, and end them."""
    _, alive = psutil.wait_procs(children, timeout=ORPHAN_SECONDS)
    harm.orphans += len(alive)
    for child in alive:
        child.kill()


def _caught_up(settings: Settings, web: WebProcess, command: Command) -> tuple[Result, float]:
    """Return the oracle's result as soon as nothing is missing, at the latest after 10 minutes."""
    started_at = time.monotonic()
    while True:
        command.require_running()
        result = compare(web.expected(), found_records(settings), now=datetime.now(UTC))
        seconds = time.monotonic() - started_at
        print(
            f"  {seconds:.0f} s after the last change: {result.missing_count} missing", flush=True
        )
        if result.is_caught_up or seconds > CATCH_UP_SECONDS:
            return result, seconds
        time.sleep(CHECK_SECONDS)


def _result(result: Result, harm: Harm, seconds: float, options: KillOptions) -> PartResult:
    def none(measure: str, count: int) -> Row:
        return Row(measure=measure, value=str(count), goal="0", is_met=count == 0)

    killed_count = len(result.unkilled) + len(result.killed_wrongly)
    rows = [
        none(f"articles lost over {harm.kills} `kill -9`", len(result.lost)),
        none("articles under two identities, or made up",
             len(result.doubled) + len(result.unexpected)),
        none("newest version missing", len(result.stale)),
        none("kills missing or wrong", killed_count),
        none("sent before the embargo ended", len(result.too_early)),
        none("teaser where the text could be had", len(result.cut)),
        none("child processes that outlived the poller", harm.orphans),
        Row(measure="records sent twice (harmless)", value=str(result.repeated_count)),
        Row(measure="from the last change to nothing missing", value=f"{seconds:.0f} s"),
    ]  # fmt: skip
    return stamped(
        "d",
        f"{options.publishers} publishers with bad habits (lying validators, five section feeds"
        " with one article, http and https twins, shared and changing GUIDs, 429 for a while,"
        f" moved feeds) and 15 hostile ones; {result.articles} articles in {result.versions}"
        f" versions, {harm.kills_in_mid_poll} kills within {MID_POLL_SECONDS} s of a request; seed"
        f" {options.seed}. The oracle (`tests/web/oracle.py`) reads the raw topics.",
        rows,
    )

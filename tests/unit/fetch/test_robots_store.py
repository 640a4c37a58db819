from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_robots import DAY, FORBIDS, PAGE, SITE, Answers, answer

from dateline.clock import FixedClock
from producers.fetch import robots_store
from producers.fetch.fetched import FetchProblem
from producers.fetch.robots import RobotsCache
from producers.fetch.robots_store import KeptRobots, RobotsStore

NOW = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)


class Machine:
    """A poller that can be started again; each start has nothing in memory."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state" / "robots.sqlite"
        self.clock = FixedClock(NOW)
        self.answers = Answers()

    def ask(self, *urls: str) -> list[bool | str]:
        """Start, ask whether the addresses may be fetched, and end."""
        with RobotsStore(self.path, now=self.clock.now()) as store:
            robots = RobotsCache(self.answers.get, clock=self.clock, store=store)
            return asyncio.run(_allowed(robots, urls))


async def _allowed(robots: RobotsCache, urls: tuple[str, ...]) -> list[bool | str]:
    found: list[bool | str] = []
    for url in urls:
        try:
            found.append(await robots.may_fetch(url))
        except FetchProblem as problem:
            found.append(f"{problem.kind} {problem.retry_after_seconds:g}")
    return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_restart_asks_no_site_again_within_the_day(machine: Machine) -> None:
    assert machine.ask(PAGE, f"{SITE}/news") == [False, True]
    machine.clock.advance(seconds=DAY - 1)
    assert machine.ask(PAGE, f"{SITE}/news") == [False, True]
    assert len(machine.answers.asked) == 1
    machine.clock.advance(seconds=1)
    assert machine.ask(PAGE) == [False]
    assert len(machine.answers.asked) == 2


def test_a_restart_knows_that_there_is_no_robots_txt(machine: Machine) -> None:
    machine.answers.reply = lambda: answer(status=404)
    assert machine.ask(PAGE) == machine.ask(PAGE) == [True]
    assert len(machine.answers.asked) == 1


def test_a_restart_waits_on_where_the_server_failed(machine: Machine) -> None:
    machine.answers.reply = lambda: answer(status=503)
    assert machine.ask(PAGE) == ["robots 600"]
    machine.clock.advance(seconds=100)
    assert machine.ask(PAGE) == ["robots 500"]
    assert len(machine.answers.asked) == 1


def test_thirty_days_of_silence_are_counted_over_restarts(machine: Machine) -> None:
    assert machine.ask(PAGE) == [False]
    machine.answers.fail("timeout")
    for _ in range(30):
        machine.clock.advance(seconds=DAY)
        assert machine.ask(f"{SITE}/news") == ["robots 600"]
    machine.clock.advance(seconds=DAY)
    assert machine.ask(PAGE, f"{SITE}/news") == [False, True]


def test_what_was_kept_by_a_clock_that_was_ahead_is_not_believed(machine: Machine) -> None:
    machine.ask(PAGE)
    machine.clock.advance(seconds=-3 * DAY)
    machine.answers.reply = lambda: answer(b"")
    assert machine.ask(PAGE) == [True]


def _damage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def _other_table(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE robots (x)")


@pytest.mark.parametrize("harm", [_damage, _other_table])
def test_a_file_that_cannot_be_read_is_begun_anew(
    machine: Machine, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    machine.ask(PAGE)
    harm(machine.path)
    assert machine.ask(PAGE) == machine.ask(PAGE) == [False]
    assert len(machine.answers.asked) == 2
    assert "are forgotten" in caplog.text


def test_a_file_that_cannot_be_written_costs_a_warning(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    with RobotsStore(machine.path, now=NOW) as store:
        with sqlite3.connect(machine.path) as other:
            other.execute("DROP TABLE robots")
        robots = RobotsCache(machine.answers.get, clock=machine.clock, store=store)
        assert asyncio.run(_allowed(robots, (PAGE, PAGE))) == [False, False]
    assert "cannot be looked up" in caplog.text
    assert "cannot be remembered" in caplog.text


def test_old_sites_and_too_many_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots_store, "MAX_SITES", 3)
    path = tmp_path / "robots.sqlite"
    with RobotsStore(path, now=NOW) as store:
        for number in range(5):
            at = NOW + timedelta(seconds=number)
            store.put(f"https://n{number}.example", KeptRobots(kept_at=at, expires_at=at))
    assert _sites(path, NOW) == [2, 3, 4]
    assert _sites(path, NOW + timedelta(days=60, seconds=4)) == [4]


def _sites(path: Path, now: datetime) -> list[int]:
    with RobotsStore(path, now=now) as store:
        return [n for n in range(5) if store.get(f"https://n{n}.example") is not None]


def test_the_text_of_a_site_stays_as_it_was(tmp_path: Path) -> None:
    kept = KeptRobots(
        kept_at=NOW, expires_at=NOW + timedelta(days=1), text=FORBIDS.decode() + "# é \ufffd\n",
        problem="timeout", unreachable_since=NOW - timedelta(days=3),
    )  # fmt: skip
    with RobotsStore(tmp_path / "robots.sqlite", now=NOW) as store:
        store.put(SITE, kept)
        assert store.get(SITE) == kept
        assert store.get("https://other.example") is None

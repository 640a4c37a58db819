from __future__ import annotations

import asyncio

import pytest

from dateline.errors import ArticleInvalid, BrokerUnavailable
from processors import waiting
from processors.waiting import LONGEST_SILENCE_SECONDS, Progress, wait_out


class Sleeps:
    """A sleep that only notes how long it should have been, and how idle the process looked."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: list[float] = []
        self.idle_seconds: list[float] = []
        self._progress = progress

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._progress is not None:
            self.idle_seconds.append(self._progress.idle_seconds())


class Flaky:
    """An operation that fails with each of ``errors`` in turn and then returns."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return "done"


async def patient(operation: Flaky, sleeps: Sleeps, *, ceiling_seconds: float = 30.0) -> str:
    return await wait_out(
        operation, progress=Progress(), ceiling_seconds=ceiling_seconds, sleep=sleeps
    )


def away(times: int) -> list[BrokerUnavailable]:
    return [BrokerUnavailable(f"away {i}") for i in range(times)]


def test_wait_out_runs_the_coroutine_of_a_plain_lambda() -> None:
    ran: list[str] = []

    async def write(what: str) -> str:
        ran.append(what)
        return what

    async def main() -> str:
        return await wait_out(lambda: write("record"), progress=Progress(), ceiling_seconds=1)

    assert asyncio.run(main()) == "record"
    assert ran == ["record"]


def test_wait_out_tries_again_while_the_dependency_is_away() -> None:
    operation, sleeps = Flaky(*away(7)), Sleeps()

    assert asyncio.run(patient(operation, sleeps, ceiling_seconds=5.0)) == "done"
    assert operation.calls == 8
    assert len(sleeps.seconds) == 7


@pytest.mark.parametrize("error", [ArticleInvalid("x"), ValueError("x"), OSError("x")])
def test_wait_out_raises_every_other_error_at_once(error: Exception) -> None:
    operation, sleeps = Flaky(error), Sleeps()

    with pytest.raises(type(error)):
        asyncio.run(patient(operation, sleeps))
    assert (operation.calls, sleeps.seconds) == (1, [])


def test_wait_out_lets_cancellation_through() -> None:
    async def main() -> None:
        async def hang() -> None:
            await asyncio.Event().wait()

        task = asyncio.create_task(wait_out(hang, progress=Progress(), ceiling_seconds=1))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_no_pause_is_longer_than_the_ceiling_however_long_the_outage() -> None:
    sleeps = Sleeps()

    asyncio.run(patient(Flaky(*away(2000)), sleeps, ceiling_seconds=3.0))

    assert len(sleeps.seconds) == 2000
    assert min(sleeps.seconds) >= 0
    assert 1.5 < max(sleeps.seconds) <= 3.0


def test_first_pause_is_short() -> None:
    sleeps = Sleeps()

    for _ in range(50):
        asyncio.run(patient(Flaky(*away(1)), sleeps))

    assert max(sleeps.seconds) <= waiting.FIRST_PAUSE_SECONDS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Stop the monotonic clock of ``processors.waiting``; its one item is the time."""
    now = [1000.0]
    monkeypatch.setattr(waiting, "monotonic", lambda: now[0])
    return now


def test_success_is_progress(clock: list[float]) -> None:
    progress = Progress()
    clock[0] += 500

    asyncio.run(wait_out(Flaky(), progress=progress, ceiling_seconds=1))

    assert progress.idle_seconds() == 0


def test_a_long_pause_never_looks_like_a_stall(clock: list[float]) -> None:
    """A pause may be longer than ``stages.stall_seconds``; the watchdog must not end the wait."""
    progress = Progress()
    idle: list[float] = []

    async def sleep(seconds: float) -> None:
        clock[0] += seconds
        idle.append(progress.idle_seconds())

    asyncio.run(wait_out(Flaky(*away(40)), progress=progress, ceiling_seconds=300.0, sleep=sleep))

    assert clock[0] - 1000 > 300  # there were long pauses
    assert max(idle) <= LONGEST_SILENCE_SECONDS + 0.001

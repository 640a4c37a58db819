from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dateline.errors import InvariantBroken, SearchUnavailable
from dateline.search.expire_internal import Expired
from processors.index.expiry import Expiry


class Rounds:
    """Counts the rounds, and answers each with what is told."""

    def __init__(self, *answers: Expired | Exception) -> None:
        self._answers = list(answers)
        self.count = 0
        self.is_done = asyncio.Event()

    async def expire(self) -> Expired:
        answer = self._answers[min(self.count, len(self._answers) - 1)]
        self.count += 1
        if self.count >= len(self._answers):
            self.is_done.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await asyncio.wait_for(work(), 10)

    asyncio.run(main())


def test_expiry_goes_on_when_the_server_is_away() -> None:
    async def work() -> None:
        rounds = Rounds(Expired(), SearchUnavailable("away"), Expired(dropped_count=3))
        expiry = Expiry(rounds.expire, every_seconds=0)
        expiry.start()
        expiry.start()  # safe to call twice
        await rounds.is_done.wait()
        expiry.check()
        await expiry.stop()
        count = rounds.count
        await asyncio.sleep(0)
        assert rounds.count == count

    run(work)


def test_expiry_waits_between_two_rounds() -> None:
    async def work() -> None:
        rounds = Rounds(Expired())
        expiry = Expiry(rounds.expire)
        expiry.start()
        await rounds.is_done.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert rounds.count == 1
        await expiry.stop()

    run(work)


def test_expiry_that_ended_for_good_is_told_to_the_stage() -> None:
    async def work() -> None:
        rounds = Rounds(InvariantBroken("the server refuses it"))
        expiry = Expiry(rounds.expire, every_seconds=0)
        expiry.start()
        await rounds.is_done.wait()
        await asyncio.sleep(0)
        with pytest.raises(InvariantBroken, match="refuses"):
            expiry.check()
        await expiry.stop()

    run(work)


def test_expiry_that_was_never_started_can_be_stopped() -> None:
    async def work() -> None:
        expiry = Expiry(Rounds(Expired()).expire)
        expiry.check()
        await expiry.stop()

    run(work)

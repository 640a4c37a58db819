"""A channel that hangs delays itself only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from processors.deliver.lanes import Lanes

Broken = list[BaseException]


def run(test: Callable[[Lanes, Broken], Awaitable[None]], **options: int) -> None:
    async def main() -> None:
        broken: Broken = []
        lanes = Lanes(
            **{"max_waiting": 3, "max_active": 50, **options},  # type: ignore[arg-type]
            workers=lambda channel_id: 3 if channel_id == "wide" else 1,
            on_broken=broken.append,
        )
        await asyncio.wait_for(test(lanes, broken), 10)
        await lanes.stop(0)

    asyncio.run(main())


async def hang() -> None:
    await asyncio.Event().wait()


def noting(done: list[str], name: str) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        done.append(name)

    return work


def test_work_of_a_lane_is_done_in_order() -> None:
    async def test(lanes: Lanes, _: Broken) -> None:
        done: list[str] = []
        for name in "abc":
            assert lanes.offer("desk", name, noting(done, name))
        await lanes.idle()
        assert done == ["a", "b", "c"]

    run(test)


def test_lane_that_hangs_does_not_delay_another() -> None:
    async def test(lanes: Lanes, _: Broken) -> None:
        done: list[str] = []
        event = asyncio.Event()
        for number in range(4):
            lanes.offer("dead", str(number), hang)

        async def live() -> None:
            done.append("live")
            event.set()

        assert lanes.offer("live", "x", live)
        await event.wait()
        assert done == ["live"]

    run(test)


def test_lane_is_full_and_has_no_key_twice() -> None:
    async def test(lanes: Lanes, _: Broken) -> None:
        offered = [lanes.offer("dead", key, hang) for key in ("a", "a", "b", "c", "d", "e")]
        assert offered == [True, False, True, True, True, False]
        assert lanes.room("dead") == 0
        assert lanes.closed() == {"dead"}
        assert lanes.room("live") == 3

    run(test)


def test_paused_lane_takes_nothing_and_goes_on_by_itself() -> None:
    async def test(lanes: Lanes, _: Broken) -> None:
        done: list[str] = []
        gate = asyncio.Event()

        async def first() -> None:
            await gate.wait()
            lanes.pause("desk", 0.05)

        lanes.offer("desk", "first", first)
        lanes.offer("desk", "second", noting(done, "second"))
        gate.set()
        await lanes.idle()
        assert done == []
        assert not lanes.offer("desk", "third", noting(done, "third"))
        assert lanes.closed() == {"desk"}
        while not done:
            await asyncio.sleep(0.01)
        assert done == ["second"]
        assert lanes.closed() == frozenset()

    run(test)


def test_broken_work_is_told_and_ends_nothing_else() -> None:
    async def test(lanes: Lanes, broken: Broken) -> None:
        done: list[str] = []

        async def bad() -> None:
            raise ValueError("bad")

        lanes.offer("desk", "bad", bad)
        lanes.offer("desk", "good", noting(done, "good"))
        await lanes.idle()
        assert done == ["good"]
        assert [str(error) for error in broken] == ["bad"]

    run(test)


@pytest.mark.parametrize(("channel_id", "workers"), [("desk", 1), ("wide", 3)])
def test_no_more_work_of_a_lane_is_under_way_than_it_has_workers(
    channel_id: str, workers: int
) -> None:
    async def test(lanes: Lanes, _: Broken) -> None:
        active, most = 0, 0

        async def work() -> None:
            nonlocal active, most
            active += 1
            most = max(most, active)
            await asyncio.sleep(0)
            active -= 1

        for number in range(10):
            lanes.offer(channel_id, str(number), work)
        await lanes.idle()
        assert most == workers

    run(test, max_waiting=20)


def test_stopped_lanes_take_nothing() -> None:
    async def test(lanes: Lanes, _: Broken) -> None:
        await lanes.stop(0)
        assert not lanes.offer("desk", "a", hang)

    run(test)

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fetch_servers import problem_of, run_jumping

from producers.fetch.fetched import FetchProblem
from producers.fetch.host_queue import HostQueue

NEWS = "https://news.example/feed"


@dataclass(slots=True)
class Visits:
    """Visits hosts and notes when each began, in seconds from the first moment."""

    hosts: HostQueue
    monotonic: Callable[[], float]
    began: list[tuple[float, str]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    zero: float = 0.0

    def __post_init__(self) -> None:
        self.zero = self.monotonic()

    async def visit(
        self, url: str, *, lasts: float = 0.0, delay: float | None = None, priority: int = 0
    ) -> None:
        async with self.hosts.turn(url, delay_seconds=delay, priority=priority):
            self.began.append((round(self.monotonic() - self.zero, 3), url))
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            await asyncio.sleep(lasts)
            self.running -= 1

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.began]

    @property
    def order(self) -> list[str]:
        return [url.rpartition("/")[2] for _, url in self.began]


def make(monotonic: Callable[[], float], *, floor: float = 1.0, ceiling: float = 60.0) -> Visits:
    hosts = HostQueue(min_delay_seconds=floor, max_delay_seconds=ceiling, monotonic=monotonic)
    return Visits(hosts=hosts, monotonic=monotonic)


def test_host_queue_spaces_all_feeds_and_pages_of_a_host() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        same_host = [
            "https://news.example/a", "http://NEWS.example:80/b", "https://news.example.:8443/c"
        ]  # fmt: skip
        await asyncio.gather(*(visits.visit(url) for url in same_host))
        assert visits.times == [0.0, 1.0, 2.0]

    run_jumping(main)


def test_host_queue_lets_hosts_run_beside_each_other() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        await asyncio.gather(*(visits.visit(f"https://n{i}.example/", lasts=5) for i in range(50)))
        assert set(visits.times) == {0.0}
        assert visits.most_running == 50

    run_jumping(main)


def test_host_queue_sends_one_request_at_a_time() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        await asyncio.gather(*(visits.visit(NEWS, lasts=3) for _ in range(3)))
        assert visits.times == [0.0, 3.0, 6.0]
        assert visits.most_running == 1

    run_jumping(main)


@pytest.mark.parametrize(
    ("wish", "spacing"), [(0.2, 1.0), (0.0, 1.0), (7.5, 7.5), (3600.0, 60.0), (None, 1.0)]
)
def test_host_queue_keeps_wishes_between_floor_and_ceiling(
    wish: float | None, spacing: float
) -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        await asyncio.gather(*(visits.visit(NEWS, delay=wish) for _ in range(3)))
        assert visits.times == [0.0, spacing, 2 * spacing]

    run_jumping(main)


def test_host_queue_lets_a_floor_beyond_the_ceiling_win() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic, floor=90.0)
        await asyncio.gather(*(visits.visit(NEWS, delay=2.0) for _ in range(2)))
        assert visits.times == [0.0, 90.0]

    run_jumping(main)


def test_host_queue_lets_feeds_before_pages_before_rechecks_in_order_of_arrival() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        wanted = [
            ("recheck1", 2), ("page1", 1), ("recheck2", 2), ("page2", 1), ("feed1", 0), ("feed2", 0)
        ]  # fmt: skip
        first = asyncio.create_task(visits.visit("https://news.example/first", lasts=0.5))
        await asyncio.sleep(0)
        await asyncio.gather(
            first,
            *(visits.visit(f"https://news.example/{name}", priority=rank) for name, rank in wanted),
        )
        assert visits.order == ["first", "feed1", "feed2", "page1", "page2", "recheck1", "recheck2"]

    run_jumping(main)


def test_host_queue_lets_a_late_feed_pass_a_page_that_still_waits_for_its_time() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic, floor=10.0)
        await visits.visit("https://news.example/first")
        page = asyncio.create_task(visits.visit("https://news.example/page", priority=1))
        await asyncio.sleep(5)
        await visits.visit("https://news.example/feed", priority=0)
        await page
        assert visits.began[1:] == [
            (10.0, "https://news.example/feed"), (20.0, "https://news.example/page")
        ]  # fmt: skip

    run_jumping(main)


@pytest.mark.parametrize("pause", [5.25, 120.0])
def test_host_queue_refuses_turns_during_a_long_pause(pause: float) -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        assert visits.hosts.back_off(NEWS, pause) == pause

        problem = await problem_of(visits.visit(NEWS))
        assert (problem.kind, problem.retry_after_seconds) == ("busy", pause)

        await asyncio.sleep(pause)
        await visits.visit(NEWS)
        assert visits.times == [pause]

    run_jumping(main)


def test_host_queue_waits_out_a_short_pause() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        visits.hosts.back_off(NEWS, 4.0)
        await visits.visit(NEWS)
        assert visits.times == [4.0]

    run_jumping(main)


def test_host_queue_sends_waiting_tasks_away_when_a_long_pause_begins() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic, floor=10.0)
        await visits.visit(NEWS)
        tasks = [asyncio.create_task(visits.visit(NEWS)) for _ in range(3)]
        await asyncio.sleep(1)
        visits.hosts.back_off(NEWS, 600.0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(each, FetchProblem) and each.kind for each in results] == ["busy"] * 3
        assert visits.monotonic() - visits.zero == 1

    run_jumping(main)


def test_host_queue_keeps_the_longer_of_two_pauses() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        visits.hosts.back_off(NEWS, 600.0)
        visits.hosts.back_off(NEWS, 60.0)
        assert (await problem_of(visits.visit(NEWS))).retry_after_seconds == 600.0

    run_jumping(main)


def test_host_queue_doubles_its_guess_until_the_host_recovers() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        hosts = make(monotonic).hosts
        assert [hosts.back_off(NEWS) for _ in range(9)] == [
            30, 60, 120, 240, 480, 960, 1920, 3600, 3600
        ]  # fmt: skip
        hosts.recovered(NEWS)
        assert hosts.back_off(NEWS) == 30

    run_jumping(main)


@pytest.mark.parametrize(("asked", "given"), [(1e9, 86_400.0), (-5.0, 0.0)])
def test_host_queue_caps_what_hosts_ask_for(asked: float, given: float) -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        assert make(monotonic).hosts.back_off(NEWS, asked) == given

    run_jumping(main)


def test_host_queue_gives_the_turn_on_when_its_holder_or_a_waiter_ends_early() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        holder = asyncio.create_task(visits.visit(NEWS, lasts=1000))
        waiters = [asyncio.create_task(visits.visit(NEWS)) for _ in range(3)]
        await asyncio.sleep(2)
        waiters[0].cancel()
        holder.cancel()
        # Granted to the second waiter in this step, which is cancelled before it runs.
        await asyncio.sleep(0)
        waiters[1].cancel()
        results = await asyncio.gather(holder, *waiters, return_exceptions=True)
        assert results[3] is None
        assert len(visits.began) == 2

    run_jumping(main)


def test_host_queue_frees_the_turn_when_the_request_fails() -> None:
    async def fail(hosts: HostQueue) -> None:
        async with hosts.turn(NEWS):
            raise FetchProblem("timeout", "no answer in time")

    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        assert (await problem_of(fail(visits.hosts))).kind == "timeout"
        await visits.visit(NEWS)
        assert visits.times == [1.0]

    run_jumping(main)


def test_host_queue_forgets_idle_hosts_but_no_pause() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        visits = make(monotonic)
        visits.hosts.back_off("https://paused.example/", 80_000.0)
        for number in range(100_000):
            async with visits.hosts.turn(f"https://host{number}.example/"):
                pass
            if number % 1000 == 0:
                await asyncio.sleep(2)  # time passes, the earlier hosts are idle
        assert visits.hosts.host_count < 5_000
        assert (await problem_of(visits.visit("https://paused.example/"))).kind == "busy"

    run_jumping(main)


def test_host_queue_refuses_what_is_no_address() -> None:
    async def main(monotonic: Callable[[], float]) -> None:
        assert (await problem_of(make(monotonic).visit("file:///etc/hostname"))).kind == "url"

    run_jumping(main)

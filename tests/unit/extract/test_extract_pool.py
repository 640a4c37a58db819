from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from producers.extract.extract_page import PRELOAD, extract_page
from producers.extract.page_text import PageText
from producers.extract.pool import ExtractPool
from producers.parsed import Refusal

DEADLINE_SECONDS = 20.0


def double(number: int) -> int:
    return number * 2


def own_pid(_: object = None) -> int:
    return os.getpid()


def hang() -> None:
    while True:
        pass


def die(number: int = 0) -> int:
    if number % 5 == 3:
        os._exit(9)
    return number


def die_once(marker: str) -> str:
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def fail() -> None:
    message = "a slip"
    raise KeyError(message)


def eat_memory() -> int:
    return len(b"x" * 5_000_000_000)


def wait_forever(marker: str) -> None:
    Path(marker).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


def named(*, word: str) -> str:
    return word


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractPool]:
    with ExtractPool(processes=2, timeout_seconds=1.5, max_tasks_per_process=0) as made:
        yield made


def run(pool: ExtractPool, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    return asyncio.run(pool.run(function, *args, **named))


def children() -> set[int]:
    found = psutil.Process().children(recursive=True)
    return {each.pid for each in found if each.status() != psutil.STATUS_ZOMBIE and is_worker(each)}


def is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def test_answers_come_from_children(pool: ExtractPool) -> None:
    assert run(pool, double, 21) == 42
    assert run(pool, named, word="x") == "x"
    assert run(pool, own_pid) != os.getpid()


def test_a_page_is_extracted_in_a_child() -> None:
    words = "The harbour was opened again on Monday, its master said after the storm. "
    html = f"<html><body><article><p>{words * 3}</p></article></body></html>".encode()
    with ExtractPool(
        processes=1, timeout_seconds=20, max_tasks_per_process=10, preload=PRELOAD
    ) as pool:
        found = run(pool, extract_page, html, url="https://n.example/", headers={})
    assert isinstance(found, PageText)
    assert found.text.startswith("The harbour")


def test_what_runs_past_its_limit_costs_itself_only(pool: ExtractPool) -> None:
    async def both() -> list[Any]:
        return await asyncio.gather(pool.run(hang), *(pool.run(double, n) for n in range(20)))

    slow, *others = asyncio.run(both())
    assert slow == Refusal(reason="extraction too slow: over 1.5 s")
    assert others == [2 * n for n in range(20)]


def test_a_child_that_dies_costs_its_input_only(pool: ExtractPool) -> None:
    crash = Refusal(reason="extraction crashed: the process ended with 9")
    expected = [crash if n % 5 == 3 else n for n in range(12)]

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(pool.run(die, n) for n in range(12)))

    assert asyncio.run(all_of_them()) == expected
    assert list(pool.map_ordered(die, range(12), in_flight=4)) == expected


def test_an_input_whose_child_died_of_something_else_is_tried_again(
    pool: ExtractPool, tmp_path: Path
) -> None:
    assert run(pool, die_once, str(tmp_path / "a")) == "done"
    assert list(pool.map_ordered(die_once, [str(tmp_path / "b")], in_flight=2)) == ["done"]


def test_idle_children_may_be_killed(pool: ExtractPool) -> None:
    assert run(pool, double, 1) == 2
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not pool_is_alive_with(children()))
    assert [run(pool, double, n) for n in range(5)] == [0, 2, 4, 6, 8]


def pool_is_alive_with(pids: set[int]) -> bool:
    return any(psutil.pid_exists(pid) and psutil.Process(pid).status() == "zombie" for pid in pids)


def test_an_exception_is_a_refusal(pool: ExtractPool) -> None:
    assert run(pool, fail) == Refusal(reason="our bug: KeyError in a child process")


def test_memory_is_limited() -> None:
    with ExtractPool(
        processes=1, timeout_seconds=20, max_tasks_per_process=0, max_child_bytes=1_000_000_000
    ) as pool:
        assert run(pool, eat_memory) == Refusal(reason="extraction crashed: out of memory")
        assert run(pool, double, 2) == 4


def test_children_are_replaced_after_their_tasks() -> None:
    with ExtractPool(processes=1, timeout_seconds=20, max_tasks_per_process=3) as pool:
        pids = list(pool.map_ordered(own_pid, range(7), in_flight=2))
    assert len(set(pids)) == 3


def test_map_keeps_the_order_and_takes_no_more_than_allowed(pool: ExtractPool) -> None:
    taken: list[int] = []

    def inputs() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    results = pool.map_ordered(double, inputs(), in_flight=4)
    assert [next(results) for _ in range(3)] == [0, 2, 4]
    assert len(taken) <= 7
    assert list(results) == [2 * n for n in range(3, 50)]


def test_a_cancelled_call_frees_its_child() -> None:
    async def cancel(pool: ExtractPool) -> Any:
        waiting = asyncio.create_task(pool.run(time.sleep, 600))
        await pool.run(double, 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return await asyncio.gather(*(pool.run(double, n) for n in range(4)))

    with ExtractPool(processes=2, timeout_seconds=60, max_tasks_per_process=0) as pool:
        assert asyncio.run(cancel(pool)) == [0, 2, 4, 6]


def test_closing_ends_the_children_and_those_who_wait() -> None:
    pool = ExtractPool(processes=2, timeout_seconds=60, max_tasks_per_process=0)

    async def close() -> None:
        waiting = [asyncio.create_task(pool.run(time.sleep, 600)) for _ in range(6)]
        await asyncio.sleep(0)
        await asyncio.to_thread(pool.close)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in results)

    before = children()
    asyncio.run(close())
    pool.close()
    until(lambda: children() <= before)


PARENT = """
import asyncio, sys
sys.path[:0] = {paths!r}
from producers.extract.pool import ExtractPool
import test_extract_pool as tasks
if __name__ == "__main__":
    pool = ExtractPool(processes=1, timeout_seconds=600, max_tasks_per_process=0)
    asyncio.run(pool.run(tasks.wait_forever, {marker!r}))
"""


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    marker, script = tmp_path / "pid", tmp_path / "parent.py"
    script.write_text(PARENT.format(paths=sys.path, marker=str(marker)), encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)])
    try:
        until(lambda: marker.exists() and bool(marker.read_text(encoding="ascii")))
        child = int(marker.read_text(encoding="ascii"))
    finally:
        parent.kill()
        parent.wait()
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie")

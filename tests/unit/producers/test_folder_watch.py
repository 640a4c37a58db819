from __future__ import annotations

import os
from pathlib import Path

import pytest

from producers.read_paths import make_root
from producers.watch_folder import FolderWatch


class Times:
    """Both clocks of the watch, moved by hand."""

    def __init__(self) -> None:
        self.monotonic = 100.0
        self.wall = 1_000_000.0


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def watch(tmp_path: Path, times: Times) -> FolderWatch:
    return FolderWatch(
        [make_root(tmp_path, source=None)],
        monotonic=lambda: times.monotonic,
        wall=lambda: times.wall,
    )


def put(path: Path, text: str, *, at: float) -> None:
    path.write_text(text)
    os.utime(path, (at, at))


def names(found: object) -> list[str]:
    return [path.name for path, _ in found]  # type: ignore[attr-defined]


def test_watch_takes_an_old_file_at_once(watch: FolderWatch, tmp_path: Path, times: Times) -> None:
    put(tmp_path / "a.txt", "a", at=times.wall - 60)
    assert names(watch.scan()) == ["a.txt"]


def test_watch_waits_for_a_file_that_grows(
    watch: FolderWatch, tmp_path: Path, times: Times
) -> None:
    path = tmp_path / "a.txt"
    put(path, "a", at=times.wall)
    assert names(watch.scan()) == []
    times.monotonic += 0.4
    put(path, "ab", at=times.wall + 0.4)
    assert names(watch.settled()) == []
    times.monotonic += 0.4
    assert names(watch.settled()) == []
    times.monotonic += 0.2
    assert names(watch.settled()) == ["a.txt"]


def test_watch_takes_a_file_again_only_when_it_changed(
    watch: FolderWatch, tmp_path: Path, times: Times
) -> None:
    path = tmp_path / "a.txt"
    put(path, "a", at=times.wall - 60)
    for found, _ in watch.scan():
        watch.taken(found)
    assert names(watch.scan()) == []
    put(path, "b", at=times.wall - 50)
    assert names(watch.scan()) == ["a.txt"]


def test_watch_postpones_a_file(watch: FolderWatch, tmp_path: Path, times: Times) -> None:
    path = tmp_path / "a.txt"
    put(path, "a", at=times.wall - 60)
    assert names(watch.scan()) == ["a.txt"]
    watch.postpone(path, seconds=2)
    assert names(watch.settled()) == []
    times.monotonic += 2
    assert names(watch.settled()) == ["a.txt"]


def test_watch_forgets_a_file_that_vanished(
    watch: FolderWatch, tmp_path: Path, times: Times
) -> None:
    path = tmp_path / "a.txt"
    put(path, "a", at=times.wall)
    assert watch.note(path)
    path.unlink()
    times.monotonic += 9
    assert names(watch.settled()) == []


@pytest.mark.parametrize("name", [".a.txt.swp", ".git/a.txt", "../outside.txt"])
def test_watch_leaves_hidden_and_outside_files_alone(
    watch: FolderWatch, tmp_path: Path, name: str
) -> None:
    path = (tmp_path / name).resolve()
    path.parent.mkdir(exist_ok=True)
    path.write_text("a")
    assert not watch.note(path)

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from producers.parse_input import Input
from producers.read_paths import NotRead
from producers.read_stream import open_stream, stream_lines


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for fd in (reading, writing):
        try:
            os.close(fd)
        except OSError:
            continue


def test_stream_lines_come_before_the_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    lines = stream_lines(reading, max_bytes=10, stop=threading.Event())
    os.write(writing, b"one\ntw")
    assert next(lines) == (1, b"one")
    os.write(writing, b"o\n" + b"x" * 11 + b"\n" + b"y" * 30)
    assert next(lines) == (2, b"two")
    assert next(lines) == (3, None)
    os.write(writing, b"z\nlast")
    os.close(writing)
    assert list(lines) == [(4, None), (5, b"last")]


def test_stream_ends_on_a_stop_without_the_cut_line(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    stop = threading.Event()
    os.write(writing, b"one\ntw")
    lines = stream_lines(reading, max_bytes=10, stop=stop)
    assert next(lines) == (1, b"one")
    threading.Timer(0.1, stop.set).start()
    started = time.monotonic()
    assert list(lines) == []
    assert time.monotonic() - started < 5


def test_stream_reads_a_document_to_its_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"One.\nTwo.")
    os.close(writing)
    found = open_stream(
        reading, format_="txt", source_id="s", max_bytes=100, stop=threading.Event()
    )
    assert isinstance(found, Input)
    assert (found.data, found.shown, found.relative) == (b"One.\nTwo.", "standard input", None)


def test_stream_refuses_a_document_over_the_limit(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"a" * 101)
    os.close(writing)
    found = open_stream(
        reading, format_="txt", source_id="s", max_bytes=100, stop=threading.Event()
    )
    assert isinstance(found, NotRead)
    assert found.problem.reason == "too large: over 100 bytes"

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

import pytest
from test_warc_file import archive, page

from producers.parse_input import Input, parse_input
from producers.parsed import ParsedArticle
from producers.read_paths import NotRead
from producers.read_stream import PipeReader, open_stream, stream_lines
from producers.sources.warc_file import WarcPage, iterate_pages
from producers.sources.warc_stream import CHUNK_BYTES


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


def test_stream_gives_as_many_bytes_as_asked_for_however_they_come(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    reader = PipeReader(reading, stop=threading.Event())
    threading.Timer(0.05, os.write, (writing, b"cde")).start()
    os.write(writing, b"ab")
    assert reader.read(4) == b"abcd"
    os.close(writing)
    assert [reader.read(4), reader.read(4)] == [b"e", b""]


def test_stream_of_an_archive_is_read_as_it_comes(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    padding = archive(b"\0" * 4 * CHUNK_BYTES, is_gzip=False, status="404 Not Found")
    data = archive(page(1), is_gzip=False) + padding
    filler = threading.Thread(target=write_all, args=(writing, data))
    filler.start()
    found = iterate_pages(PipeReader(reading, stop=threading.Event()))
    first = next(found)  # the pipe is still open
    assert isinstance(first, WarcPage)
    assert first.url == "https://www.news.example/1"
    os.close(reading)
    filler.join()


def test_stream_of_an_archive_may_be_longer_than_a_document(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    data = archive(*(page(number) for number in range(20)))
    filler = threading.Thread(target=write_all, args=(writing, data))
    filler.start()
    found = open_stream(
        reading, format_="warc", source_id="s", max_bytes=100, stop=threading.Event()
    )
    assert isinstance(found, Input)
    articles = list(parse_input(found, max_bytes=100))
    filler.join()
    assert [each.line for each in articles if isinstance(each, ParsedArticle)] == [*range(1, 21)]


def test_stream_of_an_archive_ends_on_a_stop(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    stop = threading.Event()
    os.write(writing, archive(page(1), is_gzip=False))
    threading.Timer(0.1, stop.set).start()
    assert len(list(iterate_pages(PipeReader(reading, stop=stop)))) == 1


def write_all(fd: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(fd, "wb") as file:
        file.write(data)

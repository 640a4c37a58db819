"""Return standard input as an input; reading gives way to a stop."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from producers.parse_input import Input
from producers.parsed import Format, Refusal
from producers.read_paths import Found, NotRead

SHOWN = "standard input"
ORIGIN = "-"
CHUNK_BYTES = 1 << 16
# How long a stop may go unnoticed while nothing comes in.
POLL_SECONDS = 0.2


def open_stream(
    fd: int, *, format_: Format, source_id: str, max_bytes: int, stop: threading.Event
) -> Found:
    """Return the input behind the file descriptor ``fd``.

    JSON lines and WARC archives are read as they come, whatever their length; the other formats are
    read to the end first. A stop ends the input early, and the line or document that was cut by it
    is left out.
    """
    described = Input(
        shown=SHOWN,
        origin=ORIGIN,
        format=format_,
        source_id=source_id,
        mtime_ns=time.time_ns(),  # tells one reading from the next
    )
    if format_ == "jsonl":
        lines = stream_lines(fd, max_bytes=max_bytes, stop=stop)
        return replace(described, lines=lines)
    if format_ == "warc":
        return replace(described, stream=PipeReader(fd, stop=stop))
    data = b""
    for chunk in _chunks(fd, stop):
        data += chunk
        if len(data) > max_bytes:
            reason = f"too large: over {max_bytes:,} bytes"
            return NotRead(shown=SHOWN, problem=Refusal(reason=reason))
    if stop.is_set():
        return NotRead(shown=SHOWN, problem=Refusal(reason="stopped before its end"))
    return replace(described, data=data)


def stream_lines(
    fd: int, *, max_bytes: int, stop: threading.Event
) -> Iterator[tuple[int, bytes | None]]:
    """Return number and bytes of each line; None for one over ``max_bytes``."""
    number, rest, is_too_long = 1, b"", False
    for chunk in _chunks(fd, stop):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield number, None if is_too_long or len(line) > max_bytes else line
            number, is_too_long = number + 1, False
        if len(rest) > max_bytes:
            rest, is_too_long = b"", True
    if (rest or is_too_long) and not stop.is_set():
        yield number, None if is_too_long else rest


class PipeReader:
    """What comes in at ``fd``, with what a WARC reader asks of a file."""

    def __init__(self, fd: int, *, stop: threading.Event) -> None:
        self._chunks = _chunks(fd, stop)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return exactly ``size`` bytes; fewer only at the end of the input and after a stop."""
        pieces = [self._rest]
        count = len(self._rest)
        while count < size and (chunk := next(self._chunks, b"")):
            pieces.append(chunk)
            count += len(chunk)
        data = b"".join(pieces)
        self._rest = data[size:]
        return data[:size]


def _chunks(fd: int, stop: threading.Event) -> Iterator[bytes]:
    while not stop.is_set():
        # A blocking read would be resumed after a signal and hide it until the next line.
        ready, _, _ = select.select([fd], [], [], POLL_SECONDS)
        if not ready:
            continue
        chunk = os.read(fd, CHUNK_BYTES)
        if not chunk:
            return
        yield chunk

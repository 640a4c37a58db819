"""Return the bytes of a WARC file, compressed or not, a bounded piece at a time.

``warcio`` reads the records out of it. Its own reader decompresses without a limit (a line of
gigabytes made of a few megabytes) and gives up at the first broken record; this one goes on with
the next.
"""

from __future__ import annotations

import zlib
from typing import Protocol

CHUNK_BYTES = 1 << 16
# Header lines are some hundred bytes; addresses may have thousands.
MAX_LINE_BYTES = 1 << 16
# Of all lines of one record: headers, and the sizes of HTTP chunks.
MAX_RECORD_LINES_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b\x08"
RECORD_START = b"WARC/"


class ByteReader(Protocol):
    """What is read from: a file, a pipe."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        ...


class BrokenArchiveError(Exception):
    """The archive cannot be read on at this place."""


class WarcStream:
    """The decompressed bytes of an archive with what ``warcio`` asks of a stream.

    ``read`` and ``readline`` raise BrokenArchiveError for damaged compression and endless lines;
    ``skip_to_record`` goes on behind it.
    """

    def __init__(self, source: ByteReader) -> None:
        self._source = source
        self._raw = source.read(CHUNK_BYTES)
        self._is_gzip = self._raw.startswith(GZIP_MAGIC)
        self._inflater = zlib.decompressobj(wbits=31) if self._is_gzip else None
        self._buffer = b""
        self._position = 0
        self._is_broken = False
        self._lines_bytes = 0
        self._is_searching = False
        self._is_member_start = False

    def begin_record(self) -> None:
        """Count the bytes of lines anew."""
        self._lines_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Return exactly ``size`` bytes, fewer only at the end of the archive."""
        if size < 0:
            raise ValueError("a size is needed")
        pieces: list[bytes] = []
        while size > 0 and self._has_more():
            piece = self._buffer[self._position : self._position + size]
            self._position += len(piece)
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = None) -> bytes:
        """Return a line with its end; b"" at the end of the archive."""
        limit = MAX_LINE_BYTES if size is None else min(size, MAX_LINE_BYTES)
        pieces: list[bytes] = []
        left, is_ended = limit, False
        while left > 0 and not is_ended and self._has_more():
            if self._is_searching and pieces and self._is_member_start and self._position == 0:
                break  # the damaged member ends without a line end
            stop = min(len(self._buffer), self._position + left)
            end = self._buffer.find(b"\n", self._position, stop)
            is_ended = end >= 0
            piece = self._buffer[self._position : end + 1 if is_ended else stop]
            self._position += len(piece)
            left -= len(piece)
            pieces.append(piece)
        self._lines_bytes += limit - left
        if left == 0 and limit == MAX_LINE_BYTES and not is_ended:
            raise BrokenArchiveError("a line without end")
        if self._lines_bytes > MAX_RECORD_LINES_BYTES:
            raise BrokenArchiveError("headers without end")
        return b"".join(pieces)

    def skip(self, size: int) -> int:
        """Pass ``size`` bytes by and return how many there were."""
        left = size
        while left > 0 and self._has_more():
            step = min(left, len(self._buffer) - self._position)
            self._position += step
            left -= step
        return size - left

    def skip_blank_lines(self) -> bytes:
        """Pass line ends by and return the first other line, b"" at the end of the archive."""
        while True:
            self.begin_record()
            line = self.readline()
            if not line or line.strip():
                return line

    def skip_to_record(self) -> bytes:
        """Return the first line of the next record behind a broken place, b"" without one."""
        self._is_searching = True
        try:
            return self._search()
        finally:
            self._is_searching = False

    def _search(self) -> bytes:
        while True:
            try:
                if self._is_broken:
                    self._next_member()
                while self._has_more():
                    self.begin_record()
                    line = self.readline()
                    if line.startswith(RECORD_START):
                        return line
            except BrokenArchiveError:
                continue
            return b""

    def _has_more(self) -> bool:
        while self._position >= len(self._buffer):
            if not self._fill():
                return False
        return True

    def _fill(self) -> bool:
        """Make the next decompressed bytes the buffer; False at the end."""
        if self._inflater is None:
            self._buffer, self._position = self._raw, 0
            self._raw = self._source.read(CHUNK_BYTES) if self._raw else b""
            return bool(self._buffer)
        if self._inflater.eof:
            self._raw = self._inflater.unused_data or self._source.read(CHUNK_BYTES)
            # Archives may be padded with zeros behind the last member.
            self._raw = self._raw.lstrip(b"\0")
            self._inflater = zlib.decompressobj(wbits=31)
            self._is_member_start = True
        elif self._buffer:
            self._is_member_start = False
        if not self._raw:
            self._raw = self._source.read(CHUNK_BYTES)
        is_last = not self._raw
        self._inflate(self._inflater)  # output may be left when all input is taken
        return bool(self._buffer) or not is_last

    def _inflate(self, inflater: zlib._Decompress) -> None:
        try:
            self._buffer = inflater.decompress(self._raw, CHUNK_BYTES)
        except zlib.error as error:
            self._is_broken = True
            raise BrokenArchiveError(f"damaged compression ({error})") from error
        self._position = 0
        self._raw = inflater.unconsumed_tail

    def _next_member(self) -> None:
        """Stand at the next bytes that look like the start of a compressed member."""
        self._buffer, self._position, self._is_broken = b"", 0, False
        # The failed member's own magic must not be found again.
        rest = self._raw[1:]
        while True:
            found = rest.find(GZIP_MAGIC)
            if found >= 0:
                self._raw = rest[found:]
                break
            chunk = self._source.read(CHUNK_BYTES)
            if not chunk:
                self._raw = b""
                break
            rest = rest[-2:] + chunk
        self._inflater = zlib.decompressobj(wbits=31)
        self._is_member_start = True

"""Return the bytes of a body as they arrive, decompressed and within limits."""

from __future__ import annotations

import zlib
from typing import Any

from producers.fetch.fetched import FetchProblem

# Below this a high ratio is common (a page of blanks) and harmless.
RATIO_FREE_BYTES = 1_000_000
# Decompressed at once; bounds what a bomb can take before it is counted.
STEP_BYTES = 262_144
# Servers join a few gzip members; millions of empty ones only cost time.
MAX_GZIP_MEMBERS = 1000
GZIP_MAGIC = b"\x1f\x8b"
GZIP_BITS = 16 + zlib.MAX_WBITS
ZLIB_BITS = zlib.MAX_WBITS
RAW_DEFLATE_BITS = -zlib.MAX_WBITS


class BodyDecoder:
    """Collect one body: give it the chunks in order, then take the whole.

    Args:
        content_encoding: the header's value.
        max_body_bytes: limit of the bytes received and, separately, of the decompressed ones.
        max_ratio: decompressed by received bytes; counts above 1 MB.
        is_cut_allowed: a body beyond ``max_body_bytes`` is cut there; without it it is refused.

    Raises:
        FetchProblem: ``protocol``: an encoding that was not asked for, or a broken one;
            ``too_large``: over a limit.
    """

    def __init__(
        self,
        content_encoding: str,
        *,
        max_body_bytes: int,
        max_ratio: int,
        is_cut_allowed: bool = False,
    ) -> None:
        self._encoding = _encoding(content_encoding)
        self._max_body_bytes = max_body_bytes
        self._max_ratio = max_ratio
        self._is_cut_allowed = is_cut_allowed
        self._head = b""
        self._inflater: Any = None
        self._member_count = 0
        self._received_bytes = 0
        self._body = bytearray()
        self.is_full = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire; `is_full` says that no more are wanted."""
        if self.is_full:
            return
        self._received_bytes += len(chunk)
        if self._received_bytes > self._max_body_bytes and not self._is_cut_allowed:
            raise FetchProblem("too_large", f"more than {self._max_body_bytes} bytes")
        if self._encoding == "identity":
            self._append(chunk)
            return
        try:
            self._inflate(chunk)
        except zlib.error as error:
            raise FetchProblem("protocol", f"broken {self._encoding} body") from error

    def finish(self) -> bytes:
        """Return the whole body; the connection has ended in the regular way."""
        is_unfinished = self._inflater is not None and not self._inflater.eof
        if not self.is_full and (is_unfinished or self._head):
            raise FetchProblem("protocol", f"unfinished {self._encoding} body")
        return bytes(self._body)

    def _inflate(self, chunk: bytes) -> None:
        data = self._head + chunk
        self._head = b""
        while data and not self.is_full:
            if self._inflater is None or self._inflater.eof:
                if len(data) < len(GZIP_MAGIC):
                    self._head = data if self._member_count == 0 else b""
                    return
                if self._member_count and not data.startswith(GZIP_MAGIC):
                    return  # padding after the end, which browsers pass over too
                self._start_member(data)
            self._append(self._inflater.decompress(data, STEP_BYTES))
            # After the end the rest is `unused_data`, before it `unconsumed_tail`.
            data = self._inflater.unused_data or self._inflater.unconsumed_tail

    def _start_member(self, data: bytes) -> None:
        self._member_count += 1
        if self._member_count > MAX_GZIP_MEMBERS:
            raise FetchProblem("protocol", f"more than {MAX_GZIP_MEMBERS} gzip members")
        bits = GZIP_BITS
        if self._encoding == "deflate":
            # RFC 9110 means the zlib format; some servers send the bare stream.
            is_zlib = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
            bits = ZLIB_BITS if is_zlib else RAW_DEFLATE_BITS
        self._inflater = zlib.decompressobj(bits)

    def _append(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > self._max_body_bytes:
            if not self._is_cut_allowed:
                raise FetchProblem("too_large", f"more than {self._max_body_bytes} bytes unpacked")
            del self._body[self._max_body_bytes :]
            self.is_full = True
        limit = max(RATIO_FREE_BYTES, self._received_bytes * self._max_ratio)
        if self._encoding != "identity" and len(self._body) > limit:
            raise FetchProblem("too_large", f"unpacks to over {self._max_ratio} times its size")


def _encoding(content_encoding: str) -> str:
    """Return ``identity``, ``gzip`` or ``deflate``."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    wanted = [name for name in names if name not in ("", "identity")]
    if not wanted:
        return "identity"
    name = wanted[0].removeprefix("x-")
    if len(wanted) > 1 or name not in ("gzip", "deflate"):
        raise FetchProblem("protocol", "a content encoding that was not asked for")
    return name

"""Return the body of a request, within limits of size and time, or why not."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping

from aiohttp import web

GZIP_WINDOW = 31  # zlib's number for "with a gzip header"
# Files joined by `cat` have a few; 250,000 empty ones in 5 MB stopped the event loop for 0.4 s.
MAX_GZIP_MEMBERS = 100


class RequestProblem(Exception):
    """A request that is answered with an error (RFC 9457)."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        super().__init__(detail)


class GunzipLimited:
    """Decompresses gzip as it comes and never holds more than ``max_bytes`` of the result."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._stream = zlib.decompressobj(GZIP_WINDOW)
        self._size_bytes = 0
        self._member_count = 0

    def feed(self, data: bytes) -> bytes:
        """Return what ``data`` adds.

        Raises:
            RequestProblem: no gzip (400), or too much of it (413).
        """
        parts: list[bytes] = []
        try:
            while data:
                if self._stream.eof or not self._member_count:
                    self._begin_member()
                # One byte over the limit is enough to know.
                part = self._stream.decompress(data, self._max_bytes - self._size_bytes + 1)
                self._size_bytes += len(part)
                if self._size_bytes > self._max_bytes:
                    raise too_large(self._max_bytes)
                parts.append(part)
                data = self._stream.unconsumed_tail or self._stream.unused_data
        except zlib.error:
            raise RequestProblem(400, "The body is not valid gzip.") from None
        return b"".join(parts)

    def _begin_member(self) -> None:
        self._member_count += 1
        if self._member_count > MAX_GZIP_MEMBERS:
            raise RequestProblem(400, f"The gzip body has over {MAX_GZIP_MEMBERS} members.")
        self._stream = zlib.decompressobj(GZIP_WINDOW)

    @property
    def is_complete(self) -> bool:
        """Return whether the data ended where a member ends."""
        return self._stream.eof


def too_large(max_bytes: int) -> RequestProblem:
    """Return the problem of a body over the limit."""
    return RequestProblem(413, f"The body is over {max_bytes:,} bytes.")


async def read_body(
    request: web.Request, *, max_bytes: int, max_seconds: float, is_gzip_allowed: bool
) -> bytes:
    """Return the body, decompressed.

    The server must not decompress by itself (``auto_decompress=False``).

    Raises:
        RequestProblem: too large before or after decompression (413), too slow (408), broken or
            cut (400), an encoding other than gzip (415).
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip") or (
        encoding != "identity" and not is_gzip_allowed
    ):
        accepted = {"Accept-Encoding": "gzip" if is_gzip_allowed else "identity"}
        raise RequestProblem(415, "This content encoding is not read.", headers=accepted)
    if (request.content_length or 0) > max_bytes:
        raise too_large(max_bytes)
    gunzip = None if encoding == "identity" else GunzipLimited(max_bytes)
    try:
        async with asyncio.timeout(max_seconds):
            body = await _read(request, gunzip, max_bytes)
    except TimeoutError:
        raise RequestProblem(408, f"The body took over {max_seconds:g} s.") from None
    except (OSError, web.RequestPayloadError):
        # Also a client that has gone; nobody reads the answer then.
        raise RequestProblem(400, "The body is broken or was cut.") from None
    if gunzip is not None and not gunzip.is_complete:
        raise RequestProblem(400, "The gzip body is cut.")
    return body


async def _read(request: web.Request, gunzip: GunzipLimited | None, max_bytes: int) -> bytes:
    body = bytearray()
    received_bytes = 0
    async for chunk in request.content.iter_any():
        received_bytes += len(chunk)
        if received_bytes > max_bytes:
            raise too_large(max_bytes)
        body += chunk if gunzip is None else gunzip.feed(chunk)
    return bytes(body)

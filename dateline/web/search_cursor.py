"""Write the place behind a page of results into an address, signed, and read it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http
import secrets
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from dateline.web.problems import RequestProblem

_SECRET_BYTES = 32
_MAX_CHARS = 20_000


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the next page begins.

    Attributes:
        question: hash of what was asked; the place of one question is none of another.
        before: what was first seen from then on came after the first page, and is not in the list.
        offset: how many were shown.
        after: sort values of the last hit; () where hits are counted.
        pit_id: point in time of Elasticsearch that the second page has opened; empty: none yet.
    """

    question: str
    before: Annotated[datetime, Meta(tz=True)]
    offset: int
    after: tuple[float | int | str, ...] = ()
    pit_id: str = ""


class Cursors:
    """Writes and reads cursors; those of another process are not known."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(_SECRET_BYTES)

    def write(self, place: Place) -> str:
        """Return the place as a word of an address."""
        content = msgspec.msgpack.encode(place)
        return base64.urlsafe_b64encode(self._sign(content) + content).decode().rstrip("=")

    def read(self, text: str, *, question: str) -> Place:
        """Return the place.

        Raises:
            RequestProblem: 400, it is none of ours, or that of another question.
        """
        try:
            padded = text[:_MAX_CHARS].encode("ascii") + b"=" * (-len(text) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raw = b""
        size = hashlib.sha256().digest_size
        if not hmac.compare_digest(raw[:size], self._sign(raw[size:])):
            raise _unknown()
        place = msgspec.msgpack.decode(raw[size:], type=Place)
        if place.question != question:
            raise _unknown()
        return place

    def _sign(self, content: bytes) -> bytes:
        return hmac.new(self._secret, content, hashlib.sha256).digest()


def _unknown() -> RequestProblem:
    return RequestProblem(
        http.HTTPStatus.BAD_REQUEST, "This cursor is not known here; ask for the first page again."
    )

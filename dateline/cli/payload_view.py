"""Return the bytes of a record as text that a person can read and a terminal can take."""

from __future__ import annotations

import json

from dateline.cli.terminal import json_text, one_line

MAX_SHOWN_CHARS = 20_000
MAX_SHOWN_BYTES = 512
ROW_BYTES = 16


def payload_text(payload: bytes) -> str:
    """Return indented JSON where it is JSON, else a hexadecimal view of the first 512 bytes.

    Raises: Nothing. Numbers out of range, deep nesting and lone surrogates end in one of the two.
    """
    if not payload:
        return "(no bytes)"
    try:
        shown = json_text(json.loads(payload))
    except (ValueError, RecursionError):
        return hexadecimal(payload)
    if len(shown) <= MAX_SHOWN_CHARS:
        return shown
    rest = len(shown) - MAX_SHOWN_CHARS
    return f"{shown[:MAX_SHOWN_CHARS]}\n… {rest} more characters; --raw writes all of it"


def hexadecimal(payload: bytes) -> str:
    """Return offset, bytes and their printable ASCII characters, 16 bytes a line."""
    rows = []
    for start in range(0, min(len(payload), MAX_SHOWN_BYTES), ROW_BYTES):
        row = payload[start : min(start + ROW_BYTES, MAX_SHOWN_BYTES)]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)  # noqa: PLR2004
        rows.append(f"{start:08x}  {row.hex(' '):<{ROW_BYTES * 3}} {letters}")
    if len(payload) > MAX_SHOWN_BYTES:
        rows.append(f"… {len(payload) - MAX_SHOWN_BYTES} more bytes; --raw writes all of them")
    return "\n".join(one_line(row) for row in rows)

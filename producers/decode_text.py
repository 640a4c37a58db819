"""Return bytes as text, or the sentence that says why they are none."""

from __future__ import annotations

import codecs

from producers.parsed import Refusal

# Longest first: the UTF-32 mark begins with the UTF-16 one.
OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode_text(data: bytes) -> str | Refusal:
    """Return ``data`` as UTF-8 text without a byte order mark, newlines kept, or a refusal.

    Refused: nothing but white space, other Unicode encodings, NUL bytes, bytes that are not UTF-8
    (the position counts bytes from 0, the line from 1).
    """
    for mark, name in OTHER_MARKS:
        if data.startswith(mark):
            return Refusal(
                reason=f"wrong encoding: {name}, expected UTF-8;"
                f" convert it with `iconv -f {name} -t UTF-8`"
            )
    position = data.find(b"\0")
    if position >= 0:
        return Refusal(reason=f"binary: NUL byte at position {position}")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        offset = len(data) - len(data.removeprefix(codecs.BOM_UTF8))
        position = error.start + offset
        line = data.count(b"\n", 0, position) + 1
        return Refusal(
            reason=f"wrong encoding: not UTF-8, byte 0x{data[position]:02x}"
            f" at position {position} (line {line})"
        )
    if not text.strip():
        return Refusal(reason="empty: no text" if data else "empty: 0 bytes")
    return text

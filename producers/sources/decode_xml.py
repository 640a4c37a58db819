"""Return the text of XML bytes, whatever their encoding and whatever they say it is."""

from __future__ import annotations

import codecs
import re

# Declared encodings that are wider in practice (the list of the WHATWG Encoding Standard).
WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030",
         "gbk": "gb18030", "iso8859-11": "cp874", "tis-620": "cp874", "euc_kr": "cp949",
         "big5": "big5hkscs"}  # fmt: skip
# The only multi-byte and single-byte codecs believed. UTF-7 hides markup in letters; others are no
# character sets at all (idna, unicode_escape).
KNOWN_CODECS = re.compile(
    r"cp(?:125\d|874|949|437|85\d|866|932|936|1361)|iso8859-\d+|iso2022_\w+|koi8-[rtu]|mac-\w+|"
    r"gb18030|gbk|gb2312|hz|big5(?:hkscs)?|shift_jis\w*|euc_\w+|johab|utf-(?:8|16|32)(?:-[bl]e)?|"
    r"ascii|ptcp154|tis-620"
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before the UTF-16 mark, which is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE_OPENINGS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")


class XmlRefusedError(Exception):
    """XML that is not read; the message is ``word: details``."""


def decode_xml(data: bytes, *, charset: str | None = None) -> str:
    """Return the text of an XML or other text document, without byte order mark.

    A mark decides; then UTF-8 where the bytes are valid in it (other text hardly ever is); then
    ``charset``, the declaration, and Windows-1252 with replacement characters.

    Raises:
        XmlRefusedError: a declared encoding that is not accepted, or binary data.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    opening = data[:64].lstrip()
    for start, name in WIDE_OPENINGS:
        if opening.startswith(start) or data.startswith(start):
            return data.decode(name, "replace")
    declaration = _DECLARATION.search(data[:400])
    declared = declaration[1].decode("ascii") if declaration else None
    names = [name for name in map(_codec, (charset, declared)) if name]
    # ISO 2022 and HZ write other scripts in ASCII bytes: there validity says nothing.
    shifted = [name for name in names if name.startswith(("iso2022", "hz"))]
    for name in (*shifted, "utf-8", *names):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    # One bad byte in a long UTF-8 text is no reason to read all of it as something else.
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 50 < sum(byte > 127 for byte in data[:200_000]):  # noqa: PLR2004
        return text
    return data.decode("cp1252", "replace")


def charset_of(content_type: str | None) -> str | None:
    """Return the ``charset`` parameter of a ``Content-Type`` header, or None."""
    found = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", content_type or "", re.I)
    return found[1] if found else None


def _codec(name: str | None) -> str | None:
    if not name:
        return None
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    found = WIDER.get(found, found)
    if found == "utf-7":
        raise XmlRefusedError("encoding: UTF-7 is not read")
    return found if KNOWN_CODECS.fullmatch(found) else None

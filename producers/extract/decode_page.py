"""Return the text of a page's bytes: mark, UTF-8, what header and page declare, then a guess."""

from __future__ import annotations

import codecs
import re

from trafilatura.utils import detect_encoding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# As browsers read them (encoding.spec.whatwg.org): pages that say the former mean the latter.
_WEB_ENCODINGS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
# Their bytes are valid UTF-8 (ASCII with escapes, or NULs), so they must be tried before it.
_BEFORE_UTF8 = ("iso2022", "utf-16", "utf-32", "hz")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_SNIFFED_BYTES = 4096


def decode_page(data: bytes, *, content_type: str) -> str:
    """Return ``data`` as text; what cannot be decoded at all becomes U+FFFD.

    UTF-8 that is valid wins over a declaration: other encodings are hardly ever valid UTF-8, and
    servers declare one for all their files.

    Raises: Nothing.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    beginning = data[:_SNIFFED_BYTES].decode("latin-1")
    declared = [
        _codec(found) for found in (*_CHARSET.findall(content_type), *_CHARSET.findall(beginning))
    ]
    known = [name for name in declared if name][:4]
    early = [name for name in known if name.startswith(_BEFORE_UTF8)]
    for encoding in (*early, "utf-8", *known):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    for encoding in detect_encoding(data)[:3]:
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return data.decode("utf-8", "replace")


def _codec(name: str) -> str | None:
    """Return the codec for a declared name, None for one that is unknown or decodes no text."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # `charset=zip` and the like would decompress.
    if not getattr(found, "_is_text_encoding", True) or found.name in ("idna", "punycode", "utf-7"):
        return None
    return _WEB_ENCODINGS.get(found.name, found.name)

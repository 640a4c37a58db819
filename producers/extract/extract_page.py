"""Return the article of a fetched page, or why there is none; the door to the extraction.

The process that polls imports this module only: trafilatura stays in the children of the pool.
"""

from __future__ import annotations

from collections.abc import Mapping

from producers.extract.page_text import PageText
from producers.parsed import Refusal

HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
# Servers that do not know better; what the bytes begin with decides.
VAGUE_TYPES = frozenset(
    {"application/xml", "text/xml", "application/octet-stream", "text/plain", "unknown/unknown"}
)
# Modules of the first page; a pool loads them before it takes one.
PRELOAD = ("producers.extract.read_page",)
_SNIFFED_BYTES = 2048


def extract_page(data: bytes, *, url: str, headers: Mapping[str, str]) -> PageText | Refusal:
    """Return text, hints and rights statements of the page ``data`` that ``url`` answered.

    Args:
        data: the body, decompressed.
        url: its final address; relative addresses in the page are resolved against it.
        headers: lower-case names, repeated ones joined by ", ".

    Raises: Nothing. The refusals: ``no HTML: ...``, ``empty: ...``, ``binary: ...``,
    ``HTML cannot be read: ...`` and ``too little text: ...`` (missing pages that say 200, consent
    and pay walls).
    """
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in HTML_TYPES and not (
        content_type in VAGUE_TYPES and b"<html" in data[:_SNIFFED_BYTES].lower()
    ):
        return Refusal(reason=f"no HTML: content type {content_type[:60]!r}")
    if data[:5] == b"%PDF-":
        return Refusal(reason="no HTML: a PDF file")
    if not data.strip():
        return Refusal(reason="empty: no text" if data else "empty: 0 bytes")
    from producers.extract.read_page import read_page  # takes 0.5 s: only when needed

    return read_page(data, url=url, headers=headers)

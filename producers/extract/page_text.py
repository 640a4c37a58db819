"""What a web page says: its article, and every statement about rights, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dateline.records import DateFlag, RightsSignal


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The article of a page.

    ``canonical_url`` (``rel=canonical``) and ``amp_url`` are hints. Dates and licence of the
    extractor are hints, too; ``rights_signals`` are read from the markup and the HTTP headers.
    """

    text: str
    extraction_method: str
    html_sha256: str
    text_sha256: str
    title: str | None = None
    summary: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    canonical_url: str | None = None
    amp_url: str | None = None
    published_at: datetime | None = None
    published_at_raw: str | None = None
    date_flags: tuple[DateFlag, ...] = ()
    rights_signals: tuple[RightsSignal, ...] = ()

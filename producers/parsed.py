"""Return what the parsers of ``producers.sources`` give back: articles, refusals, skips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dateline.records import DateFlag, PubStatus, RightsSignal

Format = Literal["txt", "html", "json", "jsonl", "ninjs", "warc", "feed"]
FORMATS: tuple[Format, ...] = ("txt", "html", "json", "jsonl", "ninjs", "warc")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedArticle:
    """An article as its file states it, before it has an identity.

    ``line`` counts from 1 and is None where the file is the article. ``pub_status`` ``canceled``
    makes it a withdrawal: ``body`` may then be empty; ``is_pub_status_explicit`` says that the
    source wrote the status itself. ``updated_at`` is the source's own time. ``canonical_url`` is
    the page's own hint at its original. ``feed_text_sha256`` and ``page_text_sha256`` are hashes of
    the text in the feed and of that of the page, where there was one, whichever became the body.
    ``is_alone`` says that the input can hold one article only, so that its path may be its key.
    """

    body: str
    media_type: str
    line: int | None = None
    is_alone: bool = True
    url: str | None = None
    canonical_url: str | None = None
    guid: str | None = None
    source: str | None = None
    title: str | None = None
    summary: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    credit: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None
    published_at_raw: str | None = None
    updated_at: datetime | None = None
    date_flags: tuple[DateFlag, ...] = ()
    pub_status: PubStatus = "usable"
    is_pub_status_explicit: bool = False
    kill_reason: str | None = None
    embargoed_until: datetime | None = None
    rights_signals: tuple[RightsSignal, ...] = ()
    extraction_method: str = "verbatim"
    feed_text_sha256: str | None = None
    page_text_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Input that holds no usable article, and why.

    ``unit_sha256`` tells one content of it from the next (the watcher reports each once).
    """

    reason: str
    line: int | None = None
    unit_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Input that is no error and is not sent, and why."""

    reason: str
    line: int | None = None


Parsed = ParsedArticle | Refusal | Skip

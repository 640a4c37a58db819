"""What is remembered of a feed, of its entries, and of articles to be looked at again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from producers.feed_document import FeedKind

FeedStatus = Literal["active", "retired", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cursor:
    """How far a feed was read: its newest time, never in the future, and the entry that had it."""

    at: datetime
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    """Everything known of one feed.

    ``feed_id`` is the normal form of the address in the source list and never changes; ``url`` is
    where the feed is now, after permanent redirects. ``interval_seconds`` is the healthy interval:
    errors postpone ``next_poll_at`` and leave it alone. ``error_count`` counts polls in a row.
    ``ttl_seconds`` is what the feed itself says.

    ``etag``, ``last_modified`` and ``body_sha256`` belong to the last answer with a body;
    ``not_modified_count`` is the number of 304 since then, ``last_full_at`` its time.
    ``is_validator_on_trial`` says that the validators kept are outdated on purpose: a 304 to them
    is a lie. ``pending_count`` entries of the last document were left for the next poll, which
    must therefore not be conditional. ``articles_today`` counts on ``day`` (ISO date, UTC).
    """

    feed_id: str
    url: str
    source_id: str
    kind: FeedKind | None = None
    status: FeedStatus = "active"
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    is_validator_trusted: bool = True
    is_validator_on_trial: bool = False
    not_modified_count: int = 0
    last_full_at: datetime | None = None
    poll_count: int = 0
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    next_poll_at: datetime | None = None
    interval_seconds: float | None = None
    ttl_seconds: float | None = None
    mean_gap_seconds: float | None = None
    error_count: int = 0
    last_error: str | None = None
    cursor_at: datetime | None = None
    cursor_key: str | None = None
    is_first_poll_done: bool = False
    pending_count: int = 0
    day: str | None = None
    articles_today: int = 0
    articles_total: int = 0
    title: str | None = None
    hub_url: str | None = None
    self_url: str | None = None

    @property
    def cursor(self) -> Cursor | None:
        """Return how far the feed was read, None before its first entry."""
        if self.cursor_at is None:
            return None
        return Cursor(at=self.cursor_at, key=self.cursor_key or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenItem:
    """An entry that was in a feed.

    ``fingerprint`` is that of the version taken last; "" while the entry waits for its turn, then
    ``is_backfill`` says what it will be sent as. ``item_at`` is the time the entry states, never
    later than it was seen. ``text_sha256`` is kept for entries without an address only.
    """

    key: str
    fingerprint: str
    first_seen_at: datetime
    last_seen_at: datetime
    taken_at: datetime | None = None
    item_at: datetime | None = None
    is_backfill: bool = False
    text_sha256: str | None = None

    @property
    def is_pending(self) -> bool:
        """Return whether no version of the entry was taken yet."""
        return not self.fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidAlias:
    """Another GUID of an entry known as ``key``."""

    guid: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckRow:
    """An article whose page is to be looked at again.

    ``step`` counts the looks (1 h, 24 h, 7 days after ``first_seen_at``). ``text_sha256``,
    ``text_chars`` and ``lead_sha256`` (of its beginning) are those of ``normal_text`` of the page,
    None where the page was never read: ``recheck.with_page_text`` sets them.
    ``body_from`` says where the body that was sent came from. ``missing_at`` is the time of the
    last 404, ``misses`` their number in a row; ``failure_count`` that of looks that told nothing.
    ``is_short_seen`` says that the last look found much less text. ``is_killed`` is set by a
    recheck only: what the feed itself withdraws is not rechecked. ``article`` is the article
    without its body, as JSON, for the version that a look may bring.
    """

    article_id: str
    key: str
    source_id: str
    url: str
    first_seen_at: datetime
    due_at: datetime
    step: int = 0
    text_sha256: str | None = None
    text_chars: int | None = None
    lead_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_from: Literal["page", "feed"] = "page"
    misses: int = 0
    missing_at: datetime | None = None
    failure_count: int = 0
    is_short_seen: bool = False
    is_killed: bool = False
    article: bytes = b""


def with_articles(record: FeedRecord, *, count: int, now: datetime) -> FeedRecord:
    """Return the record with ``count`` more articles sent, on the UTC day of ``now``."""
    day = now.date().isoformat()
    today = record.articles_today if record.day == day else 0
    return replace(
        record,
        day=day,
        articles_today=today + count,
        articles_total=record.articles_total + count,
    )


def articles_today(record: FeedRecord, *, now: datetime) -> int:
    """Return the articles sent on the UTC day of ``now``; the record may be of an earlier day."""
    return record.articles_today if record.day == now.date().isoformat() else 0

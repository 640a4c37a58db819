"""Return when what an article tells was published, as far as its source can be believed."""

from __future__ import annotations

from datetime import datetime

from dateline.records import RawArticle

_NOT_BELIEVED = frozenset({"future", "implausible"})


def event_time(article: RawArticle, *, first_seen_at: datetime) -> datetime:
    """Return the publication time, or when it was first seen where that one cannot be true."""
    published_at = article.published_at
    if published_at is None or published_at > article.observed_at:
        return first_seen_at
    return first_seen_at if _NOT_BELIEVED.intersection(article.date_flags) else published_at

"""Made-up records of the stages, for tests that need many of them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from dateline import ids
from dateline.records import EnrichedArticle, KillNotice, RawArticle
from dateline.rights.record import Rights

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SOURCE = "wire.example"


def at(minute: float) -> datetime:
    """Return a point in time ``minute`` minutes after the start."""
    return START + timedelta(minutes=minute)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def raw_article(text: str = "A", minute: float = 1, *, key: str = "k", **fields: Any) -> RawArticle:
    """Return a version of the article ``key`` with ``text``, updated at ``minute``."""
    row: dict[str, Any] = {
        "article_id": ids.article_id(SOURCE, key),
        "source_id": SOURCE,
        "key": key,
        "content_sha256": sha(text),
        "body": text,
        "media_type": "text/plain",
        "origin": "live",
        "observed_at": at(minute),
        "updated_at": at(minute),
    }
    return RawArticle(**(row | fields))


def kill_notice(minute: float = 2, *, key: str = "k", **fields: Any) -> KillNotice:
    row: dict[str, Any] = {
        "article_id": ids.article_id(SOURCE, key),
        "source_id": SOURCE,
        "key": key,
        "reason": "withdrawn",
        "origin": "live",
        "observed_at": at(minute),
        "updated_at": at(minute),
    }
    return KillNotice(**(row | fields))


def enriched_article(
    text: str = "A", minute: float = 1, *, key: str = "k", **fields: Any
) -> EnrichedArticle:
    row: dict[str, Any] = {
        "article": raw_article(text, minute, key=key),
        "text": text,
        "offsets": ((0, 0),),
        "title": "A title",
        "is_title_derived": False,
        "summary": "A summary",
        "is_summary_derived": False,
        "language": "en",
        "language_confidence": 0.9,
        "rights": Rights(status="unknown"),
        "pipeline_version": "test",
    }
    return EnrichedArticle(**(row | fields))

"""The feeds of the development data: nothing crashes, nothing hangs, nothing executable is left."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC
from pathlib import Path

import pytest

from producers.feed_document import FeedDocument
from producers.parse_feed import parse_feed

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("DATELINE_DATA_DIR", ROOT / "../shared/data"))
FEEDS = DATA / "feeds"
needs_data = pytest.mark.skipif(not FEEDS.is_dir(), reason=f"development data not found at {DATA}")
EXECUTABLE = re.compile(
    r"<\s*/?(?:script|iframe|object|embed|style|svg|applet|base|form|meta|link)\b|javascript:"
    r"|\bon[a-z]{4,}\s*=",
    re.IGNORECASE,
)


@needs_data
def test_every_feed_is_read_alike_in_time_and_clean() -> None:
    paths = sorted(FEEDS.rglob("*.xml"))
    assert paths
    for path in paths:
        began_at = time.process_time()
        found = parse_feed(path.read_bytes(), base_url="https://paper.example/feed")
        assert time.process_time() - began_at < 5, path
        assert isinstance(found, FeedDocument), path
        assert found == parse_feed(path.read_bytes(), base_url="https://paper.example/feed"), path
        for article in (item.article for item in found.items):
            assert article.published_at or article.date_flags, path
            for at in (article.published_at, article.updated_at):
                assert at is None or at.tzinfo is UTC, path
            for text in (article.title, article.summary, article.body):
                assert not EXECUTABLE.search(text or ""), path

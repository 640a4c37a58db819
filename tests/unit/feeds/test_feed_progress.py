from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from producers.feed_document import FeedDocument, FeedItem
from producers.feeds.feed_progress import (
    after_failure,
    after_poll,
    after_restart,
    after_unchanged,
    first_record,
)
from producers.feeds.feed_record import Cursor, FeedRecord, articles_today, with_articles
from producers.feeds.judge_response import Changed, Failed, Gone, Unchanged, Validators
from producers.feeds.schedule import PollLimits
from producers.feeds.select_items import SelectedItem, Selection
from producers.parsed import ParsedArticle

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMITS = PollLimits(min_seconds=60, max_seconds=3600)
URL = "https://p.example/feed"
VALIDATORS = Validators(
    etag='"a"', last_modified=None, body_sha256="0" * 64, is_trusted=True, is_on_trial=False,
    not_modified_count=0, last_full_at=NOW,
)  # fmt: skip
CHANGED = Changed(body=b"", validators=VALIDATORS)
UNCHANGED = Unchanged(validators=VALIDATORS)
FIRST = first_record(feed_id=URL, url=URL, source_id="p.example", now=NOW)


def entry(*, published_at: datetime | None = None, is_backfill: bool = False) -> SelectedItem:
    article = ParsedArticle(body="x", media_type="text/plain", published_at=published_at)
    item = FeedItem(article=article, has_full_text=True)
    return SelectedItem(key="k", item=item, is_backfill=is_backfill)


def polled(known: FeedRecord = FIRST, *entries: SelectedItem, now: datetime = NOW) -> FeedRecord:
    document = FeedDocument(kind="rss", items=tuple(each.item for each in entries))
    selection = Selection(new=entries, cursor=Cursor(at=NOW - timedelta(hours=3), key="k"))
    return after_poll(known, CHANGED, document, selection, now=now, limits=LIMITS)


def wait_seconds(record: FeedRecord, now: datetime = NOW) -> float:
    assert record.next_poll_at is not None
    return (record.next_poll_at - now).total_seconds()


def test_first_poll_is_within_a_minute() -> None:
    assert 0 <= wait_seconds(FIRST) < 60


def test_feeds_that_became_due_meanwhile_are_spread_over_a_minute() -> None:
    known = polled()
    assert after_restart(known, now=NOW) == known
    later = NOW + timedelta(days=3)
    assert 0 <= wait_seconds(after_restart(known, now=later), later) < 60


def test_first_poll_takes_the_pace_from_the_dates_of_the_entries() -> None:
    entries = [
        entry(published_at=NOW - timedelta(minutes=20 * n), is_backfill=True) for n in range(4)
    ]
    record = polled(FIRST, *entries)
    assert record.is_first_poll_done
    assert record.mean_gap_seconds == 1200
    assert record.interval_seconds == 600
    assert record.last_new_at == NOW - timedelta(hours=3)


def test_news_shorten_the_interval_and_are_remembered() -> None:
    before = replace(polled(), interval_seconds=1800.0, mean_gap_seconds=600.0, last_new_at=NOW)
    later = NOW + timedelta(minutes=30)
    record = polled(before, entry(), now=later)
    assert record.last_new_at == later
    assert record.mean_gap_seconds == 960
    assert record.interval_seconds == (1800 + 480) / 2


def test_unchanged_poll_grows_the_interval_and_clears_errors() -> None:
    failing = replace(polled(), interval_seconds=600.0, error_count=4, last_error="timeout: x")
    record = after_unchanged(failing, UNCHANGED, now=NOW, limits=LIMITS)
    assert (record.interval_seconds, record.error_count, record.last_error) == (900, 0, None)
    assert record.last_success_at == record.last_poll_at == NOW
    assert record.poll_count == failing.poll_count + 1


def test_failure_postpones_and_forgets_nothing() -> None:
    before = replace(polled(), interval_seconds=600.0)
    failed = before
    for _ in range(3):
        failed = after_failure(failed, Failed(reason="timeout: x"), now=NOW, limits=LIMITS)
    assert (failed.error_count, failed.last_error, failed.status) == (3, "timeout: x", "active")
    assert failed.interval_seconds == 600
    assert wait_seconds(failed) > 3000
    assert (failed.cursor, failed.etag, failed.last_new_at) == (
        (before.cursor, before.etag, before.last_new_at)
    )


def test_retry_after_of_a_failure_is_kept_to() -> None:
    verdict = Failed(reason="busy: x", retry_after_seconds=9000)
    assert wait_seconds(after_failure(polled(), verdict, now=NOW, limits=LIMITS)) == 9000


def test_gone_feed_is_retired_and_taken_back() -> None:
    retired = after_failure(polled(), Gone(), now=NOW, limits=LIMITS)
    assert retired.status == "retired"
    assert wait_seconds(retired) >= 7 * 86400
    still = after_failure(retired, Failed(reason="timeout: x"), now=NOW, limits=LIMITS)
    assert still.status == "retired"
    assert wait_seconds(still) >= 7 * 86400
    assert polled(still).status == "active"
    assert after_unchanged(still, UNCHANGED, now=NOW, limits=LIMITS).status == "active"


def test_missing_feed_stays_active() -> None:
    record = polled()
    for _ in range(50):
        verdict = Failed(reason="missing: x", is_missing=True)
        record = after_failure(record, verdict, now=NOW, limits=LIMITS)
    assert record.status == "active"
    assert 0.9 * 6 * 3600 <= wait_seconds(record) <= 6 * 3600


@pytest.mark.parametrize("verdict", [Gone(), Failed(reason="timeout: x")])
def test_paused_feed_stays_paused(verdict: Gone | Failed) -> None:
    paused = replace(polled(), status="paused")
    assert after_failure(paused, verdict, now=NOW, limits=LIMITS).status == "paused"
    assert after_unchanged(paused, UNCHANGED, now=NOW, limits=LIMITS).status == "paused"


def test_backlog_hastens_the_next_poll() -> None:
    selection = Selection(new=(entry(),), left_over_count=7, is_backlog=True)
    before = replace(polled(), interval_seconds=3000.0)
    record = after_poll(
        before, CHANGED, FeedDocument(kind="rss"), selection, now=NOW, limits=LIMITS
    )
    assert record.pending_count == 7
    assert wait_seconds(record) <= 66


def test_ttl_of_the_feed_holds_for_a_304_as_well() -> None:
    document = FeedDocument(kind="rss", ttl_seconds=1800)
    record = after_poll(FIRST, CHANGED, document, Selection(), now=NOW, limits=LIMITS)
    assert wait_seconds(record) >= 1800
    assert wait_seconds(after_unchanged(record, UNCHANGED, now=NOW, limits=LIMITS)) >= 1800


def test_articles_are_counted_by_day() -> None:
    record = with_articles(with_articles(FIRST, count=2, now=NOW), count=3, now=NOW)
    assert (record.articles_today, record.articles_total) == (5, 5)
    tomorrow = NOW + timedelta(days=1)
    assert articles_today(record, now=NOW) == 5
    assert articles_today(record, now=tomorrow) == 0
    record = with_articles(record, count=1, now=tomorrow)
    assert (record.articles_today, record.articles_total) == (1, 6)

"""Return what is remembered of a feed after a poll, whatever came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from producers.feed_document import FeedDocument
from producers.feeds.feed_record import FeedRecord, FeedStatus
from producers.feeds.judge_response import Changed, Failed, Gone, Unchanged, Validators
from producers.feeds.schedule import (
    PollLimits,
    PollOutcome,
    PollSignals,
    first_delay_seconds,
    observed_gap_seconds,
    plan_next_poll,
    published_gap_seconds,
)
from producers.feeds.select_items import Selection

MAX_ERROR_CHARS = 300
START_SPREAD_SECONDS = 60.0
MAX_TITLE_CHARS = 300


def first_record(
    *,
    feed_id: str,
    url: str,
    source_id: str,
    now: datetime,
    spread_seconds: float = START_SPREAD_SECONDS,
) -> FeedRecord:
    """Return the record of a feed that was never polled; its first poll is within the spread."""
    seconds = first_delay_seconds(feed_id, now=now, spread_seconds=spread_seconds)
    delay = timedelta(seconds=seconds)
    return FeedRecord(feed_id=feed_id, url=url, source_id=source_id, next_poll_at=now + delay)


def after_restart(
    known: FeedRecord, *, now: datetime, spread_seconds: float = START_SPREAD_SECONDS
) -> FeedRecord:
    """Return the record to begin with: what became due meanwhile is spread again."""
    seconds = first_delay_seconds(known.feed_id, now=now, spread_seconds=spread_seconds)
    delay = timedelta(seconds=seconds)
    if known.next_poll_at is not None and known.next_poll_at > now:
        return known
    return replace(known, next_poll_at=now + delay)


def after_poll(
    known: FeedRecord,
    verdict: Changed | Unchanged,
    document: FeedDocument,
    selection: Selection,
    *,
    now: datetime,
    limits: PollLimits,
) -> FeedRecord:
    """Return the record after a poll whose document was read; ``with_articles`` counts the rest.

    ``verdict`` is an unchanged one when more entries of a document that was kept are taken.

    A body that differs by more than its entries (a time stamp) proves no lie of the validators.
    """
    is_first = not known.is_first_poll_done
    live_count = sum(not each.is_backfill for each in selection.new)
    is_news = bool(selection.new or selection.changed)
    cursor = selection.cursor
    found = replace(
        known,
        url=verdict.permanent_url or known.url,
        kind=document.kind,
        title=(document.title or known.title or "")[:MAX_TITLE_CHARS] or None,
        hub_url=document.hub_urls[0] if document.hub_urls else None,
        self_url=document.self_url,
        ttl_seconds=document.ttl_seconds,
        cursor_at=cursor.at if cursor else known.cursor_at,
        cursor_key=cursor.key if cursor else known.cursor_key,
        is_first_poll_done=True,
        pending_count=selection.pending_count,
        last_new_at=_last_new_at(known, selection, live_count, now),
        mean_gap_seconds=_mean_gap(known, document, live_count, now),
    )
    found = _with_validators(found, verdict.validators)
    if known.is_validator_trusted and not is_news:
        found = replace(found, is_validator_trusted=True)
    outcome: PollOutcome = "new" if live_count else "unchanged"
    if not live_count and (selection.changed or selection.new or is_first):
        outcome = "edited"
    return _succeeded(
        found,
        PollSignals(
            outcome=outcome,
            is_backlog=selection.is_backlog,
            mean_gap_seconds=found.mean_gap_seconds,
            ttl_seconds=_wish(document.ttl_seconds, verdict.cache_seconds),
        ),
        now=now,
        limits=limits,
    )


def after_unchanged(
    known: FeedRecord, verdict: Unchanged, *, now: datetime, limits: PollLimits
) -> FeedRecord:
    """Return the record after a poll that brought nothing."""
    found = replace(known, url=verdict.permanent_url or known.url)
    return _succeeded(
        _with_validators(found, verdict.validators),
        PollSignals(
            outcome="unchanged",
            mean_gap_seconds=known.mean_gap_seconds,
            ttl_seconds=_wish(known.ttl_seconds, verdict.cache_seconds),
        ),
        now=now,
        limits=limits,
    )


def after_failure(
    known: FeedRecord, verdict: Failed | Gone, *, now: datetime, limits: PollLimits
) -> FeedRecord:
    """Return the record after a poll that failed; a feed that is gone is asked once a week.

    A retired feed that fails stays retired. Nothing known of its entries is lost.
    """
    is_gone = isinstance(verdict, Gone) or known.status == "retired"
    outcome: PollOutcome = "gone" if is_gone else "failed"
    asked = None
    if isinstance(verdict, Failed):
        asked = verdict.retry_after_seconds
        outcome = "missing" if verdict.is_missing and not is_gone else outcome
    signals = PollSignals(
        outcome=outcome, retry_after_seconds=asked, error_count=known.error_count + 1
    )
    failed = replace(
        known,
        status=_status(known, "retired") if is_gone else known.status,
        error_count=known.error_count + 1,
        last_error=verdict.reason[:MAX_ERROR_CHARS],
    )
    return _polled(failed, signals, now=now, limits=limits)


def _succeeded(
    found: FeedRecord, signals: PollSignals, *, now: datetime, limits: PollLimits
) -> FeedRecord:
    success = replace(
        found,
        status=_status(found, "active"),
        error_count=0,
        last_error=None,
        last_success_at=now,
    )
    return _polled(success, signals, now=now, limits=limits)


def _polled(
    found: FeedRecord, signals: PollSignals, *, now: datetime, limits: PollLimits
) -> FeedRecord:
    plan = plan_next_poll(
        found.interval_seconds,
        signals,
        limits,
        feed_id=found.feed_id,
        poll_count=found.poll_count,
    )
    return replace(
        found,
        poll_count=found.poll_count + 1,
        last_poll_at=now,
        next_poll_at=now + timedelta(seconds=plan.delay_seconds),
        interval_seconds=plan.interval_seconds if found.is_first_poll_done else None,
    )


def _status(known: FeedRecord, status: FeedStatus) -> FeedStatus:
    """Return the status; what a person has paused stays paused."""
    return "paused" if known.status == "paused" else status


def _with_validators(record: FeedRecord, validators: Validators) -> FeedRecord:
    return replace(
        record,
        etag=validators.etag,
        last_modified=validators.last_modified,
        body_sha256=validators.body_sha256,
        is_validator_trusted=validators.is_trusted,
        is_validator_on_trial=validators.is_on_trial,
        not_modified_count=validators.not_modified_count,
        last_full_at=validators.last_full_at,
    )


def _last_new_at(
    known: FeedRecord, selection: Selection, live_count: int, now: datetime
) -> datetime | None:
    if live_count:
        return now
    if known.last_new_at is None and selection.cursor is not None:
        return selection.cursor.at
    return known.last_new_at


def _mean_gap(
    known: FeedRecord, document: FeedDocument, live_count: int, now: datetime
) -> float | None:
    if not known.is_first_poll_done:
        times = (item.article.published_at for item in document.items)
        return published_gap_seconds(at for at in times if at is not None and at <= now)
    if known.last_new_at is None:
        return known.mean_gap_seconds
    return observed_gap_seconds(
        known.mean_gap_seconds,
        since_last_new_seconds=(now - known.last_new_at).total_seconds(),
        new_count=live_count,
    )


def _wish(*seconds: float | None) -> float | None:
    return max((each for each in seconds if each is not None), default=None)

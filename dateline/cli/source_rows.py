"""Return how each listed feed does, from the list and from what the poller remembers; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from producers.feeds.feed_record import FeedRecord
from producers.feeds.source_list import SourceConfig

Status = Literal["active", "waiting", "paused", "retired", "removed"]

# A feed is silent when nothing new came for so many times its own mean gap, and for a day: papers
# sleep at night.
SILENT_GAPS = 5
SILENT_FLOOR = timedelta(hours=24)
# No feed at all was polled for so long though one was due: the poller does not run.
POLLER_AWAY = timedelta(minutes=10)
MINUTE, HOUR, DAY = 60, 3600, 86_400
# Up to two units of the smaller kind: "90 min ago" says more than "1 h ago".
BREAKS = ((2 * MINUTE, 1, "s"), (2 * HOUR, MINUTE, "min"), (2 * DAY, HOUR, "h"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One feed. ``status`` ``waiting``: never polled yet; ``removed``: no longer in the list.

    ``silent_since`` is the time of the last new article of a feed that is silent for much longer
    than usual, else None.
    """

    source_id: str
    url: str
    kind: str
    status: Status
    last_poll_at: datetime | None = None
    last_new_at: datetime | None = None
    next_poll_at: datetime | None = None
    error_count: int = 0
    last_error: str | None = None
    articles_today: int = 0
    articles_total: int = 0
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All rows together."""

    sources: int
    feeds: int
    by_status: Mapping[Status, int]
    failing: int
    silent: int
    articles_today: int
    is_poller_away: bool
    last_poll_at: datetime | None


def source_rows(
    sources: Sequence[SourceConfig], records: Iterable[FeedRecord], *, now: datetime
) -> tuple[SourceRow, ...]:
    """Return a row for each listed feed and each remembered one, by source and address."""
    known = {record.feed_id: record for record in records}
    rows = [_listed(source, known.pop(source.feed_id, None), now) for source in sources]
    rows += [_row(record, "removed", now) for record in known.values()]
    return tuple(sorted(rows, key=lambda row: (row.source_id, row.url)))


def _listed(source: SourceConfig, record: FeedRecord | None, now: datetime) -> SourceRow:
    if record is None or record.last_poll_at is None:
        return SourceRow(
            source_id=source.publisher,
            url=source.url,
            kind="" if source.kind == "auto" else source.kind,
            status="waiting" if source.is_active else "paused",
            next_poll_at=record.next_poll_at if record and source.is_active else None,
        )
    return _row(record, record.status if source.is_active else "paused", now)


def _row(record: FeedRecord, status: Status, now: datetime) -> SourceRow:
    is_polled = status in ("active", "retired")
    return SourceRow(
        source_id=record.source_id,
        url=record.url,
        kind=record.kind or "",
        status=status,
        last_poll_at=record.last_poll_at,
        last_new_at=record.last_new_at,
        next_poll_at=record.next_poll_at if is_polled else None,
        error_count=record.error_count,
        last_error=record.last_error if record.error_count else None,
        articles_today=record.articles_today if record.day == now.date().isoformat() else 0,
        articles_total=record.articles_total,
        silent_since=silent_since(record) if status == "active" else None,
    )


def silent_since(record: FeedRecord) -> datetime | None:
    """Return the time of the last new article where the feed is silent for unusually long.

    Unusual is more than 5 times the feed's own mean gap between new articles, and more than 24 h,
    from the last new article to the last good poll: a poller that was off says nothing of a feed.
    """
    if None in (record.last_new_at, record.last_success_at, record.mean_gap_seconds):
        return None
    usual = timedelta(seconds=min(SILENT_GAPS * (record.mean_gap_seconds or 0.0), 10 * 365 * DAY))
    if record.last_new_at is None or record.last_success_at is None:
        return None
    silence = record.last_success_at - record.last_new_at
    return record.last_new_at if silence > max(usual, SILENT_FLOOR) else None


def totals(rows: Sequence[SourceRow], *, now: datetime) -> Totals:
    """Return the sums over the listed feeds."""
    listed = [row for row in rows if row.status != "removed"]
    last = max((row.last_poll_at for row in listed if row.last_poll_at), default=None)
    due = min((row.next_poll_at for row in listed if row.next_poll_at), default=None)
    return Totals(
        sources=len({row.source_id for row in listed}),
        feeds=len(listed),
        by_status=Counter(row.status for row in rows),
        failing=sum(row.error_count > 0 for row in listed),
        silent=sum(row.silent_since is not None for row in listed),
        articles_today=sum(row.articles_today for row in listed),
        is_poller_away=(
            due is not None
            and now - due > POLLER_AWAY
            and (last is None or now - last > POLLER_AWAY)
        ),
        last_poll_at=last,
    )


def ago(at: datetime | None, now: datetime) -> str:
    """Return a time as a person would say it: ``3 min ago``, ``in 12 s``, ``-`` for None."""
    if at is None:
        return "-"
    seconds = (now - at).total_seconds()
    distance = _distance(abs(seconds))
    return f"{distance} ago" if seconds >= 0 else f"in {distance}"


def until(at: datetime | None, now: datetime) -> str:
    """Return when something is due: ``in 3 min``, ``now`` once its time has come."""
    return "now" if at is not None and at <= now else ago(at, now)


def _distance(seconds: float) -> str:
    for below, unit_seconds, unit in BREAKS:
        if seconds < below:
            return f"{int(seconds // unit_seconds)} {unit}"
    return f"{int(seconds // DAY)} d"


def row_value(row: SourceRow) -> dict[str, Any]:
    """Return a row as plain values with exact times."""
    times = ("last_poll_at", "last_new_at", "next_poll_at", "silent_since")
    values: dict[str, Any] = {name: getattr(row, name) for name in SourceRow.__slots__}
    return values | {name: _iso(values[name]) for name in times}


def totals_value(of: Totals) -> dict[str, Any]:
    """Return the sums as plain values."""
    values: dict[str, Any] = {name: getattr(of, name) for name in Totals.__slots__}
    return values | {"by_status": dict(of.by_status), "last_poll_at": _iso(of.last_poll_at)}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

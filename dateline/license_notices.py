"""Raise a notice of each drift once, close it when what was lost is usual again, and read them.

The ledger is an index of one document a notice. Its id names what was lost and how many notices of
it there were before. So two processes that find the same episode write the same id, of which
`create` lets one through, and an ended process leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from elasticsearch import BadRequestError, ConflictError, Elasticsearch

from dateline.license_watch import (
    KIND_ACTIONS,
    DayCounts,
    Drift,
    DriftKind,
    find_drifts,
    find_habits,
)
from dateline.search.failures import request_errors_translated
from dateline.settings import Settings

LEDGER_MAPPING: Mapping[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "notice_id": {"type": "keyword"},
        "source_id": {"type": "keyword"},
        "kind": {"type": "keyword"},
        "before": {"type": "keyword", "ignore_above": 1000},
        "after": {"type": "keyword", "ignore_above": 1000},
        "day": {"type": "date"},
        "raised_at": {"type": "date"},
        "closed_at": {"type": "date"},
        "message": {"type": "keyword", "index": False, "doc_values": False},
    },
}
MAX_NOTICES = 1000
# Two watchers may close the same notice.
UPDATE_TRIES = 3
STARTUP_TIMEOUT = "10s"


class LicenseNotice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A drift as it was raised; ``closed_at`` is when it came back or somebody was done with it."""

    notice_id: str
    source_id: str
    kind: DriftKind
    before: str
    after: str
    day: date
    raised_at: datetime
    message: str
    closed_at: datetime | None = None

    @property
    def what_to_do(self) -> str:
        """Return what an operator does about it, in a sentence without its end."""
        return KIND_ACTIONS[self.kind]


def ledger_index(settings: Settings) -> str:
    """Return the index of raised notices."""
    return settings.scoped("news-license-notices")


def all_drifts(history: Mapping[str, Sequence[DayCounts]]) -> tuple[Drift, ...]:
    """Return the drifts of all sources."""
    return tuple(drift for name in sorted(history) for drift in find_drifts(name, history[name]))


def raise_notices(
    client: Elasticsearch, settings: Settings, drifts: Iterable[Drift], *, now: datetime
) -> Iterator[LicenseNotice]:
    """Enter drifts in the ledger and yield the notice of each that nobody had entered before.

    A drift is known when the ledger has the same loss from the day on which it had become usual,
    or later. Safe to repeat and from two processes: of two that find the same drift one raises it.

    Raises:
        SearchUnavailable, SearchThrottled: try again; what was entered stays.
    """
    name = ledger_index(settings)
    found = tuple(drifts)
    if found:
        with request_errors_translated():
            _make_ledger(client, name)
    for drift in found:
        with request_errors_translated():
            notice = _entered(client, name, drift, now)
        if notice is not None:
            yield notice


def _entered(client: Elasticsearch, name: str, drift: Drift, now: datetime) -> LicenseNotice | None:
    count, last_day = _told_before(client, name, drift)
    if last_day is not None and last_day >= drift.usual_since:
        return None
    notice = _notice(drift, episode=count, now=now)
    try:
        client.create(
            index=name, id=notice.notice_id, document=msgspec.to_builtins(notice),
            refresh="wait_for",
        )  # fmt: skip
    except ConflictError:
        return None
    return notice


def close_returned(
    client: Elasticsearch,
    settings: Settings,
    history: Mapping[str, Sequence[DayCounts]],
    *,
    now: datetime,
) -> tuple[LicenseNotice, ...]:
    """Close and return the open notices whose loss is over: it became usual again after it.

    Raises:
        SearchUnavailable, SearchThrottled: try again; what was closed stays.
    """
    over = [
        notice
        for notice in read_notices(client, settings, is_open=True)
        if _is_over(notice, history.get(notice.source_id, ()))
    ]
    for notice in over:
        close_notice(client, settings, notice, now=now)
    return tuple(over)


def close_notice(
    client: Elasticsearch, settings: Settings, notice: LicenseNotice, *, now: datetime
) -> None:
    """Close a notice; the same loss is raised again only after it came back. Safe to repeat.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    name = ledger_index(settings)
    with request_errors_translated():
        _make_ledger(client, name)  # an older ledger does not know the field
        client.update(
            index=name, id=notice.notice_id, doc={"closed_at": now.isoformat()},
            refresh="wait_for", retry_on_conflict=UPDATE_TRIES,
        )  # fmt: skip


def read_notices(
    client: Elasticsearch,
    settings: Settings,
    *,
    source_id: str | None = None,
    is_open: bool = False,
) -> tuple[LicenseNotice, ...]:
    """Return the notices raised so far, the youngest first, at most 1000.

    Those of one publisher only where ``source_id`` is given; with ``is_open`` those only that are
    not closed.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    query: dict[str, Any] = {
        "filter": [{"term": {"source_id": source_id}}] if source_id else [],
        "must_not": [{"exists": {"field": "closed_at"}}] if is_open else [],
    }
    with request_errors_translated():
        answer = client.search(
            index=ledger_index(settings),
            query={"bool": query},
            sort=[{"raised_at": "desc"}, {"notice_id": "asc"}],
            size=MAX_NOTICES,
            ignore_unavailable=True,
            allow_no_indices=True,
            allow_partial_search_results=False,
        )
    rows = (row["_source"] for row in answer["hits"]["hits"])
    return tuple(msgspec.convert(row, LicenseNotice) for row in rows)


def _notice(drift: Drift, *, episode: int, now: datetime) -> LicenseNotice:
    return LicenseNotice(
        notice_id=drift.notice_id(episode), source_id=drift.source_id, kind=drift.kind,
        before=drift.before, after=drift.after, day=drift.day, raised_at=now,
        message=drift.message,
    )  # fmt: skip


def _is_over(notice: LicenseNotice, days: Sequence[DayCounts]) -> bool:
    habits = find_habits(notice.source_id, days)
    return any(each.words == notice.before and each.since > notice.day for each in habits)


def _told_before(client: Elasticsearch, name: str, drift: Drift) -> tuple[int, date | None]:
    """Return how many notices of the same loss there are, and the day of the last one.

    The answer may lag behind a notice that another process writes now. Then the count is that
    notice's own, and its id is taken.
    """
    before, agency = drift.lost
    filters: list[dict[str, Any]] = [
        {"term": {"source_id": drift.source_id}},
        {"terms": {"kind": list(drift.same_kinds)}},
        {"term": {"before": before}},
    ]
    if agency:
        filters.append({"term": {"after": agency}})
    answer = client.search(
        index=name,
        query={"bool": {"filter": filters}},
        aggs={"last_day": {"max": {"field": "day"}}},
        size=0,
        track_total_hits=True,
        allow_partial_search_results=False,
    )
    last_ms = answer["aggregations"]["last_day"]["value"]
    last_day = None if last_ms is None else datetime.fromtimestamp(last_ms / 1000, tz=UTC).date()
    return answer["hits"]["total"]["value"], last_day


def _make_ledger(client: Elasticsearch, name: str) -> None:
    try:
        client.indices.create(
            index=name,
            settings={"number_of_shards": 1, "number_of_replicas": 0},
            mappings=LEDGER_MAPPING,
        )
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
        client.indices.put_mapping(index=name, properties=LEDGER_MAPPING["properties"])
    # Another process may have made it a moment ago: it can be searched a little later.
    client.cluster.health(index=name, wait_for_active_shards=1, timeout=STARTUP_TIMEOUT)

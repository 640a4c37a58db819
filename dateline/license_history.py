"""Read from the index how the licences of each source were, day by day, and raise notices once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, BadRequestError, ConflictError, Elasticsearch

from dateline.errors import ConfigError, DocumentRefused
from dateline.license_watch import DayCounts, Drift, DriftKind, LicenseKey, find_drifts
from dateline.rights.third_party import agencies_named
from dateline.search.failures import translated
from dateline.search.templates import ArticlesIndex
from dateline.settings import Settings

HISTORY_DAYS = 90
PAGE_BUCKETS = 1000
CREDIT_FIELDS = ("credit", "dateline_agency", "rights.notes")
CREDITED_NOTE = "the text is credited to others"
LEDGER_MAPPING = {
    "dynamic": "strict",
    "properties": {
        "notice_id": {"type": "keyword"},
        "source_id": {"type": "keyword"},
        "kind": {"type": "keyword"},
        "before": {"type": "keyword", "ignore_above": 1000},
        "after": {"type": "keyword", "ignore_above": 1000},
        "day": {"type": "date"},
        "raised_at": {"type": "date"},
        "message": {"type": "keyword", "index": False, "doc_values": False},
    },
}
MAX_NOTICES = 1000


class LicenseNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A drift as it was raised."""

    notice_id: str
    source_id: str
    kind: DriftKind
    before: str
    after: str
    day: date
    raised_at: datetime
    message: str


def ledger_index(settings: Settings) -> str:
    """Return the index of raised notices."""
    return settings.scoped("news-license-notices")


def read_history(
    client: Elasticsearch,
    index: ArticlesIndex,
    *,
    now: datetime,
    source_id: str | None = None,
    history_days: int = HISTORY_DAYS,
) -> Mapping[str, tuple[DayCounts, ...]]:
    """Return the days with articles by source, oldest first; withdrawn articles do not count.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        ConfigError: the server refuses the query.
    """
    query = _query(now - timedelta(days=history_days), source_id)
    licenses: dict[tuple[str, date], Counter[LicenseKey]] = defaultdict(Counter)
    notices: Counter[tuple[str, date]] = Counter()
    credits: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    with _errors_translated():
        for bucket in _buckets(client, index, query, _LICENSE_SOURCES, _NOTICES):
            place = _place(bucket)
            key = LicenseKey(bucket["key"]["status"], bucket["key"]["spdx"])
            licenses[place][key] += bucket["doc_count"]
            notices[place] += bucket["all"]["text"]["articles"]["doc_count"]
        for name in CREDIT_FIELDS:
            sources = [{"value": {"terms": {"field": name}}}]
            for bucket in _buckets(client, index, query, sources, {}):
                # One article may name its agency in all three: no sum.
                for agency in _agencies(name, bucket["key"]["value"]):
                    known = credits[_place(bucket)]
                    known[agency] = max(known[agency], bucket["doc_count"])
    history: dict[str, list[DayCounts]] = defaultdict(list)
    for place in sorted(licenses):
        history[place[0]].append(
            DayCounts(
                day=place[1], licenses=licenses[place], notice_count=notices[place],
                credits=credits.get(place, {}),
            )
        )  # fmt: skip
    return {name: tuple(days) for name, days in history.items()}


def all_drifts(history: Mapping[str, Sequence[DayCounts]]) -> tuple[Drift, ...]:
    """Return the drifts of all sources."""
    return tuple(drift for name in sorted(history) for drift in find_drifts(name, history[name]))


def raise_notices(
    client: Elasticsearch, settings: Settings, drifts: Iterable[Drift], *, now: datetime
) -> tuple[Drift, ...]:
    """Enter drifts in the ledger and return those that nobody had entered before.

    Safe to repeat and from two processes: of two that find the same drift one raises it.

    Raises:
        SearchUnavailable, SearchThrottled: try again; what was entered stays.
    """
    name = ledger_index(settings)
    raised: list[Drift] = []
    found = tuple(drifts)
    with _errors_translated():
        if found:
            _make_ledger(client, name)
        for drift in found:
            notice = LicenseNotice(
                notice_id=drift.notice_id, source_id=drift.source_id, kind=drift.kind,
                before=drift.before, after=drift.after, day=drift.day, raised_at=now,
                message=drift.message,
            )  # fmt: skip
            try:
                client.create(
                    index=name, id=drift.notice_id, document=msgspec.to_builtins(notice),
                    refresh="wait_for",
                )  # fmt: skip
            except ConflictError:
                continue
            raised.append(drift)
    return tuple(raised)


def read_notices(
    client: Elasticsearch, settings: Settings, *, source_id: str | None = None
) -> tuple[LicenseNotice, ...]:
    """Return the notices raised so far, the youngest first, at most 1000.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    query = {"term": {"source_id": source_id}} if source_id else {"match_all": {}}
    with _errors_translated():
        answer = client.search(
            index=ledger_index(settings),
            query=query,
            sort=[{"raised_at": "desc"}, {"notice_id": "asc"}],
            size=MAX_NOTICES,
            ignore_unavailable=True,
            allow_no_indices=True,
            allow_partial_search_results=False,
        )
    rows = (row["_source"] for row in answer["hits"]["hits"])
    return tuple(msgspec.convert(row, LicenseNotice) for row in rows)


_LICENSE_SOURCES = [
    {"status": {"terms": {"field": "rights.status"}}},
    {"spdx": {"terms": {"field": "rights.spdx_expression"}}},
]
_NOTICES = {
    "all": {
        "nested": {"path": "rights.evidence"},
        "aggs": {
            "text": {
                "filter": {
                    "bool": {
                        "filter": [
                            {"term": {"rights.evidence.layer": "text"}},
                            {"term": {"rights.evidence.frame": "grant_text"}},
                        ]
                    }
                },
                "aggs": {"articles": {"reverse_nested": {}}},
            }
        },
    }
}


def _query(since: datetime, source_id: str | None) -> dict[str, Any]:
    filters: list[dict[str, Any]] = [
        {"range": {"first_seen_at": {"gte": since.isoformat()}}},
        {"term": {"pub_status": "usable"}},
    ]
    if source_id is not None:
        filters.append({"term": {"source_id": source_id}})
    return {"bool": {"filter": filters}}


def _buckets(
    client: Elasticsearch,
    index: ArticlesIndex,
    query: Mapping[str, Any],
    sources: Sequence[Mapping[str, Any]],
    inner: Mapping[str, Any],
) -> Iterator[Mapping[str, Any]]:
    days = {"date_histogram": {"field": "first_seen_at", "calendar_interval": "day"}}
    composite: dict[str, Any] = {
        "size": PAGE_BUCKETS,
        "sources": [{"source": {"terms": {"field": "source_id"}}}, {"day": days}, *sources],
    }
    while True:
        answer = client.search(
            index=index.read_alias,
            query=query,
            size=0,
            aggs={"rows": {"composite": composite, "aggs": inner}},
            ignore_unavailable=True,
            allow_no_indices=True,
            allow_partial_search_results=False,
        )
        rows = answer.get("aggregations", {}).get("rows", {})
        yield from rows.get("buckets", ())
        if "after_key" not in rows:
            return
        composite["after"] = rows["after_key"]


def _place(bucket: Mapping[str, Any]) -> tuple[str, date]:
    key = bucket["key"]
    return key["source"], datetime.fromtimestamp(key["day"] / 1000, tz=UTC).date()


def _agencies(field: str, value: str) -> tuple[str, ...]:
    if field == "rights.notes" and not value.startswith(CREDITED_NOTE):
        return ()
    return agencies_named(value)


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


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DocumentRefused):
            raise ConfigError(
                f"Elasticsearch refuses the request: {str(error)[:500]}.",
                hint="`dateline index apply` brings the index up to date.",
            ) from error
        raise meaning from error

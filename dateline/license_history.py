"""Read from the index how the licences of each source were, day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from dateline.license_watch import DayCounts, LicenseKey
from dateline.rights.third_party import agencies_named
from dateline.search.failures import request_errors_translated
from dateline.search.templates import ArticlesIndex

HISTORY_DAYS = 90
PAGE_BUCKETS = 1000
CREDIT_FIELDS = ("credit", "dateline_agency", "rights.notes")
CREDITED_NOTE = "the text is credited to others"


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
    with request_errors_translated():
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

"""Ask the articles index when and how often entities were mentioned: silence, surge, first mention.

The index is about a second behind the stream, and knows what has been indexed at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from dateline.alert_records import Surge
from dateline.errors import DependencyUnavailable, InvariantBroken
from dateline.search.failures import for_status, item_reason, request_errors_translated
from dateline.search.templates import ArticlesIndex

# So rarely a count as high as a surge comes by chance, when nothing has changed (Poisson).
MAX_CHANCE = 0.001
# One request; each is a small search of its own.
ASKS_A_REQUEST = 200
# With fewer days of history there is no baseline to speak of.
MIN_BASELINE_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedArticle:
    """The article for whose sake the past is asked; it does not count as the past.

    ``story_ids`` are its story's, with the ids that the story had.
    """

    article_id: str
    story_ids: tuple[str, ...]
    first_seen_at: datetime
    event_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionAsk:
    """Whether somebody was mentioned before.

    Attributes:
        entity_ids: all ids of one entity, sorted.
        asked: the article that mentions it now.
        before: articles first seen at or after this do not count.
        scope: ``all``, ``source:<source_id>`` or ``country:<code>``.
    """

    entity_ids: tuple[str, ...]
    asked: AskedArticle
    before: datetime
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionCounts:
    """How many articles named an entity in a window, and in the same hours of days before.

    Attributes:
        window_start: of event time.
        window_count: the article asked for among them.
        daily_counts: of each day of the baseline that the index reaches back to.
    """

    window_start: datetime
    window_count: int
    daily_counts: tuple[int, ...]


class MentionHistory:
    """The past of one namespace; every method raises ``SearchUnavailable`` and the like."""

    def __init__(self, client: AsyncElasticsearch, index: ArticlesIndex) -> None:
        self._client = client
        self._alias = index.read_alias

    async def were_mentioned(self, asks: Sequence[MentionAsk]) -> list[bool]:
        """Return for each whether an earlier article names one of its ids, in order."""
        found: list[bool] = []
        for at in range(0, len(asks), ASKS_A_REQUEST):
            found += await self._mentioned(asks[at : at + ASKS_A_REQUEST])
        return found

    async def last_mentioned_at(
        self, entity_ids: Sequence[str], asked: AskedArticle
    ) -> datetime | None:
        """Return when an article of another story first named one of the ids, the latest of all.

        None: none ever did.
        """
        query = _before(entity_ids, asked)
        query["bool"]["must_not"].append({"terms": {"story_id": list(asked.story_ids)}})
        answer = await self._search(
            query=query, size=1, sort=[{"first_seen_at": "desc"}], source_includes=["first_seen_at"]
        )
        hits = answer["hits"]["hits"]
        return msgspec.convert(hits[0]["_source"]["first_seen_at"], datetime) if hits else None

    async def count(
        self, entity_ids: Sequence[str], asked: AskedArticle, surge: Surge
    ) -> MentionCounts:
        """Return the counts that say whether there is a surge at ``asked.event_at``.

        Copies do not count: one report in twenty papers is one report.
        """
        hours = timedelta(hours=surge.window_hours)
        start = window_start(asked.event_at, surge.window_hours)
        starts = [start - timedelta(days=day) for day in range(surge.baseline_days + 1)]
        windows = {f"{number}": _window(at, at + hours) for number, at in enumerate(starts)}
        oldest = {"min": {"field": "first_seen_at"}}
        answer = await self._search(
            query={"match_all": {}}, size=0,
            aggs={
                "oldest": oldest,
                "named": {
                    "filter": _counted(entity_ids, asked),
                    "aggs": {"windows": {"filters": {"filters": windows}}},
                },
            },
        )  # fmt: skip
        found = answer.get("aggregations")
        if found is None:  # there is no index yet
            return MentionCounts(window_start=start, window_count=1, daily_counts=())
        buckets = found["named"]["windows"]["buckets"]
        counts = [int(buckets[name]["doc_count"]) for name in windows]
        reach = _days_before(start, found["oldest"].get("value"))
        return MentionCounts(
            window_start=start, window_count=counts[0] + 1,
            daily_counts=tuple(counts[1 : reach + 1]),
        )  # fmt: skip

    async def _mentioned(self, asks: Sequence[MentionAsk]) -> list[bool]:
        header = {
            "index": self._alias, "ignore_unavailable": True, "allow_no_indices": True,
            "allow_partial_search_results": False,
        }  # fmt: skip
        rows = [{"query": _earlier(each), "size": 0, "terminate_after": 1} for each in asks]
        with request_errors_translated():
            answer = await self._client.msearch(
                searches=[line for row in rows for line in (header, row)]
            )
        return [_has_hits(each) for each in answer["responses"]]

    async def _search(self, **body: Any) -> Any:
        with request_errors_translated():
            answer = await self._client.search(
                index=self._alias, ignore_unavailable=True, allow_no_indices=True,
                allow_partial_search_results=False, **body,
            )  # fmt: skip
        return answer.body


def window_start(at: datetime, window_hours: int) -> datetime:
    """Return the beginning of the window that ``at`` lies in; windows begin at 1970-01-01."""
    seconds = window_hours * 3600
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, tz=UTC)


def is_surge(counts: MentionCounts, surge: Surge) -> bool:
    """Return whether the window holds far more than the baseline, and not by chance.

    A window that is not over yet is compared with whole ones: it is told late rather than wrongly.
    """
    days = len(counts.daily_counts)
    if days < MIN_BASELINE_DAYS or counts.window_count < surge.min_articles:
        return False
    total = sum(counts.daily_counts)
    if counts.window_count < surge.min_ratio * total / days:
        return False
    # Half an article more: who was never mentioned may be mentioned at any time.
    return chance_of_at_least(counts.window_count, (total + 0.5) / days) < MAX_CHANCE


def chance_of_at_least(count: int, mean: float) -> float:
    """Return how likely a Poisson variable with this mean is ``count`` or more."""
    log_mean = math.log(mean)
    below = math.fsum(
        math.exp(number * log_mean - mean - math.lgamma(number + 1)) for number in range(count)
    )
    return max(0.0, 1.0 - below)


def _has_hits(response: Any) -> bool:
    if "error" not in response:
        return bool(response["hits"]["total"]["value"])
    meaning = for_status(int(response["status"]), item_reason(response))
    if isinstance(meaning, DependencyUnavailable):
        raise meaning
    raise InvariantBroken(f"Elasticsearch refuses our request: {meaning}")


def _earlier(ask: MentionAsk) -> dict[str, Any]:
    kind, _, value = ask.scope.partition(":")
    field = {"source": "source_id", "country": "countries"}.get(kind)
    query = _before(ask.entity_ids, ask.asked, ask.before)
    if field:
        query["bool"]["filter"].append({"term": {field: value}})
    return query


def _before(
    entity_ids: Sequence[str], asked: AskedArticle, before: datetime | None = None
) -> dict[str, Any]:
    until = min(before or asked.first_seen_at, asked.first_seen_at)
    seen = {"range": {"first_seen_at": {"lt": until.isoformat()}}}
    return {
        "bool": {
            "filter": [{"terms": {"entity_ids": list(entity_ids)}}, seen],
            "must_not": [{"term": {"article_id": asked.article_id}}],
        }
    }


def _counted(entity_ids: Sequence[str], asked: AskedArticle) -> dict[str, Any]:
    return {
        "bool": {
            "filter": [{"terms": {"entity_ids": list(entity_ids)}}],
            "must_not": [{"term": {"article_id": asked.article_id}}, {"term": {"role": "copy"}}],
        }
    }


def _window(start: datetime, end: datetime) -> dict[str, Any]:
    """Return the filter of articles that were published then.

    What has no date that can be believed was published when it was first seen.
    """
    inside = {"gte": start.isoformat(), "lt": end.isoformat()}
    doubted = {"terms": {"date_flags": ["missing", "unreadable", "future", "implausible"]}}
    undated = {"bool": {"must_not": [{"exists": {"field": "published_at"}}]}}
    by_source = {"bool": {"filter": [{"range": {"published_at": inside}}], "must_not": [doubted]}}
    by_sight = {
        "bool": {
            "filter": [
                {"range": {"first_seen_at": inside}},
                {"bool": {"should": [doubted, undated], "minimum_should_match": 1}},
            ]
        }
    }
    return {"bool": {"should": [by_source, by_sight], "minimum_should_match": 1}}


def _days_before(start: datetime, oldest_ms: float | None) -> int:
    """Return how many whole days before ``start`` the index reaches back."""
    if oldest_ms is None:
        return 0
    return max(0, int((start.timestamp() - oldest_ms / 1000) // 86_400))

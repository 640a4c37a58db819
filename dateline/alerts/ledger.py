"""Keep every alert by id before it is told: what is sent is read from here (contract point 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from dateline.alert_records import Alert
from dateline.rights.record import DisplayTier
from dateline.search.failures import request_errors_translated
from dateline.search.record_documents import (
    Document,
    create_documents,
    get_documents,
    refresh,
)
from dateline.search.templates import RecordIndex

# Elasticsearch gives 10,000 at once (index.max_result_window); of these each is some kilobytes.
PAGE_ENTRIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An alert and who is to be told.

    Attributes:
        alert: ``channel_id`` is empty.
        channel_ids: of the watch when the alert was made; it keeps them on every repetition.
        display: what the decision for ``public_search`` allowed to show then.
        snippet_chars: the most that a snippet could show then.
        notice_sha256: of the article's own notice of a correction then; empty: it had none.
    """

    alert: Alert
    channel_ids: tuple[str, ...]
    display: DisplayTier = "metadata_only"
    snippet_chars: int = 0
    notice_sha256: str = ""


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where an alert stands among all, by time and then by id; the index keeps milliseconds."""

    created_ms: int
    alert_id: str


def place_of(alert: Alert) -> LedgerPlace:
    """Return the place of an alert."""
    since = alert.created_at - datetime(1970, 1, 1, tzinfo=UTC)
    return LedgerPlace(since // timedelta(milliseconds=1), alert.alert_id)


class Ledger:
    """The ledger of one namespace."""

    def __init__(
        self, client: AsyncElasticsearch, index: RecordIndex, *, page_entries: int = PAGE_ENTRIES
    ) -> None:
        self._client = client
        self._index = index
        self._page_entries = page_entries

    async def create(self, entries: Sequence[LedgerEntry]) -> list[bool]:
        """Write the entries whose ids are free; return which were, in order.

        False means that the alert exists, not that anybody was told. Safe to repeat.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
            DocumentRefused: an entry does not fit the index.
        """
        rows = [Document(entry.alert.alert_id, _source(entry)) for entry in entries]
        return await create_documents(self._client, self._index, rows)

    async def get(self, alert_ids: Sequence[str]) -> dict[str, LedgerEntry]:
        """Return those that exist by id, as they are now and not as of the last refresh.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        found = await get_documents(self._client, self._index, alert_ids)
        return {alert_id: _entry(source) for alert_id, source in found.items()}

    async def of_articles(self, article_ids: Sequence[str]) -> list[LedgerEntry]:
        """Return everything that was told of the articles, the oldest first.

        What was created before the call is found: the index is refreshed first.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        await refresh(self._client, self._index)
        clause = {"terms": {"article_id": list(article_ids)}}
        found: list[LedgerEntry] = []
        after: list[Any] | None = None
        while True:
            hits = await self._hits([clause], limit=self._page_entries, order="asc", after=after)
            found += [_entry(hit["_source"]) for hit in hits]
            if len(hits) < self._page_entries:
                return found
            after = hits[-1]["sort"]

    async def find(  # noqa: PLR0913 (each narrows the list)
        self,
        *,
        watch_id: str | None = None,
        channel_id: str | None = None,
        article_id: str | None = None,
        story_id: str | None = None,
        trigger: str | None = None,
        since: datetime | None = None,
        after: LedgerPlace | None = None,
        limit: int = 50,
    ) -> list[LedgerEntry]:
        """Return the newest alerts, the newest first, at most ``limit``; all given filters hold.

        ``story_id`` is also found among the ids that the story had. ``after`` is the last alert of
        the page before. An alert is seen here about half a second after it was made.

        Raises:
            SearchUnavailable, SearchThrottled: Elasticsearch does not answer.
        """
        terms = {
            "watch_id": watch_id, "channel_ids": channel_id, "article_id": article_id,
            "trigger": trigger,
        }  # fmt: skip
        clauses: list[dict[str, Any]] = [
            {"term": {field: value}} for field, value in terms.items() if value is not None
        ]
        if story_id is not None:
            places = [{"term": {field: story_id}} for field in ("story_id", "story_aliases")]
            clauses.append({"bool": {"should": places, "minimum_should_match": 1}})
        if since is not None:
            clauses.append({"range": {"created_at": {"gte": since.isoformat()}}})
        hits = await self._hits(clauses, limit=limit, order="desc", after=_sort_values(after))
        return [_entry(hit["_source"]) for hit in hits]

    async def told_since(
        self, since: datetime, *, watch_id: str | None = None, limit: int
    ) -> list[LedgerEntry]:
        """Return the alerts made since then, the oldest first, at most ``limit``.

        What was created before the call is found: the index is refreshed first.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        await refresh(self._client, self._index)
        clauses: list[dict[str, Any]] = [{"range": {"created_at": {"gte": since.isoformat()}}}]
        if watch_id is not None:
            clauses.append({"term": {"watch_id": watch_id}})
        hits = await self._hits(clauses, limit=limit, order="asc")
        return [_entry(hit["_source"]) for hit in hits]

    async def _hits(
        self,
        clauses: Sequence[Mapping[str, Any]],
        *,
        limit: int,
        order: str,
        after: list[Any] | None = None,
    ) -> list[dict[str, Any]]:
        with request_errors_translated():
            answer = await self._client.search(
                index=self._index.alias,
                query={"bool": {"filter": list(clauses)}},
                sort=[{"created_at": order}, {"alert_id": order}],
                size=limit,
                search_after=after,
                track_total_hits=False,
                ignore_unavailable=True,
                allow_no_indices=True,
                allow_partial_search_results=False,
            )
        hits: list[dict[str, Any]] = answer["hits"]["hits"]
        return hits


def _sort_values(place: LedgerPlace | None) -> list[Any] | None:
    return None if place is None else [place.created_ms, place.alert_id]


def _source(entry: LedgerEntry) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(entry.alert)
    del row["channel_id"]
    row |= {
        "channel_ids": entry.channel_ids,
        "display": entry.display,
        "snippet_chars": entry.snippet_chars,
        "notice_sha256": entry.notice_sha256,
    }
    return row


def _entry(source: Mapping[str, Any]) -> LedgerEntry:
    return LedgerEntry(
        alert=msgspec.convert({**source, "channel_id": ""}, Alert),
        channel_ids=tuple(source["channel_ids"]),
        display=source.get("display") or "metadata_only",
        snippet_chars=source.get("snippet_chars") or 0,
        notice_sha256=source.get("notice_sha256") or "",
    )

"""Return what the indices know of articles and stories that the stories stage has forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from dateline.errors import DependencyUnavailable, InvariantBroken
from dateline.records import ArticleState, StoryRecord
from dateline.rights.decide import decisions_sha256
from dateline.rights.record import Decision
from dateline.search.failures import translated
from dateline.search.templates import ArticlesIndex

FIELDS = [
    "article_id", "source_id", "revision", "story_id", "story_aliases", "story_reasons",
    "first_seen_at", "observed_at", "updated_at", "content_sha256", "pub_status", "versions", "url",
    "origin_article_id", "role", "role_reasons", "decisions", "rights.status",
    "rights.spdx_expression", "rights.effective", "rights.preferences", "rights.access",
    "rights.confidence",
]  # fmt: skip


async def find_archived(
    client: AsyncElasticsearch, index: ArticlesIndex, article_ids: Sequence[str]
) -> Mapping[str, ArticleState]:
    """Return the state of those of ``article_ids`` that are indexed, by id.

    Raises:
        SearchUnavailable, SearchThrottled: try again; also when a part of the index does not
            answer: an article that is only hidden would begin again at revision 1.
        InvariantBroken: the server refuses the query itself, which no record is to blame for.
    """
    found = await _found(client, index.read_alias, article_ids, FIELDS)
    states = (_state(source) for source in found)
    return {state.article_id: state for state in states}


async def find_archived_stories(
    client: AsyncElasticsearch, index: ArticlesIndex, story_ids: Sequence[str]
) -> Mapping[str, StoryRecord]:
    """Return the last record of those of ``story_ids`` that are indexed, by id.

    Raises:
        SearchUnavailable, SearchThrottled, InvariantBroken: as ``find_archived``; a story that is
            only hidden would begin again at revision 1.
    """
    found = await _found(client, index.stories.alias, story_ids, None)
    records = (msgspec.convert(source, StoryRecord) for source in found)
    return {record.story_id: record for record in records}


async def _found(
    client: AsyncElasticsearch, alias: str, ids: Sequence[str], fields: Sequence[str] | None
) -> list[Mapping[str, Any]]:
    try:
        answer = await client.search(
            index=alias,
            query={"ids": {"values": list(ids)}},
            size=len(ids),
            source_includes=fields,
            ignore_unavailable=True,
            allow_no_indices=True,
            allow_partial_search_results=False,
        )
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DependencyUnavailable):
            raise meaning from error
        raise InvariantBroken(f"Elasticsearch refuses our query: {meaning}") from error
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def _state(source: Mapping[str, Any]) -> ArticleState:
    row = {
        **source,
        "current_sha256": source.get("content_sha256") or "",
        "current_updated_at": source["updated_at"],
        "last_changed_at": source["observed_at"],
        "rights": _rights(source.get("rights")),
        "decisions_sha256": _decisions_sha256(source.get("decisions")),
    }
    return msgspec.convert(row, ArticleState)


def _rights(row: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the rights as far as copies are decided by them."""
    if row is None:
        return None
    preferences = dict(row.get("preferences") or {})
    if preferences.pop("has_nosnippet", False):
        # The passages are not in the index, so they cannot be left out of a copy's snippet.
        preferences["snippet_max_chars"] = 0
    return {**row, "preferences": preferences}


def _decisions_sha256(rows: Sequence[Mapping[str, Any]] | None) -> str | None:
    if not rows:
        return None
    return decisions_sha256(msgspec.convert(rows, tuple[Decision, ...]))

"""Return what the index knows of articles that the stories stage has forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from dateline.errors import DependencyUnavailable, InvariantBroken
from dateline.records import ArticleState
from dateline.rights.decide import decisions_sha256
from dateline.rights.record import Decision
from dateline.search.failures import translated
from dateline.search.templates import ArticlesIndex

FIELDS = [
    "article_id", "source_id", "revision", "story_id", "story_aliases", "first_seen_at",
    "observed_at", "updated_at", "content_sha256", "pub_status", "versions", "url",
    "origin_article_id", "decisions", "rights.status", "rights.spdx_expression", "rights.effective",
    "rights.preferences", "rights.access", "rights.confidence",
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
    try:
        answer = await client.search(
            index=index.read_alias,
            query={"ids": {"values": list(article_ids)}},
            size=len(article_ids),
            source_includes=FIELDS,
            ignore_unavailable=True,
            allow_no_indices=True,
            allow_partial_search_results=False,
        )
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DependencyUnavailable):
            raise meaning from error
        raise InvariantBroken(f"Elasticsearch refuses our query: {meaning}") from error
    states = (_state(hit["_source"]) for hit in answer["hits"]["hits"])
    return {state.article_id: state for state in states}


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

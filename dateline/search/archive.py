"""Return what the index knows of articles that the stories stage has forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from dateline.errors import DependencyUnavailable, InvariantBroken
from dateline.records import ArticleState
from dateline.search.failures import translated
from dateline.search.templates import ArticlesIndex

FIELDS = [
    "article_id", "source_id", "revision", "story_id", "story_aliases", "first_seen_at",
    "observed_at", "updated_at", "content_sha256", "pub_status", "versions",
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


def _state(source: Mapping[str, object]) -> ArticleState:
    row = {
        **source,
        "current_sha256": source.get("content_sha256") or "",
        "current_updated_at": source["updated_at"],
        "last_changed_at": source["observed_at"],
    }
    return msgspec.convert(row, ArticleState)

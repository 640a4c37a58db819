"""Read documents of the articles index one after the other, as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from dateline.records import SearchDocument
from dateline.search.article_queries import SHOWN_STATUS, ArticleSearch, search_request
from dateline.search.failures import request_errors_translated
from dateline.search.find_articles import to_document
from dateline.search.templates import ArticlesIndex

PAGE_DOCUMENTS = 100  # a document is at most a few MB
KEEP_ALIVE = "5m"
# Names and versions are many, and nothing that is exported or decided needs them.
LEFT_OUT = ("mentions", "entities")


def all_states_query(search: ArticleSearch) -> dict[str, Any]:
    """Return the query of ``search`` that finds withheld and withdrawn articles, too.

    Raises:
        QueryInvalid: the words are too long.
    """
    query: dict[str, Any] = search_request(search)["query"]
    shown = {"term": {"pub_status": SHOWN_STATUS}}
    query["bool"]["filter"] = [each for each in query["bool"]["filter"] if each != shown]
    query["bool"].pop("should", None)  # nothing is scored
    return query


def count_documents(client: Elasticsearch, index: ArticlesIndex, query: Mapping[str, Any]) -> int:
    """Return how many documents ``query`` finds; 0 before the first article.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        ConfigError: the server refuses the query.
    """
    with request_errors_translated():
        answer = client.count(
            index=index.read_alias, query=query, ignore_unavailable=True, allow_no_indices=True
        )
        return int(answer["count"])


def scan_documents(
    client: Elasticsearch,
    index: ArticlesIndex,
    query: Mapping[str, Any],
    *,
    page_documents: int = PAGE_DOCUMENTS,
) -> Iterator[SearchDocument]:
    """Yield what ``query`` finds, by article id, as the index was at the first one.

    Raises:
        SearchUnavailable, SearchThrottled: try again, from the beginning.
        ConfigError: the server refuses the query.
        SchemaMismatch: a document has another shape.
    """
    for source in scan_sources(
        client, index, query, source={"excludes": list(LEFT_OUT)}, page_documents=page_documents
    ):
        yield to_document(source)


def scan_sources(
    client: Elasticsearch,
    index: ArticlesIndex,
    query: Mapping[str, Any],
    *,
    source: Mapping[str, Any],
    page_documents: int = PAGE_DOCUMENTS,
) -> Iterator[Mapping[str, Any]]:
    """Yield the fields ``source`` of what ``query`` finds; otherwise as ``scan_documents``."""
    with request_errors_translated():
        try:
            pit = client.open_point_in_time(index=index.read_alias, keep_alive=KEEP_ALIVE)["id"]
        except NotFoundError:
            return  # nothing has been indexed yet
        after: list[Any] | None = None
        try:
            while True:
                answer = client.search(
                    pit={"id": pit, "keep_alive": KEEP_ALIVE},
                    query=query,
                    source=source,
                    sort=[{"article_id": "asc"}],
                    search_after=after,
                    size=page_documents,
                    track_total_hits=False,
                    # A part of the index that does not answer must not look like an end.
                    allow_partial_search_results=False,
                )
                pit = answer.get("pit_id", pit)
                rows = answer["hits"]["hits"]
                for row in rows:
                    yield row["_source"]
                if len(rows) < page_documents:
                    return
                after = rows[-1]["sort"]
        finally:
            client.options(ignore_status=(404,)).close_point_in_time(id=pit)


def find_documents(
    client: Elasticsearch, index: ArticlesIndex, article_ids: Sequence[str]
) -> Mapping[str, SearchDocument]:
    """Return those of ``article_ids`` that are indexed, dead or alive, by id.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        SchemaMismatch: a document has another shape.
    """
    with request_errors_translated():
        answer = client.search(
            index=index.read_alias,
            query={"ids": {"values": list(article_ids)}},
            size=len(article_ids),
            source={"excludes": [*LEFT_OUT, "body", "summary"]},
            ignore_unavailable=True,
            allow_no_indices=True,
            allow_partial_search_results=False,
        )
    found = (to_document(row["_source"]) for row in answer["hits"]["hits"])
    return {document.article_id: document for document in found}

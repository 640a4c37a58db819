"""Return the requests that find entities and what articles say of them; pure functions.

Only articles that search may show are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dateline.search.article_queries import (
    MAX_FILTER_CHARS,
    NOT_IN_HITS,
    TIMEOUT,
    ArticleSearch,
    QueryInvalid,
    named,
    search_request,
)

PATH = "document_entities"
# More entities of one name than anybody would read; more spellings than one entity has.
MAX_ENTITIES = 50
MAX_FORMS = 30
MAX_TOGETHER = 12
LATEST_ARTICLES = 8
NAME_FIELDS = ("name", "text", "aliases")
LEFT_OUT = (*NOT_IN_HITS, "document_entities", "rights.evidence", "rights.odrl")


def by_name(name: str) -> dict[str, Any]:
    """Return a query, inside an entity of an article, for all words of ``name`` in one name.

    Raises:
        QueryInvalid: the name is empty or too long.
    """
    if not name.strip() or len(name) > MAX_FILTER_CHARS:
        raise QueryInvalid(f"a name has 1 to {MAX_FILTER_CHARS} characters")
    return _any_of([named(f"{PATH}.{field}.words", name) for field in NAME_FIELDS])


def by_id(given: str, *, is_prefix: bool) -> dict[str, Any]:
    """Return a query, inside an entity of an article, for an id or how it begins."""
    kind = "prefix" if is_prefix else "term"
    fields = ("entity_id", "document_entity_id")
    return _any_of([{kind: {f"{PATH}.{field}": given}} for field in fields])


def record_by_name(name: str) -> dict[str, Any]:
    """Return a query for entity records with all words of ``name`` in one name."""
    return _any_of([named("name.words", name), named("names.words", name)])


def record_by_ids(ids: Sequence[str]) -> dict[str, Any]:
    """Return a query for the records of these ids, and those they are members of."""
    return _any_of([{"terms": {field: list(ids)}} for field in ("entity_id", "member_ids")])


def record_by_prefix(prefix: str) -> dict[str, Any]:
    """Return a query for the records of which an id begins so."""
    return _any_of([{"prefix": {field: prefix}} for field in ("entity_id", "member_ids")])


def candidates_request(query: dict[str, Any], *, is_of_document: bool = False) -> dict[str, Any]:
    """Return the body that lists the entities of articles which ``query`` fits, with their names.

    ``is_of_document``: by the id that reading one article gave, not by that across articles.
    """
    ids = f"{PATH}.{'document_entity_id' if is_of_document else 'entity_id'}"
    asked = {
        "filter": query,
        "aggs": {"ids": {"terms": {"field": ids, "size": MAX_ENTITIES}, "aggs": _traits()}},
    }
    return {
        "query": _shown(filters=[{"nested": {"path": PATH, "query": query}}]),
        "size": 0,
        "timeout": TIMEOUT,
        "aggs": {"all": {"nested": {"path": PATH}, "aggs": {"asked": asked}}},
    }


def entity_request(ids: Sequence[str]) -> dict[str, Any]:
    """Return the body for everything that articles say of an entity, and its latest articles."""
    is_it = {"terms": {f"{PATH}.entity_id": list(ids)}}
    others = {"terms": {"field": f"{PATH}.entity_id", "size": MAX_TOGETHER}, "aggs": _traits(2)}
    return {
        "query": search_request(ArticleSearch(entities=(tuple(ids),)))["query"],
        "size": LATEST_ARTICLES,
        "sort": [{"first_seen_at": "desc"}],
        "track_total_hits": True,
        "timeout": TIMEOUT,
        "_source": {"excludes": list(LEFT_OUT)},
        "aggs": {
            "all": {
                "nested": {"path": PATH},
                "aggs": {
                    "asked": {"filter": is_it, "aggs": _traits() | _sayings()},
                    "others": {
                        "filter": {"bool": {"must_not": [is_it]}}, "aggs": {"ids": others},
                    },
                },
            }
        },
    }  # fmt: skip


def _shown(filters: list[dict[str, Any]]) -> dict[str, Any]:
    query: dict[str, Any] = search_request(ArticleSearch())["query"]
    query["bool"]["filter"] = [*query["bool"]["filter"], *filters]
    return query


def _traits(size: int = MAX_FORMS) -> dict[str, Any]:
    fields = (
        "name", "type", "text", "aliases", "qid", "row_id", "country_code", "is_full_name",
    )  # fmt: skip
    return {field: _terms(field, size) for field in fields} | {"articles": {"reverse_nested": {}}}


def _sayings() -> dict[str, Any]:
    fields = ("titles", "role", "holder_of", "link_reason", "reasons", "document_entity_id")
    return {field: _terms(field, MAX_FORMS) for field in fields}


def _terms(field: str, size: int) -> dict[str, Any]:
    # An article has an entity once, so the count is one of articles.
    return {"terms": {"field": f"{PATH}.{field}", "size": size}}


def _any_of(queries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": queries, "minimum_should_match": 1}}

"""Return the requests behind pages of results, and read their answers; pure.

What may be found is decided by ``article_queries``; here are facets, pages and the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dateline.search.article_queries import (
    HIGHLIGHT_END,
    HIGHLIGHT_START,
    TIMEOUT,
    ArticleSearch,
    search_request,
)
from dateline.search.find_articles import ArticleHit, SearchAnswer, to_document
from dateline.web.search_cursor import Place

# How long a list can be turned over; a reader who comes back later gets it as it is then.
KEEP_ALIVE = "5m"
FACET_VALUES = 8
# Hits that are counted are so from the first on, for every page.
MAX_COUNTED = 500
# Two articles of one moment: a page must end between them in the same way every time.
BY_ID = {"article_id": "asc"}
NEWEST = ({"first_seen_at": "desc"}, BY_ID)
# Terms by field of a question. Names of people and bodies are those across articles.
FACET_FIELDS: Mapping[str, str] = {
    "sources": "source_id", "languages": "language", "licenses": "rights.spdx_expression",
    "places": "entities.place",
}  # fmt: skip
_PATH = "document_entities"
_PLACE_TYPES = ("place",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """A value that articles found have, and how many of them."""

    value: str
    label: str
    count: int


Facets = Mapping[str, Sequence[FacetCount]]


def page_request(search: ArticleSearch, place: Place | None) -> dict[str, Any]:
    """Return the body for one page, with one hit more than it shows, and the facets."""
    request = search_request(search)
    request["size"] = search.size + 1
    request["sort"] = _sort(search, request["sort"])
    request["aggs"] = {
        **request.get("aggs", {}),
        **_facets(),
        "newest": {"max": {"field": "first_seen_at"}},
    }
    if place is not None and place.after:
        request["search_after"] = list(place.after)
    elif place is not None:
        request["from"] = place.offset
    return request


def latest_request(search: ArticleSearch) -> dict[str, Any]:
    """Return the body for the newest hits."""
    request = search_request(search)
    request["sort"] = NEWEST
    return request


def is_counted(search: ArticleSearch) -> bool:
    """Return whether pages begin at a number, because they cannot begin behind a hit.

    The server cannot where stories are folded, and a score falls while the pages are turned over.
    """
    return search.is_collapsed or not search.is_newest_first


def _sort(search: ArticleSearch, sort: Sequence[Any]) -> Sequence[Any]:
    return [*sort, BY_ID] if not search.is_newest_first else NEWEST


def shown_request(article_id: str) -> dict[str, Any]:
    """Return the body for one whole article, where search may show it."""
    is_shown = search_request(ArticleSearch())["query"]
    is_it = {"ids": {"values": [article_id]}}
    return {
        "query": {"bool": {"filter": [is_shown, is_it]}}, "size": 1, "timeout": TIMEOUT,
    }  # fmt: skip


def read_answer(answer: Mapping[str, Any], size: int) -> SearchAnswer:
    """Return at most ``size`` hits of an answer, with its counts."""
    shards = answer["_shards"]
    return SearchAnswer(
        hits=tuple(_hit(row) for row in answer["hits"]["hits"][:size]),
        total_count=answer["hits"]["total"]["value"],
        took_ms=answer["took"],
        is_empty_index=shards["total"] == 0,
        is_partial=bool(answer["timed_out"] or shards["failed"]),
        story_count=answer.get("aggregations", {}).get("stories", {}).get("value"),
    )


def read_facets(answer: Mapping[str, Any]) -> Facets:
    """Return the values of each facet, frequent ones first."""
    found = answer.get("aggregations", {})
    facets = {
        field: tuple(
            FacetCount(value=row["key"], label=row["key"], count=row["doc_count"])
            for row in found.get(field, {}).get("buckets", ())
        )
        for field in FACET_FIELDS
    }
    rows = found.get("entities", {}).get("named", {}).get("ids", {}).get("buckets", ())
    facets["entities"] = tuple(
        FacetCount(
            value=row["key"],
            label=next((each["key"] for each in row["name"]["buckets"]), row["key"]),
            count=row["articles"]["doc_count"],
        )
        for row in rows
    )
    return facets


def next_place(
    answer: Mapping[str, Any],
    search: ArticleSearch,
    place: Place | None,
    *,
    question: str,
    pit_id: str,
) -> Place | None:
    """Return where the page behind begins; None: there is none, or too many were turned over.

    ``place`` is that of the page which ``answer`` is for; None: the first.
    """
    rows = answer["hits"]["hits"]
    offset = search.size + (place.offset if place else 0)
    if len(rows) <= search.size or (is_counted(search) and offset >= MAX_COUNTED):
        return None
    # A point in time adds a value of its own, which is not asked for.
    last = rows[search.size - 1]["sort"][: len(NEWEST)]
    after = () if is_counted(search) else tuple(last)
    return Place(
        question=question,
        before=place.before if place else _behind_newest(answer),
        offset=offset,
        after=after,
        pit_id=pit_id,
    )


def _behind_newest(answer: Mapping[str, Any]) -> datetime:
    newest_ms = answer["aggregations"]["newest"]["value"]
    return datetime.fromtimestamp((newest_ms + 1) / 1000, UTC)


def _facets() -> dict[str, Any]:
    facets: dict[str, Any] = {
        field: {"terms": {"field": name, "size": FACET_VALUES}}
        for field, name in FACET_FIELDS.items()
    }
    ids = {
        "terms": {"field": f"{_PATH}.entity_id", "size": FACET_VALUES},
        "aggs": {
            "name": {"terms": {"field": f"{_PATH}.name", "size": 1}},
            "articles": {"reverse_nested": {}},
        },
    }
    is_no_place = {"bool": {"must_not": [{"terms": {f"{_PATH}.type": list(_PLACE_TYPES)}}]}}
    named = {"filter": is_no_place, "aggs": {"ids": ids}}
    return facets | {"entities": {"nested": {"path": _PATH}, "aggs": {"named": named}}}


def _hit(row: Mapping[str, Any]) -> ArticleHit:
    marked: Mapping[str, list[str]] = row.get("highlight", {})
    document = to_document(row["_source"])
    limit = document.rights.preferences.snippet_max_chars if document.rights else None
    return ArticleHit(
        document=document,
        title=marked["title"][0] if "title" in marked else document.title,
        summary=marked["summary"][0] if "summary" in marked else document.summary,
        fragments=_within(marked.get("body", ()), limit),
    )


def _within(fragments: Sequence[str], limit: int | None) -> tuple[str, ...]:
    """Return the fragments that fit into the longest snippet which the article's page allows."""
    if limit is None:
        return tuple(fragments)
    kept: list[str] = []
    for fragment in fragments:
        limit -= len(fragment) - fragment.count(HIGHLIGHT_START) - fragment.count(HIGHLIGHT_END)
        if limit >= 0:
            kept.append(fragment)
    return tuple(kept)

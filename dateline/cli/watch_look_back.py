"""Show what a watch would have found: a search of the index, nothing is alerted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch
from rich.console import Console

from dateline.cli.terminal import one_line, print_text, short_id
from dateline.records import SearchDocument
from dateline.search.article_queries import HIDDEN, NOT_IN_HITS, SHOWN_STATUS, TIMEOUT
from dateline.search.find_articles import ask, to_document
from dateline.search.templates import ArticlesIndex
from dateline.search.watch_queries import es_query
from dateline.watches.query_tree import Query

MAX_STORIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """What there was: of each story its first article, the latest stories first, at most 50."""

    since: datetime
    article_count: int
    story_count: int
    firsts: tuple[SearchDocument, ...]


def look_back(
    client: Elasticsearch, index: ArticlesIndex, query: Query, *, since: datetime
) -> LookBack:
    """Return the live articles first seen since then that ``query`` finds in the index.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    answer = ask(client, index.read_alias, _request(query, since), is_partial_allowed=True)
    firsts = [
        to_document(row["inner_hits"]["first"]["hits"]["hits"][0]["_source"])
        for row in answer["hits"]["hits"]
    ]
    return LookBack(
        since=since,
        article_count=answer["hits"]["total"]["value"],
        story_count=answer["aggregations"]["stories"]["value"],
        firsts=tuple(firsts),
    )


def _request(query: Query, since: datetime) -> dict[str, Any]:
    return {
        "query": {
            "bool": {
                "filter": [
                    es_query(query),
                    {"term": {"origin": "live"}},
                    {"term": {"pub_status": SHOWN_STATUS}},
                    {"range": {"first_seen_at": {"gte": since.isoformat()}}},
                ],
                "must_not": list(HIDDEN),
            }
        },
        "size": MAX_STORIES,
        "sort": [{"first_seen_at": "desc"}],
        "collapse": {
            "field": "story_id",
            "inner_hits": {
                "name": "first",
                "size": 1,
                "sort": [{"first_seen_at": "asc"}],
                "_source": {"excludes": list(NOT_IN_HITS)},
            },
        },
        "aggs": {"stories": {"cardinality": {"field": "story_id", "precision_threshold": 3000}}},
        "track_total_hits": True,
        "timeout": TIMEOUT,
        "_source": False,
    }


def look_back_as_json(past: LookBack) -> dict[str, Any]:
    """Return what was found as plain values."""
    return {
        "since": past.since.isoformat(),
        "article_count": past.article_count,
        "story_count": past.story_count,
        "stories": [
            {
                "story_id": each.story_id,
                "article_id": each.article_id,
                "first_seen_at": each.first_seen_at.isoformat(),
                "source_id": each.source_id,
                "title": each.title,
            }
            for each in past.firsts
        ],
    }


def print_look_back(console: Console, past: LookBack) -> None:
    """Print how much there was, and the first article of each story."""
    print_text(
        console,
        f"Since {past.since:%Y-%m-%d %H:%M} UTC it would have found {past.article_count} articles"
        f" of {past.story_count} stories; none of them is alerted.",
    )
    for line in _lines(past.firsts):
        print_text(console, line)


def _lines(firsts: Sequence[SearchDocument]) -> list[str]:
    return [
        f"  {each.first_seen_at:%Y-%m-%d %H:%M}  {short_id(each.article_id)}"
        f"  {one_line(each.source_id)}  {one_line(each.title or '(no title)')}"
        for each in firsts
    ]

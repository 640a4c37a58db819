"""Return a watch query as a query of the articles index.

The index folds upper case alone, so a word asks for all its spellings (``word_patterns.py``). What
it cannot say exactly it says with more: ``is_exact`` tells. Less is found only where the index has
less than the stream had:

- an entity by an id that was merged into another one, before its articles were indexed again;
- words that stand in the text without a space: joined by a point, a colon or an underscore, and, on
  a server with the ``english`` analyzer, the beginning of a word that it indexes by its stem;
- a phrase with an emoji inside; the index counts it as a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from dateline.search.article_queries import SHOWN_STATUS, TIMEOUT
from dateline.search.find_articles import ask
from dateline.search.templates import ArticlesIndex
from dateline.search.watch_clauses import is_exact_clause, more_clause
from dateline.watches.query_tree import Query

DAYS = 7
SOURCES_COUNT = 5

_VISIBLE: tuple[dict[str, Any], ...] = (
    {"term": {"decision.public_search.display": "no_index"}},
    {"term": {"decision.public_search.store": "no_index"}},
)


def es_query(query: Query) -> dict[str, Any]:
    """Return a query for the articles index that finds what ``query`` is true of, or more.

    Killed and withheld articles, and those that may not be in search, are not found. No part of it
    begins with a wildcard, and what a user wrote stands in no place that is parsed as syntax.
    """
    return {
        "bool": {
            "filter": [{"term": {"pub_status": SHOWN_STATUS}}, more_clause(query.tree)],
            "must_not": list(_VISIBLE),
        }
    }


def is_exact(query: Query) -> bool:
    """Return whether ``es_query`` finds no article that ``query`` is not true of.

    Names of entities, sentences, beginnings of words inside phrases, NEAR with entities, and
    scripts whose words the index does not part are found more often than they should.
    """
    return is_exact_clause(query.tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a query would have been true of, of the live articles of the last seven days.

    Attributes:
        per_day: matches a day, over the days that have articles; 0 where there are none.
        match_count: in all those days.
        days: how many of the seven have articles.
        sources: those with the most matches, and how many each has; at most five.
        is_exact: False: it is at most so many (``is_exact``).
    """

    per_day: float
    match_count: int
    days: int
    sources: tuple[tuple[str, int], ...] = ()
    is_exact: bool = True

    def verdict(self, max_per_day: int) -> str:
        """Return the estimate in words; above ``max_per_day`` with what to do about it."""
        if not self.days:
            return "nothing was indexed in the last week, so there is no estimate"
        most = "" if self.is_exact else "at most "
        if self.per_day < 1:
            return f"{most}{self.match_count} in the last {self.days} days"
        words = f"{most}about {self.per_day:.0f} a day"
        return f"{words}; narrow it" if self.per_day > max_per_day else words


def estimate_per_day(client: Elasticsearch, index: ArticlesIndex, query: Query) -> Estimate:
    """Return how often ``query`` would have been true in the last seven days.

    Articles are counted, not alerts: a watch that tells once a story tells less often. The
    articles are the live ones that search may show, by when they were first seen.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        ConfigError: the server refuses the request.
    """
    answer = ask(client, index.read_alias, estimate_request(query), is_partial_allowed=True)
    # Before the first article there is no index, and no answer about it.
    found = answer.get("aggregations", {})
    days = sum(1 for day in found.get("days", {}).get("buckets", ()) if day["doc_count"])
    matches = found.get("matches", {"doc_count": 0})
    rows = matches.get("sources", {}).get("buckets", ())
    return Estimate(
        per_day=matches["doc_count"] / days if days else 0.0,
        match_count=matches["doc_count"],
        days=days,
        sources=tuple((row["key"], row["doc_count"]) for row in rows),
        is_exact=is_exact(query),
    )


def estimate_request(query: Query) -> dict[str, Any]:
    """Return the body that counts the matches of a week by source, and the days with articles."""
    days = [{"from": f"now-{age}d", "to": f"now-{age - 1}d"} for age in range(DAYS, 0, -1)]
    sources = {"terms": {"field": "source_id", "size": SOURCES_COUNT}}
    return {
        "query": {
            "bool": {
                "filter": [
                    {"term": {"origin": "live"}},
                    {"range": {"first_seen_at": {"gte": f"now-{DAYS}d", "lt": "now"}}},
                ]
            }
        },
        "size": 0,
        "timeout": TIMEOUT,
        "aggs": {
            "days": {"date_range": {"field": "first_seen_at", "ranges": days}},
            "matches": {"filter": es_query(query), "aggs": {"sources": sources}},
        },
    }

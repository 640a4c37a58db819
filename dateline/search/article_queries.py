"""Return the requests that find articles; pure functions, so that each filter can be tested.

The fields are those of ``config/elasticsearch/articles.json``. Only queries of Elasticsearch's core
are used: the embedded server has no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from dateline.rights.record import RightsStatus
from dateline.search.ranked_words import words_clause
from dateline.search.watch_terms import MAX_NAME_GAPS
from dateline.watches.parse_query import parse_query

# Longer ones are pasted articles, not questions; 64 words in 5 fields stay far below the server's
# limit of clauses (1024 with the smallest heap).
MAX_WORDS_CHARS = 500
MAX_WORDS_COUNT = 64
MAX_FILTER_CHARS = 300
MAX_SIZE = 100
TIMEOUT = "10s"
# Private-use characters: no article is written with them, and no terminal acts on them.
HIGHLIGHT_START = "\ue000"
HIGHLIGHT_END = "\ue001"
FRAGMENT_CHARS = 160
FRAGMENTS_COUNT = 2
# One more is an error of the whole request (index.highlight.max_analyzed_offset).
MAX_ANALYZED_OFFSET = 999_999
# A gentle push: of two articles that fit alike, one a month older has nine tenths of the score, and
# however old it is, four fifths.
RECENCY_SHARE = 0.2
RECENCY_HALF_LIFE = "30d"
NEWEST = {"first_seen_at": "desc"}
SHOWN_STATUS = "usable"
NOT_IN_HITS = ("body", "mentions", "quotations", "key_phrases")
# Embargo and expiry also hold between two decisions about an article.
HIDDEN: tuple[dict[str, Any], ...] = (
    {"term": {"decision.public_search.display": "no_index"}},
    {"range": {"rights.access.expires_at": {"lte": "now"}}},
    {"range": {"rights.access.embargoed_until": {"gt": "now"}}},
)
RIGHTS_STATUSES = frozenset(get_args(RightsStatus))
MIN_PREFIX_CHARS = 6


class QueryInvalid(ValueError):
    """A question that cannot be asked; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSearch:
    """A question; the parts are joined by *and*.

    Several persons, organizations, places or entities must all be named; of several licenses,
    sources, languages or countries one must match. An entity is given by all its ids. ``since`` is
    included, ``until`` is not; both refer to the time an article was first seen. ``is_collapsed``:
    of each story the first hit only. ``words`` are a query in the language of watches
    (``parse_query``); ``is_most_enough``: of three and more bare words most suffice.
    """

    words: str = ""
    persons: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    entities: tuple[tuple[str, ...], ...] = ()
    countries: tuple[str, ...] = ()
    story_ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    size: int = 10
    is_collapsed: bool = False
    is_newest_first: bool = False
    is_most_enough: bool = False


def search_request(search: ArticleSearch) -> dict[str, Any]:
    """Return the body of a search request, best hits first, newest first among equals.

    The age of an article counts a little; with ``is_newest_first`` it alone does.

    Killed, withheld, expired and embargoed articles are never found, nor those that may not be in
    search. ``body_internal`` is searched and never returned, nor is a highlight made of it: it may
    not be shown.

    Raises:
        QueryInvalid: too long, or a size out of range.
        errors.QueryInvalid: the words are no query; shows at which character.
    """
    _check(search)
    query: dict[str, Any] = {"filter": _filters(search), "must_not": list(HIDDEN)}
    if search.words.strip():
        words = parse_query(search.words)
        query["must"] = [_aging(words_clause(words, is_most_enough=search.is_most_enough))]
    request = {
        "query": {"bool": query},
        "sort": [NEWEST, "_score"] if search.is_newest_first else ["_score", NEWEST],
        "size": search.size,
        "track_total_hits": True,
        "track_scores": True,
        "timeout": TIMEOUT,
        # What quotes the text is in the document, not in a list of hits: a page may limit snippets.
        "_source": {"excludes": list(NOT_IN_HITS)},
        "highlight": _highlight(),
    }
    if search.is_collapsed:
        request["collapse"] = {"field": "story_id"}
        request["aggs"] = {"stories": {"cardinality": {"field": "story_id"}}}
    return request


def story_sizes_request(story_ids: Sequence[str]) -> dict[str, Any]:
    """Return the body that counts, of each story, the articles that search may show, by role."""
    ids = list(story_ids)
    by_role = {"roles": {"terms": {"field": "role"}}}
    stories = {"terms": {"field": "story_id", "include": ids, "size": len(ids)}, "aggs": by_role}
    query = search_request(ArticleSearch(story_ids=tuple(ids)))["query"]
    return {"query": query, "size": 0, "timeout": TIMEOUT, "aggs": {"stories": stories}}


def id_request(article_id: str) -> dict[str, Any]:
    """Return the body that finds one article by its whole id, dead or alive."""
    return {"query": {"ids": {"values": [article_id]}}, "size": 1}


def prefix_request(prefix: str, *, size: int) -> dict[str, Any]:
    """Return the body that finds articles whose id begins with ``prefix``.

    Raises:
        QueryInvalid: the prefix is shorter than 6 characters.
    """
    if len(prefix) < MIN_PREFIX_CHARS:
        raise QueryInvalid(f"{prefix!r} is too short: give at least {MIN_PREFIX_CHARS} characters")
    return {"query": {"prefix": {"article_id": prefix}}, "size": size, "sort": ["article_id"]}


def origin_request(values: Sequence[str], *, size: int) -> dict[str, Any]:
    """Return the body that finds articles by address, or by their key inside a source."""
    given = list(values)
    return {
        "query": {"bool": {"should": [{"terms": {"url": given}}, {"terms": {"key": given}}]}},
        "size": size,
        "sort": [{"first_seen_at": "desc"}],
    }


def _check(search: ArticleSearch) -> None:
    if len(search.words) > MAX_WORDS_CHARS or len(search.words.split()) > MAX_WORDS_COUNT:
        raise QueryInvalid(
            f"the words are too long: at most {MAX_WORDS_COUNT} words and {MAX_WORDS_CHARS}"
            " characters"
        )
    if not 1 <= search.size <= MAX_SIZE:
        raise QueryInvalid(f"size {search.size} is out of range: 1 to {MAX_SIZE}")
    filters = (
        search.persons, search.organizations, search.places, search.licenses, search.sources,
        search.languages, search.countries,
    )  # fmt: skip
    for values in filters:
        if len(values) > MAX_WORDS_COUNT or any(len(value) > MAX_FILTER_CHARS for value in values):
            raise QueryInvalid(
                f"a filter is too long: at most {MAX_WORDS_COUNT} values of {MAX_FILTER_CHARS}"
                " characters"
            )


def _aging(clause: dict[str, Any]) -> dict[str, Any]:
    """Return ``clause`` with a score that falls with the age of the article, by a fifth at most."""
    age = {"scale": RECENCY_HALF_LIFE, "decay": 0.5}
    return {
        "function_score": {
            "query": clause,
            "functions": [
                {"weight": 1 - RECENCY_SHARE},
                {"exp": {"first_seen_at": age}, "weight": RECENCY_SHARE},
            ],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _filters(search: ArticleSearch) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = [{"term": {"pub_status": SHOWN_STATUS}}]
    filters.extend(named("entities.person.words", name) for name in search.persons)
    filters.extend(named("entities.organization.words", name) for name in search.organizations)
    filters.extend(_place(name) for name in search.places)
    if search.licenses:
        filters.append(_any_of([_license(given) for given in search.licenses]))
    if search.sources:
        filters.append({"terms": {"source_id": list(search.sources)}})
    if search.languages:
        filters.append({"terms": {"language": [code.lower() for code in search.languages]}})
    filters.extend({"terms": {"entity_ids": list(ids)}} for ids in search.entities)
    if search.countries:
        filters.append({"terms": {"countries": [code.lower() for code in search.countries]}})
    if search.story_ids:
        filters.append({"terms": {"story_id": list(search.story_ids)}})
    first_seen = _range(search.since, search.until)
    if first_seen:
        filters.append({"range": {"first_seen_at": first_seen}})
    return filters


def _any_of(queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def named(field: str, name: str) -> dict[str, Any]:
    """Return a query for all words of ``name`` inside one name, in any order.

    A plain match would also find an article that names "Anna Smith" and "John Miller" for "Anna
    Miller".
    """
    return {
        "intervals": {
            field: {"match": {"query": name, "max_gaps": MAX_NAME_GAPS, "ordered": False}}
        }
    }


def _place(name: str) -> dict[str, Any]:
    dateline = {"term": {"dateline_place": {"value": name.strip(), "case_insensitive": True}}}
    return _any_of([named("entities.place.words", name), dateline])


def _license(given: str) -> dict[str, Any]:
    """Return a query for an SPDX expression (``cc-by-4.0``, ``CC BY 4.0``) or a rights status."""
    status = given.strip().lower().replace("-", "_").replace(" ", "_")
    if status in RIGHTS_STATUSES:
        return {"term": {"rights.status": status}}
    expression = given.strip()
    if expression.upper().startswith("CC "):
        expression = "-".join(expression.split())
    return {"term": {"rights.spdx_expression": {"value": expression, "case_insensitive": True}}}


def _range(since: datetime | None, until: datetime | None) -> dict[str, str]:
    limits = {"gte": since, "lt": until}
    return {name: moment.isoformat() for name, moment in limits.items() if moment is not None}


def _highlight() -> dict[str, Any]:
    whole = {"number_of_fragments": 0}
    return {
        "type": "unified",
        "pre_tags": [HIGHLIGHT_START],
        "post_tags": [HIGHLIGHT_END],
        "max_analyzed_offset": MAX_ANALYZED_OFFSET,
        "fields": {
            "title": whole,
            "summary": whole,
            "body": {
                "number_of_fragments": FRAGMENTS_COUNT,
                "fragment_size": FRAGMENT_CHARS,
                # Without words there is nothing to highlight: show how the text begins.
                "no_match_size": FRAGMENT_CHARS,
            },
        },
    }

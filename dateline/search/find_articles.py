"""Ask the articles index and return typed documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from dateline.errors import ConfigError, SchemaMismatch
from dateline.records import SearchDocument
from dateline.search.article_queries import (
    HIGHLIGHT_END,
    HIGHLIGHT_START,
    ArticleSearch,
    id_request,
    origin_request,
    prefix_request,
    search_request,
    story_sizes_request,
)
from dateline.search.failures import request_errors_translated
from dateline.search.templates import ArticlesIndex

ID_CHARS = 64
MAX_CANDIDATES = 5
COPIES = ("copy", "excerpt")
HEXADECIMAL = re.compile(r"[0-9a-f]{1,64}")
# How rare a word is counts over all months, not in the index of each: scores can be compared.
SEARCH_TYPE = "dfs_query_then_fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHit:
    """One article found; ``document`` lacks body and mentions.

    ``title``, ``summary`` and ``fragments`` are highlighted with the characters of
    ``article_queries``; ``fragments`` come from what may be shown of the text, together no longer
    than a snippet that its page allows.
    """

    document: SearchDocument
    title: str | None
    summary: str | None
    fragments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """What a search found.

    ``story_count`` is how many stories ``total_count`` articles are of, where hits are collapsed;
    about that many, from some thousands on. ``is_empty_index``: nothing has been indexed yet.
    ``is_partial``: the time limit of the request passed, or a shard failed; there may be more.
    """

    hits: tuple[ArticleHit, ...]
    total_count: int
    took_ms: int
    is_empty_index: bool
    is_partial: bool
    story_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySize:
    """How many articles of a story search may show, and how many of them are copies of another."""

    article_count: int
    copy_count: int


def refresh_articles(client: Elasticsearch, index: ArticlesIndex) -> None:
    """Make everything searchable that is written by now.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    with request_errors_translated():
        client.indices.refresh(
            index=[index.read_alias, index.stories.alias, index.entities.alias],
            ignore_unavailable=True,
        )


def find_articles(
    client: Elasticsearch, index: ArticlesIndex, search: ArticleSearch
) -> SearchAnswer:
    """Return the best hits of ``search``; no hits are an answer, not an error.

    Raises:
        QueryInvalid: the question is too long.
        SearchUnavailable, SearchThrottled: try again.
        ConfigError: the server refuses the request.
    """
    answer = ask(client, index.read_alias, search_request(search), is_partial_allowed=True)
    shards = answer["_shards"]
    return SearchAnswer(
        hits=tuple(_hit(row) for row in answer["hits"]["hits"]),
        total_count=answer["hits"]["total"]["value"],
        took_ms=answer["took"],
        is_empty_index=shards["total"] == 0,
        is_partial=bool(answer["timed_out"] or shards["failed"]),
        story_count=answer.get("aggregations", {}).get("stories", {}).get("value"),
    )


def count_stories(
    client: Elasticsearch, index: ArticlesIndex, story_ids: Sequence[str]
) -> Mapping[str, StorySize]:
    """Return the size of each story that has articles.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    if not story_ids:
        return {}
    request = story_sizes_request(story_ids)
    answer = ask(client, index.read_alias, request, is_partial_allowed=True)
    return {
        row["key"]: StorySize(
            article_count=row["doc_count"],
            copy_count=sum(
                role["doc_count"] for role in row["roles"]["buckets"] if role["key"] in COPIES
            ),
        )
        for row in answer.get("aggregations", {}).get("stories", {}).get("buckets", ())
    }


def find_article(
    client: Elasticsearch, index: ArticlesIndex, id_or_prefix: str
) -> SearchDocument | None:
    """Return the article, or its tombstone, whose id is or begins with ``id_or_prefix``.

    Raises:
        ConfigError: no id, too short (fewer than 6 characters), or several articles begin so.
        SearchUnavailable, SearchThrottled: try again.
    """
    given = id_or_prefix.strip().lower()
    if not HEXADECIMAL.fullmatch(given):
        raise ConfigError(
            f"{id_or_prefix!r} is no article id.", hint="`dateline search` shows the ids."
        )
    if len(given) == ID_CHARS:
        request = id_request(given)
    else:
        try:
            request = prefix_request(given, size=MAX_CANDIDATES)
        except ValueError as error:
            raise ConfigError(f"{error}.") from error
    rows = ask(client, index.read_alias, request)["hits"]["hits"]
    if len(rows) > 1:
        candidates = ", ".join(row["_id"][: len(given) + 6] for row in rows)
        raise ConfigError(
            f"several articles begin with {given!r}: {candidates}.", hint="Give more characters."
        )
    return to_document(rows[0]["_source"]) if rows else None


def find_by_origin(
    client: Elasticsearch, index: ArticlesIndex, *values: str
) -> tuple[SearchDocument, ...]:
    """Return the articles whose address, or key inside their source, is one of ``values``.

    At most five, the newest first.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    answer = ask(client, index.read_alias, origin_request(values, size=MAX_CANDIDATES))
    return tuple(to_document(row["_source"]) for row in answer["hits"]["hits"])


def ask(
    client: Elasticsearch, name: str, request: dict[str, Any], *, is_partial_allowed: bool = False
) -> Any:
    """Return the server's answer to ``request`` on the index or alias ``name``.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        ConfigError: the server refuses the request.
    """
    with request_errors_translated():
        return client.search(
            index=name,
            # A missing alias means that nothing is indexed yet: an empty answer, no error.
            ignore_unavailable=True,
            allow_no_indices=True,
            # One article: "not there" must not mean "on a shard that did not answer".
            allow_partial_search_results=is_partial_allowed,
            search_type=SEARCH_TYPE,
            body=request,
        )


def _hit(row: Mapping[str, Any]) -> ArticleHit:
    marked: Mapping[str, list[str]] = row.get("highlight", {})
    document = to_document(row["_source"])
    return ArticleHit(
        document=document,
        title=marked["title"][0] if "title" in marked else document.title,
        summary=marked["summary"][0] if "summary" in marked else document.summary,
        fragments=_allowed(marked.get("body", ()), document),
    )


def _allowed(fragments: Sequence[str], document: SearchDocument) -> tuple[str, ...]:
    """Return the fragments that fit into the longest snippet that the article's page allows.

    A page may limit snippets of a text that its licence lets us show as a whole.
    """
    limit = document.rights.preferences.snippet_max_chars if document.rights else None
    if limit is None:
        return tuple(fragments)
    kept: list[str] = []
    for fragment in fragments:
        limit -= len(fragment) - fragment.count(HIGHLIGHT_START) - fragment.count(HIGHLIGHT_END)
        if limit >= 0:
            kept.append(fragment)
    return tuple(kept)


def to_document(source: Mapping[str, Any]) -> SearchDocument:
    """Return the document of a ``_source``.

    Raises:
        SchemaMismatch: it has another shape.
    """
    try:
        return msgspec.convert(source, SearchDocument)
    except msgspec.ValidationError as error:
        raise SchemaMismatch(
            f"the index holds a document of another shape ({source.get('article_id')}): {error}"
        ) from error

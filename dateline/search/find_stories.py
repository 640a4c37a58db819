"""Find a story by its id, by an id that became part of it, or by one of its articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from elasticsearch import Elasticsearch

from dateline.document_records import StoryEntity
from dateline.errors import ConfigError, SchemaMismatch
from dateline.records import EntityRecord, SearchDocument, StoryRecord
from dateline.search.article_queries import (
    MIN_PREFIX_CHARS,
    NOT_IN_HITS,
    ArticleSearch,
    search_request,
)
from dateline.search.find_articles import HEXADECIMAL, MAX_CANDIDATES, ask, to_document
from dateline.search.templates import ArticlesIndex, RecordIndex

# A story of more articles is shown with its first ones.
MAX_ARTICLES = 500
# Merges of merges: longer chains are an error in the records.
MAX_HOPS = 50
LEFT_OUT = (*NOT_IN_HITS, "rights.evidence", "rights.odrl")
R = TypeVar("R", StoryRecord, EntityRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStory:
    """A story and its articles.

    Attributes:
        record: the latest of the index, else what its articles say (``has_record`` False).
        asked_id: the story that was asked for, where it has become part of this one.
        articles: those that search may show, in order of time, at most 500, without their texts.
        article_total: how many there are.
    """

    record: StoryRecord
    has_record: bool
    asked_id: str | None
    articles: tuple[SearchDocument, ...]
    article_total: int


def find_story(client: Elasticsearch, index: ArticlesIndex, given: str) -> FoundStory | None:
    """Return the story that ``given`` names: its id, an article's id, or how one of them begins.

    Raises:
        ConfigError: no id, too short (fewer than 6 characters), or several stories fit.
        SearchUnavailable, SearchThrottled: try again.
    """
    asked_id = _story_id(client, index, given)
    if asked_id is None:
        return None
    record = _follow(client, index, asked_id)
    ids = _ids_of(asked_id, record)
    story_id = ids[0]
    articles, total = _articles(client, index, ids)
    if record is None and not articles:
        return None
    return FoundStory(
        record=record or story_of_articles(story_id, articles, total),
        has_record=record is not None,
        asked_id=asked_id if asked_id != story_id else None,
        articles=articles,
        article_total=total,
    )


def find_story_ids(client: Elasticsearch, index: ArticlesIndex, given: str) -> tuple[str, ...]:
    """Return the id of the story that ``given`` names, and those merged into it; () if none.

    Raises:
        ConfigError: no id, too short (fewer than 6 characters), or several stories fit.
        SearchUnavailable, SearchThrottled: try again.
    """
    asked_id = _story_id(client, index, given)
    return _ids_of(asked_id, _follow(client, index, asked_id)) if asked_id else ()


def _ids_of(asked_id: str, record: StoryRecord | None) -> tuple[str, ...]:
    # Articles of a story that was merged have its old id until they are indexed anew.
    return (record.story_id, *record.merged_ids) if record else (asked_id,)


def _story_id(client: Elasticsearch, index: ArticlesIndex, given: str) -> str | None:
    """Return the id of the one story that ``given`` names, as it was before it was merged."""
    prefix = given.strip().lower()
    if not HEXADECIMAL.fullmatch(prefix):
        raise ConfigError(
            f"{given!r} is no id of a story or an article.",
            hint="`dateline search` shows the ids.",
        )
    if len(prefix) < MIN_PREFIX_CHARS:
        raise ConfigError(f"{prefix!r} is too short: give at least {MIN_PREFIX_CHARS} characters.")
    found = _story_ids(client, index, prefix)
    if len(found) > 1:
        raise ConfigError(
            f"several stories fit {prefix!r}: {', '.join(each[:12] for each in found)}.",
            hint="Give more characters.",
        )
    return found[0] if found else None


def _story_ids(client: Elasticsearch, index: ArticlesIndex, prefix: str) -> list[str]:
    """Return the stories that begin so, else those with such an article, else of such an alias."""
    records = ask(client, index.stories.alias, {
        "query": {"prefix": {"story_id": prefix}}, "size": MAX_CANDIDATES, "_source": ["story_id"],
    })["hits"]["hits"]  # fmt: skip
    fields = ("story_id", "article_id", "story_aliases")
    articles = ask(client, index.read_alias, {
        "query": {"bool": {"should": [{"prefix": {name: prefix}} for name in fields]}},
        "collapse": {"field": "story_id"}, "size": MAX_CANDIDATES, "_source": list(fields),
    })["hits"]["hits"]  # fmt: skip
    sources = [row["_source"] for row in articles]
    own = {row["_source"]["story_id"] for row in records}
    own |= {row["story_id"] for row in sources if row["story_id"].startswith(prefix)}
    if not own:
        own = {row["story_id"] for row in sources if row["article_id"].startswith(prefix)}
    return sorted(own or {row["story_id"] for row in sources})


def _follow(client: Elasticsearch, index: ArticlesIndex, story_id: str) -> StoryRecord | None:
    """Return the record of the story that this one is now part of, or its own."""
    seen: set[str] = set()
    record = None
    while story_id not in seen and len(seen) < MAX_HOPS:
        seen.add(story_id)
        found = read_records(client, index.stories, StoryRecord, {"ids": {"values": [story_id]}})
        if not found:
            break
        record = found[0]
        story_id = record.merged_into or story_id
    return record


def read_records(
    client: Elasticsearch,
    index: RecordIndex,
    record_type: type[R],
    query: Mapping[str, Any],
    *,
    size: int = 100,
    sort: Sequence[Any] = (),
) -> list[R]:
    """Return the records that ``query`` finds in a small index; none before the first one.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        SchemaMismatch: a document has another shape.
    """
    request: dict[str, Any] = {"query": query, "size": size}
    if sort:
        request["sort"] = list(sort)
    try:
        return [
            msgspec.convert(row["_source"], record_type)
            for row in ask(client, index.alias, request)["hits"]["hits"]
        ]
    except msgspec.ValidationError as error:
        raise SchemaMismatch(f"{index.alias} holds a document of another shape: {error}") from error


def _articles(
    client: Elasticsearch, index: ArticlesIndex, story_ids: Iterable[str]
) -> tuple[tuple[SearchDocument, ...], int]:
    request = search_request(ArticleSearch(story_ids=tuple(story_ids)))
    request |= {
        "size": MAX_ARTICLES, "sort": ["first_seen_at", "article_id"],
        "_source": {"excludes": list(LEFT_OUT)},
    }  # fmt: skip
    del request["highlight"], request["track_scores"]
    hits = ask(client, index.read_alias, request)["hits"]
    documents = [to_document(row["_source"]) for row in hits["hits"]]
    return tuple(sorted(documents, key=time_of)), hits["total"]["value"]


def time_of(document: SearchDocument) -> datetime:
    """Return when an article was published, as far as its source says, else first seen."""
    return document.published_at or document.first_seen_at


def story_of_articles(story_id: str, articles: Sequence[SearchDocument], total: int) -> StoryRecord:
    """Return what at least one article says of a story whose record is not there yet."""
    main = next((each for each in articles if each.role == "original"), articles[0])
    return StoryRecord(
        story_id=story_id,
        root_article_id=articles[0].article_id,
        title=main.title or "",
        main_article_id=main.article_id,
        first_at=time_of(articles[0]),
        last_at=time_of(articles[-1]),
        article_count=total,
        source_ids=tuple(sorted({each.source_id for each in articles})),
        entities=_entities(articles),
    )


def _entities(articles: Sequence[SearchDocument]) -> tuple[StoryEntity, ...]:
    named = [
        {(each.entity_id, each.type, each.name) for each in article.document_entities}
        for article in articles
    ]
    counts = Counter(entity for of_one in named for entity in of_one)
    return tuple(
        StoryEntity(entity_id=entity_id, entity_type=entity_type, name=name, count=count)
        for (entity_id, entity_type, name), count in sorted(
            counts.items(), key=lambda item: (-item[1], item[0])
        )
    )

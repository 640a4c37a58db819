"""Return everything that articles say of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from dateline.records import SearchDocument
from dateline.search.entity_queries import entity_request
from dateline.search.find_articles import ask, to_document
from dateline.search.find_entities import Entity, entity_of
from dateline.search.templates import ArticlesIndex

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityView:
    """An entity as articles show it; each list has the frequent ones first, with how many articles.

    Attributes:
        spellings: fullest form of its name in an article.
        aliases: other forms in the same article.
        titles: forms of address.
        roles: offices, from articles of which the whole text may be shown.
        holder_of: countries whose office it holds.
        link_reasons: why it has a Wikidata id, or why not.
        join_reasons: why several forms in one article are one.
        document_ids: its ids as articles alone give them.
        together: who is named in the same articles.
        latest: newest articles, without their texts.
    """

    entity: Entity
    article_count: int
    spellings: Counts
    aliases: Counts
    titles: Counts
    roles: Counts
    holder_of: Counts
    link_reasons: Counts
    join_reasons: Counts
    document_ids: Counts
    together: tuple[Entity, ...]
    latest: tuple[SearchDocument, ...]


def read_entity(client: Elasticsearch, index: ArticlesIndex, entity: Entity) -> EntityView:
    """Return what the articles that search may show say of ``entity``.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    request = entity_request(entity.member_ids)
    answer = ask(client, index.read_alias, request, is_partial_allowed=True)
    names = answer.get("aggregations", {}).get("all", {})
    asked = names.get("asked", {})
    return EntityView(
        entity=entity,
        article_count=answer["hits"]["total"]["value"],
        spellings=_counts(asked, "text"),
        aliases=_counts(asked, "aliases"),
        titles=_counts(asked, "titles"),
        roles=_counts(asked, "role"),
        holder_of=_counts(asked, "holder_of"),
        link_reasons=_counts(asked, "link_reason"),
        join_reasons=_counts(asked, "reasons"),
        document_ids=_counts(asked, "document_entity_id"),
        together=tuple(
            entity_of(row) for row in names.get("others", {}).get("ids", {}).get("buckets", ())
        ),
        latest=tuple(to_document(row["_source"]) for row in answer["hits"]["hits"]),
    )


def _counts(asked: Mapping[str, Any], field: str) -> Counts:
    rows = asked.get(field, {}).get("buckets", ())
    return tuple((row["key"], row["doc_count"]) for row in rows)

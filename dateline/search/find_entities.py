"""Find out who is meant by a name or an id, in the records of entities and in the articles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from dateline.errors import ConfigError
from dateline.names.fold import fold_name
from dateline.records import EntityRecord
from dateline.search.article_queries import MIN_PREFIX_CHARS, QueryInvalid
from dateline.search.entity_queries import (
    MAX_ENTITIES,
    by_id,
    by_name,
    candidates_request,
    record_by_ids,
    record_by_name,
    record_by_prefix,
)
from dateline.search.find_articles import ID_CHARS, ask
from dateline.search.find_stories import MAX_HOPS, read_records
from dateline.search.templates import ArticlesIndex

QID = re.compile(r"[Qq][1-9]\d*")
HEXADECIMAL = re.compile(rf"[0-9a-fA-F]{{{MIN_PREFIX_CHARS},{ID_CHARS}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Somebody or something that articles name.

    Attributes:
        member_ids: all its ids, its own first.
        names: forms of its name in articles, and those of its record.
        article_count: how many articles that search may show name it.
        qid: its Wikidata id; None: not linked, or to a row of the gazetteer without one.
        row_id: its row of the gazetteer.
        is_full_name: whether its name may identify it beyond one article.
        record: what was decided about it; None: nothing.
    """

    entity_id: str
    entity_type: str
    name: str
    member_ids: tuple[str, ...]
    names: tuple[str, ...] = ()
    article_count: int = 0
    qid: str | None = None
    row_id: str | None = None
    country_codes: tuple[str, ...] = ()
    is_full_name: bool = True
    record: EntityRecord | None = None


def find_entities(
    client: Elasticsearch, index: ArticlesIndex, given: str, *, entity_type: str | None = None
) -> tuple[Entity, ...]:
    """Return those whom ``given`` (an id, how it begins, or a name) may mean, frequent ones first.

    A name means those who have it, before those with it among other names, before those of whose
    name it is a part; and who is named in full before who is not.

    Raises:
        ConfigError: the name is empty or too long.
        SearchUnavailable, SearchThrottled: try again.
    """
    found = _by_id(client, index, given)
    if not found:
        asked = _ask_articles(client, index, _name_query(given))
        records = read_records(client, index.entities, EntityRecord, record_by_name(given))
        found = _nearest(given, _joined(client, index, asked, records))
    chosen = [each for each in found if entity_type in (None, each.entity_type)]
    return tuple(sorted(chosen, key=lambda each: (-each.article_count, each.entity_id)))


def find_members(client: Elasticsearch, index: ArticlesIndex, given: str) -> tuple[Entity, ...]:
    """Return as ``find_entities``, but each id for itself, whatever it was merged into.

    What became one has to be told apart to be split.
    """
    query = _id_query(given)
    if query:
        form = _id_form(given)
        asked = _ask_articles(client, index, query, is_of_document=True)
        records = read_records(client, index.entities, EntityRecord, record_by_prefix(form))
        known = [_member(each, record) for record in records for each in record.member_ids]
        by_ids = {each.entity_id: each for each in (*known, *asked)}
        if found := [each for key, each in by_ids.items() if _is_asked(given, key)]:
            return tuple(found)
    return tuple(_nearest(given, _ask_articles(client, index, _name_query(given), True)))


def _is_asked(given: str, entity_id: str) -> bool:
    form = _id_form(given)
    return entity_id.startswith(form) if _is_prefix(given) else entity_id == form


def _member(entity_id: str, record: EntityRecord) -> Entity:
    return Entity(
        entity_id=entity_id, entity_type=record.entity_type, name=record.name,
        member_ids=(entity_id,), record=record,
    )  # fmt: skip


def one_of(given: str, found: Sequence[Entity]) -> Entity:
    """Return the one entity that was found.

    Raises:
        ConfigError: there is none, or several; the message lists them.
    """
    if not found:
        raise ConfigError(
            f"no entity has the name or id {given!r}.",
            hint="`dateline entity NAME` finds by a part of a name, too.",
        )
    if len(found) > 1:
        listed = "; ".join(_described(each) for each in found[:8])
        raise ConfigError(f"{given!r} may be {len(found)} entities: {listed}.", hint="Give the id.")
    return found[0]


def _described(entity: Entity) -> str:
    return f"{entity.entity_id[:16]} {entity.name} ({entity.entity_type})"


def follow_entity(
    client: Elasticsearch, index: ArticlesIndex, record: EntityRecord
) -> EntityRecord:
    """Return the record of what ``record`` is now part of, or itself."""
    seen: set[str] = set()
    while record.merged_into and record.entity_id not in seen and len(seen) < MAX_HOPS:
        seen.add(record.entity_id)
        query = {"ids": {"values": [record.merged_into]}}
        found = read_records(client, index.entities, EntityRecord, query)
        if not found:
            break
        record = found[0]
    return record


def _by_id(client: Elasticsearch, index: ArticlesIndex, given: str) -> list[Entity]:
    query = _id_query(given)
    if query is None:
        return []
    asked = _ask_articles(client, index, query)
    form = _id_form(given)
    known = record_by_prefix(form) if _is_prefix(given) else record_by_ids([form])
    records = read_records(client, index.entities, EntityRecord, known)
    return _joined(client, index, asked, records)


def _id_form(given: str) -> str:
    return given.strip().upper() if QID.fullmatch(given.strip()) else given.strip().lower()


def _is_prefix(given: str) -> bool:
    return bool(HEXADECIMAL.fullmatch(given.strip())) and len(given.strip()) < ID_CHARS


def _id_query(given: str) -> dict[str, Any] | None:
    text = given.strip()
    if not QID.fullmatch(text) and not HEXADECIMAL.fullmatch(text):
        return None
    return by_id(_id_form(given), is_prefix=_is_prefix(given))


def _name_query(given: str) -> dict[str, Any]:
    try:
        return by_name(given)
    except QueryInvalid as error:
        raise ConfigError(f"{error}.") from error


def _ask_articles(
    client: Elasticsearch, index: ArticlesIndex, query: dict[str, Any], is_of_document: bool = False
) -> list[Entity]:
    request = candidates_request(query, is_of_document=is_of_document)
    answer = ask(client, index.read_alias, request, is_partial_allowed=True)
    # Before the first article there is no index, and no answer about it.
    asked = answer.get("aggregations", {}).get("all", {}).get("asked", {})
    rows = asked.get("ids", {}).get("buckets", ())
    return [entity_of(row, is_of_document=is_of_document) for row in rows]


def entity_of(row: Mapping[str, Any], *, is_of_document: bool = False) -> Entity:
    """Return the entity of one row of a terms aggregation.

    ``is_of_document``: under the names that articles write, not that across articles.
    """
    names, texts, aliases = (keys(row, field) for field in ("name", "text", "aliases"))
    names = () if is_of_document else names
    return Entity(
        entity_id=row["key"],
        entity_type=next(iter(keys(row, "type")), ""),
        name=next(iter(names or texts), ""),
        member_ids=(row["key"],),
        names=tuple(dict.fromkeys((*names, *texts, *aliases))),
        article_count=row["articles"]["doc_count"],
        qid=next(iter(keys(row, "qid")), None),
        row_id=next(iter(keys(row, "row_id")), None),
        country_codes=keys(row, "country_code"),
        is_full_name=any(each["key"] for each in row["is_full_name"]["buckets"]),
    )


def keys(row: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """Return the values of a terms aggregation below ``row``, frequent ones first."""
    return tuple(each["key"] for each in row[field]["buckets"])


def _joined(
    client: Elasticsearch,
    index: ArticlesIndex,
    asked: Iterable[Entity],
    records: Iterable[EntityRecord],
) -> list[Entity]:
    """Return one entity an id as it is now, with its record where it has one."""
    of_articles = {each.entity_id: each for each in asked}
    known = list(records)
    if of_articles:
        more = record_by_ids(list(of_articles))
        known += read_records(client, index.entities, EntityRecord, more, size=2 * MAX_ENTITIES)
    finals = {each.entity_id: follow_entity(client, index, each) for each in known}
    now: dict[str, Entity] = {}
    for record in finals.values():
        members = {*record.member_ids, record.entity_id}
        members |= {each for each, final in finals.items() if final.entity_id == record.entity_id}
        parts = [of_articles.pop(each) for each in sorted(members) if each in of_articles]
        if record.entity_id not in now or parts:
            now[record.entity_id] = _of_record(record, members, parts)
    return [*now.values(), *of_articles.values()]


def _of_record(record: EntityRecord, members: set[str], parts: Sequence[Entity]) -> Entity:
    ids = (record.entity_id, *sorted(members - {record.entity_id}))
    names = [record.name, *record.names, *(name for each in parts for name in each.names)]
    return Entity(
        entity_id=record.entity_id,
        entity_type=record.entity_type,
        name=record.name,
        member_ids=ids,
        names=tuple(dict.fromkeys(names)),
        article_count=sum(each.article_count for each in parts),
        qid=next((each for each in ids if QID.fullmatch(each)), None),
        row_id=next((each.row_id for each in parts if each.row_id), None),
        country_codes=record.country_codes,
        record=record,
    )


def _nearest(given: str, found: Sequence[Entity]) -> list[Entity]:
    named_in_full = [each for each in found if each.is_full_name] or list(found)
    ranks = {each.entity_id: _distance(given, each) for each in named_in_full}
    best = min(ranks.values(), default=0)
    return [each for each in named_in_full if ranks[each.entity_id] == best]


def _distance(given: str, entity: Entity) -> int:
    """Return 0 for the entity's name, 1 for another of its names, 2 for a part of one."""
    asked = fold_name(given, entity.entity_type)
    if fold_name(entity.name, entity.entity_type) == asked:
        return 0
    return 1 if any(fold_name(each, entity.entity_type) == asked for each in entity.names) else 2

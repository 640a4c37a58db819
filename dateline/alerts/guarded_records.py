"""Keep small records in Elasticsearch that several processes change: no change overwrites another.

Every record is read and written with its sequence number (optimistic concurrency): a write that is
not based on the newest one is refused, and its caller thinks again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, ConflictError, NotFoundError

from dateline.errors import DependencyUnavailable, InvariantBroken, SearchUnavailable
from dateline.search.failures import for_status, item_reason, translated
from dateline.search.record_documents import ensure_record_index, is_absent
from dateline.search.templates import RecordIndex

T = TypeVar("T")
A = TypeVar("A")
CONFLICT, NOT_FOUND = 409, 404
MAX_DISTINCT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Generic[T]):
    """A record as it is in the index: a write is based on this one or refused."""

    record: T
    seq_no: int
    primary_term: int


class GuardedRecords(Generic[T]):
    """One index of records; ``DependencyUnavailable`` from every method means: try again."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        index: RecordIndex,
        record_type: type[T],
        id_of: Callable[[T], str],
    ) -> None:
        self._client = client
        self._index = index
        self._alias = index.alias
        self._type = record_type
        self._id_of = id_of

    async def create(self, records: Sequence[T]) -> list[Stored[T] | None]:
        """Write records whose ids are new, in order; None: that id is known, nothing was written.

        Safe to repeat; after an error a part may have been written.
        """
        if not records:
            return []
        lines: list[Any] = [line for record in records for line in self._create_lines(record)]

        async def write() -> list[Stored[T] | None]:
            answer = await self._client.bulk(operations=lines)
            items = [item["create"] for item in answer["items"]]
            return [
                self._created(record, item) for record, item in zip(records, items, strict=True)
            ]

        return await self._asked(write)

    async def get(self, ids: Sequence[str]) -> dict[str, Stored[T]]:
        """Return the records that exist, by id, as they are now (not as last refreshed)."""
        if not ids:
            return {}

        async def read() -> dict[str, Stored[T]]:
            answer = await self._client.mget(index=self._alias, ids=list(dict.fromkeys(ids)))
            for row in answer["docs"]:
                if not row.get("found") and not is_absent(row):
                    raise SearchUnavailable(f"Elasticsearch cannot read it: {item_reason(row)}.")
            return {row["_id"]: self._stored(row) for row in answer["docs"] if row.get("found")}

        return await self._asked(read)

    async def save(self, base: Stored[T], record: T) -> Stored[T] | None:
        """Replace ``base`` by ``record``; None: somebody has changed it meanwhile."""

        async def write() -> Stored[T] | None:
            try:
                answer = await self._client.index(
                    index=self._alias, id=self._id_of(record), document=msgspec.to_builtins(record),
                    if_seq_no=base.seq_no, if_primary_term=base.primary_term, require_alias=True,
                )  # fmt: skip
            except ConflictError:
                return None
            return Stored(
                record=record, seq_no=answer["_seq_no"], primary_term=answer["_primary_term"]
            )

        return await self._asked(write)

    async def search(
        self,
        query: Mapping[str, Any],
        *,
        sort: Sequence[Mapping[str, Any]],
        limit: int,
        refresh: bool = False,
    ) -> list[Stored[T]]:
        """Return what fits, as of the last refresh; with ``refresh`` as of now."""

        async def read() -> list[Stored[T]]:
            if refresh:
                await self._client.indices.refresh(index=self._alias)
            answer = await self._client.search(
                index=self._alias, query=query, sort=list(sort), size=limit,
                seq_no_primary_term=True, allow_partial_search_results=False,
                track_total_hits=False,
            )  # fmt: skip
            return [self._stored(hit) for hit in answer["hits"]["hits"]]

        return await self._asked(read)

    async def search_groups(
        self,
        query: Mapping[str, Any],
        *,
        field: str,
        sort: Sequence[Mapping[str, Any]],
        max_groups: int,
        per_group: int,
    ) -> list[Stored[T]]:
        """Return the first of each value of a keyword field, as of the last refresh.

        Args:
            query: what fits.
            field: whose values make the groups.
            sort: of the records in a group, and of the groups by their first.
            max_groups: at most.
            per_group: at most, and at most 100.
        """
        members = {
            "name": "members", "size": per_group, "sort": list(sort), "seq_no_primary_term": True,
        }  # fmt: skip

        async def read() -> list[Stored[T]]:
            answer = await self._client.search(
                index=self._alias, query=query, sort=list(sort), size=max_groups, source=False,
                collapse={"field": field, "inner_hits": members},
                allow_partial_search_results=False, track_total_hits=False,
            )  # fmt: skip
            groups = [hit["inner_hits"]["members"]["hits"] for hit in answer["hits"]["hits"]]
            return [self._stored(hit) for group in groups for hit in group["hits"]]

        return await self._asked(read)

    async def distinct(self, field: str, query: Mapping[str, Any]) -> frozenset[str]:
        """Return the values that a keyword field has in what fits, as of the last refresh."""

        async def read() -> frozenset[str]:
            terms = {"terms": {"field": field, "size": MAX_DISTINCT}}
            answer = await self._client.search(
                index=self._alias, query=query, size=0, aggs={"values": terms},
                allow_partial_search_results=False, track_total_hits=False,
            )  # fmt: skip
            return frozenset(row["key"] for row in answer["aggregations"]["values"]["buckets"])

        return await self._asked(read)

    def _create_lines(self, record: T) -> tuple[dict[str, Any], bytes]:
        action = {"_index": self._alias, "_id": self._id_of(record), "require_alias": True}
        return {"create": action}, msgspec.json.encode(record)

    def _created(self, record: T, item: Mapping[str, Any]) -> Stored[T] | None:
        status = int(item["status"])
        if status == CONFLICT:
            return None
        if status == NOT_FOUND:
            raise _NoIndexError
        if status >= 300:  # noqa: PLR2004 (HTTP)
            meaning = for_status(status, item_reason(item))
            if isinstance(meaning, DependencyUnavailable):
                raise meaning
            raise InvariantBroken(f"Elasticsearch refuses our record: {meaning}")
        return Stored(record=record, seq_no=item["_seq_no"], primary_term=item["_primary_term"])

    def _stored(self, row: Mapping[str, Any]) -> Stored[T]:
        return Stored(
            record=msgspec.convert(row["_source"], self._type),
            seq_no=row["_seq_no"], primary_term=row["_primary_term"],
        )  # fmt: skip

    async def _asked(self, request: Callable[[], Awaitable[A]]) -> A:
        """Return the answer; the first request of all finds no index, which is made."""
        try:
            try:
                return await request()
            except (_NoIndexError, NotFoundError):
                await ensure_record_index(self._client, self._index)
                return await request()
        except (TransportError, ApiError) as error:
            meaning = translated(error)
            if isinstance(meaning, DependencyUnavailable):
                raise meaning from error
            raise InvariantBroken(f"Elasticsearch refuses our request: {meaning}") from error


class _NoIndexError(Exception):
    """The alias leads nowhere yet."""

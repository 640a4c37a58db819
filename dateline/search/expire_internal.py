"""Drop hidden text whose time is over: text of unknown rights may be searched for a while only.

``body_internal`` is not in ``_source``, so a document that is written again as its ``_source`` says
no longer has it. The revision stays the same (``external_gte``): a newer one wins, and it has a
time limit of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from dateline.errors import DependencyUnavailable, InvariantBroken, SearchUnavailable
from dateline.search.failures import for_status, item_reason, translated
from dateline.search.templates import ArticlesIndex

PAGE_DOCUMENTS = 100
MAX_BULK_BYTES = 5_000_000  # a document with thousands of names has a few MB
KEEP_ALIVE = "2m"
VERSION_CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """How many documents lost their hidden text, and how many had been replaced meanwhile."""

    dropped_count: int = 0
    replaced_count: int = 0


async def expire_internal(
    client: AsyncElasticsearch,
    index: ArticlesIndex,
    *,
    now: datetime,
    on_progress: Callable[[], None] = lambda: None,
) -> Expired:
    """Drop the hidden text of all documents with ``store_until`` at or before ``now``.

    Safe to repeat, to interrupt and to run in two processes.

    Raises:
        SearchUnavailable, SearchThrottled: try again later; what was dropped stays dropped.
        InvariantBroken: the server refuses the request itself.
    """
    try:
        return await _expire(client, index, now, on_progress)
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DependencyUnavailable):
            raise meaning from error
        raise InvariantBroken(f"Elasticsearch refuses our request: {meaning}") from error


async def _expire(
    client: AsyncElasticsearch,
    index: ArticlesIndex,
    now: datetime,
    on_progress: Callable[[], None],
) -> Expired:
    if not await client.indices.exists_alias(name=index.read_alias):
        return Expired()
    # A view of the index as it is now: what is written again does not come up again.
    opened = await client.open_point_in_time(index=index.read_alias, keep_alive=KEEP_ALIVE)
    view, after, total = opened["id"], None, Expired()
    try:
        while True:
            answer = await client.search(
                body=_request(view, after, now), allow_partial_search_results=False
            )
            view, hits = answer["pit_id"], answer["hits"]["hits"]
            if not hits:
                return total
            dropped = await _rewrite(client, hits)
            total = Expired(
                dropped_count=total.dropped_count + dropped,
                replaced_count=total.replaced_count + len(hits) - dropped,
            )
            after = hits[-1]["sort"]
            on_progress()
    finally:
        await client.options(ignore_status=404).close_point_in_time(id=view)


def _request(view: str, after: Sequence[Any] | None, now: datetime) -> dict[str, Any]:
    request: dict[str, Any] = {
        "pit": {"id": view, "keep_alive": KEEP_ALIVE},
        "query": {
            "bool": {
                "filter": [
                    {"range": {"store_until": {"lte": now.isoformat()}}},
                    {"exists": {"field": "body_internal"}},
                ]
            }
        },
        "size": PAGE_DOCUMENTS,
        "version": True,
        "sort": ["_shard_doc"],
        "track_total_hits": False,
    }
    return request if after is None else {**request, "search_after": after}


async def _rewrite(client: AsyncElasticsearch, hits: Sequence[Mapping[str, Any]]) -> int:
    """Write documents again as their source says; return how many, the rest were replaced."""
    written_count = 0
    for lines in _bulks(hits):
        answer = await client.bulk(operations=lines)
        statuses = [_status(item["index"]) for item in answer["items"]]
        written_count += sum(status != VERSION_CONFLICT for status in statuses)
    return written_count


def _bulks(hits: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    lines: list[Any] = []
    size_bytes = 0
    for hit in hits:
        action = {
            "_index": hit["_index"], "_id": hit["_id"], "version": hit["_version"],
            "version_type": "external_gte",
        }  # fmt: skip
        source = msgspec.json.encode(hit["_source"])
        if lines and size_bytes + len(source) > MAX_BULK_BYTES:
            yield lines
            lines, size_bytes = [], 0
        lines += [msgspec.json.encode({"index": action}), source]
        size_bytes += len(source)
    if lines:
        yield lines


def _status(item: Mapping[str, Any]) -> int:
    status = int(item["status"])
    if status < 300 or status == VERSION_CONFLICT:  # noqa: PLR2004 (HTTP)
        return status
    meaning = for_status(status, item_reason(item))
    if isinstance(meaning, DependencyUnavailable):
        raise meaning
    raise SearchUnavailable(f"Elasticsearch keeps a hidden text: {meaning}")

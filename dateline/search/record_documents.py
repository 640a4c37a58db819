"""Create and read the documents of the small indices by id: ledger, claims and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError

from dateline.errors import DependencyUnavailable, SearchUnavailable
from dateline.search.failures import for_status, item_reason, translated
from dateline.search.templates import RecordIndex, load_mapping

EXISTS = 409
NOT_FOUND = 404
MAX_DOCUMENTS_A_REQUEST = 2_000
# The HTTP client sends a body in one piece, and warns above 2**20 bytes: that holds up the loop.
MAX_REQUEST_BYTES = 1_000_000
# The second time the index is there, or was deleted under our hands.
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Document:
    """One document to create."""

    document_id: str
    source: Any


async def ensure_record_index(client: AsyncElasticsearch, index: RecordIndex) -> None:
    """Create ``index`` behind its alias; safe to repeat and from two processes.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    try:
        if await client.indices.exists_alias(name=index.alias):
            return
        await _create_index(client, index)
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DependencyUnavailable):
            raise meaning from error
        # Its limit of shards is reached, say: an operator can mend it.
        raise SearchUnavailable(
            f"Elasticsearch refuses to create {index.index_name}: {str(error)[:500]}."
        ) from error


async def _create_index(client: AsyncElasticsearch, index: RecordIndex) -> None:
    aliases = {index.alias: {"is_write_index": True}}
    try:
        await client.indices.create(
            index=index.index_name, aliases=aliases, **load_mapping(index.mapping_path)
        )
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
        await client.indices.put_alias(
            index=index.index_name, name=index.alias, is_write_index=True
        )


async def create_documents(
    client: AsyncElasticsearch, index: RecordIndex, documents: Sequence[Document]
) -> list[bool]:
    """Write those of ``documents`` whose id is free; return which were, in order.

    Of two with one id the first is written. When it returns, all are durable.

    Raises:
        SearchUnavailable, SearchThrottled: some may be written; try all again.
        DocumentRefused: a document does not fit the mapping.
    """
    created: list[bool] = []
    for rows in _requests([_lines(index.alias, each) for each in documents]):
        statuses = await _bulk(client, index, rows)
        created += [status != EXISTS for status in statuses]
    return created


_Row = tuple[bytes, bytes]  # action and source


def _requests(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Return the rows in parts; a row that is too large is a part of its own."""
    part: list[_Row] = []
    size_bytes = 0
    for row in rows:
        row_bytes = sum(len(line) + 1 for line in row)
        is_full = size_bytes + row_bytes > MAX_REQUEST_BYTES or len(part) >= MAX_DOCUMENTS_A_REQUEST
        if part and is_full:
            yield part
            part, size_bytes = [], 0
        part.append(row)
        size_bytes += row_bytes
    if part:
        yield part


async def _bulk(client: AsyncElasticsearch, index: RecordIndex, rows: Sequence[_Row]) -> list[int]:
    lines: list[Any] = [line for row in rows for line in row]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = await client.bulk(operations=lines)
        except (TransportError, ApiError) as error:
            raise translated(error) from error
        items = _items(answer.body, len(rows))
        if all(item["status"] != NOT_FOUND for item in items) or attempt == ATTEMPTS:
            break
        await ensure_record_index(client, index)
    for item in items:
        if item["status"] >= 300 and item["status"] != EXISTS:  # noqa: PLR2004 (HTTP)
            raise for_status(item["status"], item_reason(item))
    return [item["status"] for item in items]


def _lines(alias: str, document: Document) -> _Row:
    # Never let a missing alias become an index with guessed types.
    action = {"create": {"_index": alias, "_id": document.document_id, "require_alias": True}}
    return msgspec.json.encode(action), msgspec.json.encode(document.source)


def _items(body: Any, count: int) -> list[dict[str, Any]]:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) != count:
        # A proxy's page or a cut answer: what was applied is not known, and asking again is safe.
        raise SearchUnavailable("Elasticsearch's answer is no bulk response.")
    return [item["create"] for item in items]


async def get_documents(
    client: AsyncElasticsearch,
    index: RecordIndex,
    ids: Sequence[str],
    *,
    fields: Sequence[str] | None = None,
) -> dict[str, Mapping[str, Any]]:
    """Return the sources of those of ``ids`` that exist, by id, as they are now (realtime).

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for at in range(0, len(ids), MAX_DOCUMENTS_A_REQUEST):
        chunk = ids[at : at + MAX_DOCUMENTS_A_REQUEST]
        try:
            answer = await client.mget(index=index.alias, ids=list(chunk), source_includes=fields)
        except (TransportError, ApiError) as error:
            raise translated(error) from error
        for row in answer["docs"]:
            if row.get("found"):
                found[row["_id"]] = row["_source"]
            elif not is_absent(row):
                raise SearchUnavailable(f"Elasticsearch cannot read a document: {row['error']}.")
    return found


def is_absent(row: Mapping[str, Any]) -> bool:
    """Return whether a document that was not found is not there: its index may not be there."""
    return "error" not in row or row["error"].get("type") == "index_not_found_exception"


async def refresh(client: AsyncElasticsearch, index: RecordIndex) -> None:
    """Make what was written to ``index`` visible to searches; an index not yet made is fine.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    try:
        await client.indices.refresh(index=index.alias, ignore_unavailable=True)
    except (TransportError, ApiError) as error:
        raise translated(error) from error

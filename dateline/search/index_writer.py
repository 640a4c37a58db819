"""Write documents with an external version until each one is done (reliability.md rule 7)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from dateline.errors import (
    DatelineError,
    DependencyUnavailable,
    DocumentRefused,
    RecordRejected,
    SearchUnavailable,
)
from dateline.outcomes import Outcome
from dateline.records import EntityRecord, SearchDocument, StoryRecord
from dateline.search.failures import for_status, item_reason, translated
from dateline.search.templates import ArticlesIndex, ensure_index

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
# A third of the shortest allowed stages.stall_seconds: a longer pause must not look like a stall.
LONGEST_SILENCE_SECONDS = 10.0
VERSION_CONFLICT = 409
NOT_FOUND = 404
Indexed = SearchDocument | StoryRecord | EntityRecord


@dataclass(frozen=True, slots=True)
class _Item:
    position: int
    alias: str
    action: bytes
    source: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.action) + len(self.source) + 2


class IndexWriter:
    """Write batches of documents; one object a process."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        index: ArticlesIndex,
        *,
        max_bulk_bytes: int,
        retry_ceiling_seconds: float,
        on_wait: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._index = index
        self._max_bulk_bytes = max_bulk_bytes
        self._retry_ceiling_seconds = retry_ceiling_seconds
        self._on_wait = on_wait
        self._sleep = sleep

    async def write(self, documents: Sequence[Indexed]) -> list[Outcome | RecordRejected]:
        """Return one result a document, in order; returns only when each is done for good.

        ``INDEXED``: written. ``DUPLICATE``: the index has this revision or a newer one. A refusal
        that no retry can cure is returned, not raised. Transient faults are retried without limit,
        and only the items that failed are sent again.
        """
        results: list[Outcome | RecordRejected | None] = [None] * len(documents)
        pending = [self._item(i, document) for i, document in enumerate(documents)]
        attempt = 0
        while pending:
            again: list[_Item] = []
            failure: DependencyUnavailable | None = None
            for chunk in _chunks(pending, self._max_bulk_bytes):
                failed, error = await self._send(chunk, results)
                again.extend(failed)
                failure = error or failure
            pending = again
            attempt += 1
            # The first article of a month finds no index; it is made, and there is no need to wait.
            if pending and (failure or attempt > 1):
                await self._pause(attempt, len(pending), failure)
        return [result for result in results if result is not None]

    async def _pause(self, attempt: int, count: int, error: DependencyUnavailable | None) -> None:
        ceiling = min(self._retry_ceiling_seconds, FIRST_PAUSE_SECONDS * 2 ** min(attempt, 16))
        seconds = random.uniform(0, ceiling)  # noqa: S311 (full jitter, no secret)
        log.warning("try %d: %d documents wait: %s; %.1f s", attempt, count, error, seconds)
        while seconds > 0:
            self._on_wait()
            await self._sleep(min(seconds, LONGEST_SILENCE_SECONDS))
            seconds -= LONGEST_SILENCE_SECONDS

    def _item(self, position: int, document: Indexed) -> _Item:
        alias, document_id = self._place(document)
        action = {
            "index": {
                "_index": alias,
                "_id": document_id,
                "version": document.revision,
                "version_type": "external",
                # Never let a missing alias become an index with guessed types.
                "require_alias": True,
            }
        }
        return _Item(position, alias, msgspec.json.encode(action), msgspec.json.encode(document))

    def _place(self, document: Indexed) -> tuple[str, str]:
        """Return the alias through which a document is written, and its id."""
        match document:
            case SearchDocument():
                return self._index.write_alias(document.first_seen_at), document.article_id
            case StoryRecord():
                return self._index.stories.alias, document.story_id
            case EntityRecord():
                return self._index.entities.alias, document.entity_id

    async def _send(
        self, chunk: Sequence[_Item], results: list[Outcome | RecordRejected | None]
    ) -> tuple[list[_Item], DependencyUnavailable | None]:
        try:
            lines: list[Any] = [line for item in chunk for line in (item.action, item.source)]
            answer = await self._client.bulk(operations=lines)
        except (TransportError, ApiError) as error:
            meaning = translated(error)
            if isinstance(meaning, DependencyUnavailable):
                return list(chunk), meaning
            return await self._refused(chunk, meaning, results)
        details = _details(answer.body, len(chunk))
        if details is None:
            # A proxy's page or a cut answer: what was applied is not known, and does not matter.
            return list(chunk), SearchUnavailable("Elasticsearch's answer is no bulk response.")
        return await self._sorted(chunk, details, results)

    async def _refused(
        self,
        chunk: Sequence[_Item],
        meaning: DatelineError,
        results: list[Outcome | RecordRejected | None],
    ) -> tuple[list[_Item], DependencyUnavailable | None]:
        """Find the document for which a whole request was refused (400, 413) by halving it."""
        if len(chunk) == 1:
            results[chunk[0].position] = DocumentRefused(meaning.message)
            return [], None
        middle = len(chunk) // 2
        left, left_error = await self._send(chunk[:middle], results)
        right, right_error = await self._send(chunk[middle:], results)
        return [*left, *right], left_error or right_error

    async def _sorted(
        self,
        chunk: Sequence[_Item],
        details: Sequence[dict[str, Any]],
        results: list[Outcome | RecordRejected | None],
    ) -> tuple[list[_Item], DependencyUnavailable | None]:
        again: list[_Item] = []
        failure: DependencyUnavailable | None = None
        missing: set[str] = set()
        for item, detail in zip(chunk, details, strict=True):
            status = detail["status"]
            if status < 300:  # noqa: PLR2004 (HTTP)
                results[item.position] = Outcome.INDEXED
            elif status == VERSION_CONFLICT:
                results[item.position] = Outcome.DUPLICATE
            else:
                meaning = for_status(status, item_reason(detail))
                if isinstance(meaning, DocumentRefused):
                    results[item.position] = meaning
                    continue
                again.append(item)
                if status == NOT_FOUND:
                    missing.add(item.alias)
                elif isinstance(meaning, DependencyUnavailable):
                    failure = meaning
        for alias in sorted(missing):
            failure = await self._create_index(alias) or failure
        return again, failure

    async def _create_index(self, alias: str) -> DependencyUnavailable | None:
        try:
            await ensure_index(self._client, self._index, alias)
        except DependencyUnavailable as error:
            return error
        return None


def _details(body: Any, count: int) -> list[dict[str, Any]] | None:
    """Return what a bulk response says of each item, or None when it is no response to ours."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) != count:
        return None
    found = [item.get("index") if isinstance(item, dict) else None for item in items]
    details = [detail for detail in found if isinstance(detail, dict) and "status" in detail]
    return details if len(details) == count else None


def _chunks(items: Sequence[_Item], max_bytes: int) -> Iterator[list[_Item]]:
    chunk: list[_Item] = []
    size_bytes = 0
    for item in items:
        if chunk and size_bytes + item.size_bytes > max_bytes:
            yield chunk
            chunk, size_bytes = [], 0
        chunk.append(item)
        size_bytes += item.size_bytes
    if chunk:
        yield chunk

"""Documents of the small indices are written in requests of a bounded size."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from elasticsearch import AsyncElasticsearch

from dateline.search.record_documents import MAX_REQUEST_BYTES, Document, create_documents
from dateline.search.templates import RecordIndex

INDEX = RecordIndex(alias="things", mapping_path=Path("unused"), version=1)


class Server:
    """Answers bulk requests: what ``known`` holds is there already."""

    def __init__(self, known: frozenset[bytes] = frozenset()) -> None:
        self.requests: list[list[bytes]] = []
        self._known = known

    async def bulk(self, operations: list[bytes]) -> Any:
        self.requests.append(operations)
        statuses = [409 if source in self._known else 201 for source in operations[1::2]]
        return SimpleNamespace(body={"items": [{"create": {"status": each}} for each in statuses]})


def created(server: Server, *texts: str) -> list[bool]:
    rows = [Document(str(number), text) for number, text in enumerate(texts)]
    return asyncio.run(create_documents(cast("AsyncElasticsearch", server), INDEX, rows))


@pytest.mark.parametrize(
    ("sizes", "per_request"),
    [([10] * 3, [3]), ([400_000] * 5, [2, 2, 1]), ([10, 2 * MAX_REQUEST_BYTES, 10], [1, 1, 1])],
)
def test_request_stays_small_unless_one_document_is_larger(
    sizes: list[int], per_request: list[int]
) -> None:
    server = Server()

    created(server, *("x" * size for size in sizes))

    assert [len(lines) // 2 for lines in server.requests] == per_request
    for lines in server.requests:
        assert len(lines) == 2 or sum(map(len, lines)) <= MAX_REQUEST_BYTES


def test_result_is_in_order_across_requests() -> None:
    texts = [letter * 400_000 for letter in "abcd"]
    server = Server(known=frozenset({f'"{texts[1]}"'.encode(), f'"{texts[2]}"'.encode()}))

    assert created(server, *texts) == [True, False, False, True]
    assert len(server.requests) == 2


def test_nothing_to_write_asks_nobody() -> None:
    server = Server()

    assert created(server) == []
    assert server.requests == []

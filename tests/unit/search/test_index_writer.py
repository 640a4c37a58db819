from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web
from sample_documents import FIRST_SEEN_AT
from sample_records import at, sha

from dateline.endpoints import async_search_client
from dateline.errors import DocumentRefused, InvariantBroken, RecordRejected
from dateline.outcomes import Outcome
from dateline.records import SearchDocument
from dateline.search.index_writer import LONGEST_SILENCE_SECONDS, IndexWriter
from dateline.search.templates import ArticlesIndex
from dateline.settings import load_settings

INDEX = ArticlesIndex(read_alias="news-articles")
ALIAS = INDEX.write_alias(FIRST_SEEN_AT)
I, D = Outcome.INDEXED, Outcome.DUPLICATE  # noqa: E741 (short names for tables)


def document(number: int, revision: int = 1, **fields: Any) -> SearchDocument:
    row: dict[str, Any] = {
        "article_id": sha(str(number)), "source_id": "wire.example", "key": str(number),
        "revision": revision, "pub_status": "usable", "origin": "live", "story_id": "s",
        "story_aliases": (), "role": "original", "first_seen_at": FIRST_SEEN_AT,
        "observed_at": at(1), "updated_at": at(1), "content_sha256": sha("text"), "versions": (),
    }  # fmt: skip
    return SearchDocument(**(row | fields))


@dataclass
class Operation:
    """One document of a bulk request."""

    action: dict[str, Any]
    source: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.source["key"])


Answer = web.Response | None
Fault = Callable[[Sequence[Operation]], Answer]


class StubElasticsearch:
    """The few calls of Elasticsearch that are needed, and any fault in front of them."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.aliases = {ALIAS}
        self.templates = {INDEX.read_alias}
        self.requests: list[list[int]] = []
        self.created: list[str] = []
        self.put_aliases: list[str] = []
        self.faults: list[Fault | None] = []
        self.item_faults: dict[int, list[tuple[int, str]]] = {}
        self.creation_faults: list[web.Response] = []
        self.indices: set[str] = set()

    async def bulk(self, request: web.Request) -> web.Response:
        lines = [json.loads(line) for line in (await request.text()).splitlines()]
        operations = [
            Operation(action["index"], source)
            for action, source in zip(lines[::2], lines[1::2], strict=True)
        ]
        self.requests.append([operation.number for operation in operations])
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            answer = fault(operations)
            if answer is not None:
                return answer
        return self.applied(operations)

    def applied(self, operations: Sequence[Operation]) -> web.Response:
        items = [{"index": self._one(operation)} for operation in operations]
        errors = any(item["index"]["status"] >= 300 for item in items)
        return answered({"took": 1, "errors": errors, "items": items})

    def _one(self, operation: Operation) -> dict[str, Any]:
        assert operation.action["version_type"] == "external"
        assert operation.action["require_alias"] is True
        faults = self.item_faults.get(operation.number)
        if faults:
            status, kind = faults.pop(0)
            return {"status": status, "error": {"type": kind, "reason": "because"}}
        if operation.action["_index"] not in self.aliases:
            return {"status": 404, "error": {"type": "index_not_found_exception", "reason": "x"}}
        key, version = operation.action["_id"], operation.action["version"]
        if self.versions.get(key, 0) >= version:
            return {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
        self.versions[key] = version
        return {"status": 201}

    async def has_template(self, request: web.Request) -> web.Response:
        found = request.match_info["name"] in self.templates
        return answered({}, status=200 if found else 404)

    async def create(self, request: web.Request) -> web.Response:
        if self.creation_faults:
            return self.creation_faults.pop(0)
        index = request.match_info["index"]
        if index in self.indices:
            return refused("resource_already_exists_exception")
        self.created.append(index)
        self.aliases |= set((await request.json())["aliases"])
        return answered({"acknowledged": True})

    async def put_alias(self, request: web.Request) -> web.Response:
        self.put_aliases.append(request.match_info["name"])
        self.aliases.add(request.match_info["name"])
        return answered({"acknowledged": True})

    async def serve(self, port: int = 0) -> tuple[web.AppRunner, int]:
        app = web.Application(client_max_size=100_000_000)
        app.router.add_route("PUT", "/_bulk", self.bulk)
        app.router.add_route("POST", "/_bulk", self.bulk)
        app.router.add_route("HEAD", "/_index_template/{name}", self.has_template)
        app.router.add_route("PUT", "/{index}/_alias/{name}", self.put_alias)
        app.router.add_route("PUT", "/{index}", self.create)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        return runner, runner.addresses[0][1]


def answered(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        text=body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"X-Elastic-Product": "Elasticsearch"},
    )


def refused(kind: str, status: int = 400) -> web.Response:
    return answered({"error": {"type": kind, "reason": "because"}, "status": status}, status)


def page(status: int) -> web.Response:
    """Return what a proxy answers: HTML, and no product header."""
    return web.Response(status=status, text="<html>Maintenance</html>", content_type="text/html")


def always(answer: Callable[[], web.Response]) -> Fault:
    return lambda _operations: answer()


class Sleeps:
    def __init__(self, during: Callable[[], Awaitable[None]] | None = None) -> None:
        self.seconds: list[float] = []
        self._during = during

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._during is not None:
            await self._during()


async def write_all(
    port: int,
    documents: Sequence[SearchDocument],
    sleeps: Sleeps,
    *,
    max_bulk_bytes: int = 5_000_000,
    on_wait: Callable[[], None] = lambda: None,
    ceiling_seconds: float = 30.0,
) -> list[Outcome | RecordRejected]:
    settings = load_settings(environ={}, assignments=[f"elasticsearch.url=http://127.0.0.1:{port}"])
    client = async_search_client(settings)
    writer = IndexWriter(
        client,
        INDEX,
        max_bulk_bytes=max_bulk_bytes,
        retry_ceiling_seconds=ceiling_seconds,
        on_wait=on_wait,
        sleep=sleeps,
    )
    try:
        return await asyncio.wait_for(writer.write(documents), timeout=20)
    finally:
        await client.close()


def write(
    stub: StubElasticsearch, *documents: SearchDocument, **options: Any
) -> tuple[list[Outcome | RecordRejected], Sleeps]:
    sleeps = Sleeps()

    async def main() -> list[Outcome | RecordRejected]:
        runner, port = await stub.serve()
        try:
            return await write_all(port, documents, sleeps, **options)
        finally:
            await runner.cleanup()

    return asyncio.run(main()), sleeps


def test_documents_are_written_in_one_request_with_their_revision() -> None:
    stub = StubElasticsearch()

    results, sleeps = write(stub, document(1), document(2, revision=7))

    assert results == [I, I]
    assert stub.versions == {sha("1"): 1, sha("2"): 7}
    assert (len(stub.requests), sleeps.seconds) == (1, [])


def test_nothing_to_write_asks_nothing() -> None:
    stub = StubElasticsearch()

    assert write(stub)[0] == []
    assert stub.requests == []


def test_known_revision_is_a_duplicate() -> None:
    stub = StubElasticsearch()
    stub.versions = {sha("1"): 3}

    results, _ = write(
        stub, document(1, revision=2), document(1, revision=3), document(1, revision=4)
    )

    assert results == [D, D, I]


def test_requests_are_no_larger_than_the_limit() -> None:
    stub = StubElasticsearch()
    documents = [document(n, body="x" * 1000) for n in range(10)]

    results, _ = write(stub, *documents, max_bulk_bytes=5000)

    assert results == [I] * 10
    assert len(stub.requests) > 2
    assert sorted(n for request in stub.requests for n in request) == list(range(10))


def test_throttled_items_alone_are_sent_again() -> None:
    """reliability.md E2: amplification at most 1.3 with 20 % of the items throttled."""
    stub = StubElasticsearch()
    stub.item_faults = {n: [(429, "es_rejected_execution_exception")] for n in range(0, 50, 5)}

    results, sleeps = write(stub, *(document(n) for n in range(50)))

    assert results == [I] * 50
    assert stub.requests == [list(range(50)), list(range(0, 50, 5))]
    assert len(sleeps.seconds) == 1
    assert sum(map(len, stub.requests)) / 50 <= 1.3


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: refused("unavailable", 503), id="503"),
        pytest.param(lambda: refused("rejected", 429), id="429"),
        pytest.param(lambda: refused("exception", 500), id="500"),
        pytest.param(lambda: refused("gateway", 504), id="504"),
        pytest.param(lambda: refused("security_exception", 401), id="401"),
        pytest.param(lambda: refused("security_exception", 403), id="403"),
        pytest.param(lambda: page(502), id="502-page"),
        pytest.param(lambda: page(404), id="404-page"),
        pytest.param(lambda: page(407), id="407-page"),
        pytest.param(lambda: page(200), id="200-page-of-another-product"),
        pytest.param(
            lambda: web.Response(status=302, headers={"Location": "/login"}), id="302-to-a-login"
        ),
        pytest.param(lambda: answered('{"took": 1, "items": [{"ind'), id="cut-json"),
        pytest.param(lambda: answered(""), id="empty-answer"),
        pytest.param(lambda: answered("[]"), id="json-of-another-shape"),
        pytest.param(lambda: answered({"errors": False, "items": []}), id="items-missing"),
        pytest.param(
            lambda: answered({"errors": True, "items": [{"index": {}}, {}, {}]}), id="no-status"
        ),
    ],
)
def test_failed_request_is_waited_out(
    answer: Callable[[], web.Response], caplog: pytest.LogCaptureFixture
) -> None:
    stub = StubElasticsearch()
    stub.faults = [always(answer)] * 3

    results, sleeps = write(stub, document(1), document(2), document(3))

    assert results == [I, I, I]
    assert stub.requests == [[1, 2, 3]] * 4
    assert len(sleeps.seconds) == 3
    assert "3 documents wait: Elasticsearch" in caplog.text or "no JSON" in caplog.text


def test_page_after_good_answers_is_waited_out() -> None:
    """The client looks at the product header once only."""
    stub = StubElasticsearch()
    stub.faults = [None, always(lambda: page(200))]

    results, _ = write(stub, *(document(n, body="x" * 200) for n in range(2)), max_bulk_bytes=100)

    assert results == [I, I]
    assert stub.requests == [[0], [1], [1]]


def test_mixed_answer_sends_only_what_can_pass_again() -> None:
    stub = StubElasticsearch()
    stub.versions = {sha("2"): 9}
    stub.item_faults = {
        1: [(503, "unavailable_shards_exception")] * 2,
        3: [(400, "document_parsing_exception")],
        4: [(403, "cluster_block_exception")],
        5: [(500, "exception")],
    }

    results, _ = write(stub, *(document(n) for n in range(6)))

    assert results[0:3] == [I, I, D]
    assert isinstance(results[3], DocumentRefused)
    assert results[4:] == [I, I]
    assert stub.requests == [[0, 1, 2, 3, 4, 5], [1, 4, 5], [1]]


def test_mapping_conflict_refuses_that_document_only() -> None:
    stub = StubElasticsearch()
    stub.item_faults = {2: [(400, "document_parsing_exception")]}

    results, sleeps = write(stub, document(1), document(2), document(3))

    assert (results[0], results[2]) == (I, I)
    assert str(results[1]) == (
        "Elasticsearch refuses the document (400): document_parsing_exception: because"
    )
    assert (len(stub.requests), sleeps.seconds) == (1, [])


@pytest.mark.parametrize("status", [413, 400])
def test_request_refused_as_a_whole_is_halved_until_the_culprit_is_alone(status: int) -> None:
    stub = StubElasticsearch()

    def too_large(operations: Sequence[Operation]) -> Answer:
        return page(413) if status == 413 else refused("illegal_argument_exception")

    def fault(operations: Sequence[Operation]) -> Answer:
        return too_large(operations) if 5 in {o.number for o in operations} else None

    stub.faults = [fault] * 20

    results, sleeps = write(stub, *(document(n) for n in range(8)))

    assert [r for n, r in enumerate(results) if n != 5] == [I] * 7
    assert isinstance(results[5], DocumentRefused)
    assert stub.requests == [list(range(8)), [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [6, 7]]
    assert sleeps.seconds == []


def test_missing_index_is_created_and_written_without_a_pause() -> None:
    stub = StubElasticsearch()
    stub.aliases = set()

    results, sleeps = write(stub, document(1), document(2))

    assert results == [I, I]
    assert stub.created == ["news-articles-v2-2026.11"]
    assert stub.aliases == {"news-articles-2026.11"}
    assert sleeps.seconds == []


def test_lost_alias_is_put_back() -> None:
    stub = StubElasticsearch()
    stub.aliases = set()
    stub.indices = {"news-articles-v2-2026.11"}

    assert write(stub, document(1))[0] == [I]
    assert stub.put_aliases == ["news-articles-2026.11"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: refused("validation_exception"), id="limit-of-shards-reached"),
        pytest.param(lambda: refused("security_exception", 403), id="no-permission"),
        pytest.param(lambda: refused("unavailable", 503), id="away"),
    ],
)
def test_index_that_cannot_be_created_is_waited_for(answer: Callable[[], web.Response]) -> None:
    """No document is to blame; an operator mends it."""
    stub = StubElasticsearch()
    stub.aliases = set()
    stub.creation_faults = [answer(), answer()]

    results, sleeps = write(stub, document(1))

    assert results == [I]
    assert len(stub.created) == 1
    assert len(sleeps.seconds) >= 2


def test_index_is_never_created_without_its_template() -> None:
    """A server wiped under a running stage would guess the types; a restart puts the template."""
    stub = StubElasticsearch()
    stub.aliases, stub.templates = set(), set()

    with pytest.raises(InvariantBroken, match="index template news-articles is gone"):
        write(stub, document(1))
    assert stub.created == []


def test_server_that_is_down_is_waited_for() -> None:
    stub = StubElasticsearch()
    runners: list[web.AppRunner] = []

    async def main() -> tuple[list[Outcome | RecordRejected], Sleeps]:
        runner, port = await stub.serve()
        await runner.cleanup()

        async def come_back() -> None:
            if len(sleeps.seconds) == 3:
                runners.append((await stub.serve(port))[0])

        sleeps = Sleeps(come_back)
        results = await write_all(port, [document(1)], sleeps)
        await runners[0].cleanup()
        return results, sleeps

    results, sleeps = asyncio.run(main())

    assert results == [I]
    assert len(sleeps.seconds) == 3


@pytest.mark.parametrize("how", ["closed", "cut"])
def test_request_whose_answer_was_lost_is_repeated_without_harm(how: str) -> None:
    stub = StubElasticsearch()

    class Lost(StubElasticsearch):
        async def bulk(self, request: web.Request) -> web.Response:
            if self.requests:
                return await super().bulk(request)
            await super().bulk(request)
            assert request.transport is not None
            if how == "cut":
                request.transport.write(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n"
                    b'Content-Type: application/json\r\n\r\n{"took"'
                )
            request.transport.close()
            return web.Response()

    stub = Lost()
    results, _ = write(stub, document(1), document(2, revision=4))

    assert results == [D, D]
    assert stub.versions == {sha("1"): 1, sha("2"): 4}
    assert stub.requests == [[1, 2], [1, 2]]


def test_pauses_grow_to_the_ceiling_with_jitter() -> None:
    stub = StubElasticsearch()
    stub.faults = [always(lambda: refused("unavailable", 503))] * 40

    _, sleeps = write(stub, document(1), ceiling_seconds=2.0)

    assert len(sleeps.seconds) == 40
    assert sleeps.seconds[0] <= 1.0
    assert 1.0 < max(sleeps.seconds) <= 2.0


def test_a_long_pause_tells_of_itself() -> None:
    """Waiting is progress, also when the pause is longer than ``stages.stall_seconds``."""
    stub = StubElasticsearch()
    stub.faults = [always(lambda: refused("unavailable", 503))] * 20
    told: list[int] = []

    _, sleeps = write(stub, document(1), ceiling_seconds=300.0, on_wait=lambda: told.append(1))

    assert sum(sleeps.seconds) > 300
    assert max(sleeps.seconds) <= LONGEST_SILENCE_SECONDS
    assert len(told) >= len(sleeps.seconds)


def test_log_does_not_repeat_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="dateline")
    stub = StubElasticsearch()
    stub.faults = [always(lambda: answered('{"text": "' + "secret " * 500))]

    assert write(stub, document(1))[0] == [I]
    assert "secret " * 60 not in caplog.text


def test_documents_of_different_months_go_to_their_own_index() -> None:
    stub = StubElasticsearch()
    later = replace(document(2), first_seen_at=FIRST_SEEN_AT.replace(month=12))

    assert write(stub, document(1), later)[0] == [I, I]
    assert stub.created == ["news-articles-v2-2026.12"]

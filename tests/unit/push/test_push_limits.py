from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import random
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from push_doubles import AS_WIRE, KEY, KEYS, OTHER_KEY, Client, Room, served, until

from producers.push.push_app import PushOptions
from producers.push.request_body import GunzipLimited, RequestProblem

ARTICLE = {"id": "1", "text": "Body of one."}
GZIP = AS_WIRE | {"Content-Encoding": "gzip"}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


async def half_sent(client: Client, body: bytes, *, length: int) -> asyncio.StreamWriter:
    """Send the beginning of a request and leave the connection open."""
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = (
        f"POST /articles HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return writer


def test_push_limit_refuses_a_large_body_by_its_length(room: Room) -> None:
    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, max_body_bytes=1000)) as client:
            status, content, _ = await client.push({"text": "x" * 1000})
            assert (status, content["detail"]) == (413, "The body is over 1,000 bytes.")

    asyncio.run(scenario())


def test_push_limit_refuses_a_large_body_without_a_length(room: Room) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, max_body_bytes=10_000)) as client:
            status, _, _ = await client.push(endless())
            assert status == 413

    asyncio.run(scenario())


def test_push_limit_takes_a_gzip_body(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            # Two members: a valid file is whatever `cat a.gz b.gz` gives.
            whole = json.dumps(ARTICLE).encode()
            body = gzip.compress(whole[:9]) + gzip.compress(whole[9:])
            status, content, _ = await client.push(body, headers=GZIP)
            assert (status, content["accepted"]) == (200, 1)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(b"x" * 200_000_000), id="bomb"),
        pytest.param(gzip.compress(b"x" * 4_999_999) * 2, id="members"),
    ],
)
def test_push_limit_refuses_a_gzip_bomb_without_unpacking_it(room: Room, body: bytes) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            tracemalloc.start()
            try:
                status, _, _ = await client.push(body, headers=GZIP)
                _, peak_bytes = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert status == 413
            assert peak_bytes < 30_000_000

    asyncio.run(scenario())


def test_push_limit_does_not_unpack_the_bomb_of_a_stranger(room: Room) -> None:
    body = gzip.compress(b"x" * 200_000_000)

    async def scenario() -> None:
        async with served(room) as client:
            tracemalloc.start()
            try:
                status, _, _ = await client.push(body, headers={"Content-Encoding": "gzip"})
                _, peak_bytes = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert status == 401
            assert peak_bytes < 10_000_000

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(json.dumps(ARTICLE).encode())[:-5], id="cut"),
        pytest.param(gzip.compress(json.dumps(ARTICLE).encode()) + b"more", id="more"),
        pytest.param(zlib.compress(json.dumps(ARTICLE).encode()), id="zlib"),
        pytest.param(b"", id="empty"),
        pytest.param(gzip.compress(b"") * 101, id="members"),
    ],
)
def test_push_limit_refuses_a_broken_gzip_body(room: Room, body: bytes) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            status, _, _ = await client.push(body, headers=GZIP)
            assert status == 400
        assert room.writer.records == []

    asyncio.run(scenario())


@settings(deadline=None)
@given(
    parts=st.lists(st.binary(max_size=200), max_size=5),
    cuts=st.integers(min_value=1, max_value=20),
    max_bytes=st.integers(min_value=0, max_value=400),
)
def test_push_limit_unpacks_like_gzip_up_to_the_limit(
    parts: list[bytes], cuts: int, max_bytes: int
) -> None:
    data, packed = b"".join(parts), b"".join(gzip.compress(part) for part in parts)
    chunks = [packed[start : start + cuts] for start in range(0, len(packed), cuts)]
    if len(data) > max_bytes:
        with pytest.raises(RequestProblem, match="bytes"):
            unpacked(chunks, max_bytes)
    else:
        assert unpacked(chunks, max_bytes) == (data, bool(parts))


@given(st.binary(max_size=300))
def test_push_limit_gives_back_or_refuses_any_bytes(data: bytes) -> None:
    with contextlib.suppress(RequestProblem):
        assert len(unpacked([data], 1000)[0]) <= 1000


def unpacked(chunks: list[bytes], max_bytes: int) -> tuple[bytes, bool]:
    gunzip = GunzipLimited(max_bytes)
    return b"".join([gunzip.feed(chunk) for chunk in chunks]), gunzip.is_complete


def test_push_limit_refuses_too_many_lines_and_takes_none(room: Room) -> None:
    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, max_lines=10)) as client:
            body = b"\n".join(json.dumps(ARTICLE | {"id": n}).encode() for n in range(11))
            status, content, _ = await client.push(body, content_type="application/jsonl")
            assert (status, content["detail"]) == (
                413,
                "The body has over 10 lines. None was taken.",
            )
        assert room.writer.records == []

    asyncio.run(scenario())


def test_push_limit_answers_a_body_that_does_not_come(room: Room) -> None:
    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, body_seconds=0.1)) as client:
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            writer.write(
                b"POST /articles HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                b"Content-Type: application/json\r\nX-API-Key: " + KEY.encode() + b"\r\n\r\n{"
            )
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
            writer.close()

    asyncio.run(scenario())


def test_push_limit_logs_nothing_of_a_malformed_request(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            writer.write(b"POST /articles HTTP/1.1\r\nX-API-Key: \x00" + KEY.encode() + b"\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.0 400 ")
            writer.close()

    asyncio.run(scenario())
    assert KEY not in caplog.text


def test_push_limit_takes_nothing_of_a_client_that_goes_away(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, max_requests=4)) as client:
            whole = json.dumps(ARTICLE).encode()
            for _ in range(20):
                writer = await half_sent(client, whole, length=len(whole) + 1)
                writer.transport.abort()

            async def is_free() -> bool:
                return (await client.push(ARTICLE | {"id": "2"}))[0] == 200

            while not await is_free():
                await asyncio.sleep(0.01)
        assert [article.guid for article in room.writer.articles()] == ["2"]

    asyncio.run(scenario())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_push_limit_finishes_the_article_of_a_client_that_went_away_after_it(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            room.writer.is_up.clear()
            whole = json.dumps(ARTICLE).encode()
            writer = await half_sent(client, whole, length=len(whole))
            await until(room.writer.is_waited_for.is_set)
            writer.transport.abort()
            room.writer.is_up.set()
            await until(lambda: len(room.writer.records) == 1)
            status, content, _ = await client.push(ARTICLE)
            assert (status, content["unchanged"]) == (200, 1)

    asyncio.run(scenario())


def test_push_limit_turns_requests_away_above_its_number(room: Room) -> None:
    async def scenario() -> None:
        options = PushOptions(keys=KEYS, max_requests=4)
        async with served(room, options) as client:
            room.writer.is_up.clear()
            tasks = [asyncio.create_task(client.push(ARTICLE | {"id": str(n)})) for n in range(6)]
            await until(lambda: sum(task.done() for task in tasks) == 4)
            # The other client has a half of its own.
            other = asyncio.create_task(client.push(ARTICLE, headers={"X-API-Key": OTHER_KEY}))
            room.writer.is_up.set()
            answers = await asyncio.gather(*tasks, other)
        assert sorted(status for status, _, _ in answers) == [200] * 3 + [429] * 4
        assert {a.headers["Retry-After"] for status, _, a in answers if status == 429} == {"1"}
        assert answers[-1][0] == 200

    asyncio.run(scenario())


def test_push_limit_serves_a_hundred_clients_that_come_again_when_told(room: Room) -> None:
    async def one(client: Client, number: int) -> int:
        pick = random.Random(number)  # noqa: S311 (no secret)
        tries = 0
        while True:
            tries += 1
            body = b"\n".join(
                json.dumps({"id": f"{number}-{n}", "text": f"Text {n}."}).encode()
                for n in range(10)
            )
            key = KEY if number % 2 else OTHER_KEY
            status, content, answer = await client.push(
                gzip.compress(body),
                content_type="application/x-ndjson",
                headers={"X-API-Key": key, "Content-Encoding": "gzip"},
            )
            if status == 200:
                assert content["accepted"] + content["unchanged"] == 10
                return tries
            assert status == 429
            assert answer.headers["Retry-After"]
            await asyncio.sleep(pick.random() / 20)

    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, max_requests=16)) as client:
            tries = await asyncio.gather(*(one(client, number) for number in range(100)))
            assert max(tries) > 1  # some were turned away

    asyncio.run(scenario())
    assert len(room.writer.records) == 1000
    assert len({record.key for record in room.writer.records}) == 1000

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from push_doubles import AS_WIRE, KEY, KEYS, OTHER_KEY, Room, served, until

from dateline import ids
from dateline.errors import ConfigError
from producers.push.accept_articles import IntakeAccept
from producers.push.push_app import PushOptions, create_push_app
from producers.push.push_result import PushBusy, PushResult, TooManyArticles
from producers.push.push_server import open_push_server
from producers.source_lock import SourceLocks

ARTICLE = {"id": "1", "text": "Body of one.", "title": "One"}
OUTCOMES = ("accepted", "unchanged", "held", "skipped", "refused")
ANONYMOUS = PushOptions(is_anonymous_allowed=True)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def push(
    room: Room,
    body: Any,
    *,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    options: PushOptions | None = None,
) -> tuple[int, dict[str, Any], dict[str, str]]:
    async def scenario() -> tuple[int, dict[str, Any], dict[str, str]]:
        async with served(room, options) as client:
            status, content, answer = await client.push(
                body, content_type=content_type, headers=headers
            )
            return status, content, dict(answer.headers)

    return asyncio.run(scenario())


def lines(*items: dict[str, object]) -> bytes:
    return "".join(json.dumps(item) + "\n" for item in items).encode()


def test_push_takes_an_article_for_the_publisher_of_the_key(room: Room) -> None:
    status, content, _ = push(room, ARTICLE)
    [article] = room.writer.articles()
    assert (status, content["accepted"], content["refused"]) == (200, 1, 0)
    assert (article.source_id, article.key, article.title) == ("wire", "1", "One")
    assert article.article_id == ids.article_id("wire", "1")
    assert content["results"] == [
        {"line": 1, "outcome": "accepted", "article_id": article.article_id}
    ]
    assert room.writer.records[0].topic == "news.raw.v1"


def test_push_takes_the_same_article_again_as_unchanged(room: Room) -> None:
    for expected in ({"accepted": 1, "unchanged": 0}, {"accepted": 0, "unchanged": 1}):
        status, content, _ = push(room, ARTICLE)
        assert (status, {name: content[name] for name in expected}) == (200, expected)
    assert len(room.writer.records) == 1


def test_push_takes_another_text_as_a_version(room: Room) -> None:
    push(room, ARTICLE)
    push(room, ARTICLE | {"text": "Another."})
    first, second = room.writer.articles()
    assert (first.article_id, second.body) == (second.article_id, "Another.")


def test_push_never_writes_an_article_of_another_client(room: Room) -> None:
    push(room, ARTICLE)
    stolen = ARTICLE | {"text": "Forged.", "source": "wire"}
    status, _, _ = push(room, stolen, headers={"X-API-Key": OTHER_KEY})
    mine, forged = room.writer.articles()
    assert status == 200
    assert (mine.source_id, forged.source_id) == ("wire", "other")
    assert mine.article_id != forged.article_id


def test_push_takes_ninjs_and_its_withdrawal(room: Room) -> None:
    item = {
        "uri": "urn:example:1",
        "type": "text",
        "headline": "One",
        "body_text": "Body.",
        "pubstatus": "usable",
    }
    push(room, item)
    status, content, _ = push(room, item | {"pubstatus": "canceled"})
    assert (status, content["accepted"]) == (200, 1)
    assert len(room.writer.articles()) == 1
    assert len(room.writer.records) == 2


def test_push_sends_backfill_to_its_topic(room: Room) -> None:
    push(room, ARTICLE, headers=AS_WIRE | {"Dateline-Origin": "backfill"})
    [article] = room.writer.articles()
    assert article.origin == "backfill"
    assert room.writer.records[0].topic == "news.raw_backfill.v1"


def test_push_holds_an_embargoed_article(room: Room) -> None:
    status, content, _ = push(
        room,
        {
            "uri": "urn:example:1",
            "type": "text",
            "body_text": "Body.",
            "embargoed": "2027-01-01T00:00:00Z",
        },
    )
    assert (status, content["held"]) == (200, 1)
    assert content["results"][0]["reason"] == "embargoed until 2027-01-01T00:00:00+00:00"
    assert room.writer.records == []


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/jsonl"])
def test_push_answers_each_line(room: Room, content_type: str) -> None:
    push(room, ARTICLE)
    body = (
        lines(ARTICLE, {"id": "2", "text": "Two."})
        + b"\n{broken\n"
        + lines({"id": "3"}, {"id": "4", "text": "Four."})
    )
    status, content, _ = push(room, body, content_type=content_type)
    assert status == 207
    assert [(each["line"], each["outcome"]) for each in content["results"]] == [
        (1, "unchanged"),
        (2, "accepted"),
        (4, "refused"),
        (5, "refused"),
        (6, "accepted"),
    ]
    assert content["results"][2]["reason"].startswith("broken JSON: ")
    assert (content["accepted"], content["unchanged"], content["refused"]) == (2, 1, 2)


def test_push_answers_422_when_nothing_but_refusals_came(room: Room) -> None:
    status, content, headers = push(room, {"id": "1"})
    assert status == 422
    assert headers["Content-Type"].startswith("application/problem+json")
    assert content["title"] == "Unprocessable Entity"
    assert content["detail"] == content["results"][0]["reason"]
    assert room.writer.records == []


def test_push_tells_of_an_article_that_kafka_refuses(room: Room) -> None:
    room.writer.refuse_keys = {ids.article_id("wire", "1").encode()}
    body = lines(ARTICLE, {"id": "2", "text": "Two."})
    status, content, _ = push(room, body, content_type="application/jsonl")
    assert (status, content["accepted"], content["refused"]) == (207, 1, 1)
    assert content["results"][0] == {
        "line": 1,
        "outcome": "refused",
        "reason": "Kafka refuses the record",
    }


def test_push_answers_any_lines_with_a_result_for_each(room: Room) -> None:
    bodies = st.lists(st.binary(max_size=40) | st.from_regex(r'\{"text": ?".*"\}').map(str.encode))

    async def scenario() -> None:
        async with served(room) as client:
            loop = asyncio.get_running_loop()

            @settings(max_examples=50, deadline=None)
            @given(bodies)
            def check(body: list[bytes]) -> None:
                pushing = client.push(b"\n".join(body), content_type="application/jsonl")
                status, content, _ = asyncio.run_coroutine_threadsafe(pushing, loop).result()
                assert status in (200, 207, 422)
                assert sum(content[name] for name in OUTCOMES) == len(content["results"]) > 0

            await asyncio.to_thread(check)

    asyncio.run(scenario())


def test_push_answers_text_that_is_no_unicode(room: Room) -> None:
    body = rb"""{"id": "\ud800", "text": "x"}
{"text": "\udfff", "published_at": "\ud800"}
{"\ud800": 1}"""
    status, content, _ = push(room, body, content_type="application/jsonl")
    assert status == 422
    assert content["refused"] == 3


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"Authorization": "Bearer wrong-key-wrong-key"}, id="wrong"),
        pytest.param({"Authorization": f"Basic {KEY}"}, id="basic"),
        pytest.param({"Authorization": "Bearer"}, id="empty"),
        pytest.param({"X-API-Key": KEY + "x"}, id="longer"),
    ],
)
def test_push_answers_401_without_a_valid_key(room: Room, headers: dict[str, str]) -> None:
    status, content, answered = push(room, ARTICLE, headers=headers)
    assert status == 401
    assert answered["WWW-Authenticate"] == 'Bearer realm="dateline"'
    assert content["status"] == 401
    assert KEY not in json.dumps(content)
    assert room.writer.records == []


@pytest.mark.parametrize(
    ("content_type", "body", "headers", "status"),
    [
        pytest.param("text/plain", b"{}", {}, 415, id="plain"),
        pytest.param("application/json; charset=utf-16", b"{}", {}, 415, id="charset"),
        pytest.param("application/json", b"{}", {"Content-Encoding": "br"}, 415, id="brotli"),
        pytest.param("application/json", b"x", {"Content-Encoding": "gzip"}, 400, id="no-gzip"),
        pytest.param("application/json", b"{}", {"Dateline-Origin": "old"}, 400, id="origin"),
        pytest.param("application/json", b"[{}]", {}, 422, id="array"),
        pytest.param("application/json", b"", {}, 422, id="empty"),
        pytest.param("application/json", b"\xff\xfe{\x00}\x00", {}, 422, id="utf-16"),
        pytest.param("application/json", b"{" * 100_000, {}, 422, id="deep"),
        pytest.param("application/json", b"{\xff}", {}, 422, id="no-utf-8"),
        pytest.param("application/jsonl", b"", {}, 422, id="no-lines"),
        pytest.param("application/jsonl", b"\x00\n", {}, 422, id="binary"),
    ],
)
def test_push_answers_bad_requests_with_a_problem(
    room: Room, content_type: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    found, content, answered = push(
        room, body, content_type=content_type, headers=AS_WIRE | headers
    )
    assert (found, content["status"]) == (status, status)
    assert answered["Content-Type"].startswith("application/problem+json")
    assert content["detail"]


def test_push_answers_the_router_s_errors_as_problems(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            async with client.session.get("/articles") as answer:
                assert (answer.status, answer.headers["Allow"]) == (405, "POST")
                assert (await answer.json(content_type=None))["title"] == "Method Not Allowed"
            async with client.session.get("/nowhere") as answer:
                assert (await answer.json(content_type=None))["status"] == 404

    asyncio.run(scenario())


def test_push_answers_are_plain_for_browsers_and_name_no_versions(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client, client.session.get("/healthz") as answer:
            assert await answer.json() == {"status": "ok"}
            assert answer.headers["Server"] == "dateline"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    asyncio.run(scenario())


def test_push_answers_429_while_kafka_is_away_and_takes_the_article_once(room: Room) -> None:
    async def scenario() -> None:
        async with served(room, PushOptions(keys=KEYS, busy_seconds=0.2)) as client:
            room.writer.is_up.clear()
            status, _, answer = await client.push(ARTICLE)
            assert (status, answer.headers["Retry-After"]) == (429, "1")
            room.writer.is_up.set()
            await until(lambda: len(room.writer.records) == 1)
            status, content, _ = await client.push(ARTICLE)
            assert (status, content["unchanged"]) == (200, 1)

    asyncio.run(scenario())
    assert len(room.writer.records) == 1


def test_push_does_not_answer_2xx_before_kafka_has_acknowledged(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            room.writer.is_up.clear()
            task = asyncio.create_task(client.push(ARTICLE))
            await until(room.writer.is_waited_for.is_set)
            assert not task.done()
            room.writer.is_up.set()
            assert (await task)[0] == 200

    asyncio.run(scenario())


def test_push_answers_429_while_another_process_sends_the_source(room: Room) -> None:
    with SourceLocks(room.tmp_path) as locks:
        locks.acquire("wire")
        status, _, headers = push(room, ARTICLE)
    assert (status, headers["Retry-After"]) == (429, "30")


def test_push_answers_503_when_the_intake_has_ended(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            room.writer.is_up.clear()
            task = asyncio.create_task(client.push(ARTICLE))
            await until(room.writer.is_waited_for.is_set)
            room.writer.stop.set()  # what `Intake.stop` does first
            status, _, answer = await task
            assert (status, answer.headers["Retry-After"]) == (503, "10")

    asyncio.run(scenario())


def test_push_without_keys_does_not_start() -> None:
    with pytest.raises(ConfigError, match="has no API key") as caught:
        create_push_app(PushOptions(), unused)
    assert "DATELINE_PUSH_API_KEYS" in caught.value.hint


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.1", "news.example", ""])  # noqa: S104
def test_push_is_anonymous_on_loopback_only(bind: str) -> None:
    with pytest.raises(ConfigError, match="loopback only"):
        create_push_app(PushOptions(is_anonymous_allowed=True, bind=bind), unused)


@pytest.mark.parametrize("bind", ["127.0.0.1", "::1", "localhost"])
def test_push_takes_anonymous_articles_when_told_to(bind: str) -> None:
    create_push_app(PushOptions(is_anonymous_allowed=True, bind=bind), unused)


def test_push_gives_anonymous_articles_a_source_of_their_own(room: Room) -> None:
    status, _, _ = push(room, ARTICLE | {"source": "wire"}, headers={}, options=ANONYMOUS)
    assert status == 200
    assert room.writer.articles()[0].source_id == "push"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Host": "evil.example:8470"}, id="rebinding"),
        pytest.param({"Host": "evil.example"}, id="no-port"),
        pytest.param({"Origin": "https://evil.example"}, id="browser"),
        pytest.param({"X-Forwarded-For": "192.0.2.1"}, id="proxy"),
        pytest.param({"Forwarded": "for=192.0.2.1"}, id="proxy-rfc"),
    ],
)
def test_push_refuses_anonymous_requests_from_elsewhere(
    room: Room, headers: dict[str, str]
) -> None:
    status, _, _ = push(room, ARTICLE, headers=headers, options=ANONYMOUS)
    assert status == 403


def test_push_server_says_that_its_port_is_taken(room: Room) -> None:
    async def scenario() -> None:
        async with served(room) as client:
            app = create_push_app(PushOptions(keys=KEYS), unused)
            with pytest.raises(ConfigError, match=f"listen on 127.0.0.1 port {client.port}"):
                async with open_push_server(app, bind="127.0.0.1", port=client.port):
                    pytest.fail("it has started")

    asyncio.run(scenario())


async def unused(source_id: str, data: bytes, format_: str, *, is_backfill: bool) -> PushResult:
    raise NotImplementedError


def test_push_is_busy_when_the_intake_has_no_place(room: Room) -> None:
    async def scenario() -> None:
        async with room.intake(max_jobs=1, busy_seconds=0.05) as intake:
            accept = IntakeAccept(intake, max_line_bytes=1000, max_articles=2)
            room.writer.is_up.clear()
            body = json.dumps(ARTICLE).encode()
            first = asyncio.create_task(accept("wire", body, "json", is_backfill=False))
            await until(lambda: intake.is_full)
            with pytest.raises(PushBusy):
                await accept("wire", body, "json", is_backfill=False)
            with pytest.raises(TooManyArticles):
                await accept("wire", b"{}\n{}\n{}", "jsonl", is_backfill=False)
            room.writer.is_up.set()
            assert (await first).count("accepted") == 1

    asyncio.run(scenario())

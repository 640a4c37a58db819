"""What a server may send, and what it may cost."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from fetch_servers import LOCAL, names, problem_of, raw_answer, serve, serve_raw

from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.http_client import HttpOptions, open_http_client
from producers.fetch.http_problems import to_problem

QUICK = replace(LOCAL, connect_timeout_seconds=0.3, total_timeout_seconds=0.5)


def answer_to(data: bytes, options: HttpOptions = LOCAL, **more: object) -> Fetched | FetchProblem:
    """Return what a client makes of a connection that sends ``data`` and closes."""

    async def main() -> Fetched | FetchProblem:
        async with serve_raw(raw_answer(data)) as site, open_http_client(options) as client:
            try:
                return await client.get(site.url(), **more)  # type: ignore[arg-type]
            except FetchProblem as problem:
                return problem

    return asyncio.run(main())


def http(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def kind_of(result: Fetched | FetchProblem) -> str:
    assert isinstance(result, FetchProblem), result
    return result.kind


def body_of(result: Fetched | FetchProblem) -> bytes:
    assert isinstance(result, Fetched), result
    return result.body


def test_http_client_says_who_it_is_and_keeps_no_cookies() -> None:
    async def handler(request: web.Request) -> web.Response:
        response = web.Response(text="hello", headers={"X-Two": "a"})
        response.headers.add("X-Two", "b")
        response.set_cookie("session", "1")
        return response

    async def main() -> None:
        async with serve(handler) as site, open_http_client(LOCAL) as client:
            given = {"If-None-Match": '"1"', "User-Agent": "x", "Accept-Encoding": "br"}
            answer = await client.get(site.url("/a?b=c"), headers=given)
            await client.get(site.url())

        assert answer.headers["x-two"] == "a, b"
        assert (answer.status, answer.body, answer.seconds > 0) == (200, b"hello", True)
        assert answer.url == answer.final_url == answer.permanent_url == site.url("/a?b=c")
        assert site.headers[0]["user-agent"] == "Dateline/test"
        assert site.headers[0]["accept-encoding"] == "gzip, deflate"
        assert site.headers[0]["if-none-match"] == '"1"'
        assert "cookie" not in site.headers[1]

    asyncio.run(main())


@pytest.mark.parametrize("status", [204, 304, 400, 404, 410, 429, 500, 503])
def test_http_client_returns_every_status_as_an_answer(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "7"})

    async def main() -> None:
        async with serve(handler) as site, open_http_client(LOCAL) as client:
            answer = await client.get(site.url())

        assert (answer.status, answer.body, answer.headers["retry-after"]) == (status, b"", "7")

    asyncio.run(main())


def test_http_client_takes_304_without_a_body_whatever_its_headers_say() -> None:
    head = b"HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"
    result = answer_to(head)

    assert body_of(result) == b""


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"news " * 50)),
        ("x-gzip", gzip.compress(b"news " * 50)),
        ("GZIP", gzip.compress(b"news " * 25) + gzip.compress(b"news " * 25)),
        ("gzip", gzip.compress(b"news " * 50) + b"\0\0\0 padding"),
        ("deflate", zlib.compress(b"news " * 50)),
        ("deflate", zlib.compress(b"news " * 50, wbits=-15)),
        ("identity", b"news " * 50),
        ("", b"news " * 50),
    ],
)
def test_http_client_unpacks_bodies(encoding: str, packed: bytes) -> None:
    assert body_of(answer_to(http(packed, f"Content-Encoding: {encoding}"))) == b"news " * 50


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        pytest.param("gzip", gzip.compress(b"news " * 50)[:-6], id="cut-gzip"),
        pytest.param("gzip", gzip.compress(b"news " * 50)[:1], id="one-byte"),
        pytest.param("gzip", b"<rss/>", id="not-packed"),
        pytest.param("gzip", gzip.compress(b"news " * 50)[:-8] + b"\0" * 8, id="wrong-checksum"),
        pytest.param("deflate", b"\x00\xff\xff", id="broken-deflate"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(b"x")), id="twice"),
        pytest.param("br", b"\x0b\x02\x80news\x03", id="brotli"),
        pytest.param("zstd", b"\x28\xb5\x2f\xfd", id="zstd"),
        pytest.param("gzip", gzip.compress(b"") * 5000, id="many-members"),
    ],
)
def test_http_client_refuses_broken_or_unwanted_encodings(encoding: str, packed: bytes) -> None:
    assert kind_of(answer_to(http(packed, f"Content-Encoding: {encoding}"))) == "protocol"


def test_http_client_stops_a_gzip_bomb_by_its_ratio() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    started_at = time.monotonic()

    result = answer_to(http(bomb, "Content-Encoding: gzip"))

    assert str(result) == "too_large: unpacks to over 100 times its size"
    assert time.monotonic() - started_at < 5


def test_http_client_stops_a_bomb_of_bombs_by_its_size() -> None:
    noise = bytes(range(256)) * 4
    bomb = gzip.compress(noise * 20_000, 1)
    options = replace(LOCAL, max_ratio=100_000, max_body_bytes=1_000_000)

    result = answer_to(http(bomb, "Content-Encoding: gzip"), options)

    assert str(result) == "too_large: more than 1000000 bytes unpacked"


def test_http_client_takes_a_high_ratio_of_a_small_body() -> None:
    body = b" " * 900_000

    assert body_of(answer_to(http(gzip.compress(body), "Content-Encoding: gzip"))) == body


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(http(b"x" * 2001), id="stated"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2001, id="until-close"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\nhello\r\n" * 500,
            id="chunked",
        ),
    ],
)
def test_http_client_refuses_or_cuts_large_bodies(data: bytes) -> None:
    assert kind_of(answer_to(data, max_body_bytes=2000)) == "too_large"
    assert len(body_of(answer_to(data, max_body_bytes=2000, is_cut_allowed=True))) == 2000


def test_http_client_does_not_wait_for_an_endless_body_it_may_cut() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    async def main() -> None:
        async with serve_raw(endless) as site, open_http_client(LOCAL) as client:
            answer = await client.get(site.url(), max_body_bytes=50_000, is_cut_allowed=True)
            problem = await problem_of(client.get(site.url(), max_body_bytes=50_000))

        assert (len(answer.body), problem.kind) == (50_000, "too_large")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"", "connection", id="nothing"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", "protocol", id="no-http"),
        pytest.param(b"HTTP/9.9 200 OK\r\n\r\n", "protocol", id="version"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", "protocol", id="status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "protocol", id="short"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", "protocol", id="longer"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc", "protocol", id="length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", "protocol", id="minus"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "protocol", id="chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhel", "protocol", id="hex"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "protocol", id="long-header"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 100_000 + b"\r\n", "protocol", id="many-headers"
        ),
        pytest.param(b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\n\r\n", "protocol", id="long-reason"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX\0: a\r\n\r\n", "protocol", id="nul"),
    ],
)
def test_http_client_survives_what_is_no_http(data: bytes, kind: str) -> None:
    assert kind_of(answer_to(data)) == kind


def test_http_client_reads_headers_that_are_no_utf8() -> None:
    result = answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Title: caf\xe9\r\n\r\n")

    assert isinstance(result, Fetched)
    assert result.headers["x-title"] == "café"


def test_http_client_stops_endless_headers() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 100)
            await writer.drain()

    async def main() -> None:
        async with serve_raw(endless) as site, open_http_client(LOCAL) as client:
            assert (await problem_of(client.get(site.url()))).kind == "protocol"

    asyncio.run(main())


async def _drip_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)  # the pace of the attack


async def _drip_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _continue_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.005)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("script", [_drip_body, _drip_headers, _continue_for_ever, _silent])
def test_http_client_gives_up_on_slow_servers(script: object) -> None:
    async def main() -> None:
        async with serve_raw(script) as site, open_http_client(QUICK) as client:  # type: ignore[arg-type]
            started_at = time.monotonic()
            assert (await problem_of(client.get(site.url()))).kind == "timeout"
            assert time.monotonic() - started_at < 5

    asyncio.run(main())


def test_http_client_counts_the_time_of_all_hops_but_not_the_waiting_between() -> None:
    async def slow_hops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        number = int(head.split(b" ")[1][1:] or b"0")
        await asyncio.sleep(0.2)  # a slow server
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nConnection: close\r\n\r\n" % (number + 1)
        )

    waits: list[str] = []

    @asynccontextmanager
    async def waiting(url: str) -> AsyncIterator[None]:
        waits.append(url)
        await asyncio.sleep(0.4)  # a long turn
        yield

    async def main() -> None:
        async with serve_raw(slow_hops) as site, open_http_client(QUICK) as client:
            problem = await problem_of(client.get(site.url(), on_hop=waiting))

        assert (problem.kind, len(waits)) == ("timeout", 3)

    asyncio.run(main())


def test_http_client_says_when_nobody_listens() -> None:
    async def main() -> None:
        async with serve_raw(_silent) as site:
            pass
        async with open_http_client(LOCAL) as client:
            problem = await problem_of(client.get(site.url()))

        assert str(problem) == "connection: Connection refused"

    asyncio.run(main())


async def _follow(request: web.Request) -> web.Response:
    """Redirect as the path says: /301/302/end."""
    status, _, rest = request.path.strip("/").partition("/")
    if status.isdigit():
        return web.Response(status=int(status), headers={"Location": f"/{rest}"})
    return web.Response(text="arrived")


@pytest.mark.parametrize(
    ("path", "permanent"),
    [
        ("/end", "/end"),
        ("/301/end", "/end"),
        ("/308/301/end", "/end"),
        ("/302/end", "/302/end"),
        ("/301/302/end", "/302/end"),
        ("/302/301/end", "/302/301/end"),
        ("/303/307/end", "/303/307/end"),
    ],
)
def test_http_client_tells_permanent_moves_from_others(path: str, permanent: str) -> None:
    async def main() -> None:
        async with serve(_follow) as site, open_http_client(LOCAL) as client:
            answer = await client.get(site.url(path))

        assert (answer.url, answer.final_url) == (site.url(path), site.url("/end"))
        assert answer.permanent_url == site.url(permanent)

    asyncio.run(main())


def test_http_client_follows_five_redirects_and_no_more() -> None:
    async def main() -> None:
        async with serve(_follow) as site, open_http_client(LOCAL) as client:
            assert (await client.get(site.url("/302" * 5 + "/end"))).body == b"arrived"
            problem = await problem_of(client.get(site.url("/302" * 6 + "/end")))

        assert str(problem) == "redirects: more than 5"

    asyncio.run(main())


def test_http_client_sees_circles() -> None:
    async def circle(request: web.Request) -> web.Response:
        other = "/b" if request.path == "/a" else "/a#again"
        return web.Response(status=302, headers={"Location": other})

    async def main() -> None:
        async with serve(circle) as site, open_http_client(LOCAL) as client:
            problem = await problem_of(client.get(site.url("/a")))

        assert (str(problem), site.paths) == ("redirects: in a circle", ["/a", "/b"])

    asyncio.run(main())


def test_http_client_returns_redirects_that_name_no_place() -> None:
    assert body_of(answer_to(http(b"moved", status="301 Moved"))) == b"moved"


def test_http_client_keeps_credentials_from_other_origins() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/start":
            to = f"http://two.example:{request.url.port}/end"
            return web.Response(status=302, headers={"Location": to})
        return web.Response()

    async def main() -> None:
        lookup = names(one="127.0.0.1", two="127.0.0.1")
        async with serve(handler) as site, open_http_client(LOCAL, lookup=lookup) as client:
            given = {"Authorization": "Bearer x", "If-None-Match": '"1"'}
            await client.get(site.url("/start", host="one.example"), headers=given)

        assert site.headers[0]["authorization"] == "Bearer x"
        assert "authorization" not in site.headers[1]
        assert site.headers[1]["if-none-match"] == '"1"'
        assert site.requests == ["one.example /start", "two.example /end"]

    asyncio.run(main())


@pytest.mark.parametrize(
    "headers", [{"If-None-Match": "a\r\nX: y"}, {"A b": "c"}, {"A": "\udce9"}, {"A\n": "b"}]
)
def test_http_client_refuses_headers_that_would_split(headers: dict[str, str]) -> None:
    async def main() -> None:
        async with serve(_follow) as site, open_http_client(LOCAL) as client:
            problem = await problem_of(client.get(site.url("/end"), headers=headers))

        assert (problem.kind, site.requests) == ("protocol", [])

    asyncio.run(main())


def test_http_client_posts_and_follows_nothing() -> None:
    bodies: list[bytes] = []

    async def hub(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(status=307, headers={"Location": "/other"})

    async def main() -> None:
        async with serve(hub) as site, open_http_client(LOCAL) as client:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = await client.post(site.url("/hub"), body=b"hub.mode=subscribe", headers=form)

        assert (answer.status, bodies, site.paths) == (307, [b"hub.mode=subscribe"], ["/hub"])
        assert site.headers[0]["content-type"] == "application/x-www-form-urlencoded"

    asyncio.run(main())


def test_http_client_verifies_certificates(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=secure.example", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def main() -> None:
        server = await asyncio.start_server(raw_answer(http(b"x")), "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with server, open_http_client(LOCAL, lookup=names(secure="127.0.0.1")) as client:
            problem = await problem_of(client.get(f"https://secure.example:{port}/"))
        assert problem.kind == "tls"
        assert "self-signed" in problem.message

    asyncio.run(main())


def test_http_client_says_when_there_is_no_tls() -> None:
    async def main() -> None:
        async with (
            serve_raw(raw_answer(http(b"x"))) as site,
            open_http_client(QUICK) as client,
        ):
            problem = await problem_of(client.get(site.url().replace("http:", "https:")))
        assert problem.kind in ("tls", "timeout")

    asyncio.run(main())


def test_http_client_cancelled_leaves_nothing_open() -> None:
    async def main() -> None:
        async with serve_raw(_silent) as site, open_http_client(LOCAL) as client:
            task = asyncio.create_task(client.get(site.url()))
            while not site.connections:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())


def test_to_problem_knows_every_error_of_the_library() -> None:
    def below(parent: type[Exception]) -> set[type[Exception]]:
        return {parent}.union(*(below(child) for child in parent.__subclasses__()))

    for error_type in below(aiohttp.ClientError) | {TimeoutError, OSError, ValueError}:
        problem = to_problem(error_type.__new__(error_type))
        assert problem.kind in {"timeout", "dns", "url", "tls", "connection", "protocol"}

"""Take articles over HTTP: an answer of 2xx means that Kafka has every accepted one."""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from dateline.errors import ConfigError
from producers.parsed import Format
from producers.push.api_keys import HINT, ApiKey, find_api_key
from producers.push.connection_gate import client_of
from producers.push.problem_json import answer_problems, harden, problem
from producers.push.push_result import Accept, PushBusy, PushClosed, PushResult, TooManyArticles
from producers.push.request_body import RequestProblem, read_body
from producers.push.wrong_keys import WrongKeys

FORMATS: dict[str, Format] = {
    "application/json": "json",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
}
ORIGIN_HEADER = "Dateline-Origin"
ANONYMOUS_SOURCE = "push"
# A proxy in front makes the whole world look like this machine.
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOptions:
    """Who may push, and how much.

    ``busy_seconds`` is how long a request waits for Kafka before it is answered with 429;
    ``body_seconds`` how long a body may take to arrive. ``max_requests`` are worked on at once, at
    most half of them of one client where there are several. After ``max_wrong_keys`` of one address
    in a minute its requests are answered with 429, right keys that it used before excepted.
    """

    keys: tuple[ApiKey, ...] = ()
    bind: str = "127.0.0.1"
    is_anonymous_allowed: bool = False
    max_body_bytes: int = 5_000_000
    max_lines: int = 1000
    busy_seconds: float = 10.0
    body_seconds: float = 30.0
    max_requests: int = 32
    max_wrong_keys: int = 10


def create_push_app(options: PushOptions, accept: Accept) -> web.Application:
    """Return the application with ``POST /articles`` and ``GET /healthz``.

    Serve it with `producers.push.push_server.open_push_server`.

    Raises:
        ConfigError: there is no key, and anonymous clients are not allowed or not only local.
    """
    _check(options)
    endpoint = _Endpoint(options, accept)
    app = web.Application(middlewares=[answer_problems])
    app.on_response_prepare.append(harden)
    app.router.add_post("/articles", endpoint.post_articles)
    app.router.add_get("/healthz", _healthz)
    return app


def is_loopback(host: str) -> bool:
    """Return whether ``host`` (a name or an address) is this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check(options: PushOptions) -> None:
    if options.keys:
        return
    if not options.is_anonymous_allowed:
        raise ConfigError("the push endpoint has no API key.", hint=HINT)
    if not is_loopback(options.bind):
        raise ConfigError(
            f"push.allow_anonymous is for loopback only, and push.bind is {options.bind}.",
            hint=HINT,
        )


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


class _Endpoint:
    def __init__(self, options: PushOptions, accept: Accept) -> None:
        self._options = options
        self._accept = accept
        self._active: Counter[str] = Counter()
        self._wrong_keys = WrongKeys(max_count=options.max_wrong_keys)

    async def post_articles(self, request: web.Request) -> web.Response:
        source_id = self._client(request)
        format_ = _format(request)
        is_backfill = _is_backfill(request)
        with self._place(source_id):
            data = await read_body(
                request,
                max_bytes=self._options.max_body_bytes,
                max_seconds=self._options.body_seconds,
                is_gzip_allowed=True,
            )
            _check_body(data, format_, max_lines=self._options.max_lines)
            try:
                async with asyncio.timeout(self._options.busy_seconds):
                    result = await self._accept(source_id, data, format_, is_backfill=is_backfill)
            except TimeoutError:
                raise _busy(self._options.busy_seconds) from None
            except PushBusy as busy:
                raise _busy(busy.retry_after_seconds) from busy
            except PushClosed as closed:
                raise RequestProblem(
                    503, "Dateline is stopping.", headers={hdrs.RETRY_AFTER: "10"}
                ) from closed
            except TooManyArticles as many:
                raise _too_many(self._options.max_lines) from many
        return _answer(result)

    def _client(self, request: web.Request) -> str:
        """Return the publisher that this client may write for."""
        if not self._options.keys:
            _check_local(request)
            return ANONYMOUS_SOURCE
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        secret = token.strip() if scheme.lower() == "bearer" else ""
        secret = secret or request.headers.get("X-API-Key", "")
        key = find_api_key(self._options.keys, secret)
        client = client_of(request.remote)
        if (wait_seconds := self._wrong_keys.wait_seconds(client, key)) > 0:
            raise _throttled(wait_seconds)
        if key is not None or secret:
            self._wrong_keys.note(client, key)
        if key is None:
            raise RequestProblem(
                401,
                "Give a valid API key: `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
                headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="dateline"'},
            )
        return key.source_id

    @contextmanager
    def _place(self, source_id: str) -> Iterator[None]:
        is_shared = len({key.source_id for key in self._options.keys}) > 1
        own_limit = max(1, self._options.max_requests // (2 if is_shared else 1))
        if (
            self._active.total() >= self._options.max_requests
            or self._active[source_id] >= own_limit
        ):
            raise _busy(1)
        self._active[source_id] += 1
        try:
            yield
        finally:
            self._active[source_id] -= 1


def _check_local(request: web.Request) -> None:
    """Refuse what a browser or a proxy may have carried here from elsewhere."""
    host = request.host if request.host.endswith("]") else request.host.rpartition(":")[0]
    if not is_loopback(host or request.host):
        raise RequestProblem(403, "Without API keys only this machine may push.")
    if hdrs.ORIGIN in request.headers or any(name in request.headers for name in PROXY_HEADERS):
        raise RequestProblem(403, "Without API keys neither browsers nor proxies may push.")


def _format(request: web.Request) -> Format:
    format_ = FORMATS.get(request.content_type)
    charset = (request.charset or "utf-8").lower()
    if format_ is None or charset not in ("utf-8", "utf8", "us-ascii"):
        raise RequestProblem(
            415,
            f"Send UTF-8 as {', '.join(FORMATS)}.",
            headers={"Accept-Post": ", ".join(FORMATS)},
        )
    return format_


def _is_backfill(request: web.Request) -> bool:
    origin = request.headers.get(ORIGIN_HEADER, "live").strip().lower()
    if origin not in ("live", "backfill"):
        raise RequestProblem(400, f"{ORIGIN_HEADER} is `live` or `backfill`.")
    return origin == "backfill"


def _check_body(data: bytes, format_: Format, *, max_lines: int) -> None:
    if format_ == "jsonl":
        if data.count(b"\n") + (not data.endswith(b"\n")) > max_lines:
            raise _too_many(max_lines)
    elif not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        # Also an array: its results would have no lines to go by, and no limit to their number.
        raise RequestProblem(
            422, "The body is no JSON object. Send several articles as application/x-ndjson."
        )


def _too_many(max_lines: int) -> RequestProblem:
    return RequestProblem(413, f"The body has over {max_lines:,} lines. None was taken.")


def _busy(retry_after_seconds: float) -> RequestProblem:
    return RequestProblem(
        429,
        "Busy. Send the same again later: what is known already is not taken twice.",
        headers={hdrs.RETRY_AFTER: str(max(1, math.ceil(retry_after_seconds)))},
    )


def _throttled(wait_seconds: float) -> RequestProblem:
    return RequestProblem(
        429,
        "Too many wrong API keys came from this address.",
        headers={hdrs.RETRY_AFTER: str(math.ceil(wait_seconds))},
    )


def _answer(result: PushResult) -> web.Response:
    """Return 200 for all taken, 207 for some refused, 422 for nothing but refusals."""
    counts = {
        name: result.count(name) for name in ("accepted", "unchanged", "held", "skipped", "refused")
    }
    content: dict[str, Any] = {
        **counts,
        "results": [
            {
                name: value
                for name, value in (
                    ("line", line.line),
                    ("outcome", line.outcome),
                    ("reason", line.reason or None),
                    ("article_id", line.article_id),
                )
                if value is not None
            }
            for line in result.lines
        ],
    }
    if not counts["refused"]:
        return web.json_response(content)
    if counts["refused"] < len(result.lines):
        return web.json_response(content, status=207)
    return problem(422, result.lines[0].reason, extra=content)

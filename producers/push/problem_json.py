"""Answer errors as JSON (RFC 9457) and keep every answer plain for browsers and caches."""

from __future__ import annotations

import http
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from producers.push.request_body import RequestProblem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> web.Response:
    """Return an error answer: ``type``, ``title``, ``status``, ``detail`` and ``extra``."""
    content = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **(extra or {}),
    }
    return web.Response(
        status=status,
        # In ASCII: half a surrogate pair of a client's text can be quoted.
        text=json.dumps(content),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn our errors and the router's (404, 405) into problem answers."""
    try:
        return await handler(request)
    except RequestProblem as found:
        answer = problem(found.status, found.detail, headers=found.headers)
        if found.status == http.HTTPStatus.REQUEST_TIMEOUT:
            answer.force_close()  # the rest of the body may never come
        return answer
    except web.HTTPException as found:
        if found.status < http.HTTPStatus.BAD_REQUEST:
            raise
        kept = {"Allow": found.headers["Allow"]} if "Allow" in found.headers else None
        return problem(found.status, found.reason, headers=kept)


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """Name no versions; let no browser guess a type and no cache keep an answer."""
    response.headers["Server"] = "dateline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"

"""Stand in front of the application: who is asked, who asks, and headers of every answer.

A page of another site may send requests to this machine, and with a name of its own that resolves
to 127.0.0.1 (DNS rebinding) even read the answers. So the host must be ours, and what changes
something must come from our own pages or from no page at all.
"""

from __future__ import annotations

import http
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dateline.web.bind import host_name
from dateline.web.problems import RequestProblem, problem_response

READING = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with it browsers hide the origin of our own form, too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def refused(method: str, headers: Headers, hosts: Collection[str]) -> str:
    """Return why a request is not let in; empty: it is."""
    named = headers.getlist("host")
    if len(named) != 1 or host_name(named[0]) not in hosts:
        return "This is not the host that you asked for."
    if method in READING:
        return ""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "Another site's page may change nothing here."
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != named[0].lower():
        return "Another site's page may change nothing here."
    return ""


class Guard:
    """An ASGI middleware; ``hosts`` are the names under which we may be asked."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        reason = refused(scope["method"], Headers(scope=scope), self._hosts)
        if reason:
            status = http.HTTPStatus.FORBIDDEN
            answer = problem_response(RequestProblem(status, reason))
            await answer(scope, receive, hardened)
        else:
            await self._app(scope, receive, hardened)

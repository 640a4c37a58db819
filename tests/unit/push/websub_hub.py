"""A real hub on loopback, as far as a subscriber can tell."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web


@dataclass
class Hub:
    """Takes requests, and verifies, denies and delivers when a test says so."""

    session: aiohttp.ClientSession
    lease_seconds: str = "1000"
    status: int = 202
    location: str = ""
    is_synchronous: bool = False
    requests: list[dict[str, str]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, str]:
        return self.requests[-1]

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/hub", self._take)
        app.router.add_post("/moved", self._redirect)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(form)
        if self.is_synchronous:
            await self.verify()
        return web.Response(status=self.status)

    async def _redirect(self, _request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": self.location})

    async def verify(self, **changes: str) -> tuple[int, str, str]:
        """Return status, body and content type of the subscriber's answer."""
        query = {
            "hub.mode": self.last["hub.mode"],
            "hub.topic": self.last["hub.topic"],
            "hub.challenge": secrets.token_hex(),
            "hub.lease_seconds": self.lease_seconds,
        }
        query |= {f"hub.{name}": value for name, value in changes.items()}
        async with self.session.get(self.last["hub.callback"], params=query) as answer:
            text = await answer.text()
            is_echoed = answer.status == 200 and text == query["hub.challenge"]
            return answer.status, "challenge" if is_echoed else text, answer.content_type

    async def deny(self, reason: str) -> int:
        query = {"hub.mode": "denied", "hub.topic": self.last["hub.topic"], "hub.reason": reason}
        async with self.session.get(self.last["hub.callback"], params=query) as answer:
            return answer.status

    async def deliver(
        self,
        body: Any,
        *,
        method: str = "sha256",
        secret: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> aiohttp.ClientResponse:
        """Deliver and return the answer; ``method`` "" leaves the signature out."""
        sent = {"Content-Type": "application/rss+xml", **(headers or {})}
        if method:
            key = (secret or self.requests[0]["hub.secret"]).encode()
            digest = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
            sent["X-Hub-Signature"] = f"{method}={digest}"
        callback = self.requests[0]["hub.callback"]
        async with self.session.post(callback, data=body, headers=sent) as answer:
            await answer.read()
            return answer

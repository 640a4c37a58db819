"""Answer hubs: confirm what we asked for, take what they deliver and sign."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import hdrs, web

from dateline.clock import Clock
from producers.push.problem_json import answer_problems, harden
from producers.push.push_result import PushBusy, PushClosed
from producers.push.request_body import RequestProblem, read_body
from producers.push.websub import check_signature, verify_intent
from producers.push.websub_state import Subscription, SubscriptionStore

logger = logging.getLogger(__name__)

OnHint = Callable[[str], Awaitable[None]]


class OnContent(Protocol):
    """Something that takes a delivered document as if it had been polled."""

    async def __call__(self, feed_id: str, data: bytes, content_type: str) -> None:
        """Return once everything of it is safe.

        Raises:
            PushBusy: try again later.
            PushClosed: this process is ending.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSubOptions:
    """Limits of one delivery.

    ``content_seconds`` is how long the hub waits for its answer until the content is safe; after
    that it is told to deliver again.
    """

    max_body_bytes: int = 10_000_000
    body_seconds: float = 30.0
    content_seconds: float = 10.0
    max_requests: int = 8


def create_websub_app(
    *,
    store: SubscriptionStore,
    clock: Clock,
    options: WebSubOptions,
    on_content: OnContent,
    on_hint: OnHint | None = None,
) -> web.Application:
    """Return the application with the callbacks; mount it with ``add_subapp("/websub/", ...)``.

    A delivery is answered with 2xx once its content is safe, and with 503 when that takes too long
    (hubs try again; the feed is polled all the same). One with a wrong signature is answered like a
    good one and ignored, so that nobody learns what a right one looks like.

    Args:
        store: the subscriptions; used in the event loop's thread.
        clock: the time of the leases.
        options: limits.
        on_content: is given what was delivered with a valid signature.
        on_hint: is told of a feed whose hub signs with SHA-1: its content is not used, but the feed
            has news.
    """
    callbacks = _Callbacks(store, clock, options, on_content=on_content, on_hint=on_hint)
    app = web.Application(middlewares=[answer_problems])
    app.on_response_prepare.append(harden)
    app.router.add_get("/{token}", callbacks.verify, allow_head=False)
    app.router.add_post("/{token}", callbacks.deliver)
    return app


class _Callbacks:
    def __init__(
        self,
        store: SubscriptionStore,
        clock: Clock,
        options: WebSubOptions,
        *,
        on_content: OnContent,
        on_hint: OnHint | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._options = options
        self._on_content = on_content
        self._on_hint = on_hint
        self._active_count = 0

    async def verify(self, request: web.Request) -> web.Response:
        subscription = self._store.by_token(request.match_info["token"])
        if subscription is None:
            raise RequestProblem(404, "There is no such subscription.")
        verified = verify_intent(subscription, request.query, now=self._clock.now())
        if verified is None:
            raise RequestProblem(404, "This was not asked for.")
        if verified.subscription is None:
            self._store.delete(subscription.feed_id)
        else:
            self._store.save(verified.subscription)
            if verified.subscription.state == "denied":
                logger.warning(
                    "hub denies feed %s: %s", subscription.feed_id, verified.subscription.reason
                )
        return web.Response(text=verified.answer, content_type="text/plain")

    async def deliver(self, request: web.Request) -> web.Response:
        subscription = self._deliverable(request.match_info["token"])
        if self._active_count >= self._options.max_requests:
            raise _again(1)
        self._active_count += 1
        try:
            body = await read_body(
                request,
                max_bytes=self._options.max_body_bytes,
                max_seconds=self._options.body_seconds,
                is_gzip_allowed=False,
            )
            header = request.headers.get("X-Hub-Signature")
            signature = check_signature(body, header, secret=subscription.secret)
            if signature == "valid":
                await self._take(subscription, body, request.headers.get(hdrs.CONTENT_TYPE, ""))
            else:
                await self._ignore(subscription, is_hint=signature == "weak")
        finally:
            self._active_count -= 1
        return web.Response(text="ok")

    def _deliverable(self, token: str) -> Subscription:
        subscription = self._store.by_token(token)
        if subscription is None or subscription.state in ("denied", "ending"):
            # Tells the hub to forget it.
            raise RequestProblem(410, "There is no such subscription.")
        if subscription.state != "active":
            raise RequestProblem(404, "The subscription was not verified.")
        return subscription

    async def _take(self, subscription: Subscription, body: bytes, content_type: str) -> None:
        try:
            async with asyncio.timeout(self._options.content_seconds):
                await self._on_content(subscription.feed_id, body, content_type)
        except TimeoutError:
            raise _again(self._options.content_seconds) from None
        except PushBusy as busy:
            raise _again(busy.retry_after_seconds) from busy
        except PushClosed as closed:
            raise _again(self._options.content_seconds) from closed

    async def _ignore(self, subscription: Subscription, *, is_hint: bool) -> None:
        if is_hint and self._on_hint is not None:
            await self._on_hint(subscription.feed_id)
            return
        logger.warning(
            "delivery for feed %s ignored: its signature is %s",
            subscription.feed_id,
            "SHA-1, too weak" if is_hint else "missing or wrong",
        )


def _again(seconds: float) -> RequestProblem:
    return RequestProblem(
        503,
        "Not taken yet. Deliver it again.",
        headers={hdrs.RETRY_AFTER: str(max(1, math.ceil(seconds)))},
    )

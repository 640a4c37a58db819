"""Ask hubs to deliver feeds, and keep the leases alive."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal, Protocol
from urllib.parse import urljoin

from dateline.clock import Clock
from producers.fetch.fetched import Fetched, FetchProblem
from producers.push.websub import (
    VERIFY_SECONDS,
    after_failure,
    check_public_url,
    hub_problem,
    request_form,
)
from producers.push.websub_state import Subscription, SubscriptionStore

# 32 random bytes: neither a callback nor a signature can be guessed.
TOKEN_BYTES = 32
MAX_REDIRECTS = 3
MAX_PARALLEL_REQUESTS = 4
# A hub that does not confirm the end is left alone: its lease runs out.
MAX_UNSUBSCRIBE_TRIES = 3
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REDIRECTS = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)

Mode = Literal["subscribe", "unsubscribe"]


class HttpPoster(Protocol):
    """Something that posts, guarded against private addresses, and follows no redirect."""

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Fetched:
        """Return the answer.

        Raises:
            FetchProblem: nothing was received.
        """


class WebSubClient:
    """Subscribes feeds at their hubs.

    Args:
        http: the guarded client.
        store: the subscriptions.
        public_url: where hubs reach this server; the callbacks are below ``/websub/``.
        clock: the time of the leases.

    Raises:
        ConfigError: ``public_url`` is no plain http or https address.
    """

    def __init__(
        self, http: HttpPoster, store: SubscriptionStore, *, public_url: str, clock: Clock
    ) -> None:
        self._http = http
        self._store = store
        self._public_url = check_public_url(public_url)
        self._clock = clock

    async def subscribe(self, feed_id: str, topic: str, hub: str) -> Subscription:
        """Return the subscription after the hub was asked; the hub verifies it later.

        Safe to call again: nothing is asked before the subscription is due. Another topic or hub
        begins anew under another callback.

        Raises: Nothing. A hub that fails is asked again when `renew_due` finds it due.
        """
        known = self._store.get(feed_id)
        now = self._clock.now()
        if known is None or (known.topic, known.hub) != (topic, hub) or known.state == "ending":
            known = _new(feed_id, topic, hub, now)
        elif now < known.due_at:
            return known
        return await self._ask_to_subscribe(known)

    async def unsubscribe(self, feed_id: str) -> None:
        """Ask the hub to end the subscription; what it delivers from now on is refused."""
        known = self._store.get(feed_id)
        if known is None:
            return
        if known.state in ("denied", "failed"):
            self._store.delete(feed_id)
            return
        await self._ask_to_end(replace(known, state="ending", failure_count=0))

    async def renew_due(self) -> list[Subscription]:
        """Ask for everything that is due: leases at 80 %, failures, hubs that never verified.

        Returns:
            the subscriptions as they are now, those that were ended left out.
        """
        limit = asyncio.Semaphore(MAX_PARALLEL_REQUESTS)

        async def ask(due: Subscription) -> Subscription | None:
            async with limit:
                if due.state == "ending":
                    await self._ask_to_end(due)
                    return None
                if due.state == "pending":
                    # The hub took the request and never verified it.
                    due = after_failure(due, "the hub did not verify", now=self._clock.now())
                return await self._ask_to_subscribe(due)

        asked = await asyncio.gather(*map(ask, self._store.due(self._clock.now())))
        return [subscription for subscription in asked if subscription is not None]

    async def _ask_to_subscribe(self, subscription: Subscription) -> Subscription:
        problem = hub_problem(subscription.topic, subscription.hub)
        now = self._clock.now()
        if problem is not None:
            failed = after_failure(subscription, problem, now=now)
            self._store.save(failed)
            return failed
        # A lease that runs is not given up by renewing it.
        asked = replace(
            subscription,
            state="active" if subscription.is_live(now) else "pending",
            due_at=now + timedelta(seconds=VERIFY_SECONDS),
        )
        self._store.save(asked)  # the hub may verify before it answers
        refusal = await self._post(asked, "subscribe")
        current = self._store.get(subscription.feed_id)
        if current is None or current.token != asked.token:
            return asked  # ended or replaced meanwhile
        if refusal is not None and current == asked:
            reason, retry_after_seconds = refusal
            current = after_failure(
                asked, reason, now=self._clock.now(), retry_after_seconds=retry_after_seconds
            )
            self._store.save(current)
        return current

    async def _ask_to_end(self, subscription: Subscription) -> None:
        if subscription.failure_count >= MAX_UNSUBSCRIBE_TRIES:
            self._store.delete(subscription.feed_id)
            return
        # A hub that takes the request and never verifies counts as failed, too.
        ending = after_failure(subscription, "", now=self._clock.now())
        self._store.save(ending)
        await self._post(ending, "unsubscribe")

    async def _post(self, subscription: Subscription, mode: Mode) -> tuple[str, float] | None:
        """Return why the hub did not take the request and when it may be asked again, or None."""
        callback = f"{self._public_url}/websub/{subscription.token}"
        body = request_form(subscription, mode, callback=callback)
        hub = subscription.hub
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = await self._http.post(hub, body=body, headers=FORM)
            except FetchProblem as problem:
                return f"{problem.kind}: {problem.message}", problem.retry_after_seconds or 0.0
            if answer.status not in REDIRECTS:
                is_taken = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
                return None if is_taken else (f"status: {answer.status}", 0.0)
            location = answer.headers.get("location", "")
            try:
                hub = urljoin(hub, location)
            except ValueError:
                hub = location
            reason = hub_problem(subscription.topic, hub)
            if reason is not None:
                return reason, 0.0
        return "redirects: too many", 0.0


def _new(feed_id: str, topic: str, hub: str, now: datetime) -> Subscription:
    return Subscription(
        feed_id=feed_id,
        topic=topic,
        hub=hub,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        secret=secrets.token_urlsafe(TOKEN_BYTES),
        state="pending",
        due_at=now,
    )

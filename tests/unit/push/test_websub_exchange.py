from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from push_doubles import KEYS
from websub_hub import Hub

from dateline.clock import FixedClock
from producers.fetch.http_client import HttpOptions, open_http_client
from producers.push.push_app import PushOptions, create_push_app
from producers.push.push_result import PushBusy, PushResult
from producers.push.push_server import open_push_server
from producers.push.websub_app import WebSubOptions, create_websub_app
from producers.push.websub_client import WebSubClient
from producers.push.websub_state import SubscriptionStore

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOPIC = "http://news.example/feed"
BODY = b"<rss/>"


@dataclass
class World:
    """A subscriber and a hub, both real, on loopback."""

    hub: Hub
    hub_url: str
    public_url: str
    client: WebSubClient
    store: SubscriptionStore
    clock: FixedClock
    session: aiohttp.ClientSession
    contents: list[tuple[str, bytes, str]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    error: Exception | None = None
    is_slow: bool = False

    async def on_content(self, feed_id: str, data: bytes, content_type: str) -> None:
        if self.error is not None:
            raise self.error
        if self.is_slow:
            await asyncio.Event().wait()
        self.contents.append((feed_id, data, content_type))

    async def on_hint(self, feed_id: str) -> None:
        self.hints.append(feed_id)

    async def subscribe(self) -> None:
        await self.client.subscribe("news", TOPIC, f"{self.hub_url}/hub")
        await self.hub.verify()


async def no_push(source_id: str, data: bytes, format_: str, *, is_backfill: bool) -> PushResult:
    raise NotImplementedError


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[World]:
    options = HttpOptions(
        user_agent="test", allowed_networks=(ip_network("127.0.0.0/8"),), total_timeout_seconds=5
    )
    clock = FixedClock(NOW)
    async with (
        aiohttp.ClientSession() as session,
        open_http_client(options) as http,
    ):
        hub = Hub(session)
        with SubscriptionStore(tmp_path / "websub.sqlite") as store:
            app = create_push_app(PushOptions(keys=KEYS), no_push)
            worlds: list[World] = []

            async def on_content(feed_id: str, data: bytes, content_type: str) -> None:
                await worlds[0].on_content(feed_id, data, content_type)

            async def on_hint(feed_id: str) -> None:
                await worlds[0].on_hint(feed_id)

            limits = WebSubOptions(max_body_bytes=10_000, content_seconds=0.2, max_requests=2)
            callbacks = create_websub_app(
                store=store, clock=clock, options=limits, on_content=on_content, on_hint=on_hint
            )
            app.add_subapp("/websub/", callbacks)
            async with (
                open_push_server(app, bind="127.0.0.1", port=0, shutdown_seconds=1) as port,
                open_push_server(
                    hub.app(), bind="127.0.0.1", port=0, shutdown_seconds=1
                ) as hub_port,
            ):
                public_url = f"http://127.0.0.1:{port}/"
                world = World(
                    hub=hub,
                    hub_url=f"http://127.0.0.1:{hub_port}",
                    public_url=public_url,
                    client=WebSubClient(http, store, public_url=public_url, clock=clock),
                    store=store,
                    clock=clock,
                    session=session,
                )
                worlds.append(world)
                yield world


def in_world(tmp_path: Path, scenario: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with opened(tmp_path) as world:
            await scenario(world)

    asyncio.run(run())


def test_websub_subscribes_verifies_and_takes_a_signed_delivery(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        asked = await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        assert asked.state == "pending"
        assert world.hub.last["hub.callback"].startswith(f"{world.public_url}websub/")
        assert await world.hub.verify() == (200, "challenge", "text/plain")
        found = world.store.get("news")
        assert found is not None
        assert found.is_live(NOW)
        answer = await world.hub.deliver(BODY)
        assert answer.status == 200
        assert world.contents == [("news", BODY, "application/rss+xml")]

    in_world(tmp_path, scenario)


def test_websub_takes_the_verification_of_a_hub_that_asks_before_it_answers(
    tmp_path: Path,
) -> None:
    async def scenario(world: World) -> None:
        world.hub.is_synchronous = True
        found = await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        assert found.is_live(NOW)
        assert world.store.get("news") == found

    in_world(tmp_path, scenario)


def test_websub_verification_survives_an_error_that_the_hub_answers_after_it(
    tmp_path: Path,
) -> None:
    async def scenario(world: World) -> None:
        world.hub.is_synchronous, world.hub.status = True, 500
        found = await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        assert found.is_live(NOW)

    in_world(tmp_path, scenario)


@pytest.mark.parametrize(
    ("method", "secret"),
    [
        pytest.param("sha256", "guessed", id="wrong-secret"),
        pytest.param("", None, id="unsigned"),
        pytest.param("md5", None, id="unknown-hash"),
    ],
)
def test_websub_ignores_a_delivery_that_is_not_signed_well(
    tmp_path: Path, method: str, secret: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        good = await world.hub.deliver(BODY)
        bad = await world.hub.deliver(BODY, method=method, secret=secret)
        # Nobody learns from the answer whether the signature was right.
        assert (bad.status, bad.headers["Content-Length"]) == (
            good.status,
            good.headers["Content-Length"],
        )
        assert len(world.contents) == 1
        assert world.hints == []
        token = world.hub.last["hub.callback"].rpartition("/")[2]
        assert "delivery for feed news ignored" in caplog.text
        assert token not in caplog.text

    in_world(tmp_path, scenario)


def test_websub_takes_a_sha1_signature_for_a_hint_only(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        answer = await world.hub.deliver(BODY, method="sha1")
        assert answer.status == 200
        assert (world.contents, world.hints) == ([], ["news"])

    in_world(tmp_path, scenario)


def test_websub_answers_404_to_what_it_did_not_ask_for(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        assert (await world.hub.verify(topic="http://other.example/"))[0] == 404
        assert (await world.hub.verify(mode="unsubscribe"))[0] == 404
        world.hub.last["hub.callback"] += "x"
        assert (await world.hub.verify())[0] == 404
        assert (await world.hub.deliver(BODY)).status == 410
        found = world.store.get("news")
        assert found is not None
        assert found.state == "pending"

    in_world(tmp_path, scenario)


def test_websub_does_not_take_deliveries_before_the_verification(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        assert (await world.hub.deliver(BODY)).status == 404
        assert world.contents == []

    in_world(tmp_path, scenario)


def test_websub_renews_a_lease_at_80_percent_under_the_same_callback(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        world.clock.advance(seconds=799)
        assert await world.client.renew_due() == []
        world.clock.advance(seconds=1)
        [renewing] = await world.client.renew_due()
        assert renewing.is_live(world.clock.now())
        first, second = world.hub.requests
        assert first == second
        assert (await world.hub.deliver(BODY)).status == 200
        await world.hub.verify()
        found = world.store.get("news")
        assert found is not None
        assert found.expires_at == NOW + timedelta(seconds=1800)
        assert await world.client.renew_due() == []

    in_world(tmp_path, scenario)


def test_websub_asks_again_when_the_hub_never_verified(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        world.clock.advance(seconds=3600)
        [again] = await world.client.renew_due()
        assert (again.state, again.failure_count) == ("pending", 1)
        assert len(world.hub.requests) == 2
        assert (await world.hub.verify())[0] == 200

    in_world(tmp_path, scenario)


def test_websub_backs_off_from_a_hub_that_fails_and_comes_back(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.hub.status = 500
        failed = await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub")
        assert (failed.state, failed.reason) == ("failed", "status: 500")
        assert await world.client.subscribe("news", TOPIC, f"{world.hub_url}/hub") == failed
        assert len(world.hub.requests) == 1
        world.hub.status = 202
        world.clock.advance(seconds=300)
        [again] = await world.client.renew_due()
        assert again.state == "pending"
        await world.hub.verify()
        assert (await world.hub.deliver(BODY)).status == 200

    in_world(tmp_path, scenario)


def test_websub_records_a_hub_that_the_client_may_not_reach(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        failed = await world.client.subscribe("news", TOPIC, "http://169.254.169.254/hub")
        assert failed.state == "failed"
        assert failed.reason.startswith("address: ")

    in_world(tmp_path, scenario)


def test_websub_follows_a_hub_to_another_but_never_to_a_worse_one(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.hub.location = f"{world.hub_url}/hub"
        await world.client.subscribe("news", TOPIC, f"{world.hub_url}/moved")
        assert (await world.hub.verify())[0] == 200
        for location, reason in (
            ("file:///etc/passwd", "hub: no http or https address"),
            ("http://[", "hub: no valid address"),
            ("/moved", "redirects: too many"),
            ("", "redirects: too many"),
        ):
            world.hub.location = location
            failed = await world.client.subscribe(f"to {location}", TOPIC, f"{world.hub_url}/moved")
            assert (failed.state, failed.reason) == ("failed", reason)

    in_world(tmp_path, scenario)


def test_websub_takes_nothing_of_a_hub_that_denies(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        assert await world.hub.deny("no\nroom") == 200
        found = world.store.get("news")
        assert found is not None
        assert (found.state, found.reason) == ("denied", "no room")
        assert (await world.hub.deliver(BODY)).status == 410
        assert (await world.hub.verify())[0] == 404
        world.clock.advance(seconds=7 * 86_400)
        [again] = await world.client.renew_due()
        assert again.state == "pending"
        assert "hub denies feed news: no room" in caplog.text

    in_world(tmp_path, scenario)


def test_websub_ends_a_subscription(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        await world.client.unsubscribe("news")
        assert world.hub.last["hub.mode"] == "unsubscribe"
        assert (await world.hub.deliver(BODY)).status == 410
        assert (await world.hub.verify())[:2] == (200, "challenge")
        assert world.store.get("news") is None

    in_world(tmp_path, scenario)


def test_websub_gives_up_a_hub_that_never_confirms_the_end(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        await world.client.unsubscribe("news")
        for _ in range(4):
            world.clock.advance(seconds=86_400)
            await world.client.renew_due()
        assert world.store.get("news") is None
        assert [each["hub.mode"] for each in world.hub.requests] == ["subscribe"] + [
            "unsubscribe"
        ] * 3

    in_world(tmp_path, scenario)


def test_websub_begins_anew_under_another_callback_when_the_topic_changes(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        await world.client.subscribe("news", TOPIC + "/2", f"{world.hub_url}/hub")
        first, second = world.hub.requests
        assert first["hub.callback"] != second["hub.callback"]
        assert first["hub.secret"] != second["hub.secret"]
        assert (await world.hub.deliver(BODY)).status == 410

    in_world(tmp_path, scenario)


def test_websub_asks_for_another_delivery_until_the_content_is_safe(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        world.is_slow = True
        slow = await world.hub.deliver(BODY)
        assert (slow.status, slow.headers["Retry-After"]) == (503, "1")
        world.error = PushBusy(7)
        busy = await world.hub.deliver(BODY)
        assert (busy.status, busy.headers["Retry-After"]) == (503, "7")
        world.is_slow, world.error = False, None
        assert (await world.hub.deliver(BODY)).status == 200
        assert len(world.contents) == 1

    in_world(tmp_path, scenario)


def test_websub_limits_size_encoding_and_number_of_deliveries(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        assert (await world.hub.deliver(b"x" * 10_001)).status == 413
        packed = await world.hub.deliver(BODY, headers={"Content-Encoding": "gzip"})
        assert packed.status == 415
        world.is_slow = True
        answers = await asyncio.gather(*(world.hub.deliver(BODY) for _ in range(6)))
        assert [each.status for each in answers] == [503] * 6
        assert {each.headers["Retry-After"] for each in answers} == {"1"}
        assert world.contents == []

    in_world(tmp_path, scenario)


def test_websub_needs_no_api_key_and_gives_none(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.subscribe()
        async with world.session.post(f"{world.public_url}articles", json={}) as answer:
            assert answer.status == 401

    in_world(tmp_path, scenario)


def test_websub_subscriptions_survive_a_restart(tmp_path: Path) -> None:
    secrets: list[str] = []

    async def before(world: World) -> None:
        await world.subscribe()
        secrets.append(world.hub.last["hub.secret"])

    async def after(world: World) -> None:
        found = world.store.get("news")
        assert found is not None
        digest = hmac.new(secrets[0].encode(), BODY, hashlib.sha256).hexdigest()
        url = f"{world.public_url}websub/{found.token}"
        headers = {"X-Hub-Signature": f"sha256={digest}"}
        async with world.session.post(url, data=BODY, headers=headers) as answer:
            assert answer.status == 200
        assert [content[0] for content in world.contents] == ["news"]

    in_world(tmp_path, before)
    in_world(tmp_path, after)

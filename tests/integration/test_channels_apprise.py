"""Apprise on real sockets: what is told, what its guard refuses, and that it repeats no secret."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import pytest
from channel_receivers import HANG, HttpReceiver, http_answer, http_receiver
from channel_samples import alert_with, channel

from dateline.channels import Senders, Sent, open_senders, render_alert
from dateline.settings import Settings, load_settings

LOOPBACK = "channels.allow_networks=127.0.0.0/8"
CHANNEL = channel("apprise", variable="DESK_URL")
MESSAGE = render_alert(alert_with(title="<b>Talks</b> @everyone [more](http://bad.example)"))
PRIVATE = "a private address, or one without TLS; channels.allow_networks does not list it"


def settings_with(*assignments: str) -> Settings:
    return load_settings(environ={}, assignments=["channels.apprise_processes=1", *assignments])


def run(case: Coroutine[Any, Any, None]) -> None:
    asyncio.run(case)


async def send_once(settings: Settings) -> Sent:
    senders = open_senders(settings)
    try:
        return await senders.send(CHANNEL, MESSAGE)
    finally:
        await senders.close()


async def tell(senders: Senders, monkeypatch: pytest.MonkeyPatch, url: str) -> Sent:
    monkeypatch.setenv("DESK_URL", url)
    return await senders.send(CHANNEL, MESSAGE)


def ntfy(receiver: HttpReceiver) -> str:
    return f"ntfy://127.0.0.1:{receiver.port}/topic-token"


def test_apprise_tells_a_service_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        async with http_receiver(http_answer(200, body="{}")) as receiver:
            monkeypatch.setenv("DESK_URL", ntfy(receiver))
            sent = await send_once(settings_with(LOOPBACK))

        assert sent == Sent(outcome="delivered", status_code=200)
        (request,) = receiver.requests
        text = request.body.decode()
        assert "Talks" in text
        assert "Al-Khulaifi said the talks went on." in text
        assert "dateline watch remove qatar-talks" in text
        assert "@everyone" not in text
        assert "<b>" not in text
        assert "](http" not in text

    run(case())


PRIVATE_URLS = (
    "ntfy://127.0.0.1:{port}/topic",
    "ntfy://localhost:{port}/topic",
    "gotify://2130706433:{port}/token1234",
    "gotify://0.0.0.0:{port}/token1234",
    "gotify://[::1]:{port}/token1234",
    "gotifys://127.0.0.1:{port}/token1234",
    "mmost://127.0.0.1:{port}/abcdefghijklmnopqrstuvwx",
    "rocket://user:pass@127.0.0.1:{port}/#channel",
    "matrix://user:pass@127.0.0.1:{port}/#room",
    "ntfy://169.254.169.254/topic",
    "ntfys://10.0.0.1/topic",
    "ntfys://100.64.0.1/topic",
    "ntfys://[fd00:ec2::254]/topic",
    "ntfys://[2002:7f00:1::]/topic",
    "ntfy://8.8.8.8:{port}/topic",  # public, without TLS
)


def test_apprise_reaches_no_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        senders = open_senders(settings_with())
        async with http_receiver(http_answer(200, body="{}")) as receiver:
            found = {
                url: await tell(senders, monkeypatch, url.format(port=receiver.port))
                for url in PRIVATE_URLS
            }
        await senders.close()

        assert receiver.requests == []
        assert found == dict.fromkeys(PRIVATE_URLS, Sent(outcome="refused", error=PRIVATE))

    run(case())


def test_apprise_is_told_what_an_answer_means(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        senders = open_senders(settings_with(LOOPBACK, "channels.timeout_seconds=3"))
        found = []
        try:
            for answer in (
                http_answer(500),
                http_answer(410),
                http_answer(429, "Retry-After: 77"),
                HANG,
                http_answer(200, body="{}"),  # the child that was killed has a successor
            ):
                async with http_receiver(answer) as receiver:
                    found.append(await tell(senders, monkeypatch, ntfy(receiver)))
        finally:
            await senders.close()
        assert found == [
            Sent(outcome="retry", status_code=500, error="answered 500"),
            Sent(outcome="gone", status_code=410, error="answered 410: the receiver is gone"),
            Sent(outcome="retry", status_code=429, retry_after_seconds=77, error="answered 429"),
            Sent(outcome="retry", error="no answer in time"),
            Sent(outcome="delivered", status_code=200),
        ]

    run(case())


def test_apprise_follows_no_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        async with http_receiver(http_answer(200)) as other:
            moved = http_answer(302, f"Location: {other.url()}")
            async with http_receiver(moved) as receiver:
                monkeypatch.setenv("DESK_URL", f"{ntfy(receiver)}?redirect=yes")
                sent = await send_once(settings_with(LOOPBACK))

        assert (sent.outcome, sent.status_code) == ("retry", 302)
        assert other.requests == []

    run(case())


def test_apprise_asks_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        async with (
            http_receiver(http_answer(200, body="{}")) as proxy,
            http_receiver(http_answer(200, body="{}")) as receiver,
        ):
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv("DESK_URL", ntfy(receiver))
            sent = await send_once(settings_with(LOOPBACK))

        assert sent.outcome == "delivered"
        assert (len(proxy.requests), len(receiver.requests)) == (0, 1)

    run(case())


def test_apprise_tells_only_services_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    async def case() -> None:
        senders = open_senders(settings_with())
        found = [
            await tell(senders, monkeypatch, url)
            for url in ("syslog://", "json://127.0.0.1/x", "mailto://a:b@mail.example", "hunter2")
        ]
        monkeypatch.delenv("DESK_URL")
        found.append(await senders.send(CHANNEL, MESSAGE))
        found.append(await senders.send(channel("apprise"), MESSAGE))
        found.append(
            await senders.send(channel("apprise", variable="DATELINE_CHANNELS_X"), MESSAGE)
        )
        await senders.close()
        prefix = "the address in DESK_URL"
        assert {each.outcome for each in found} == {"refused"}
        assert [each.error for each in found] == [
            f"{prefix} names a service that is not on the list of docs/channels.md",
            f"{prefix} names json://, which is not told through Apprise: a channel of kind "
            "webhook signs what it sends",
            f"{prefix} names mailto://, which is not told through Apprise: use a channel of kind "
            "email",
            f"{prefix} is no Apprise address such as ntfys://ntfy.sh/topic",
            "the variable DESK_URL that holds the address is not set",
            "no secret_env: the Apprise address is read from that variable",
            "the variable DATELINE_CHANNELS_X that holds the address is not set",
        ]

    run(case())


def test_apprise_repeats_no_secret(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)

    async def case() -> list[Sent]:
        senders = open_senders(settings_with(LOOPBACK, "channels.timeout_seconds=3"))
        found = []
        try:
            for answer in (http_answer(500, body="hunter2"), http_answer(200), HANG):
                async with http_receiver(answer) as receiver:
                    url = f"ntfy://user:hunter2@127.0.0.1:{receiver.port}/hunter2"
                    found.append(await tell(senders, monkeypatch, url))
            for url in ("ntfy://hunter2.invalid/hunter2", "tgram://hunter2/hunter2", "hunter2://x"):
                found.append(await tell(senders, monkeypatch, url))
        finally:
            await senders.close()
        return found

    found = asyncio.run(case())

    assert len(found) == 6
    assert {each.outcome for each in found[:3]} == {"retry", "delivered"}
    assert "hunter2" not in repr(found)
    assert "hunter2" not in caplog.text
    assert "hunter2" not in "".join(capfd.readouterr())

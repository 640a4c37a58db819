"""Webhooks on real sockets: signed, guarded, and each way a receiver can fail."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from channel_receivers import (
    CUT,
    HANG,
    HttpReceiver,
    http_answer,
    http_receiver,
    make_certificate,
)
from channel_samples import ALERT, SIGNING_KEY, channel
from standardwebhooks import Webhook

from dateline.channels import Sent, open_senders, render_alert
from dateline.channels.webhook import WebhookSender
from dateline.clock import SystemClock
from dateline.outbound.address_guard import Network, parse_networks
from dateline.outbound.guarded_resolver import Lookup
from dateline.settings import load_settings

MESSAGE = render_alert(ALERT)
LOOPBACK = parse_networks(["127.0.0.0/8"])
PRIVATE = Sent(
    outcome="refused", error="a private address; channels.allow_networks does not list it"
)


@dataclass(frozen=True)
class Setup:
    """How one message is sent; ``lookup`` stands in for name servers."""

    allowed: tuple[Network, ...] = LOOPBACK
    timeout_seconds: float = 5.0
    lookup: Lookup | None = None
    tls: ssl.SSLContext | None = None
    variable: str = "DESK_SECRET"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", SIGNING_KEY)


async def send(address: str, setup: Setup = Setup()) -> Sent:
    sender = WebhookSender(
        setup.allowed,
        timeout_seconds=setup.timeout_seconds,
        clock=SystemClock(),
        lookup=setup.lookup,
        tls=setup.tls,
    )
    try:
        desk = channel("webhook", address=address, variable=setup.variable)
        return await sender.send(desk, MESSAGE)
    finally:
        await sender.close()


def exchange(*answers: str, setup: Setup = Setup()) -> tuple[Sent, HttpReceiver]:
    async def case() -> tuple[Sent, HttpReceiver]:
        async with http_receiver(*answers) as receiver:
            return await send(receiver.url(), setup), receiver

    return asyncio.run(case())


def leads_to(*addresses: str) -> Lookup:
    async def lookup(_host: str) -> Sequence[str]:
        return addresses

    return lookup


def test_webhook_is_signed_so_that_the_library_verifies_it() -> None:
    sent, receiver = exchange(http_answer(204))

    assert sent == Sent(outcome="delivered", status_code=204)
    (request,) = receiver.requests
    assert request.line == "POST /hook HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == MESSAGE.message_id
    assert "." not in request.headers["webhook-id"]
    data = Webhook(SIGNING_KEY).verify(request.body, request.headers)
    assert data == json.loads(request.body)
    assert data["type"] == "alert.match"
    assert data["data"]["alert_id"] == ALERT.alert_id


def test_webhook_is_signed_with_both_secrets_while_they_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = "whsec_" + "QUJD" * 10
    monkeypatch.setenv("DESK_SECRET", f"{other} {SIGNING_KEY}")

    _, receiver = exchange(http_answer(200))

    (request,) = receiver.requests
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    for each in (other, SIGNING_KEY):
        Webhook(each).verify(request.body, request.headers)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http_answer(200, body="x" * 100_000), Sent(outcome="delivered", status_code=200)),
        (http_answer(500), Sent(outcome="retry", status_code=500, error="answered 500")),
        (http_answer(404), Sent(outcome="retry", status_code=404, error="answered 404")),
        (
            http_answer(410),
            Sent(outcome="gone", status_code=410, error="answered 410: the receiver is gone"),
        ),
        (
            http_answer(429, "Retry-After: 120"),
            Sent(outcome="retry", status_code=429, retry_after_seconds=120, error="answered 429"),
        ),
        (
            http_answer(503, "Retry-After: 999999999"),
            Sent(
                outcome="retry", status_code=503, retry_after_seconds=86_400, error="answered 503"
            ),
        ),
        (
            http_answer(429, "Retry-After: soon"),
            Sent(outcome="retry", status_code=429, error="answered 429"),
        ),
        (
            http_answer(500, "Retry-After: 120"),
            Sent(outcome="retry", status_code=500, error="answered 500"),
        ),
        (CUT, Sent(outcome="retry", error="the connection ended before the answer")),
        ("no HTTP\r\n\r\n", Sent(outcome="retry", error="no valid HTTP answer")),
    ],
    ids=[
        "200-long",
        "500",
        "404",
        "410",
        "429",
        "503-year",
        "429-words",
        "500-wait",
        "cut",
        "no-http",
    ],
)
def test_webhook_outcome_follows_the_answer(answer: str, expected: Sent) -> None:
    sent, receiver = exchange(answer)

    assert sent == expected
    assert len(receiver.requests) == 1


def test_webhook_retry_after_may_be_a_date() -> None:
    at = datetime.now(UTC).replace(microsecond=0).timestamp() + 600
    date = datetime.fromtimestamp(at, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")

    sent, _ = exchange(http_answer(503, f"Retry-After: {date}"))

    assert sent.retry_after_seconds == pytest.approx(600, abs=5)


def test_webhook_gives_up_on_a_receiver_that_hangs() -> None:
    sent, receiver = exchange(HANG, setup=Setup(timeout_seconds=0.5))

    assert sent == Sent(outcome="retry", error="no answer in time")
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_webhook_follows_no_redirect(status: int) -> None:
    async def case() -> None:
        async with http_receiver(http_answer(200)) as other:
            moved = http_answer(status, f"Location: {other.url()}")
            async with http_receiver(moved) as receiver:
                sent = await send(receiver.url())
        assert (sent.outcome, sent.status_code) == ("retry", status)
        assert sent.error == (
            f"answered {status}: redirects are not followed; set the final address"
        )
        assert other.requests == []

    asyncio.run(case())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1",  # noqa: S104
     "169.254.169.254", "[fd00:ec2::254]", "100.64.0.1",
     "198.18.0.1", "192.0.0.8", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "１２７.0.0.1"],
)  # fmt: skip
def test_webhook_reaches_no_private_address(host: str) -> None:
    async def case() -> None:
        async with http_receiver(http_answer(200)) as receiver:
            sent = await send(f"https://{host}:{receiver.port}/hook", Setup(allowed=()))
        assert receiver.requests == []
        assert sent == PRIVATE

    asyncio.run(case())


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("::ffff:10.0.0.1",)]
)
def test_webhook_reaches_no_name_with_a_private_address(addresses: tuple[str, ...]) -> None:
    setup = Setup(allowed=(), lookup=leads_to(*addresses))

    assert asyncio.run(send("https://hook.example/x", setup)) == PRIVATE


def test_webhook_judges_a_name_again_for_each_message() -> None:
    answers = [("127.0.0.1",), ("10.0.0.1",)]

    async def rebinding(_host: str) -> Sequence[str]:
        return answers.pop(0)

    async def case() -> None:
        sender = WebhookSender(LOOPBACK, timeout_seconds=5, clock=SystemClock(), lookup=rebinding)
        async with http_receiver(http_answer(200)) as receiver:
            address = f"http://hook.example:{receiver.port}/"
            desk = channel("webhook", address=address, variable="DESK_SECRET")
            first = await sender.send(desk, MESSAGE)
            second = await sender.send(desk, MESSAGE)
        await sender.close()
        assert (first.outcome, second.outcome) == ("delivered", "refused")
        assert len(receiver.requests) == 1

    asyncio.run(case())


def test_webhook_without_tls_stays_in_the_house() -> None:
    setup = Setup(lookup=leads_to("93.184.215.14"))

    sent = asyncio.run(send("http://hook.example/x", setup))

    assert sent.outcome == "refused"
    assert sent.error == "not https; without TLS only addresses in channels.allow_networks are told"


def test_webhook_without_a_secret_stays_in_the_house() -> None:
    setup = Setup(lookup=leads_to("93.184.215.14"), variable="")

    sent = asyncio.run(send("https://hook.example/x", setup))

    assert sent.outcome == "refused"
    assert sent.error == (
        "no secret_env; unsigned only addresses in channels.allow_networks are told"
    )


def test_webhook_without_a_secret_is_sent_inside_the_house() -> None:
    sent, receiver = exchange(http_answer(200), setup=Setup(variable=""))

    assert sent.outcome == "delivered"
    assert "webhook-signature" not in receiver.requests[0].headers


@pytest.mark.parametrize(
    "address",
    ["", "desk", "ftp://hook.example/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://",
     "https://user@hook.example/", "https://a@127.0.0.1/", "https://hook.example:0/",
     "https://hook.example:99999/", "javascript:alert(1)", "https://[::1/",
     "https://127.1/", "https://0177.0.0.1/", "https://2130706433/", "https://127.0.0.1./"],
)  # fmt: skip
def test_webhook_takes_http_addresses_only(address: str) -> None:
    assert asyncio.run(send(address)) == Sent(
        outcome="refused", error="the address is no http or https URL without user name"
    )


def test_webhook_verifies_certificates(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    path, server_tls = make_certificate(tmp_path, "hook.example")
    trusting = ssl.create_default_context(cafile=str(path))

    async def case() -> list[Sent]:
        async with http_receiver(http_answer(200), tls=server_tls) as receiver:
            here = leads_to("127.0.0.1")
            return [
                await send(f"https://{host}:{receiver.port}/", Setup(lookup=here, tls=tls))
                for host, tls in (
                    ("hook.example", trusting),
                    ("other.example", trusting),
                    ("hook.example", None),
                )
            ]

    known, other_name, unknown = asyncio.run(case())

    assert known.outcome == "delivered"
    assert {other_name, unknown} == {
        Sent(
            outcome="retry",
            error="no secure connection: the certificate or the handshake is not accepted",
        )
    }


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "the variable DESK_SECRET that holds the secret is not set"),
        ("hunter2hunter2", "the secret in DESK_SECRET is no base64 behind whsec_"),
        ("hunter2hunter2hu", "the secret in DESK_SECRET does not begin with whsec_"),
        ("whsec_aHVudGVyMg==", "the secret in DESK_SECRET has 7 bytes; 24 to 64 are a key"),
    ],
)
def test_webhook_says_what_is_wrong_with_a_secret_without_repeating_it(
    value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_SECRET", value)

    sent, receiver = exchange(http_answer(200))

    assert sent == Sent(outcome="refused", error=problem)
    assert receiver.requests == []


def test_webhook_repeats_neither_secret_nor_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    results = [exchange(answer)[0] for answer in (http_answer(500, body="hunter2"), CUT)]
    refusal = asyncio.run(send("https://user:hunter2@hook.example/"))

    told = repr([*results, refusal]) + caplog.text
    assert "hunter2" not in told
    assert SIGNING_KEY.removeprefix("whsec_") not in told


def test_senders_tell_the_kind_of_channel() -> None:
    settings = load_settings(
        environ={}, assignments=["channels.allow_networks=127.0.0.1, 10.0.0.0/8"]
    )

    async def case() -> None:
        senders = open_senders(settings)
        async with http_receiver(http_answer(200)) as receiver:
            desk = channel("webhook", address=receiver.url(), variable="DESK_SECRET")
            sent = await senders.send(desk, MESSAGE)
        await senders.close()
        assert sent.outcome == "delivered"
        assert len(receiver.requests) == 1

    asyncio.run(case())


def test_slow_receiver_keeps_nobody_waiting() -> None:
    async def case() -> None:
        sender = WebhookSender(LOOPBACK, timeout_seconds=5, clock=SystemClock())
        async with http_receiver(HANG) as slow, http_receiver(http_answer(200)) as quick:
            name = "DESK_SECRET"
            hanging = [
                asyncio.create_task(
                    sender.send(channel("webhook", address=slow.url(), variable=name), MESSAGE)
                )
                for _ in range(5)
            ]
            desk = channel("webhook", address=quick.url(), variable=name)
            sent = await asyncio.wait_for(sender.send(desk, MESSAGE), timeout=4)
            assert sent.outcome == "delivered"
            assert not any(each.done() for each in hanging)
            for each in hanging:
                each.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
        await sender.close()

    asyncio.run(case())

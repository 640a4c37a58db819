"""Payloads of webhooks: valid, small enough, and signed as the specification says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from channel_samples import ALERT, CONTENT, SIGNING_KEY, alert_with, channel
from hypothesis import given
from hypothesis import strategies as st

from dateline.channels import render_alert, render_digest
from dateline.channels.payload import MAX_BODY_BYTES, body_of
from dateline.channels.webhook_signature import SecretInvalid, parse_secrets, signed_headers


def test_payload_is_the_record() -> None:
    payload = render_alert(ALERT).payload
    data = payload["data"]

    assert (payload["type"], payload["timestamp"]) == ("alert.match", "2026-11-23T12:30:00Z")
    assert data["alert_id"] == ALERT.alert_id
    assert data["content"]["sentence"] == CONTENT.sentence
    assert data["content"]["entities"] == [
        {"entity_id": "Q846", "name": "Qatar", "entity_type": "country"}
    ]
    assert data["is_cut"] is False


def test_payload_that_is_too_long_is_cut_and_says_so() -> None:
    entity = replace(CONTENT.entities[0], name="名" * 500)
    alert = alert_with(
        query="a OR " * 20_000,
        reasons=("“",) * 10_000,
        excerpt="é" * 90_000,
        entities=(entity,) * 2_000,
        url="https://x.example/" + "a" * 40_000,
    )
    alert = replace(alert, story_aliases=("e" * 64,) * 5_000)

    payload = render_alert(alert).payload
    body = body_of(payload)

    assert len(body) <= MAX_BODY_BYTES < 20_000
    assert json.loads(body) == payload
    assert payload["data"]["is_cut"] is True
    assert payload["data"]["alert_id"] == ALERT.alert_id
    assert payload["data"]["content"]["url"] is None


@given(st.text(max_size=50), st.integers(0, 3_000))
def test_payload_is_valid_whatever_the_text(text: str, times: int) -> None:
    alert = alert_with(title=text * times, sentence=text + "\ud800", note=text, reasons=(text,) * 9)

    body = body_of(render_alert(alert).payload)

    assert len(body) <= MAX_BODY_BYTES
    assert json.loads(body)["type"] == "alert.match"


def test_digest_payload_counts_what_does_not_fit() -> None:
    alerts = [replace(alert_with(title="word " * 60), alert_id=f"{n:064x}") for n in range(200)]

    payload = render_digest(channel("webhook"), alerts, more_count=3).payload
    data = payload["data"]

    assert len(body_of(payload)) <= MAX_BODY_BYTES
    assert len(data["alerts"]) > 10
    assert len(data["alerts"]) + data["more_count"] == data["alert_count"] == 203


def test_signature_is_that_of_the_specifications_example() -> None:
    headers = signed_headers(
        parse_secrets(SIGNING_KEY),
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    "text", ["", "  ", "whsec_", "whsec_!!!", "whsec_" + "QUJD" * 30, SIGNING_KEY + " hunter2"]
)
def test_secret_that_is_none_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(SecretInvalid) as caught:
        parse_secrets(text)

    assert "QUJD" not in str(caught.value)
    assert "hunter2" not in str(caught.value)

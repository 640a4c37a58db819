from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import ConfigError
from producers.push.websub import (
    LEASE_SECONDS,
    MAX_LEASE_SECONDS,
    after_failure,
    check_public_url,
    check_signature,
    clean_reason,
    hub_problem,
    parse_lease,
    request_form,
    verify_intent,
)
from producers.push.websub_state import Subscription, SubscriptionStore

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOPIC = "https://news.example/feed"
PENDING = Subscription(
    feed_id="news",
    topic=TOPIC,
    hub="https://hub.example/",
    token="token-token",  # noqa: S106 (no secret)
    secret="secret-secret",  # noqa: S106 (no secret)
    state="pending",
    due_at=NOW,
)
ASKED = {
    "hub.mode": "subscribe",
    "hub.topic": TOPIC,
    "hub.challenge": "c-1",
    "hub.lease_seconds": "1000",
}


def test_websub_verification_starts_the_lease_and_renews_at_80_percent() -> None:
    verified = verify_intent(PENDING, ASKED, now=NOW)
    assert verified is not None
    assert verified.answer == "c-1"
    assert verified.subscription == replace(
        PENDING,
        state="active",
        due_at=NOW + timedelta(seconds=800),
        expires_at=NOW + timedelta(seconds=1000),
    )
    assert verified.subscription.is_live(NOW + timedelta(seconds=999))
    assert not verified.subscription.is_live(NOW + timedelta(seconds=1000))


@pytest.mark.parametrize(
    ("change", "state"),
    [
        pytest.param({"hub.topic": TOPIC + "/"}, "pending", id="topic"),
        pytest.param({"hub.topic": ""}, "pending", id="no-topic"),
        pytest.param({"hub.challenge": ""}, "pending", id="no-challenge"),
        pytest.param({"hub.challenge": "c" * 5000}, "pending", id="long-challenge"),
        pytest.param({"hub.mode": "unsubscribe"}, "active", id="unasked-end"),
        pytest.param({"hub.mode": "publish"}, "pending", id="mode"),
        pytest.param({}, "denied", id="denied-before"),
        pytest.param({}, "ending", id="ending"),
    ],
)
def test_websub_verification_of_what_was_not_asked_is_none(
    change: dict[str, str], state: str
) -> None:
    subscription = replace(PENDING, state=state)  # type: ignore[arg-type]  # from the table above
    assert verify_intent(subscription, ASKED | change, now=NOW) is None


def test_websub_verification_of_an_end_forgets_the_subscription() -> None:
    verified = verify_intent(
        replace(PENDING, state="ending"), ASKED | {"hub.mode": "unsubscribe"}, now=NOW
    )
    assert verified is not None
    assert (verified.answer, verified.subscription) == ("c-1", None)


def test_websub_denial_keeps_the_reason_and_waits() -> None:
    query = {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "no\r\nroom\x1b[31m"}
    verified = verify_intent(replace(PENDING, state="active"), query, now=NOW)
    assert verified is not None
    assert verified.subscription is not None
    assert verified.subscription.state == "denied"
    assert verified.subscription.reason == "no room [31m"
    assert verified.subscription.due_at == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("86400", 86_400),
        ("0", 1),
        ("", LEASE_SECONDS),
        ("-5", LEASE_SECONDS),
        ("1e9", LEASE_SECONDS),
        ("٣", LEASE_SECONDS),
        ("9" * 100_000, MAX_LEASE_SECONDS),
    ],
)
def test_websub_lease_stays_within_bounds(text: str, seconds: int) -> None:
    assert parse_lease(text) == seconds


def signed(body: bytes, method: str, secret: str = PENDING.secret) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_websub_signature_with_a_strong_hash_is_valid(method: str) -> None:
    header = signed(b"body", method)
    assert check_signature(b"body", header, secret=PENDING.secret) == "valid"
    assert check_signature(b"body", header.upper(), secret=PENDING.secret) == "valid"
    assert check_signature(b"body.", header, secret=PENDING.secret) == "wrong"
    assert check_signature(b"body", header[:-1], secret=PENDING.secret) == "wrong"
    assert check_signature(b"body", signed(b"body", method, "x"), secret="y") == "wrong"  # noqa: S106


def test_websub_signature_with_sha1_is_weak() -> None:
    assert check_signature(b"body", signed(b"body", "sha1"), secret=PENDING.secret) == "weak"
    assert check_signature(b"b", signed(b"body", "sha1"), secret=PENDING.secret) == "wrong"


@given(st.binary(), st.none() | st.text())
def test_websub_signature_of_any_other_text_is_wrong(body: bytes, header: str | None) -> None:
    assert check_signature(body, header, secret=PENDING.secret) == "wrong"


@pytest.mark.parametrize("method", ["md5", "sha224", "sha3_256"])
def test_websub_signature_with_another_hash_is_wrong(method: str) -> None:
    assert check_signature(b"body", signed(b"body", method), secret=PENDING.secret) == "wrong"


@given(st.dictionaries(st.sampled_from([*ASKED, "hub.reason"]), st.text()))
def test_websub_verification_never_raises(query: dict[str, str]) -> None:
    verify_intent(PENDING, query, now=NOW)


@given(st.text())
def test_websub_reason_is_one_short_printable_line(text: str) -> None:
    cleaned = clean_reason(text)
    assert len(cleaned) <= 200
    assert cleaned == "" or cleaned.isprintable()


def test_websub_retries_wait_longer_each_time_up_to_a_day() -> None:
    waits = []
    subscription = PENDING
    for _ in range(12):
        subscription = after_failure(subscription, "status: 503", now=NOW)
        waits.append((subscription.due_at - NOW).total_seconds())
    assert waits[:3] == [300, 600, 1200]
    assert waits[-1] == 86_400
    assert (subscription.state, subscription.reason) == ("failed", "status: 503")


def test_websub_failure_leaves_a_running_lease_alone_and_honours_retry_after() -> None:
    active = replace(PENDING, state="active", expires_at=NOW + timedelta(hours=1))
    failed = after_failure(active, "timeout", now=NOW, retry_after_seconds=4000)
    assert failed.is_live(NOW)
    assert failed.due_at == NOW + timedelta(seconds=4000)


@pytest.mark.parametrize(
    ("topic", "hub", "problem"),
    [
        ("https://a.example/", "https://hub.example/", None),
        ("http://a.example/", "http://hub.example/", None),
        ("https://a.example/", "http://hub.example/", "hub: http for an https feed"),
        ("https://a.example/", "ftp://hub.example/", "hub: no http or https address"),
        ("https://a.example/", "", "hub: no http or https address"),
        ("https://a.example/", "https://[hub", "hub: no valid address"),
    ],
)
def test_websub_hub_may_not_be_weaker_than_its_feed(
    topic: str, hub: str, problem: str | None
) -> None:
    assert hub_problem(topic, hub) == problem


def test_websub_form_has_what_the_recommendation_asks_for() -> None:
    callback = "https://me.example/websub/token"
    assert parse_qs(request_form(PENDING, "subscribe", callback=callback).decode()) == {
        "hub.callback": [callback],
        "hub.mode": ["subscribe"],
        "hub.topic": [TOPIC],
        "hub.lease_seconds": [str(LEASE_SECONDS)],
        "hub.secret": [PENDING.secret],
    }
    assert "hub.secret" not in request_form(PENDING, "unsubscribe", callback=callback).decode()


def test_websub_public_url_is_kept_without_its_last_slash() -> None:
    assert check_public_url("https://me.example/in/") == "https://me.example/in"


@pytest.mark.parametrize(
    "text", ["", "me.example", "ftp://me.example", "https://", "https://u:p@a", "https://a/?b"]
)
def test_websub_public_url_must_be_plain(text: str) -> None:
    with pytest.raises(ConfigError, match=r"push\.public_url"):
        check_public_url(text)


def test_websub_store_gives_back_what_it_was_given_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "websub.sqlite"
    later = replace(
        PENDING,
        feed_id="b",
        token="t2",  # noqa: S106 (no secret)
        state="active",
        expires_at=NOW,
        failure_count=2,
    )
    with SubscriptionStore(path) as store:
        store.save(replace(PENDING, due_at=NOW + timedelta(seconds=1)))
        store.save(later)
    with SubscriptionStore(path) as store:
        assert store.by_token("t2") == later
        assert [each.feed_id for each in store.all()] == ["b", "news"]
        assert store.due(NOW) == [later]
        store.delete("b")
        assert store.get("b") is None
    assert path.stat().st_mode & 0o077 == 0


def test_websub_store_refuses_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "websub.sqlite"
    path.write_bytes(b"no database at all, " * 100)
    with pytest.raises(ConfigError, match="cannot be used"):
        SubscriptionStore(path)


def test_websub_subscription_does_not_show_its_secrets() -> None:
    assert "token-token" not in repr(PENDING)
    assert "secret-secret" not in repr(PENDING)

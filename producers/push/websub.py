"""Decide about WebSub: what a hub may confirm, what it signed, when to renew.

Source: W3C Recommendation WebSub of 2018-01-23. Narrower than it in three points: signatures need
SHA-256 or better (one with SHA-1 is taken for a hint to poll, no more), deliveries without a
signature are ignored, and an https feed needs an https hub.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from dateline.errors import ConfigError
from producers.push.websub_state import Subscription

LEASE_SECONDS = 10 * 86_400
MAX_LEASE_SECONDS = 90 * 86_400
RENEW_PART = 0.8
# A hub that grants minutes is not asked more often than a feed is polled.
MIN_RENEW_SECONDS = 300.0
# How long a hub may take to verify.
VERIFY_SECONDS = 3600.0
FIRST_RETRY_SECONDS = 300.0
MAX_RETRY_SECONDS = 86_400.0
DENIED_SECONDS = 7 * 86_400.0
MAX_CHALLENGE_CHARS = 4096
MAX_REASON_CHARS = 200

Signature = Literal["valid", "weak", "wrong"]
_DIGESTS: dict[str, Callable[..., Any]] = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An answer to the hub, and what becomes of the subscription (None: it is forgotten)."""

    answer: str
    subscription: Subscription | None


def verify_intent(
    subscription: Subscription, query: Mapping[str, str], *, now: datetime
) -> Verification | None:
    """Return the answer to a hub's GET, or None for 404: not what we asked for.

    Args:
        subscription: the one with the callback that was called.
        query: ``hub.mode``, ``hub.topic``, ``hub.challenge``, ``hub.lease_seconds``,
            ``hub.reason``.
        now: the beginning of the lease.

    Raises: Nothing.
    """
    if query.get("hub.topic") != subscription.topic:
        return None
    mode = query.get("hub.mode")
    if mode == "denied":
        return _denied(subscription, query.get("hub.reason", ""), now)
    challenge = query.get("hub.challenge", "")
    if not challenge or len(challenge) > MAX_CHALLENGE_CHARS:
        return None
    if mode == "unsubscribe" and subscription.state == "ending":
        return Verification(answer=challenge, subscription=None)
    if mode == "subscribe" and subscription.state in ("pending", "active", "failed"):
        lease_seconds = parse_lease(query.get("hub.lease_seconds", ""))
        return Verification(
            answer=challenge, subscription=_leased(subscription, lease_seconds, now)
        )
    return None


def parse_lease(text: str) -> int:
    """Return the seconds of a lease within our bounds; what is no number is what we asked for."""
    if not text.isascii() or not text.isdecimal():
        return LEASE_SECONDS
    # More than seven digits are over the limit in any case, and int() of a million is slow.
    return min(max(int(text[:8]), 1), MAX_LEASE_SECONDS)


def check_signature(body: bytes, header: str | None, *, secret: str) -> Signature:
    """Return whether the hub signed ``body``; ``weak`` is a right signature with SHA-1.

    Args:
        body: as received.
        header: ``X-Hub-Signature``: ``method=hexadecimal``.
        secret: what we gave the hub.

    Raises: Nothing.
    """
    method, _, given = (header or "").strip().partition("=")
    digest = _DIGESTS.get(method.lower())
    if digest is None:
        return "wrong"
    expected = hmac.new(secret.encode(), body, digest).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.lower().encode("utf-8", "replace")):
        return "wrong"
    return "weak" if method.lower() == "sha1" else "valid"


def check_public_url(text: str) -> str:
    """Return the address under which hubs reach this server, without the slash at its end.

    Raises:
        ConfigError: it is no plain http or https address.
    """
    try:
        parts = urlsplit(text)
        is_plain = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not (parts.username or parts.password or parts.query or parts.fragment)
        )
    except ValueError:
        is_plain = False
    if not is_plain:
        raise ConfigError(
            f"push.public_url {text!r} is no plain http or https address.",
            hint="Give the address at which others reach this server, or leave it empty.",
        )
    return text.rstrip("/")


def hub_problem(topic: str, hub: str) -> str | None:
    """Return why a hub may not be used for a feed, or None."""
    try:
        topic_scheme, hub_scheme = urlsplit(topic).scheme, urlsplit(hub).scheme
    except ValueError:
        return "hub: no valid address"
    if hub_scheme not in ("http", "https"):
        return "hub: no http or https address"
    if topic_scheme == "https" and hub_scheme != "https":
        # The secret would travel in clear, and with it everything that the feed's own TLS protects.
        return "hub: http for an https feed"
    return None


def request_form(
    subscription: Subscription, mode: Literal["subscribe", "unsubscribe"], *, callback: str
) -> bytes:
    """Return the body of a request to the hub, form-encoded."""
    form = {
        "hub.callback": callback,
        "hub.mode": mode,
        "hub.topic": subscription.topic,
    }
    if mode == "subscribe":
        form |= {"hub.lease_seconds": str(LEASE_SECONDS), "hub.secret": subscription.secret}
    return urlencode(form).encode()


def after_failure(
    subscription: Subscription, reason: str, *, now: datetime, retry_after_seconds: float = 0.0
) -> Subscription:
    """Return the subscription after a request that the hub did not take.

    A lease that still runs goes on running; the next try comes after 5 minutes, then 10, and so on
    to a day.
    """
    wait_seconds = min(
        FIRST_RETRY_SECONDS * 2 ** min(subscription.failure_count, 10), MAX_RETRY_SECONDS
    )
    return replace(
        subscription,
        state=subscription.state if subscription.state in ("active", "ending") else "failed",
        due_at=now + timedelta(seconds=max(wait_seconds, retry_after_seconds)),
        failure_count=subscription.failure_count + 1,
        reason=clean_reason(reason),
    )


def clean_reason(text: str) -> str:
    """Return a hub's words as one short printable line."""
    printable = "".join(char if char.isprintable() else " " for char in text[:1000])
    return " ".join(printable.split())[:MAX_REASON_CHARS]


def _leased(subscription: Subscription, lease_seconds: int, now: datetime) -> Subscription:
    renew_seconds = max(lease_seconds * RENEW_PART, MIN_RENEW_SECONDS)
    return replace(
        subscription,
        state="active",
        due_at=now + timedelta(seconds=renew_seconds),
        expires_at=now + timedelta(seconds=lease_seconds),
        failure_count=0,
        reason="",
    )


def _denied(subscription: Subscription, reason: str, now: datetime) -> Verification:
    denied = replace(
        subscription,
        state="denied",
        due_at=now + timedelta(seconds=DENIED_SECONDS),
        expires_at=None,
        reason=clean_reason(reason) or "no reason given",
    )
    return Verification(answer="", subscription=None if subscription.state == "ending" else denied)

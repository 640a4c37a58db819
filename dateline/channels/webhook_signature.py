"""Return the headers that prove to a receiver who sent a webhook (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
# Of the specification, in bytes after base64.
SHORTEST_KEY_BYTES = 24
LONGEST_KEY_BYTES = 64


class SecretInvalid(ValueError):
    """A secret that is no signing secret; the message does not repeat it."""


def parse_secrets(text: str) -> tuple[Webhook, ...]:
    """Return the signers that ``text`` lists: ``whsec_`` and base64, several apart by a space.

    Several are for a change of the secret: the receiver takes a message when one of them fits.

    Raises:
        SecretInvalid: none is there, or one is no secret of 24 to 64 bytes.
    """
    signers = tuple(Webhook(_key(each)) for each in text.split())
    if not signers:
        raise SecretInvalid("is empty")
    return signers


def signed_headers(
    signers: tuple[Webhook, ...], *, message_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """Return ``webhook-id``, ``webhook-timestamp`` and, with signers, ``webhook-signature``.

    Args:
        signers: one signature each.
        message_id: the same at every try; without a full stop, which parts what is signed.
        at: of this try, aware and in UTC (the library takes any other zone for UTC).
        body: UTF-8, exactly as it is sent.
    """
    headers = {"webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp()))}
    if signers:
        text = body.decode()
        signatures = [each.sign(msg_id=message_id, timestamp=at, data=text) for each in signers]
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SecretInvalid("is no base64 behind whsec_") from error
    if not secret.startswith(PREFIX):
        raise SecretInvalid("does not begin with whsec_")
    if not SHORTEST_KEY_BYTES <= len(key) <= LONGEST_KEY_BYTES:
        raise SecretInvalid(f"has {len(key)} bytes; 24 to 64 are a key")
    return key

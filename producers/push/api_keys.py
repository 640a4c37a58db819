"""Know the clients of the push endpoint by the hashes of their keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from dateline.errors import ConfigError

# 16 characters of a random key are at least 64 bits even in hexadecimal: guessing is hopeless.
MIN_KEY_CHARS = 16
HINT = 'Set DATELINE_PUSH_API_KEYS="publisher:key,publisher2:key2".'


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One client: the publisher whose articles it may write, and the hash of its key."""

    source_id: str
    key_sha256: bytes = field(repr=False)


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Return the clients of ``publisher:key,publisher2:key2``; a publisher may have several keys.

    Raises:
        ConfigError: an entry without a publisher, a short key, or one key for two publishers. The
            message never holds a key.
    """
    keys: list[ApiKey] = []
    for number, entry in enumerate(text.split(","), start=1):
        if not entry.strip():
            continue
        source_id, colon, secret = (part.strip() for part in entry.partition(":"))
        if not colon or not source_id:
            raise ConfigError(f"push.api_keys: entry {number} names no publisher.", hint=HINT)
        if len(secret) < MIN_KEY_CHARS:
            raise ConfigError(
                f"push.api_keys: the key of {source_id!r} has fewer than {MIN_KEY_CHARS}"
                " characters.",
                hint="Take a random one: openssl rand -hex 32.",
            )
        keys.append(ApiKey(source_id=source_id, key_sha256=_sha256(secret)))
    if len({key.key_sha256 for key in keys}) < len(keys):
        raise ConfigError("push.api_keys: one key stands there twice.", hint=HINT)
    return tuple(keys)


def find_api_key(keys: Sequence[ApiKey], secret: str) -> ApiKey | None:
    """Return the client with this key; takes as long for any wrong key."""
    digest = _sha256(secret)
    found = None
    for key in keys:
        if hmac.compare_digest(key.key_sha256, digest):
            found = key
    return found


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()

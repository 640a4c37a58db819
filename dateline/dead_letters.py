"""Return dead letters as Kafka headers and back; the record's value is the original bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from dateline.errors import SchemaMismatch
from dateline.records import DeadLetter

# Longer messages are cut: decode errors may carry a whole article.
MAX_ERROR_CHARS = 200
ORIGINAL_HEADER_PREFIX = "original."
REQUEUED_HEADER = "requeued_at"


def dead_letter_key(topic: str, partition: int, offset: int) -> bytes:
    """Return the key that makes a second dead letter of the same record recognisable."""
    return f"{topic}/{partition}/{offset}".encode()


def to_headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """Return everything but the payload as headers."""
    error = letter.error
    if len(error) > MAX_ERROR_CHARS:
        error = error[: MAX_ERROR_CHARS - 1] + "…"
    headers = [
        ("code", letter.code.encode()),
        ("stage", letter.stage.encode()),
        ("topic", letter.topic.encode()),
        ("partition", str(letter.partition).encode()),
        ("offset", str(letter.offset).encode()),
        ("attempts", str(letter.attempts).encode()),
        ("first_failed_at", letter.first_failed_at.isoformat().encode()),
        ("error", error.encode("utf-8", "replace")),
    ]
    if letter.key is not None:
        headers.append(("original_key", letter.key))
    headers.extend((ORIGINAL_HEADER_PREFIX + name, value) for name, value in letter.headers)
    return headers


def from_record(payload: bytes | None, headers: Iterable[tuple[str, bytes]]) -> DeadLetter:
    """Return the dead letter of a record of ``news.dead_letter.v1``.

    Raises:
        SchemaMismatch: a header is missing or malformed.
    """
    pairs = list(headers)
    found: Mapping[str, bytes] = dict(pairs)
    try:
        return DeadLetter(
            payload=payload or b"",
            code=found["code"].decode(),
            stage=found["stage"].decode(),
            topic=found["topic"].decode(),
            partition=int(found["partition"]),
            offset=int(found["offset"]),
            attempts=int(found["attempts"]),
            first_failed_at=datetime.fromisoformat(found["first_failed_at"].decode()),
            error=found["error"].decode(),
            key=found.get("original_key"),
            headers=tuple(
                (name.removeprefix(ORIGINAL_HEADER_PREFIX), value)
                for name, value in pairs
                if name.startswith(ORIGINAL_HEADER_PREFIX)
            ),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:  # Kafka allows None values
        raise SchemaMismatch(f"no dead letter of ours: {error!r}") from error

"""Return records as versioned JSON bytes, and records from such bytes, checked.

Every payload is one JSON object that begins with ``schema`` and ``version``. Unknown fields are
left out (a newer writer may add some); an unknown schema or version is refused.
"""

from __future__ import annotations

from typing import Any, TypeVar, get_args, overload

import msgspec

from dateline.alert_records import Alert, Channel, Watch
from dateline.errors import PayloadUndecodable, SchemaMismatch
from dateline.records import (
    ArticleState,
    EnrichedArticle,
    EntityCorrection,
    EntityRecord,
    GroupedArticle,
    KillNotice,
    RawArticle,
    Record,
    Redecide,
    StoryRecord,
)

# A raw record is at most 5 MB (design section 2); later records carry it plus its clean text and
# mentions, measured at most 3 times as large on texts that are nothing but names.
MAX_RAW_BYTES = 5_000_000
MAX_RECORD_BYTES = 16_000_000

SCHEMAS: dict[type[Any], tuple[str, int]] = {
    RawArticle: ("raw_article", 1),
    KillNotice: ("kill_notice", 1),
    EnrichedArticle: ("enriched_article", 1),
    Redecide: ("redecide", 1),
    GroupedArticle: ("grouped_article", 1),
    ArticleState: ("article_state", 1),
    StoryRecord: ("story_record", 1),
    EntityRecord: ("entity_record", 1),
    EntityCorrection: ("entity_correction", 1),
    Watch: ("watch", 1),
    Channel: ("channel", 1),
    Alert: ("alert", 1),
}


class _Header(msgspec.Struct):
    schema: str
    version: int


_ENCODER = msgspec.json.Encoder()
_HEADER_DECODER = msgspec.json.Decoder(_Header)
_DECODERS = {schema: msgspec.json.Decoder(record_type) for record_type, schema in SCHEMAS.items()}
_PREFIXES = {
    record_type: f'{{"schema":"{name}","version":{version},'.encode()
    for record_type, (name, version) in SCHEMAS.items()
}

A = TypeVar("A", bound=Record)
B = TypeVar("B", bound=Record)
C = TypeVar("C", bound=Record)
D = TypeVar("D", bound=Record)


def to_wire(record: Record) -> bytes:
    """Return ``record`` as UTF-8 JSON with ``schema`` and ``version`` in front."""
    return _PREFIXES[type(record)] + _ENCODER.encode(record)[1:]


@overload
def from_wire(payload: bytes | None, one: type[A], /, *, max_bytes: int = ...) -> A: ...
@overload
def from_wire(
    payload: bytes | None, one: type[A], other: type[B], /, *, max_bytes: int = ...
) -> A | B: ...
@overload
def from_wire(
    payload: bytes | None, one: type[A], other: type[B], third: type[C], /, *, max_bytes: int = ...
) -> A | B | C: ...
@overload
def from_wire(
    payload: bytes | None,
    one: type[A],
    other: type[B],
    third: type[C],
    fourth: type[D],
    /,
    *,
    max_bytes: int = ...,
) -> A | B | C | D: ...
def from_wire(
    payload: bytes | None, /, *expected: type[Any], max_bytes: int = MAX_RECORD_BYTES
) -> Any:
    """Return the record in ``payload``, which must be one of the ``expected`` classes.

    Raises:
        PayloadUndecodable: no bytes, too many, not UTF-8, or not JSON.
        SchemaMismatch: another schema or version, or a field of the wrong type; the message names
            the JSON path.
    """
    if not payload:
        raise PayloadUndecodable("the record has no value")
    if len(payload) > max_bytes:
        raise PayloadUndecodable(f"{len(payload)} bytes are over the limit of {max_bytes}")
    try:
        header = _HEADER_DECODER.decode(payload)
        decoder = _DECODERS.get((header.schema, header.version))
        if decoder is None:
            raise SchemaMismatch(f"unknown schema {header.schema!r} version {header.version}")
        record = decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise SchemaMismatch(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadUndecodable(f"not a JSON record: {error}") from error
    if not isinstance(record, expected):
        wanted = " or ".join(SCHEMAS[record_type][0] for record_type in expected)
        raise SchemaMismatch(f"expected {wanted}, got {header.schema} - at `$.schema`")
    return record


def record_types() -> tuple[type[Any], ...]:
    """Return every class that may travel; the wire table must have them all (tested)."""
    return get_args(Record)

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_records import at

from dateline.dead_letters import MAX_ERROR_CHARS, dead_letter_key, from_record, to_headers
from dateline.errors import SchemaMismatch
from dateline.records import DeadLetter

LETTER = DeadLetter(
    payload=b"\x00\xff", code="E202", stage="index", topic="news.grouped.v1", partition=3,
    offset=41, attempts=2, first_failed_at=at(0), error="no record - at `$.schema`", key=b"\xfe",
    headers=(("trace", b"1"), ("trace", b"2"), ("code", b"mine"), ("", b"")),
)  # fmt: skip


def test_letter_comes_back_as_it_was() -> None:
    assert from_record(LETTER.payload, to_headers(LETTER)) == LETTER


@given(
    payload=st.binary(max_size=20),
    key=st.none() | st.binary(max_size=5),
    headers=st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=3),
    error=st.text(max_size=MAX_ERROR_CHARS),
)
def test_any_letter_comes_back(
    payload: bytes, key: bytes | None, headers: list[tuple[str, bytes]], error: str
) -> None:
    letter = replace(LETTER, payload=payload, key=key, headers=tuple(headers), error=error)

    assert from_record(payload, to_headers(letter)) == letter


def test_headers_are_those_of_the_house() -> None:
    names = [name for name, _ in to_headers(replace(LETTER, headers=()))]

    assert names == [
        "code", "stage", "topic", "partition", "offset", "attempts", "first_failed_at", "error",
        "original_key",
    ]  # fmt: skip


def test_long_error_is_cut() -> None:
    error = dict(to_headers(replace(LETTER, error="é" * 500)))["error"].decode()

    assert len(error) == MAX_ERROR_CHARS == 200
    assert error.endswith("é…")


def test_error_with_a_lone_surrogate_can_be_written() -> None:
    assert dict(to_headers(replace(LETTER, error="\ud800")))["error"] == b"?"


def test_key_names_the_place() -> None:
    assert dead_letter_key("news.raw.v1", 5, 77) == b"news.raw.v1/5/77"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("offset", b"many"),
        ("partition", b""),
        ("first_failed_at", b"yesterday"),
        ("stage", b"\xff"),
        ("attempts", None),
        ("code", None),
    ],
)
def test_malformed_header_is_refused(name: str, value: bytes | None) -> None:
    headers = [pair for pair in to_headers(LETTER) if pair[0] != name]

    with pytest.raises(SchemaMismatch, match="no dead letter of ours"):
        from_record(b"", [*headers, (name, value)])  # type: ignore[list-item]  # Kafka allows it


def test_missing_header_is_refused() -> None:
    with pytest.raises(SchemaMismatch):
        from_record(b"", to_headers(LETTER)[1:])

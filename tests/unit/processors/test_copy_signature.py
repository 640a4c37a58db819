"""Signatures are small, stable, and tell containment."""

from __future__ import annotations

import hashlib
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_texts import text_of, words_of

from processors.enrich.copy_signature import (
    MIN_SHINGLES,
    SHINGLE_WORDS,
    SKETCH_SIZE,
    sign_text,
)


def test_signature_is_that_of_stored_state() -> None:
    signature = sign_text(" ".join(f"word{number}" for number in range(100)))
    assert signature is not None
    assert signature.shingle_count == 96
    # Stored with every article: another value here makes all stored signatures useless.
    digest = hashlib.sha256(signature.hashes).hexdigest()
    assert digest.startswith("7dab399cb41c6d82"), digest


def test_short_text_has_no_signature() -> None:
    least = MIN_SHINGLES + SHINGLE_WORDS - 1
    assert sign_text(text_of("short", least - 1)) is None
    assert sign_text(text_of("short", least)) is not None


def test_one_word_repeated_has_no_signature() -> None:
    assert sign_text("again " * 1000) is None


def test_long_text_keeps_the_smallest_hashes() -> None:
    signature = sign_text(text_of("long", 5000))
    assert signature is not None
    assert len(signature.hashes) == 4 * SKETCH_SIZE
    assert signature.shingle_count == 4996
    # 512 of 4,996 evenly spread hashes reach to about a tenth of all.
    assert signature.limit / 0xFFFFFFFF == pytest.approx(512 / 4996, rel=0.2)
    assert signature.array().tolist() == sorted(set(signature.array().tolist()))


def test_hashes_are_evenly_spread() -> None:
    signature = sign_text(text_of("even", 500))
    assert signature is not None
    last_bits = [value & 7 for value in signature.array().tolist()]
    assert all(30 <= last_bits.count(bits) <= 100 for bits in range(8))


@given(st.lists(st.sampled_from(words_of("few", 30)), max_size=80))
def test_signature_counts_distinct_shingles(words: list[str]) -> None:
    shingles = {tuple(words[place : place + 5]) for place in range(len(words) - 4)}
    signature = sign_text(" ".join(words))
    if len(shingles) < MIN_SHINGLES:
        assert signature is None
    else:
        assert signature is not None
        assert signature.shingle_count == len(shingles)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 1_000_000, id="no-space"),
        pytest.param("x " * 500_000, id="one-letter-words"),
        pytest.param("(" * 1_000_000, id="marks"),
        pytest.param("\n" * 1_000_000, id="line-breaks"),
        pytest.param("By A\n" * 200_000, id="bylines"),
        pytest.param("– (a" * 250_000, id="dashes"),
        pytest.param("مرحبا بالعالم " * 70_000, id="right-to-left"),
        pytest.param("\U0001f600 " * 500_000, id="emoji"),
        pytest.param("字" * 1_000_000, id="ideographs"),
        pytest.param(text_of("many", 140_000), id="words"),
        pytest.param("\N{COMBINING ACUTE ACCENT}" * 1_000_000, id="marks-on-nothing"),
    ],
)
def test_a_million_characters_take_bounded_time(text: str) -> None:
    start = perf_counter()
    signature = sign_text(text)
    assert perf_counter() - start < 10  # under a second on an idle core
    assert signature is None or len(signature.hashes) <= 4 * SKETCH_SIZE

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.enrich.clean_text import clean_text, to_body_span

SEEDS = sorted((Path(__file__).resolve().parents[3] / "seeds").glob("*.txt"))

# Dense in what the rules are about, so that runs, edges and joiners meet.
ALPHABET = (
    "ab. \t\n\r\x00\x0b\x85\xa0\xad\u200b\u200c\u200d\u2028\u2029\u202f\u3000\ufeff\u2019\u201c"
    "\u2033م😀\ud800\ufffd"
)
BODIES = st.text(alphabet=st.sampled_from(ALPHABET), max_size=40) | st.text(
    alphabet=st.characters(), max_size=40
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("one\ntwo", "one two", id="line-break"),
        pytest.param("one\r\ntwo\rthree", "one two three", id="carriage-returns"),
        pytest.param("one \n two", "one two", id="spaces-about-break"),
        pytest.param("one\n\ntwo", "one\n\ntwo", id="paragraph"),
        pytest.param("one  \n \t\r\n\n  two", "one\n\ntwo", id="wide-paragraph"),
        pytest.param("one  two   three", "one two three", id="doubled-spaces"),
        pytest.param("one\xa0 two\tthree", "one two three", id="no-break-space"),
        pytest.param("l\u2019\xe9t\xe9\u202f!", "l'\xe9t\xe9 !", id="narrow-space-accents-stay"),
        pytest.param("\u201cyes\u201d \u2018no\u2019 5\u2032", "\"yes\" 'no' 5'", id="quotes"),
        pytest.param("\u00abyes\u00bb \u2013 \u2014", "\u00abyes\u00bb \u2013 \u2014", id="kept"),
        pytest.param("\ufeff a\u200bb\xadc\x00d\x1be ", "abcde", id="invisible-and-edges"),
        pytest.param("a \u200b b", "a b", id="zero-width-between-spaces"),
        pytest.param(
            "\u0645\u06cc\u200c\u0634\u0648\u062f",
            "\u0645\u06cc\u200c\u0634\u0648\u062f",
            id="persian-joiner-stays",
        ),
        pytest.param("a\u200cb\u200d c", "ab c", id="latin-joiner-goes"),
        pytest.param("a\ud800b", "a\ufffdb", id="lone-surrogate"),
        pytest.param(" \n\x00\u200b\t", "", id="nothing-visible"),
        pytest.param("", "", id="empty"),
    ],
)
def test_clean_text_makes_space_and_quotes_regular(body: str, expected: str) -> None:
    assert clean_text(body).text == expected


def test_clean_text_cuts_spans_with_the_space_around_them() -> None:
    body = "One.  CUT THIS. Two. AND THIS."
    first, second = body.index("CUT"), body.index("AND")
    clean = clean_text(body, [(second, len(body)), (first, first + 9)])
    assert clean.text == "One. Two."
    assert to_body_span(clean.offsets, 5, 9) == (16, 20)


def test_clean_text_cuts_overlapping_spans_once() -> None:
    assert clean_text("abcdefgh", [(1, 4), (2, 6), (3, 5)]).text == "agh"


def test_to_body_span_leaves_out_what_was_removed_after_the_end() -> None:
    body = "Doha\u200b\u200b  and"
    clean = clean_text(body)
    assert clean.text == "Doha and"
    assert to_body_span(clean.offsets, 0, 4) == (0, 4)
    assert to_body_span(clean.offsets, 5, 8) == (8, 11)
    assert to_body_span(clean.offsets, 5, 5) == (8, 8)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_clean_text_offsets_are_few_on_the_seeds(seed: Path) -> None:
    body = seed.read_text(encoding="utf-8")
    clean = clean_text(body)
    assert "  " not in clean.text
    assert not set("\u2019\u201c\u201d\xa0") & set(clean.text)
    assert len(clean.offsets) <= 6
    for name in ("Qatar", "Palestine", "Doha", "JCPOA"):
        start = clean.text.find(name)
        if start >= 0:
            a, b = to_body_span(clean.offsets, start, start + len(name))
            assert body[a:b] == name


@given(BODIES, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3))
@settings(max_examples=200, deadline=None)
def test_clean_text_maps_every_character_back(body: str, raw_cut: list[tuple[int, int]]) -> None:
    cut = [(min(a, b, len(body)), min(max(a, b), len(body))) for a, b in raw_cut]
    clean = clean_text(body, cut)
    positions = [position for position, _ in clean.offsets]
    assert positions[0] == 0
    assert positions == sorted(set(positions))
    regular = set(" \n'\"\ufffd")
    last = -1
    for i, char in enumerate(clean.text):
        start, end = to_body_span(clean.offsets, i, i + 1)
        assert start > last
        assert end == start + 1
        assert char in regular or body[start] == char
        assert char in regular or not any(a <= start < b for a, b in cut)
        last = start


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_clean_text_is_idempotent(body: str) -> None:
    once = clean_text(body).text
    again = clean_text(once)
    assert again.text == once
    assert again.offsets == ((0, 0),)


@pytest.mark.parametrize(
    "piece", ["word \u201ctwo\u201d, three.\n", " ", "a\n", "a  ", "\x00", "\u0645\u200c", "\r\n"]
)
def test_clean_text_is_linear(piece: str) -> None:
    body = piece * (300_000 // len(piece)) + "x"
    began = time.process_time()
    clean_text(body)
    # Far more than it takes: a quadratic rule would need minutes.
    assert time.process_time() - began < 3

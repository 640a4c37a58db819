from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.sentences import split_sentences


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        pytest.param(["One came.", "Two left!", "Why?", "Nobody knows…"], id="plain"),
        pytest.param(["Dr. Roe met Mr. A. B. Li of the U.S. Navy.", "They spoke."], id="titles"),
        pytest.param(["He flew to the U.S. on Jan. 5.", "It rained."], id="acronym-then-lower"),
        pytest.param(["He left the U.S.", "The talks went on."], id="acronym-at-end"),
        pytest.param(["“We agree.”", "He nodded."], id="closing-quote"),
        pytest.param(['"Really?" she asked.', "Yes."], id="question-in-quote"),
        pytest.param(["It grew 4.5 percent.", "Item No. 5 rose."], id="numbers"),
        pytest.param(["They looked at the sun.", "Scientists laughed."], id="month-as-word"),
        pytest.param(["Orchard Inc. rose.", "It fell."], id="company"),
        pytest.param(["She has the key, i.e. Kim does.", "Done."], id="ie"),
        pytest.param(["Seit dem 1. Juli 2025 gilt das.", "Es gilt."], id="german-day"),
        pytest.param(["Photo by P. Roe.", "See p. 5."], id="initial-is-no-page"),
        pytest.param(["It cites 17 U.S.C. § 105.", "It rained."], id="paragraph-sign"),
        pytest.param(["هل تعلم؟", "نعم."], id="arabic"),
    ],
)
def test_split_sentences_finds_the_ends(sentences: list[str]) -> None:
    assert _split(" ".join(sentences)) == sentences


def test_split_sentences_ends_at_blank_lines_only() -> None:
    assert _split(" Heading\n\nOne\ntwo.\n \nThree ") == ["Heading", "One\ntwo.", "Three"]


def test_split_sentences_needs_no_space_in_chinese() -> None:
    assert _split("他来了。她走了！") == ["他来了。", "她走了！"]


@given(st.text(alphabet="aB .?!\n\r\t\"'”。؟5é", max_size=60))
def test_split_sentences_covers_all_that_is_visible(text: str) -> None:
    spans = split_sentences(text)
    assert list(spans) == sorted(spans)
    assert all(not text[a].isspace() and not text[b - 1].isspace() for a, b in spans)
    covered = {i for a, b in spans for i in range(a, b)}
    assert len(covered) == sum(b - a for a, b in spans)
    assert all(i in covered for i, char in enumerate(text) if not char.isspace())


@pytest.mark.parametrize("piece", [".", '."', ". ", "A. ", "\n ", '"', "a. "])
def test_split_sentences_is_linear(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "x"
    began = time.process_time()
    split_sentences(text)
    assert time.process_time() - began < 5

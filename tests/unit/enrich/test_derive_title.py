from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.enrich.clean_text import clean_text
from processors.enrich.derive_title import (
    SUMMARY_CHARS,
    TITLE_CHARS,
    derive_summary,
    derive_title,
)

LONG = (
    "The delegation of the northern province spoke with the farmers of the valley about water " * 5
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The dam held. It rained.", "The dam held", id="full-stop-goes"),
        pytest.param("Did the dam hold? It did.", "Did the dam hold?", id="question-stays"),
        pytest.param("He flew to the U.S.", "He flew to the U.S.", id="acronym-stays"),
        pytest.param("Heading\n\nThe dam held.", "Heading", id="paragraph"),
        pytest.param("...", "...", id="dots-only"),
        pytest.param(".", ".", id="dot-only"),
        pytest.param("字" * 200, "字" * (TITLE_CHARS - 1) + "…", id="no-spaces"),
    ],
)
def test_derive_title_takes_the_first_sentence(text: str, expected: str) -> None:
    assert derive_title(text, 0) == expected


def test_derive_title_cuts_at_a_word() -> None:
    title = derive_title(LONG, 0)
    assert title == LONG[: LONG.index(" the northern", 90)] + "…"
    assert len(title) <= TITLE_CHARS


def test_derive_title_begins_after_the_dateline() -> None:
    assert derive_title("DOHA (QNA) - The dam held.", 13) == "The dam held"
    assert derive_title("DOHA (QNA) - ", 13) == "DOHA (QNA) -"


def test_derive_summary_takes_whole_sentences() -> None:
    text = "DOHA – " + "The dam held. " * 40
    summary = derive_summary(text, 7)
    assert summary == ("The dam held. " * 21).strip()
    assert len(summary) <= SUMMARY_CHARS


def test_derive_summary_cuts_a_long_first_sentence() -> None:
    summary = derive_summary(LONG, 0)
    assert summary.endswith("…")
    assert SUMMARY_CHARS - 20 < len(summary) <= SUMMARY_CHARS


@given(st.text(max_size=40), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_derived_texts_are_never_empty(body: str, dateline_end: int) -> None:
    text = clean_text(body).text
    if text:
        assert derive_title(text, dateline_end)
        assert derive_summary(text, dateline_end)

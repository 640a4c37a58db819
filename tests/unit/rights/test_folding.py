"""Folding: what is written in several ways is made one, and every offset stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.folding import IGNORED, folded_text


@given(st.text())
def test_folding_keeps_the_length_of_any_text(text: str) -> None:
    assert len(folded_text(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded_text(folded_text(text)) == folded_text(text)


@pytest.mark.parametrize(
    ("written", "folded"),
    [("\u06f4\u066b\u06f0", "4.0"), ("\uff14\uff0e\uff10", "4.0"), ("BY\u2013SA", "BY-SA"),
     ("d\u2019usage", "d'usage"), ("\u064a\u0643", "\u06cc\u06a9"), ("B\u0423", "B\u0423")],
)  # fmt: skip
def test_digits_dashes_and_arabic_letters_are_made_one_and_look_alikes_are_not(
    written: str, folded: str
) -> None:
    assert folded_text(written) == folded


def test_letters_are_never_ignored() -> None:
    assert not any(IGNORED.match(chr(code)) for code in range(0x10000) if chr(code).isalpha()
                   and chr(code) != "\u0640")  # fmt: skip

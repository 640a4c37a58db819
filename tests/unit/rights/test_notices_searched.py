"""Words with what was found in them: looked for once, and the same as the lexicon finds."""

from __future__ import annotations

import pytest

from dateline.rights.notices.lexicon import load_lexicons
from dateline.rights.notices.names import MARK
from dateline.rights.notices.searched import Searched
from dateline.rights.notices.unit import is_question

ENGLISH = load_lexicons()["en"]
NOTICE = f"this article is licensed under {MARK} except where otherwise noted."


@pytest.mark.parametrize("kind", sorted(ENGLISH.patterns))
def test_what_is_found_is_what_the_lexicon_finds(kind: str) -> None:
    words, direct = Searched(NOTICE, ENGLISH), ENGLISH.first(kind, NOTICE)
    found = words.first(kind)
    assert (found.span() if found else None) == (direct.span() if direct else None)
    assert words.has(kind) is (direct is not None)


def test_a_kind_is_looked_for_once() -> None:
    words = Searched(NOTICE, ENGLISH)
    first = words.first("grant")
    assert first is not None
    assert words.first("grant") is first


def test_the_same_words_keep_what_was_found() -> None:
    words = Searched(NOTICE, ENGLISH)
    assert words.over(str(NOTICE)) is words
    assert words.has("grant")
    assert not words.over("nothing here").has("grant")


def test_words_of_a_kind_are_taken_out_and_a_licence_is_kept() -> None:
    words = Searched(NOTICE, ENGLISH)
    rest = words.without("except_noted")
    assert rest.text == ENGLISH.without("except_noted", NOTICE) != NOTICE
    assert MARK in rest.text
    assert rest.without("except_noted") is rest


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("may i print this?", True), ('may i print this?" )', True), ("مجاز است؟", True),
        ("いいですか？", True), ("may i? yes.", False), (f"free? {MARK}", False), ("", False),
    ],
)  # fmt: skip
def test_a_question_ends_with_its_mark(words: str, expected: bool) -> None:
    assert is_question(words) is expected

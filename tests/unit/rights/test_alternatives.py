"""Joining expressions by their beginnings: the same answers as one after the other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.alternatives import is_one, joined

PIECES = [
    "a",
    "b",
    "c",
    " ",
    "-",
    "a?",
    "b*",
    "(?:a|b)",
    "(?:ab)?",
    "[bc]",
    r"\w",
    r"\b",
    "(?!c)",
    "",
]
EXPRESSIONS = st.lists(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), min_size=1)


@given(EXPRESSIONS, st.text("abc -", max_size=12))
def test_what_is_joined_matches_the_same_words_in_the_same_places(
    expressions: list[str], text: str
) -> None:
    apart = [found.span() for found in re.finditer("|".join(expressions), text)]
    assert [found.span() for found in re.finditer(joined(expressions), text)] == apart


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (["cat", "dog", "car"], "ca(?:t|r)|dog"),
        (["ab", r"\w+", "ac"], r"ab|\w+|ac"),
        (["{text} on", "{text} by"], "{text} (?:on|by)"),
        (["ab?", "ac?"], "a(?:b?|c?)"),
        (["a?b", "a?c"], "a?b|a?c"),
        (["ab|x", "ac"], "ab|x|ac"),
    ],
)
def test_only_neighbours_that_begin_plainly_are_joined(
    expressions: list[str], expected: str
) -> None:
    assert joined(expressions) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("a(?:b|c)", True), ("a(?:b|(c|d)e)f", True), ("[|]a", True), ("a|b", False)],
)
def test_alternatives_inside_brackets_are_none_of_the_whole(
    expression: str, expected: bool
) -> None:
    assert is_one(expression) is expected

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.snippet import cut_snippet, without_passages

TEXT = "The pier opened on Friday. Only members read this sentence. It cost 12 million."


@pytest.mark.parametrize(
    ("text", "chars", "shown"),
    [
        ("one two three", 8, "one two…"),
        ("one two three", 9, "one two…"),
        ("one two three", 10, "one two…"),
        ("onetwothree", 5, "onet…"),
        ("one", 1, "…"),
        ("one", 0, None),
        (" onetwothree", 5, " one…"),
        ("first\nsecond\nthird", 10, "first…"),
        ("", 0, ""),
        ("short", 5, "short"),
    ],
)
def test_snippet_by_length(text: str, chars: int, shown: str | None) -> None:
    assert cut_snippet(text, chars) == shown


@given(st.text(alphabet="ab \n", max_size=60), st.integers(0, 40))
def test_snippet_is_a_beginning_and_no_longer_than_allowed(text: str, chars: int) -> None:
    shown = cut_snippet(text, chars) or ""

    assert len(shown) <= chars
    assert text.startswith(shown.removesuffix("…"))


def test_passage_is_blanked_and_the_rest_stays_where_it_was() -> None:
    shown = without_passages(TEXT, ["Only members read this sentence."])

    assert "members" not in shown
    assert len(shown) == len(TEXT)
    assert shown.startswith("The pier opened on Friday. […]")
    assert shown[TEXT.index("It cost") :] == "It cost 12 million."


@pytest.mark.parametrize(
    "passage",
    [
        "only   members\n\tread this sentence",
        "“Only members” read this sentence…",
        "ONLY MEMBERS READ THIS SENTENCE",
        "Advertisement. Only members read this sentence.",
    ],
)
def test_passage_is_found_in_another_spelling(passage: str) -> None:
    assert "members" not in without_passages(TEXT, [passage])


def test_every_occurrence_goes_also_one_behind_the_other() -> None:
    assert without_passages("a b a b c a b", ["a b"]).split() == ["[…]", "[…]", "c", "[…]"]


def test_words_inside_others_stay() -> None:
    assert without_passages("Readers read.", ["read"]) == "Readers […] ."


@pytest.mark.parametrize("passages", [[], [""], ["..."], ["not in the text at all"]])
def test_what_is_not_there_changes_nothing(passages: list[str]) -> None:
    assert without_passages(TEXT, passages) == TEXT


def test_overlapping_passages() -> None:
    shown = without_passages("one two three four five", ["one two three", "two three four"])

    assert shown.split() == ["[…]", "[…]", "five"]


def test_page_with_too_many_passages_shows_nothing() -> None:
    assert not set(without_passages(TEXT, [f"p{n}" for n in range(201)])) & set("Thepir")


@given(st.text(max_size=80), st.lists(st.text(max_size=12), max_size=4))
def test_length_never_changes(text: str, passages: list[str]) -> None:
    assert len(without_passages(text, passages)) == len(text)


def test_large_hostile_text_takes_no_long_time() -> None:
    text = "a b " * 500_000
    began = time.perf_counter()

    without_passages(text, ["a b " * 1000 + "c"] * 50 + ["a b"])

    assert time.perf_counter() - began < 20

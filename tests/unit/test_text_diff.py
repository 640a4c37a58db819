"""What changed between two texts."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.text_diff import DiffCounts, Operation, count_changes, diff_words

TEXTS = st.text(alphabet=st.sampled_from("ab. \n\té😀"), max_size=60)


def _kept(operations: tuple[Operation, ...], *kinds: str) -> list[str]:
    return [operation.text for operation in operations if operation.kind in kinds]


def test_a_changed_word_is_removed_and_added() -> None:
    operations = diff_words("The pier cost 12 million euros.", "The pier cost 14 million euros.")

    assert operations == (
        Operation("same", "The pier cost "),
        Operation("removed", "12 "),
        Operation("added", "14 "),
        Operation("same", "million euros."),
    )
    assert count_changes(operations) == DiffCounts(removed_words=1, added_words=1, places=1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ()),
        ("", "a b", (Operation("added", "a b"),)),
        ("a b", "", (Operation("removed", "a b"),)),
        ("a  b\nc", "a b c", (Operation("same", "a b c"),)),
        ("  a", "a", (Operation("same", "a"),)),
        ("a", "a b", (Operation("same", "a "), Operation("added", "b"))),
    ],
)
def test_edges(old: str, new: str, expected: tuple[Operation, ...]) -> None:
    assert diff_words(old, new) == expected


def test_a_stray_short_word_between_two_rewrites_is_no_island() -> None:
    operations = diff_words("they said a man fell", "officials told a boat sank")

    assert [operation.kind for operation in operations] == ["removed", "added"]


def test_a_word_of_some_length_stays_an_island() -> None:
    operations = diff_words("they said Lisbon man fell", "officials told Lisbon boat sank")

    assert _kept(operations, "same") == ["Lisbon "]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_operations(old: str, new: str) -> None:
    operations = diff_words(old, new)

    assert "".join(_kept(operations, "same", "added")) == new
    assert " ".join(_kept(operations, "same", "removed")).split() == old.split()
    assert all(operation.text for operation in operations)
    kinds = [operation.kind for operation in operations]
    assert all(one != other for one, other in pairwise(kinds))


def _text(words: int, seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 (the same text every time)
    vocabulary = [f"w{number}" for number in range(20_000)]
    weights = [1 / (number + 1) for number in range(20_000)]
    chosen = chance.choices(vocabulary, weights, k=words)
    ends = [f"{word}.\n" if at % 15 == 14 else f"{word} " for at, word in enumerate(chosen)]
    return "".join(ends)


def test_edits_far_apart_in_a_megabyte_are_found_word_by_word() -> None:
    old = _text(200_000, seed=1)
    words = old.split(" ")
    for position in (10, 100_000, len(words) - 10):
        words[position] = "EDITED"
    new = " ".join(words)

    counts = count_changes(diff_words(old, new))

    assert len(old) > 900_000
    assert counts.places == 3
    assert counts.added_words == 3
    assert counts.removed_words < 10


HOSTILE = {
    "two different megabytes": (_text(200_000, seed=2), _text(200_000, seed=3)),
    "one word for ever": ("a " * 500_000, "b" + "a " * 400_000 + "b"),
    "one line for ever": ("a\n" * 500_000, "b\na\n" * 250_000),
    "no space": ("x" * 1_000_000, "x" * 999_999 + "y"),
    "spaces only": (" " * 1_000_000, "\n" * 999_999 + "y"),
    "backwards": (
        " ".join(map(str, range(150_000))), " ".join(map(str, reversed(range(150_000)))),
    ),
    "many short passages": ("a a b. " * 150_000, "b a a. c " * 120_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_takes_seconds_at_most(name: str) -> None:
    old, new = HOSTILE[name]
    started_at = time.perf_counter()

    operations = diff_words(old, new)

    assert time.perf_counter() - started_at < 20  # measured: below 1 s
    assert "".join(_kept(operations, "same", "added")) == new

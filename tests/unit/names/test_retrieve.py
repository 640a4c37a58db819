from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.names.retrieve import Candidate, NameIndex

NAMES = {
    "khulaifi": "Mohammed bin Abdulaziz al-Khulaifi",
    "thani": "Mohammed bin Abdulrahman Al Thani",
    "kani": "Ali Bagheri Kani",
    "oliveira": "Marta Oliveira",
    "haddad": "سامي الحداد",
}


def index_of(names: dict[str, str]) -> NameIndex:
    index = NameIndex("person")
    for key, name in names.items():
        index.add(key, name)
    return index


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Mohammad bin Abdul Aziz al-Khalifi", "khulaifi"),
        ("محمد بن عبد العزيز الخليفي", "khulaifi"),
        ("al-Khalifi", "khulaifi"),
        ("Bagheri Kani", "kani"),
        ("علی باقری کنی", "kani"),
        ("Olivera, Marta", "oliveira"),
        ("Марта Оливейра", "oliveira"),
        ("Sami al-Haddad", "haddad"),
    ],
)
def test_the_name_most_alike_is_first(name: str, key: str) -> None:
    assert index_of(NAMES).candidates(name)[0].key == key


def test_candidates_are_at_most_limit_and_best_first() -> None:
    found = index_of(NAMES).candidates("Mohammed", limit=2)

    assert {candidate.key for candidate in found} == {"khulaifi", "thani"}
    assert found[0].similarity >= found[1].similarity


def test_a_key_may_have_several_names_and_loses_them_all() -> None:
    index = index_of(NAMES)
    index.add("oliveira", "M. Olivares")
    index.add("oliveira", "M. Olivares")
    assert len(index) == len(NAMES) + 1
    assert index.candidates("M. Olivares")[0] == Candidate("oliveira", "M. Olivares", 1.0)

    index.remove("oliveira")
    index.remove("nobody")

    assert len(index) == len(NAMES) - 1
    assert "oliveira" not in {found.key for found in index.candidates("Marta Oliveira")}


def test_what_is_removed_leaves_nothing() -> None:
    index = index_of(NAMES)
    for key in NAMES:
        index.remove(key)

    assert len(index) == 0
    assert not index._holders
    assert not any(index._buckets.values())


def test_names_without_letters_are_not_kept() -> None:
    index = index_of({"a": "...", "b": ""})

    assert len(index) == 0
    assert index.candidates("Marta") == ()
    assert index.candidates("") == ()


WORDS = st.sampled_from(["Marta", "Mara", "Marto", "Omar", "Amir", "عمر", "مارتا", "Oliveira"])


@given(st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=12), WORDS)
def test_a_loaded_index_finds_the_same(names: list[str], asked: str) -> None:
    index = index_of({str(number): name for number, name in enumerate(names)})
    for number in range(0, len(names), 3):
        index.remove(str(number))

    assert NameIndex.load(index.dump()).candidates(asked) == index.candidates(asked)


def test_five_thousand_names_of_common_words_are_searched_in_bounded_time() -> None:
    index = index_of({str(n): f"Mohammed Ali {n} Hassan" for n in range(5_000)})
    start = perf_counter()

    found = index.candidates("Mohammed Ali Hassan")

    assert len(found) == 10
    assert perf_counter() - start < 1.0


def test_text_that_was_taken_for_a_name_is_added_and_searched() -> None:
    text = "خليفة بن " * 100_000
    index = index_of({"text": text, "word": "x" * 1_000_000})
    start = perf_counter()

    assert index.candidates(text)[0].key == "text"
    assert perf_counter() - start < 1.0

from __future__ import annotations

import pytest

from dateline.names.correspondence import UNPAIRED, correspondence, pairing_cost
from dateline.names.skeleton import skeleton, to_latin


@pytest.mark.parametrize(
    "words",
    [
        ("khulaifi", "khalifi", "khoulaifee", "الخليفي", "خلیفی"),
        ("gaddafi", "qadhafi", "kadafi", "قذافي"),
        ("sharif", "shareef", "شريف"),
        ("zhukov", "jukov", "жуков"),
        ("schmitschek", "smichek"),
        ("philip", "filib"),
        ("cecil", "sesil"),
        ("bagheri", "baqeri", "باقري"),
    ],
)
def test_spellings_of_one_name_have_one_skeleton(words: tuple[str, ...]) -> None:
    assert len({skeleton(word) for word in words}) == 1


def test_skeletons_of_other_names_differ() -> None:
    assert len({skeleton(word) for word in ("khulaifi", "haddad", "marinov", "bagheri")}) == 4


def test_skeleton_of_vowels_is_empty() -> None:
    assert skeleton("aoiu") == ""


def test_to_latin_keeps_arabic_script() -> None:
    assert to_latin("Жуков, كريم") == "Zhukov, كريم"


def test_words_that_sound_alike_correspond() -> None:
    assert correspondence("الخليفي", "khulaifi") > 0.75
    assert correspondence("الخليفي", "haddad") == 0.0
    assert correspondence("چمران", "chamran") > 0.75
    assert correspondence("", "haddad") < 0.5


def test_a_letter_that_the_table_does_not_know_costs_what_is_unpaired() -> None:
    costs = {"": {}, "^": {"^": 0.0}, "$": {"$": 0.0}, "ب": {"b": 1.0}}

    assert pairing_cost("ب", "b", costs) == 1.0
    assert pairing_cost("بب", "b", costs) == 1.0 + UNPAIRED
    assert pairing_cost("ب", "bz", costs) == 1.0 + UNPAIRED
    assert pairing_cost("ب", "zzzzzz", costs, limit=3.0) == float("inf")


def test_very_long_words_take_bounded_time() -> None:
    assert 0.0 <= correspondence("ب" * 1_000_000, "b" * 1_000_000) <= 1.0

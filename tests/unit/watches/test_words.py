"""What is a word, how it is folded, and where it stands."""

from __future__ import annotations

import statistics
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.watches.words import WordAt, fold_words, is_joined_in_index, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Iran's Iran’s IRAN'S", ("iran", "iran", "iran")),
        ("the U.S. and U.S.'s", ("the", "us", "and", "us")),
        ("al-Khulaifi", ("al", "khulaifi")),
        ("Chávez Cha\u0301vez CHÁVEZ", ("chavez", "chavez", "chavez")),
        ("Qur'an don’t", ("quran", "dont")),
        ("Americans' rights", ("americans", "rights")),
        ("'quoted' “words”, ‘too’", ("quoted", "words", "too")),
        ("3.5 and 1,000. 5", ("3.5", "and", "1,000", "5")),
        ("COVID-19 A320", ("covid", "19", "a320")),
        ("snake_case AT&T 10:30", ("snake", "case", "at", "t", "10", "30")),
        ("talks.Iran", ("talks", "iran")),
        ("nego\u00adtiations a\u200bb", ("negotiations", "ab")),
        ("straße Łódź İstanbul", ("strasse", "lodz", "istanbul")),
        ("東京タワー", ("東", "京", "タ", "ワ", "ー")),
        ("ｶﾞｽ", ("ガ", "ス")),
        ("ำ", ("า",)),
        ("ประเทศ", ("ป", "ร", "ะ", "เ", "ท", "ศ")),
        ("١٢٣ ایران إيران", ("123", "ايران", "ايران")),
        ("½ ﷺ", ("1", "2", "صلي", "الله", "عليه", "وسلم")),
        ("\ud800 \x00 😀 ء – '", ()),
        ("", ()),
    ],
)
def test_words_are_folded(text: str, words: tuple[str, ...]) -> None:
    assert fold_words(text) == words


def test_places_are_code_points_of_the_text_as_given() -> None:
    text = "😀 Chávez’s U.S. visit"

    assert [(word, text[start:end]) for word, start, end in words_of(text)] == [
        ("chavez", "Chávez’s"), ("us", "U.S."), ("visit", "visit"),
    ]  # fmt: skip
    assert words_of(text)[0] == WordAt(word="chavez", start=2, end=10)


@given(st.text())
def test_places_are_in_order_and_inside_the_text(text: str) -> None:
    found = words_of(text)

    assert all(0 <= each.start < each.end <= len(text) for each in found)
    # Words of one character share its place; others do not overlap.
    for one, other in pairwise(found):
        assert one.end <= other.start or (one.start, one.end) == (other.start, other.end)


@given(st.text())
def test_folding_words_again_changes_nothing(text: str) -> None:
    words = fold_words(text)

    assert fold_words(" ".join(words)) == words


PIECES = ["a.", "a'", "1,", "a\u0301", "'", ".", "a", "漢", "a-", "\u0301"]


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        started = time.perf_counter()
        words_of(text)
        return time.perf_counter() - started

    seconds(10_000)
    short = min(seconds(10_000) for _ in range(3))

    # Quadratic time would be 400 times as long.
    assert seconds(200_000) < 100 * short + 0.05


def test_an_article_is_read_in_under_a_millisecond() -> None:
    text = " ".join(["Iran’s foreign minister met al-Khulaifi in Doha, 3.5 hours late."] * 55)
    words_of(text)
    times = []
    for _ in range(50):
        started = time.perf_counter()
        words_of(text)
        times.append(time.perf_counter() - started)

    assert len(words_of(text)) > 600
    # Alone on two cores 0.3 to 0.4 ms; other tests may run beside this one.
    assert statistics.median(times) < 0.002


def test_scripts_that_the_index_does_not_part() -> None:
    assert [is_joined_in_index(word) for word in ("タ", "ป", "東", "の", "iran")] == [
        True, True, False, False, False,
    ]  # fmt: skip

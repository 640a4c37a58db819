"""What an article is compared by."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.stories.story_terms import (
    MAX_TEXT_CHARS,
    TERM_BITS,
    StoryEntity,
    Terms,
    story_terms,
)
from processors.stories.term_vector import (
    CHANNELS,
    EMPTY,
    SCALE,
    TermFrequencies,
    TermVector,
    strongest,
    summed,
    term_vector,
)


def entity(name: str) -> StoryEntity:
    return StoryEntity(entity_id=name, entity_type="person", name=name)


def test_words_written_with_a_capital_alone_are_names() -> None:
    terms = story_terms("Marsh waters rose near Veldana. The marsh reached Veldana at noon.")
    name = story_terms("Veldana").name

    assert name.keys() == terms.name.keys()
    assert list(terms.name.values()) == [2]
    assert story_terms("marsh").word.keys() <= terms.word.keys()


def test_words_of_entities_are_names_in_scripts_without_capitals() -> None:
    text = "التقى علي باقري نظيره في الدوحة"

    without = story_terms(text)
    found = story_terms(text, entities=[entity("علي باقري")])

    assert not without.name
    assert found.name.keys() == story_terms("علي باقري").word.keys()


def test_dates_and_quantities_are_no_names() -> None:
    date = StoryEntity(entity_id="d", entity_type="date", name="last monday")

    assert not story_terms("it rained last monday", entities=[date]).name


def test_numbers_are_kept_apart_and_short_words_are_left_out() -> None:
    terms = story_terms("on 5 of the 23 ships")

    assert (len(terms.number), len(terms.word), len(terms.name)) == (2, 1, 0)


@pytest.mark.parametrize(
    ("text", "count"), [("東京で会談", 4), ("ประชุม", 5), ("東", 1)], ids=["ja", "th", "one"]
)
def test_scripts_without_spaces_are_read_by_pairs_of_letters(text: str, count: int) -> None:
    assert sum(story_terms(text).word.values()) == count


def test_a_possessive_and_a_capital_do_not_change_a_word() -> None:
    first, second = story_terms("Veldana’s harbour"), story_terms("VELDANA harbour")

    assert first == second


def test_a_title_that_begins_the_text_counts_once() -> None:
    text = "Veldana floods again, officials warn"

    assert story_terms(text, title="Veldana floods") == story_terms(text)
    assert story_terms(text, title="Marina closes").name.keys() > story_terms(text).name.keys()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "漢字" * 500_000,
        "😀" * 1_000_000,
        "שלום עולם " * 100_000,
        "a\u0301'" * 300_000,
        "\ud800 " * 300_000,
        "\x00" * 1_000_000,
        "Mixed漢字Words " * 80_000,
    ],
    ids=["one word", "no spaces", "emoji", "right to left", "marks", "surrogates", "nul", "mixed"],
)
@pytest.mark.timeout(5)
def test_any_text_is_read_in_bounded_time_and_size(text: str) -> None:
    terms = story_terms(text, title=text)
    vector = TermFrequencies().weigh(terms, "en")

    assert sum(map(len, (terms.name, terms.word, terms.number, terms.pair))) <= 4 * MAX_TEXT_CHARS
    assert len(vector.ids) <= sum(limit for _, limit in CHANNELS.values())


@pytest.mark.timeout(5)
def test_of_thousands_of_names_some_count() -> None:
    names = [entity(f"Person{number} " + "x" * 10_000) for number in range(5_000)]

    assert story_terms("Person7 met person8 and Person4999", entities=names).name


@given(st.text(), st.text())
def test_terms_of_any_text_are_places_with_counts(text: str, title: str) -> None:
    terms = story_terms(text, title=title)

    for counts in (terms.name, terms.word, terms.number, terms.pair):
        assert all(0 <= place < 1 << TERM_BITS and count > 0 for place, count in counts.items())
    assert not terms.name.keys() & terms.word.keys()


def vector_of(seed: int) -> TermVector:
    rng = np.random.default_rng(seed)
    ids = np.unique(rng.integers(0, 60, 20)).astype(np.uint32)
    return term_vector(ids, rng.integers(1, SCALE, len(ids)).astype(np.uint16))


@given(st.lists(st.integers(0, 50), min_size=2, max_size=9), st.randoms())
def test_sums_are_the_same_in_any_order_and_can_be_taken_back(
    seeds: list[int], chance: random.Random
) -> None:
    vectors = [vector_of(seed) for seed in seeds]
    shuffled = list(vectors)
    chance.shuffle(shuffled)

    whole, other = summed(vectors), summed(shuffled)
    less = summed([whole], minus=vectors[1:])

    assert np.array_equal(whole.ids, other.ids)
    assert np.array_equal(whole.weights, other.weights)
    assert np.array_equal(less.ids, vectors[0].ids)
    assert np.array_equal(less.weights, vectors[0].weights)


def test_a_vector_has_the_length_of_all_others() -> None:
    vector = TermFrequencies().weigh(story_terms("Veldana floods 12 houses in Marina"), "en")

    assert vector.norm2 == pytest.approx(SCALE**2, rel=0.01)
    assert list(vector.ids) == sorted(set(vector.ids.tolist()))


def test_what_many_articles_have_counts_less() -> None:
    frequencies = TermFrequencies()
    terms = story_terms("Veldana harbour")
    name, word = next(iter(terms.name)), next(iter(terms.word))
    common = term_vector(np.array([name], np.uint32), np.array([SCALE], np.uint16))
    both = Terms({name: 1, word: 1}, {}, {}, {})
    before = frequencies.weigh(both, "en")

    for _ in range(500):
        frequencies.count(common, "en")
    after = frequencies.weigh(both, "en")
    for _ in range(500):
        frequencies.count(common, "en", -1)
    again = frequencies.weigh(both, "en")

    weights = dict(zip(after.ids.tolist(), after.weights.tolist(), strict=True))
    assert weights[name] < weights[word] / 2
    assert np.array_equal(again.weights, before.weights)
    assert len(set(before.weights.tolist())) == 1


def test_a_text_without_terms_is_an_empty_vector() -> None:
    assert TermFrequencies().weigh(story_terms("!?"), "en") is EMPTY
    assert len(strongest(EMPTY, 5)) == 0

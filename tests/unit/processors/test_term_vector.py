"""Articles as vectors, and how their terms are weighed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.document_records import StoryTerms, TermCounts
from processors.enrich.story_terms import story_terms
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


def test_a_long_text_keeps_its_best_terms() -> None:
    text = " ".join(f"word{number} Name{number} {number}" for number in range(1_000))

    vector = TermFrequencies().weigh(story_terms(text), "en")

    assert len(vector.ids) == sum(limit for _, limit in CHANNELS.values())


def test_what_many_articles_have_counts_less() -> None:
    frequencies = TermFrequencies()
    name, word = 1, 2
    once = np.array([1], "<u2").tobytes()
    both = StoryTerms(
        name=TermCounts(ids=np.array([name, word], "<u4").tobytes(), counts=once + once)
    )
    common = term_vector(np.array([name], np.uint32), np.array([SCALE], np.uint16))
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

"""Which stories an article is compared with: the same that a plain reading of the rule finds."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.document_records import FIRST_PAIR
from processors.stories import term_index
from processors.stories.cluster_records import ClusteredArticle, ClusteredStory
from processors.stories.open_stories import MemberArticle, OpenStory
from processors.stories.split_story import similarities
from processors.stories.term_index import MAX_CANDIDATES, QUERY_TERMS, TermIndex
from processors.stories.term_vector import SCALE, TermVector, strongest, term_vector

AT = datetime(2026, 1, 1, tzinfo=UTC)
LANES = ("", "backfill")


def vector_of(seed: int, vocabulary: int = 40) -> TermVector:
    rng = np.random.default_rng(seed)
    words = rng.integers(0, vocabulary, rng.integers(0, 30))
    pairs = FIRST_PAIR + rng.integers(0, vocabulary, 3)
    ids = np.unique(np.concatenate([words, pairs])).astype(np.uint32)
    # Few different weights: most are equal, and the rule for equal ones is met.
    return term_vector(ids, rng.integers(1, 5, len(ids)).astype(np.uint16))


def article_of(number: int, story: OpenStory) -> MemberArticle:
    record = ClusteredArticle(
        article_id=f"article {number}", story_id=story.story_id, at=AT, language="en",
        source_id="s.example", title="", is_copy=False, term_ids=b"", term_weights=b"",
    )  # fmt: skip
    return MemberArticle(record, vector_of(number), story)


def story_of(number: int) -> OpenStory:
    lane = LANES[number % len(LANES)]
    return OpenStory(ClusteredStory(story_id=f"story {number}", root_article_id="", lane=lane))


def plainly(articles: list[MemberArticle], vector: TermVector, lane: str) -> list[OpenStory]:
    """Return the candidates as the rule has them, one article after the other."""
    weights = dict(zip(vector.ids.tolist(), vector.weights.tolist(), strict=True))
    terms = strongest(vector, QUERY_TERMS).tolist()
    rows = {term: [a for a in articles if term in a.key_terms] for term in terms}
    shared: dict[OpenStory, int] = {}
    looked = 0
    for term in sorted((t for t in terms if rows[t]), key=lambda t: (len(rows[t]), t)):
        looked += len(rows[term])
        if looked > term_index.MAX_LOOKUPS:
            break
        for story in {article.story for article in rows[term]}:
            shared[story] = shared.get(story, 0) + weights[term]
    of_lane = [story for story in shared if story.lane == lane]
    return sorted(of_lane, key=lambda s: (-shared[s], s.story_id))[:MAX_CANDIDATES]


@given(
    rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60),
    story_count=st.sampled_from([3, 31]),
    chance=st.randoms(use_true_random=False),
    most=st.sampled_from([5, 40, 500]),
)
def test_candidates_are_those_of_the_rule_whatever_came_and_went(
    rows: list[tuple[int, int]], story_count: int, chance: random.Random, most: int
) -> None:
    stories = [story_of(number) for number in range(story_count)] * 11
    index = TermIndex()
    articles: list[MemberArticle] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(term_index, "MAX_LOOKUPS", most)
        for number, (story, other) in enumerate(rows):
            articles.append(article_of(number, stories[story]))
            index.add(articles[-1])
            one = chance.choice(articles)
            if chance.random() < 0.3:
                articles.remove(one)
                index.remove(one)
            elif stories[other].lane == one.story.lane:
                one.story = stories[other]
                index.move(one)
            for lane in (*LANES, "none"):
                vector = vector_of(chance.randrange(100))
                assert index.candidates(vector, lane) == plainly(articles, vector, lane)


def test_numbers_of_what_is_gone_are_given_again() -> None:
    index, first = TermIndex(), story_of(0)
    old = article_of(1, first)
    index.add(old)
    index.remove(old)
    index.close(first)
    assert index.candidates(old.vector, "") == []

    second = story_of(2)
    new = article_of(3, second)
    index.add(new)

    assert index.candidates(new.vector, "") == [second]
    assert index.candidates(old.vector, "") == plainly([new], old.vector, "")


def test_more_articles_than_a_first_table_has_room_for() -> None:
    index = TermIndex()
    stories = [story_of(2 * number) for number in range(1_500)]
    terms = np.arange(1_500, dtype=np.uint32)
    for number, story in enumerate(stories):
        article = article_of(number, story)
        article.vector = term_vector(terms[number : number + 1], np.array([9], np.uint16))
        index.add(article)

    found = [
        index.candidates(term_vector(terms[at : at + 1], np.array([3], np.uint16)), "")
        for at in (0, 1_023, 1_024, 1_499)
    ]

    assert found == [[stories[at]] for at in (0, 1_023, 1_024, 1_499)]


@given(st.lists(st.integers(0, 1_000), min_size=2, max_size=12))
def test_similarities_are_the_products_of_the_pairs(seeds: list[int]) -> None:
    vectors = [vector_of(seed) for seed in seeds]

    near = similarities(vectors)

    for i, one in enumerate(vectors):
        for j, other in enumerate(vectors):
            theirs = dict(zip(other.ids.tolist(), other.weights.tolist(), strict=True))
            own = zip(one.ids.tolist(), one.weights.tolist(), strict=True)
            product = sum(weight * theirs.get(term, 0) for term, weight in own)
            assert one.dot(other) == product
            assert near[i, j] == (0 if i == j else product / SCALE**2)

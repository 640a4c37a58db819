"""Articles find their story; stories merge, split, expire and come back from records."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from made_up_stories import START, article, stream, text_about

from dateline import ids
from dateline.document_records import StoryEntity, StoryTerms
from processors.enrich.story_terms import story_terms
from processors.stories.cluster_records import (
    ClusteredArticle,
    ClusteredStory,
    StoryAssignment,
    StoryInput,
)
from processors.stories.cluster_settings import ClusterSettings, is_checkpoint
from processors.stories.split_story import split_story
from processors.stories.story_clusters import StoryClusters
from processors.stories.term_vector import TermFrequencies, term_vector

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


def read_back(clusters: StoryClusters, seed: int = 0) -> StoryClusters:
    """Return the state after its records went over the wire and came in another order."""
    stories, articles = clusters.dump()
    story_lines = [msgspec.json.encode(record) for record in stories]
    article_lines = [msgspec.json.encode(record) for record in articles]
    random.Random(seed).shuffle(article_lines)  # noqa: S311
    return StoryClusters.load(
        [msgspec.json.decode(line, type=ClusteredStory) for line in story_lines],
        [msgspec.json.decode(line, type=ClusteredArticle) for line in article_lines],
    )


def assigned(clusters: StoryClusters, articles: list[StoryInput]) -> list[StoryAssignment]:
    return [clusters.assign(each) for each in articles]


def test_articles_about_one_event_are_one_story() -> None:
    clusters = StoryClusters()

    first, second, other = assigned(
        clusters, [article("flood", 0), article("flood", 1), article("vote", 2)]
    )

    assert (first.is_new, second.is_new, other.is_new) == (True, False, True)
    assert first.story_id == second.story_id == ids.story_id("flood-0") != other.story_id
    assert second.score > 0.3 > other.score
    assert second.reasons[0].startswith("similarity")


def test_every_event_of_a_mixed_stream_is_one_story() -> None:
    made = stream(events=12, articles=9)
    clusters = StoryClusters()
    assigned(clusters, made)

    stories = {(each.article_id.split("-")[0], clusters.story_of(each.article_id)) for each in made}

    assert len(stories) == clusters.story_count == 12


@pytest.mark.parametrize("is_turned", [False, True])
def test_the_two_seeds_are_one_story(is_turned: bool) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    seeds = [
        article("seed", number, terms=story_terms(text), at=START)
        for number, text in enumerate(texts)
    ]
    clusters = StoryClusters()
    assigned(clusters, [article("flood", number) for number in range(3)])

    answers = assigned(clusters, seeds[::-1] if is_turned else seeds)

    assert [answer.is_new for answer in answers] == [True, False]
    assert len({answer.story_id for answer in answers}) == 1
    assert clusters.story_count == 2


@pytest.mark.parametrize("cut", [1, 17, 40, 60])
def test_answers_are_the_same_after_a_restart(cut: int) -> None:
    made = stream(events=10, articles=9, seed=cut)
    one, other = StoryClusters(), StoryClusters()
    assert assigned(one, made[:cut]) == assigned(other, made[:cut])

    restarted = read_back(other, seed=cut)

    assert assigned(restarted, made[cut:]) == assigned(one, made[cut:])
    assert restarted.dump() == one.dump()


def test_what_is_removed_leaves_no_trace() -> None:
    made = stream(events=6, articles=6)
    clusters = StoryClusters()
    assigned(clusters, made)
    for each in made[::2]:
        clusters.remove(each.article_id)

    fresh = read_back(clusters)
    more = stream(events=7, articles=8, seed=5)

    assert clusters.article_count == fresh.article_count == 18
    assert assigned(clusters, more) == assigned(fresh, more)


def test_a_story_without_articles_is_closed() -> None:
    clusters = StoryClusters()
    story_id = clusters.assign(article("flood", 0)).story_id

    assert clusters.remove("flood-0") == story_id
    assert clusters.remove("flood-0") is None
    assert (clusters.story_count, clusters.article_count) == (0, 0)
    assert clusters.assign(article("flood", 1)).is_new


def test_articles_leave_the_window() -> None:
    clusters = StoryClusters(ClusterSettings(window=timedelta(hours=10)))
    assigned(clusters, [article("flood", 0), article("vote", 2), article("vote", 11)])

    assert clusters.window_start() == START + timedelta(hours=1)
    old = clusters.older_than(START + timedelta(hours=1))
    closed = [clusters.remove(article_id) for article_id in old]

    assert (old, closed) == (("flood-0",), [ids.story_id("flood-0")])
    assert clusters.story_of("flood-0") is None
    assert clusters.story_of("vote-2") == clusters.story_of("vote-11")


@pytest.mark.parametrize("hours", [-30, 0, 30])
def test_a_late_or_early_article_finds_its_story(hours: int) -> None:
    clusters = StoryClusters()
    assigned(clusters, [article("flood", number) for number in range(5)])

    answer = clusters.assign(article("flood", 9, at=START + timedelta(hours=hours)))

    assert answer.story_id == ids.story_id("flood-0")


@pytest.mark.parametrize("days", [-60, 60])
def test_the_same_kind_of_event_months_away_is_another_story(days: int) -> None:
    clusters = StoryClusters()
    assigned(clusters, [article("flood", number) for number in range(5)])

    assert clusters.assign(article("flood", 9, at=START + timedelta(days=days))).is_new


def test_lanes_are_never_crossed() -> None:
    clusters = StoryClusters()

    first, second, third = assigned(
        clusters,
        [
            article("flood", 0, lane="en"),
            article("flood", 1, lane="fr"),
            article("flood", 2, lane="en"),
        ],
    )

    assert first.story_id == third.story_id != second.story_id


def test_a_known_article_stays_whatever_it_says_now() -> None:
    clusters = StoryClusters()
    assigned(clusters, [article("flood", 0), article("flood", 1), article("vote", 2)])

    again = clusters.assign(article("vote", 3, article_id="flood-1"))

    assert again.story_id == ids.story_id("flood-0")
    assert not again.is_new
    assert clusters.article_count == 3


def test_an_article_that_had_a_story_gets_it_back() -> None:
    clusters = StoryClusters()

    first = clusters.assign(article("flood", 0, story_id="f" * 64))
    second = clusters.assign(article("flood", 1))
    other = clusters.assign(article("flood", 2, story_id="e" * 64))

    assert first.story_id == second.story_id == "f" * 64
    assert other.story_id == "e" * 64


def test_the_root_that_was_killed_and_revived_is_in_its_story() -> None:
    clusters = StoryClusters()
    assigned(clusters, [article("flood", 0), article("flood", 1)])
    clusters.remove("flood-0")

    # Another text: nothing but the id says where it belongs.
    answer = clusters.assign(article("vote", 0, article_id="flood-0"))

    assert answer.story_id == clusters.story_of("flood-1")
    assert clusters.describe(answer.story_id).article_count == 2


def terms_of(text: str) -> StoryTerms:
    return story_terms(text)


def test_stories_that_turn_out_to_be_one_are_merged() -> None:
    # Two reports without a word in common, then reports that have most words of both.
    words = [f"{part}{n}" for part in ("Alpha", "Beta") for n in range(20)]
    early = article("a", 0, terms=terms_of(" ".join(words[:20])))
    other = article("b", 1, terms=terms_of(" ".join(words[20:])))
    clusters = StoryClusters()
    first, second = assigned(clusters, [early, other])
    assert first.story_id != second.story_id

    chance = random.Random(1)  # noqa: S311
    later = [" ".join(chance.sample(words, 26)) for _ in range(6)]
    answers = assigned(
        clusters, [article("c", 2 + n, terms=terms_of(text)) for n, text in enumerate(later)]
    )

    merges = [merge for answer in answers for merge in answer.merges]
    assert [(m.from_story_id, m.into_story_id) for m in merges] == [
        (second.story_id, first.story_id)
    ]
    assert merges[0].article_ids == ("b-1",)
    assert clusters.story_of("b-1") == first.story_id
    assert clusters.story_record(first.story_id).story_aliases == (second.story_id,)
    # Who had the old id comes to the new one, before and after a restart.
    for state in (clusters, read_back(clusters)):
        late = article("d", 9, story_id=second.story_id, terms=terms_of("nothing alike"))
        assert state.assign(late).story_id == first.story_id


@pytest.mark.parametrize("seed", range(3))
def test_two_events_taken_for_one_are_split(seed: int) -> None:
    # The first reports are about both, so that all others join them.
    both = [
        article("both", n, terms=terms_of(f"{text_about('north', n)} {text_about('south', n)}"))
        for n in range(2)
    ]
    made = [article(event, 2 + n) for event in ("north", "south") for n in range(12)]
    random.Random(seed).shuffle(made)  # noqa: S311
    clusters = StoryClusters()

    answers = assigned(clusters, [*both, *made])

    splits = [split for answer in answers for split in answer.splits]
    found = {clusters.story_of(each.article_id) for each in made}
    events = {(each.article_id[:5], clusters.story_of(each.article_id)) for each in made}
    assert len(splits) == 1
    assert len(found) == len(events) == 2
    assert splits[0].from_story_id == answers[0].story_id
    assert clusters.story_of("both-0") == answers[0].story_id
    new = splits[0].into_story_id
    assert new in {ids.story_id(article_id) for article_id in splits[0].article_ids}
    # An alert about the story as it was counts for what left it.
    assert clusters.story_record(new).split_from_ids == (answers[0].story_id,)
    restarted = read_back(clusters)
    more = [article(event, 30) for event in ("north", "south")]
    assert assigned(restarted, more) == assigned(clusters, more)


def test_one_event_is_not_split() -> None:
    frequencies = TermFrequencies()
    vectors = [frequencies.weigh(article("flood", n).terms, "en") for n in range(20)]

    assert split_story(vectors) is None
    assert split_story(vectors[:5]) is None


def test_two_events_are_split_and_empty_vectors_are_not() -> None:
    frequencies = TermFrequencies()
    vectors = [
        frequencies.weigh(article(event, n).terms, "en")
        for event in ("flood", "vote")
        for n in range(5)
    ]

    parts = split_story(vectors)

    assert parts is not None
    assert len(set(parts.is_second[:5])) == len(set(parts.is_second[5:])) == 1
    assert split_story([frequencies.weigh(terms_of(""), "en")] * 8) is None


def test_checkpoints_grow_with_the_story() -> None:
    assert [size for size in range(40) if is_checkpoint(size)] == [2, 3, 4, 6, 8, 12, 16, 24, 32]


def test_a_story_is_described_by_its_most_central_original() -> None:
    clusters = StoryClusters()
    person = StoryEntity(entity_id="p", entity_type="person", name="Veldana Marin", count=3)
    place = StoryEntity(entity_id="q", entity_type="place", name="Marina")
    whole = text_about("flood", 1) + " " + text_about("flood", 2)
    made = [
        article("flood", 0, title="", terms=terms_of(whole), entities=(person,)),
        article("flood", 1, title="Flood in Marina", entities=(person, place)),
        article("flood", 2, title="Copied", terms=terms_of(whole), is_copy=True),
    ]
    story_id = assigned(clusters, made)[-1].story_id

    summary = clusters.describe(story_id)

    assert (summary.title, summary.main_article_id) == ("Flood in Marina", "flood-1")
    assert (summary.first_at, summary.last_at) == (made[0].at, made[2].at)
    assert summary.source_ids == ("paper-0.example", "paper-1.example", "paper-2.example")
    assert [(e.name, e.count) for e in summary.entities] == [("Veldana Marin", 2), ("Marina", 1)]
    assert summary.article_count == 3


def test_a_story_without_titles_is_called_by_its_names() -> None:
    clusters = StoryClusters()
    names = [StoryEntity(entity_id=name, entity_type="place", name=name) for name in "ABCD"]
    story_id = clusters.assign(article("flood", 0, title="", entities=tuple(names))).story_id

    assert clusters.describe(story_id).title == "A, B, C"


def test_articles_without_terms_stay_alone() -> None:
    clusters = StoryClusters()

    answers = assigned(clusters, [article("empty", n, terms=terms_of("🙂")) for n in range(10)])

    assert all(answer.is_new and answer.score == 0 for answer in answers)
    assert clusters.story_count == 10


@pytest.mark.timeout(60)
def test_a_story_of_thousands_costs_no_more_than_a_small_one() -> None:
    clusters = StoryClusters()
    many = [
        article("flood", number, at=START + timedelta(minutes=number)) for number in range(2_000)
    ]

    stories = Counter(answer.story_id for answer in assigned(clusters, many))

    assert stories.most_common(1)[0][1] == 2_000
    story = clusters._window.stories[ids.story_id("flood-0")]
    assert len(story.central_members) == 128
    kept = story.sum
    fresh = term_vector(kept.ids, kept.weights)
    story._sum = None
    assert story.sum.norm2 == fresh.norm2  # what was added and taken away is exact

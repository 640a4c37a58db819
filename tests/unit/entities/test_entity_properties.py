"""What holds for any articles: state read back is the same, apart stays apart, time is bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dateline import ids
from dateline.document_records import StoryEntity
from dateline.entities.decisions import MOST_MEMBERS
from dateline.entities.directory import EntityDirectory, KnownArticle
from dateline.records import EntityCorrection, EntityRecord

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = (
    "Yusuf Haddad", "Yousef Hadad", "Yousuf Haddad", "Ada Brook", "Ada M. Brook", "Ada Brook Says",
    "Brook", "Haddad", "Ben Marsh",
)  # fmt: skip


def person(name: str, aliases: tuple[str, ...] = (), country: str = "") -> StoryEntity:
    return StoryEntity(
        entity_id=ids.entity_id("person", name), entity_type="person", name=name,
        is_full_name=" " in name, aliases=aliases, country_codes=(country,) if country else (),
    )  # fmt: skip


people = st.builds(
    person, st.sampled_from(NAMES),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    st.sampled_from(("", "qa", "om")),
)  # fmt: skip
articles = st.lists(
    st.tuples(
        st.sampled_from("st"),
        st.lists(people, max_size=4, unique_by=lambda each: each.entity_id),
    ),
    min_size=1, max_size=8,
)  # fmt: skip
pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans())


def known(rows: list[tuple[str, list[StoryEntity]]]) -> list[KnownArticle]:
    return [
        KnownArticle(f"a{at}", story, START + timedelta(minutes=at), tuple(entities))
        for at, (story, entities) in enumerate(rows)
    ]


def filled(rows: list[KnownArticle]) -> tuple[EntityDirectory, dict[str, EntityRecord]]:
    directory, records = EntityDirectory(), {}
    for row in rows:
        directory.put(*row)
        directory.find_merges(row.article_id)
        records |= {each.entity_id: each for each in directory.changed_records()}
    return directory, records


def corrections(chosen: list[tuple[str, str, bool]]) -> list[EntityCorrection]:
    return [
        EntityCorrection(
            correction_id=f"{at:064x}", kind="merge" if is_same else "split",
            entity_id=ids.entity_id("person", first),
            other_entity_id=ids.entity_id("person", second),
            requested_at=START + timedelta(days=1, minutes=at),
        )
        for at, (first, second, is_same) in enumerate(chosen)
    ]  # fmt: skip


@settings(deadline=None)
@given(articles, st.lists(pairs, max_size=3), st.randoms(use_true_random=False))
def test_state_read_back_in_any_order_gives_the_same_answers(rows, chosen, random) -> None:
    stream = known(rows)
    directory, records = filled(stream)
    accepted = [each for each in corrections(chosen) if directory.correct(each).is_accepted]
    records |= {each.entity_id: each for each in directory.changed_records()}
    read, kept = list(stream), list(records.values())
    random.shuffle(read)
    random.shuffle(kept)

    again = EntityDirectory.load(read, kept, accepted)

    for row in stream:
        assert again.resolve(row.article_id) == directory.resolve(row.article_id)
        for each in row.entities:
            assert again.record(each.entity_id) == directory.record(each.entity_id)
    assert again.changed_records() == ()
    assert again.affected() == set()


@settings(deadline=None)
@given(articles)
def test_what_a_text_keeps_apart_is_never_one_by_evidence(rows) -> None:
    stream = known(rows)
    directory, _ = filled(stream)

    for row in stream:
        changed = {each.document_entity_id: each.entity_id for each in directory.resolve(row[0])}
        found = [changed.get(each.entity_id, each.entity_id) for each in row.entities]
        assert len(set(found)) == len(found)


@settings(deadline=None)
@given(articles, articles)
def test_a_split_by_hand_is_never_undone_by_evidence(before, after) -> None:
    first, second = (ids.entity_id("person", name) for name in NAMES[:2])
    stream = known([("s", [person(NAMES[0])]), ("s", [person(NAMES[1])]), *before, *after])
    directory, _ = filled(stream[: 2 + len(before)])
    assert directory.correct(corrections([(NAMES[0], NAMES[1], False)])[0]).is_accepted
    for row in stream[2 + len(before) :]:
        directory.put(*row)
        directory.find_merges(row.article_id)

    assert directory.record(first).entity_id != directory.record(second).entity_id


@settings(deadline=None)
@given(articles, st.lists(pairs, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_corrections_hold_whatever_the_order_of_articles(rows, chosen, random) -> None:
    stream = known([*rows, *(("t", [person(name)]) for name in NAMES)])
    shuffled = list(stream)
    random.shuffle(shuffled)
    answers = []
    for order in (stream, shuffled):
        directory, _ = filled(order)
        said = [directory.correct(each) for each in corrections(chosen)]
        decided = {
            (name, other): directory.record(ids.entity_id("person", name)).entity_id
            == directory.record(ids.entity_id("person", other)).entity_id
            for (name, other, _), answer in zip(chosen, said, strict=True)
            if answer.is_accepted
        }
        answers.append(([each.is_accepted for each in said], decided))

    assert answers[0] == answers[1]


def test_a_hub_name_with_ten_thousand_aliases_takes_bounded_time() -> None:
    hub = EntityDirectory()
    begun = perf_counter()
    for number in range(10_000):
        name = f"Ada {chr(97 + number % 26)}{number} Brook"
        hub.put(f"{number}", f"{number % 50}", START, [person("Ada Brook", (name,))])
        hub.find_merges(f"{number}")
        hub.resolve(f"{number}")

    assert perf_counter() - begun < 60
    assert len(hub.record(ids.entity_id("person", "Ada Brook")).names) <= MOST_MEMBERS


def test_one_text_with_five_thousand_names_takes_bounded_time() -> None:
    directory = EntityDirectory()
    everybody = [person(f"Ada{number} Brook{number % 70}") for number in range(5_000)]
    begun = perf_counter()
    for article in ("1", "2"):
        directory.put(article, "s", START, everybody)
        directory.find_merges(article)
        directory.resolve(article)

    assert perf_counter() - begun < 30
    assert directory.record(everybody[0].entity_id).name == everybody[0].name

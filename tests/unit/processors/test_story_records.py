"""Stories as people see them: one record a batch, and nothing in it that may not be shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sample_records import at
from stories_doubles import Archive, Broker, Process
from story_records import DAY, GRANTED, NO_SEARCH, RESERVED, about, article_id, killed

from dateline import ids
from dateline.document_records import KeyPhrase
from dateline.records import StoryRecord
from dateline.rights.record import Preferences

EVENT = KeyPhrase(kind="event", text="Ministers met", start=0, end=9, score=1.0)
TOPIC = KeyPhrase(kind="topic", text="harbour", start=0, end=9, score=1.0)


def run(*batches: list[Any], archive: Archive | None = None) -> Broker:
    broker = Broker()

    async def main() -> None:
        process = Process(broker, archive)
        for batch in batches:
            await process.take(*batch)

    asyncio.run(main())
    return broker


def only_story(broker: Broker) -> StoryRecord:
    (story,) = [each for each in broker.stories.values() if each.merged_into is None]
    return story


def test_articles_of_one_event_are_one_story_told_once_a_batch() -> None:
    broker = run(
        [about("a", number=0), about("b", number=1, minute=2), about("v", "vote")],
        [about("c", number=2, minute=3)],
        [about("c", number=2, minute=3)],
    )

    flood = ids.story_id(article_id("a"))
    assert {item.story_id for item in broker.grouped if item.source_id != "v.example"} == {flood}
    assert [(r.story_id == flood, r.revision, r.article_count) for r in broker.told] == [
        (True, 1, 2), (False, 1, 1), (True, 2, 3),
    ]  # fmt: skip
    story = broker.stories[flood]
    assert story == broker.told[-1]
    assert (story.first_at, story.last_at) == (at(1), at(3))
    assert story.source_ids == ("a.example", "b.example", "c.example")
    assert broker.grouped[1].story_reasons[0].startswith("similarity")


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        pytest.param({}, "Title of a", id="own-title"),
        pytest.param({"rights": RESERVED}, "Title of a", id="own-title-of-reserved-text"),
        pytest.param({"rights": NO_SEARCH}, "", id="no-search"),
        pytest.param({"raw": {"pub_status": "withheld"}}, "", id="withheld"),
        pytest.param(
            {"is_title_derived": True, "key_phrases": (TOPIC, EVENT)}, "Ministers met", id="event"
        ),
        pytest.param({"is_title_derived": True}, "Title of a", id="derived"),
        pytest.param(
            {"is_title_derived": True, "key_phrases": (EVENT,), "rights": RESERVED},
            "Ann Lee",
            id="derived-of-reserved-text",
        ),
        pytest.param(
            {
                "is_title_derived": True,
                "rights": replace(GRANTED, preferences=Preferences(snippet_max_chars=50)),
            },
            "Ann Lee",
            id="derived-where-snippets-are-limited",
        ),
    ],
)
def test_title_is_what_may_be_shown(fields: dict[str, Any], title: str) -> None:
    story = only_story(run([about("a", names=("Ann Lee",), **fields)]))

    assert story.title == title
    assert [entity.name for entity in story.entities] == (["Ann Lee"] if title else [])


def test_kill_takes_title_and_names_out_of_the_story() -> None:
    broker = run(
        [about("a", names=("Ann Lee",)), about("b", number=1, minute=2, names=("Bo Ray",))],
        [killed("a", 3)],
    )

    story = only_story(broker)
    assert (story.title, story.main_article_id) == ("Title of b", article_id("b"))
    assert [entity.name for entity in story.entities] == ["Bo Ray"]
    assert story.source_ids == ("b.example",)
    assert broker.state[article_id("a")].member is None
    assert broker.state[article_id("a")].copy_sign is None


def test_story_whose_last_article_is_killed_shows_nothing_and_comes_back() -> None:
    again = about("a", minute=9, raw={"is_pub_status_explicit": True})

    broker = run([about("a", names=("Ann Lee",))], [killed("a", 3)], [again])

    empty, back = broker.told[1:]
    assert (empty.title, empty.entities, empty.article_count) == ("", (), 0)
    assert (back.title, back.article_count, back.revision) == ("Title of a", 1, 3)
    assert broker.grouped[-1].change == "revive"
    assert broker.grouped[-1].story_id == broker.grouped[0].story_id


def test_decision_that_changes_later_changes_the_title() -> None:
    copy = about("c", minute=2, raw={"canonical_url": "https://o.example/1"})
    origin = about("o", "vote", minute=3, rights=NO_SEARCH)

    broker = run([copy], [origin])

    story = broker.stories[ids.story_id(article_id("c"))]
    assert "Title of c" not in story.title
    assert [each.title for each in broker.told if each.story_id == story.story_id] == [
        "Title of c", "",
    ]  # fmt: skip


def test_article_outside_the_window_keeps_its_story_and_its_kill_is_heard() -> None:
    broker = run(
        [about("a", names=("Ann Lee",))],
        [about("v", "vote", minute=20 * DAY)],
        [about("a", number=3, minute=20 * DAY + 1, names=("Ann Lee",))],
        [killed("a", 20 * DAY + 2)],
    )

    story_id = ids.story_id(article_id("a"))
    assert {i.story_id for i in broker.grouped if i.source_id == "a.example"} == {story_id}
    assert [each.title for each in broker.told if each.story_id == story_id] == ["Title of a", ""]
    assert broker.stories[story_id].entities == ()


def test_article_that_left_the_window_takes_no_part_after_a_restart() -> None:
    text = about("a").text
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(about("a"))
        await process.take(about("v", "vote", minute=20 * DAY))
        assert broker.state[article_id("a")].member is None
        await Process(broker).take(about("b", text=text, minute=20 * DAY + 1))

    asyncio.run(main())

    assert broker.grouped[-1].story_id == ids.story_id(article_id("b"))


def test_old_article_opens_a_story_of_its_own() -> None:
    broker = run(
        [about("v", "vote", minute=20 * DAY)], [about("a", minute=2), about("b", minute=3)]
    )

    stories = {item.source_id: item.story_id for item in broker.grouped}
    assert len(set(stories.values())) == 3
    assert broker.stories[stories["a.example"]].title == "Title of a"
    assert broker.grouped[-1].story_reasons == ("older than the window",)


def test_story_that_was_forgotten_goes_on_with_its_revision() -> None:
    first = run([about("a", names=("Ann Lee",))])
    archive = Archive(dict(first.state))
    archive.stories = {key: replace(r, revision=7) for key, r in first.stories.items()}

    broker = run([about("v", "vote", minute=40 * DAY)], [killed("a", 40 * DAY)], archive=archive)

    story = broker.stories[ids.story_id(article_id("a"))]
    assert (story.revision, story.title, story.entities) == (8, "", ())


def test_lanes_are_fixed_at_the_first_version() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker, lanes=True)
        await process.take(
            about("a", language="en"), about("b", number=1, language="fr"),
            about("c", number=2, language="en"),
        )  # fmt: skip
        await process.take(about("b", number=3, minute=5, language="en"))

    asyncio.run(main())

    stories = [item.story_id for item in broker.grouped]
    assert stories[0] == stories[2] != stories[1] == stories[3]
    assert broker.state[article_id("b")].lane == "fr"


# ---- merges and splits ---------------------------------------------------------------------------


def merging(count: int = 10) -> list[Any]:
    one, two = about("x", "one").text, about("x", "two").text
    made = [about("a", text=one), about("b", text=two, minute=2)]
    halves = [(one.split()[n::2], two.split()[n::2]) for n in (0, 1)]
    for number in range(count):
        left, right = halves[number % 2]
        words = [word for pair in zip(left, right, strict=False) for word in pair]
        made.append(about(f"m{number}", text=" ".join(words), minute=3 + number))
    return made


def test_merge_moves_articles_as_revisions_and_closes_the_story() -> None:
    broker = run(*[[each] for each in merging()])

    (moved,) = [item for item in broker.grouped if item.change == "story"]
    closed = next(r for r in broker.stories.values() if r.merged_into)
    survivor = broker.stories[closed.merged_into or ""]
    assert moved.revision == 2
    assert moved.story_id == survivor.story_id
    assert closed.story_id in moved.story_aliases
    assert moved.story_reasons[0].startswith("merge:")
    assert (closed.title, closed.entities, closed.article_count) == ("", (), 0)
    assert closed.story_id in survivor.merged_ids
    assert [c.kind for c in survivor.changes] == [c.kind for c in closed.changes] == ["merge"]
    assert moved.article_id in closed.changes[0].article_ids
    later = [item for item in broker.grouped if item.source_id == "m9.example"][-1]
    assert closed.story_id in later.story_aliases


def test_article_whose_text_is_gone_moves_without_a_revision() -> None:
    broker = Broker()
    records = merging()

    async def main() -> None:
        process = Process(broker)
        await process.take(*records[:2])
        broker.enriched[:2] = [None, None]
        for record in records[2:]:
            await process.take(record)
        await process.take(about("b", number=5, minute=99))

    asyncio.run(main())

    assert [item for item in broker.grouped if item.change == "story"] == []
    state = broker.state[article_id("b")]
    closed = next(r for r in broker.stories.values() if r.merged_into)
    assert closed.story_id in state.story_aliases
    assert state.revision == 2
    assert broker.grouped[-1].story_id == closed.merged_into

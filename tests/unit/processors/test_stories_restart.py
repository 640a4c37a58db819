"""What the stage answers does not depend on restarts, on batches, or on what fails between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_stories import text_about
from sample_records import at
from stories_doubles import Broker, Process
from story_records import DAY, GRANTED, HOUR, NO_SEARCH, RESERVED, about, article_id, killed

from dateline.errors import BrokerUnavailable
from dateline.records import Redecide

NAMES = [f"s{number}" for number in range(14)]
TEXTS = {
    (event, number): text_about(event, number, kind=kind, length=90)
    for event, kind in (("flood", "any"), ("vote", "any"), ("quake", "other"))
    for number in range(4)
}
rows = st.one_of(
    st.tuples(
        st.just("text"),
        st.sampled_from(NAMES),
        st.sampled_from(sorted(TEXTS)),
        st.sampled_from(["whole", "cut", "longer"]),
        st.sampled_from(["en", "fr"]),
        st.sampled_from([GRANTED, RESERVED, NO_SEARCH]),
        # When it was published: now, late, or long before anything else.
        st.sampled_from([0.0, 0.0, 0.0, 2 * DAY, 10 * DAY, 40 * DAY]),
        st.sampled_from(["usable", "usable", "usable", "withheld"]),
        st.sampled_from([None, None, None, *NAMES[:3]]),
    ),
    st.tuples(st.just("kill"), st.sampled_from(NAMES)),
    st.tuples(st.just("wait"), st.sampled_from([HOUR, 3 * DAY, 16 * DAY])),
)


def records_of(steps: list[Any]) -> list[Any]:
    minute, records = 100 * DAY, []
    for kind, *row in steps:
        minute += 1
        if kind == "wait":
            minute += row[0]
        elif kind == "kill":
            records.append(killed(row[0], minute))
        else:
            name, text_key, form, language, rights, age, status, canonical = row
            text = TEXTS[text_key]
            words = text.split()
            text = {
                "whole": text, "cut": " ".join(words[:60]), "longer": f"{text} {text[::-1]}",
            }[form]  # fmt: skip
            one = about(name, text=text, minute=minute, rights=rights, names=text_key[:1],
                        language=language)  # fmt: skip
            article = replace(
                one.article,
                published_at=at(minute - age),
                pub_status=status,
                is_pub_status_explicit=True,
                canonical_url=f"https://{canonical}.example/1" if canonical else None,
            )
            records.append(replace(one, article=article))
    return records


def played(records: list[Any], size: int, restarts: set[int], *, lanes: bool = False) -> Broker:
    broker = Broker()

    async def main() -> None:
        process = Process(broker, lanes=lanes)
        for number, first in enumerate(range(0, len(records), size)):
            if number in restarts:
                process.handler.partitions_changed()
            await process.take(*records[first : first + size])

    asyncio.run(main())
    return broker


@settings(max_examples=60, deadline=None)
@given(
    st.lists(rows, min_size=4, max_size=40),
    st.integers(1, 5),
    st.sets(st.integers(0, 40)),
    st.booleans(),
)
def test_restarts_change_no_answer(
    steps: list[Any], size: int, restarts: set[int], lanes: bool
) -> None:
    records = records_of(steps)

    one = played(records, size, set(), lanes=lanes)
    other = played(records, size, restarts, lanes=lanes)

    assert other.grouped == one.grouped
    assert other.told == one.told
    assert other.state == one.state
    assert other.stories == one.stories


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=4, max_size=30))
def test_ids_revisions_and_what_shows(steps: list[Any]) -> None:
    broker = played(records_of(steps), 3, set())

    shown: dict[str, Any] = {}
    for item in broker.grouped:
        before = shown.get(item.article_id)
        if before is not None:
            assert item.revision >= before.revision
            if item.story_id != before.story_id:
                assert before.story_id in item.story_aliases
                assert item.change in ("story", "content", "revive", "kill")
        shown[item.article_id] = item
    told: dict[str, int] = {}
    for record in broker.told:
        assert record.revision == told.get(record.story_id, 0) + 1
        told[record.story_id] = record.revision
    assert told == {key: record.revision for key, record in broker.stories.items()}
    hidden = {item.article_id for item in shown.values() if item.kill or is_hidden(item)}
    for story in broker.stories.values():
        for each in hidden:
            assert title_of(each) not in story.title


def is_hidden(item: Any) -> bool:
    decision = next(each for each in item.decisions if each.purpose == "public_search")
    return "no_index" in (decision.store, decision.display) or item.pub_status == "withheld"


def title_of(key: str) -> str:
    return next(f"Title of {name}" for name in NAMES if article_id(name) == key) + " "


@pytest.mark.parametrize(
    "error",
    [BrokerUnavailable("away"), ValueError("our own fault"), asyncio.CancelledError()],
    ids=["broker", "bug", "cancelled"],
)
def test_exception_between_two_records_leaves_no_trace(error: BaseException) -> None:
    """An article has joined a story when the next one reads a copy back, and there it ends."""
    steps = [
        about("a", number=0), about("b", number=1, minute=2),
        about("c", minute=3, rights=RESERVED, raw={"canonical_url": "https://d.example/1"}),
    ]  # fmt: skip
    late = [about("e", number=2, minute=4), about("d", "vote", minute=5), killed("a", 6)]

    async def main(failure: BaseException | None) -> Broker:
        broker = Broker()
        process = Process(broker)
        await process.take(*steps)
        if failure is not None:
            read_back = process.handler._read_back

            async def fail(_offset: int) -> Any:
                raise failure

            process.handler._read_back = fail
            with pytest.raises(type(failure)):
                await process.take(*late)
            process.handler._read_back = read_back
            del broker.enriched[len(steps) :]
        await process.take(*late)
        return broker

    plain, broken = asyncio.run(main(None)), asyncio.run(main(error))

    assert broken.transactions == plain.transactions == 2
    assert (len(broken.writers), len(plain.writers)) == (2, 1)
    assert broken.state == plain.state
    assert broken.stories == plain.stories
    assert broken.grouped == plain.grouped


def test_copies_that_waited_are_told_in_one_order() -> None:
    """What was decided again last is noted last; after a restart it is noted first."""
    waiting = {"canonical_url": "https://c.example/1"}
    records = [
        about("a", "flood", 1, minute=1, raw=waiting),
        about("b", "strike", 2, minute=2, raw=waiting),
        Redecide(article_id=article_id("a"), requested_at=at(5)),
        about("c", "vote", 3, minute=6, rights=RESERVED),
    ]

    one = played(records, 1, set())
    other = played(records, 1, {3})

    assert len(one.grouped) == 5
    assert other.grouped == one.grouped

"""Who is who across documents, as the stories stage tells it and asks itself about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sample_records import at
from stories_doubles import AfterCommit, Broker, Process
from story_records import NO_SEARCH, about, article_id, killed

from dateline import ids
from dateline.document_records import DocumentEntity
from dateline.errors import BrokerUnavailable
from dateline.outcomes import Outcome
from dateline.records import EntityCorrection, GroupedArticle

# Two ways to write one name, which one text uses both of; and one who is named by a surname.
OLD, NEW = "Mohammed al-Farouki", "Muhammad Al Faruqi"
OLD_ID, NEW_ID = (ids.entity_id("person", name) for name in (OLD, NEW))


def person(name: str, *aliases: str, is_full_name: bool = True) -> DocumentEntity:
    return DocumentEntity(
        entity_id=ids.entity_id("person", name), entity_type="person", name=name,
        is_full_name=is_full_name, mention_indices=(0,), aliases=aliases, salience=0.5,
    )  # fmt: skip


ONE = about("one", "flood", minute=1, entities=(person(OLD),))
TWO = about("two", "strike", minute=2, entities=(person(NEW),))
BOTH = about("both", "vote", minute=3, entities=(person(OLD, NEW),))


def merge(first: str, second: str, *, kind: Any = "merge", minute: float = 5) -> EntityCorrection:
    return EntityCorrection(
        correction_id=ids.article_id(kind, f"{first} {second} {minute}"), kind=kind,
        entity_id=first, other_entity_id=second, requested_at=at(minute),
    )  # fmt: skip


def played(*batches: tuple[Any, ...], restart_before: int | None = None) -> Broker:
    """Return what is on Kafka after each batch and the stage's own requests were handled."""
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        for number, batch in enumerate(batches):
            if number == restart_before:
                process.handler.partitions_changed()
            await process.take(*batch)
            await process.take_requests()

    asyncio.run(main())
    return broker


def last(broker: Broker, name: str) -> GroupedArticle:
    return [each for each in broker.grouped if each.article_id == article_id(name)][-1]


def who(item: GroupedArticle) -> dict[str, str]:
    return {each.document_entity_id: each.entity_id for each in item.resolved}


@pytest.mark.parametrize("restart_before", [None, 1, 2])
def test_a_text_with_both_names_makes_others_one_as_new_revisions(
    restart_before: int | None,
) -> None:
    broker = played((ONE,), (TWO,), (BOTH,), restart_before=restart_before)

    canonical = {who(last(broker, "one")).get(OLD_ID, OLD_ID), who(last(broker, "two"))[NEW_ID]}
    assert len(canonical) == 1
    changed = [item for item in broker.grouped if item.change == "entity"]
    assert "two" in {name for name in ("one", "two") if article_id(name) in
                     {item.article_id for item in changed}}  # fmt: skip
    assert all(item.revision == 2 for item in changed)
    (living,) = [record for record in broker.entities.values() if record.merged_into is None]
    assert set(living.member_ids) == {OLD_ID, NEW_ID}
    assert {OLD, NEW} <= set(living.names)
    (decision,) = living.merges
    assert decision.by == "evidence"
    assert article_id("both") in decision.article_ids
    assert broker.told_entities[-1].revision >= 1


def test_a_story_names_each_entity_once() -> None:
    first = about("one", "flood", 1, minute=1, entities=(person(OLD),))
    second = about("two", "flood", 2, minute=2, entities=(person(NEW),))

    broker = played((first,), (second,), (BOTH,))

    story = broker.stories[last(broker, "one").story_id]
    assert story.story_id == last(broker, "two").story_id
    assert [(each.name, each.count) for each in story.entities] in ([(OLD, 2)], [(NEW, 2)])


def test_a_request_of_its_own_that_changes_nothing_is_no_revision() -> None:
    broker = played((ONE,), (TWO,), (BOTH,))
    count, offset = len(broker.grouped), broker.enriched.index(broker.enriched[-1])

    results = asyncio.run(Process(broker).take_again(offset))

    assert results == [Outcome.DUPLICATE]
    assert len(broker.grouped) == count


def test_corrections_by_hand_are_kept_and_repeated_after_a_restart() -> None:
    by_hand = merge(OLD_ID, NEW_ID)

    broker = played((ONE,), (TWO,), (by_hand,), (by_hand,), restart_before=3)

    assert list(broker.corrections) == [by_hand.correction_id]
    assert who(last(broker, "one")).get(OLD_ID, OLD_ID) == who(last(broker, "two"))[NEW_ID]
    assert len([item for item in broker.grouped if item.change == "entity"]) in (1, 2)


def test_a_split_by_hand_stands_above_what_texts_say() -> None:
    apart = merge(OLD_ID, NEW_ID, kind="split")

    broker = played((ONE,), (TWO,), (apart,), (BOTH,))

    assert who(last(broker, "one")).get(OLD_ID, OLD_ID) == OLD_ID
    assert who(last(broker, "two")).get(NEW_ID, NEW_ID) == NEW_ID


def test_a_correction_that_cannot_be_is_refused_and_not_kept() -> None:
    broker = Broker()

    async def main() -> list[Any]:
        return await Process(broker).take(merge("nobody", "no one"))

    assert asyncio.run(main()) == [Outcome.UNDECIDED]
    assert broker.corrections == {}


def test_nothing_is_learned_from_what_may_not_be_found() -> None:
    hidden = replace(BOTH, rights=NO_SEARCH)

    broker = played((ONE,), (TWO,), (hidden,))

    assert broker.entities == {}
    assert [item.change for item in broker.grouped] == ["new"] * 3


def test_a_killed_article_says_nothing_any_more() -> None:
    broker = played((ONE,), (killed("one", 2),))

    state = broker.state[article_id("one")]
    assert (state.story_entities, state.resolved_sha256) == ((), None)


def test_a_batch_that_was_not_committed_leaves_no_merge_behind() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(ONE)
        await process.take(TWO)
        broker.failures.append(BrokerUnavailable("away"))
        with pytest.raises(BrokerUnavailable):
            await process.take(BOTH)
        assert broker.entities == {}
        await process.take_again(len(broker.enriched) - 1)
        await process.take_requests()

    asyncio.run(main())
    (living,) = [record for record in broker.entities.values() if record.merged_into is None]
    assert set(living.member_ids) == {OLD_ID, NEW_ID}


def test_a_commit_that_was_not_heard_of_is_not_told_twice() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(ONE)
        await process.take(TWO)
        broker.failures.append(AfterCommit(BrokerUnavailable("away")))
        with pytest.raises(BrokerUnavailable):
            await process.take(BOTH)
        process.handler.partitions_changed()
        at_both = next(
            i for i, v in enumerate(broker.enriched) if v and b"strike" not in v and i == 2
        )
        await process.take_again(at_both)
        await process.take_requests()

    asyncio.run(main())
    twos = [item for item in broker.grouped if item.article_id == article_id("two")]
    assert [item.revision for item in twos] == [1, 2]


def test_a_surname_is_somebody_only_inside_its_story() -> None:
    full = about("full", "flood", 1, minute=1, entities=(person("Ada Brookfield"),))
    short = about("short", "flood", 2, minute=2,
                  entities=(person("Brookfield", is_full_name=False),))  # fmt: skip
    other = about("other", "strike", 3, minute=3,
                  entities=(person("Brookfield", is_full_name=False),))  # fmt: skip

    broker = played((full,), (short,), (other,))

    ada, surname = ids.entity_id("person", "Ada Brookfield"), ids.entity_id("person", "Brookfield")
    assert last(broker, "full").story_id == last(broker, "short").story_id
    assert who(last(broker, "short"))[surname] == ada
    assert who(last(broker, "other"))[surname] not in (ada, surname)


def test_a_full_name_that_comes_later_is_told_to_the_story() -> None:
    full = about("full", "flood", 1, minute=2, entities=(person("Ada Brookfield"),))
    short = about("short", "flood", 2, minute=1,
                  entities=(person("Brookfield", is_full_name=False),))  # fmt: skip

    broker = played((short,), (full,))

    surname = ids.entity_id("person", "Brookfield")
    assert last(broker, "short").change == "entity"
    assert who(last(broker, "short"))[surname] == ids.entity_id("person", "Ada Brookfield")

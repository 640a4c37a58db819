from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sample_records import at
from watch_articles import grouped_article

from dateline import ids
from dateline.alert_records import Watch
from dateline.records import GroupedArticle
from processors.alerts.find_missed import (
    IndexedArticle,
    Sweep,
    expect_alerts,
    find_missed,
)

STORY = "5a" * 32


def watch(**fields: Any) -> Watch:
    return Watch(**({"watch_id": "piers", "created_at": at(0), "query": "pier"} | fields))


def indexed(grouped: GroupedArticle, *more_story_ids: str) -> IndexedArticle:
    return IndexedArticle(
        article_id=grouped.article_id,
        first_seen_at=grouped.first_seen_at,
        story_ids=(grouped.story_id, *more_story_ids),
    )


def swept(*records: GroupedArticle, watches: tuple[Watch, ...] = ()) -> Sweep:
    rows = {each.article_id: indexed(each) for each in records}
    return expect_alerts(records, rows, watches or (watch(),))


PIER = grouped_article("The new pier opens.", key="pier", story_id=STORY)
SECOND = grouped_article("A pier, too.", key="second", story_id=STORY)
PIER_ALERT = ids.alert_id("piers", "match", STORY)


def test_a_story_is_owed_once_and_found_in_the_ledger() -> None:
    found = swept(PIER, SECOND)
    assert [each.alert_ids for each in found.expected] == [(PIER_ALERT,)]
    assert found.checked_ids == {PIER.article_id, SECOND.article_id}
    assert find_missed(found, {PIER_ALERT}) == []
    assert find_missed(found, set()) == found.expected


def test_every_article_is_owed_where_the_watch_wants_it() -> None:
    found = swept(PIER, SECOND, watches=(watch(repeat="every_article"),))
    assert {each.alert_ids for each in found.expected} == {
        (ids.alert_id("piers", "match", each.article_id),) for each in (PIER, SECOND)
    }


def test_a_story_that_became_part_of_another_is_looked_for_there() -> None:
    other = "6b" * 32
    found = expect_alerts([PIER], {PIER.article_id: indexed(PIER, other)}, [watch()])
    assert find_missed(found, {ids.alert_id("piers", "match", other)}) == []


@pytest.mark.parametrize(
    "record",
    [
        replace(PIER, origin="backfill"),
        replace(PIER, change="story"),
        replace(PIER, change="policy"),
        replace(PIER, pub_status="withheld"),
        replace(PIER, first_seen_at=at(-5)),
        grouped_article("Nothing of the kind.", key="other"),
    ],
    ids=["backfill", "moved", "decided", "withheld", "before the watch", "no match"],
)
def test_what_never_alerts_is_not_owed(record: GroupedArticle) -> None:
    found = swept(record)
    assert found.expected == []
    assert found.checked_ids == {record.article_id}


@pytest.mark.parametrize("fields", [{"is_active": False}, {"trigger": "surge"}])
def test_watches_that_do_not_fire_by_their_query_alone_owe_nothing(fields: dict[str, Any]) -> None:
    assert swept(PIER, watches=(watch(**fields),)).expected == []


def test_a_new_story_is_owed_for_its_first_article_only() -> None:
    root = grouped_article("The pier opens.", key="root")
    later = grouped_article("The pier is open.", key="later", story_id=root.story_id)
    found = swept(root, later, watches=(watch(trigger="new_story"),))
    assert [each.draft.grouped.article_id for each in found.expected] == [root.article_id]


def test_articles_outside_the_time_or_gone_from_the_topic_are_told_apart() -> None:
    gone = indexed(SECOND)
    found = expect_alerts([PIER], {gone.article_id: gone}, [watch()])
    assert found.expected == []
    assert found.checked_ids == set()
    assert found.unchecked_ids == {SECOND.article_id}

"""What follows an alert: withdrawals for all who were told, changes of licence for who asks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from grouped_articles import FREE, RESERVED, TEXT, grouped, killed, story_id, watch
from sample_records import at

from dateline import ids
from dateline.alert_records import MatchReason, Watch
from dateline.alerts.ledger import LedgerEntry
from dateline.records import GroupedArticle
from processors.alerts.build_content import build_content
from processors.alerts.drafts import draft_match
from processors.alerts.follow_up import by_article, follow_ups, may_follow
from processors.alerts.plan_alerts import plan_alerts

ASKING = watch(is_license_told=True, channel_ids=("a", "b"))
REASONS = (MatchReason(term="pier", place="body", start=29, end=33),)


def told(record: GroupedArticle, of: Watch = ASKING) -> LedgerEntry:
    draft = draft_match(record, of, REASONS)
    assert draft is not None
    plan = plan_alerts(
        [draft], {}, now=at(3),
        make_content=lambda each, note: build_content(
            each.grouped, each.watch, each.reasons, excerpt_chars=50, note=note
        ),
    )  # fmt: skip
    return plan.entries[0]


def following(
    record: GroupedArticle, *entries: LedgerEntry, of: Watch | None = ASKING
) -> list[LedgerEntry]:
    assert may_follow(record)
    return follow_ups(
        record, entries, find_watch=lambda _: of, excerpt_chars=50, now=at(9)
    )  # fmt: skip


def decided(revision: int, rights=RESERVED) -> GroupedArticle:  # type: ignore[no-untyped-def]
    return grouped(change="policy", revision=revision, rights=rights, earlier=(TEXT,))


@pytest.mark.parametrize("withdrawn", [killed(), grouped(pub_status="withheld", revision=2)])
def test_withdrawal_is_told_to_the_channels_of_the_alert(withdrawn: GroupedArticle) -> None:
    first = told(grouped())

    (correction,) = following(withdrawn, first, of=None)  # also when the watch is gone

    alert = correction.alert
    assert alert.trigger == "correction"
    assert alert.corrects_alert_id == first.alert.alert_id
    assert alert.subject == f"{first.alert.alert_id}:2"
    assert alert.alert_id == ids.alert_id("w", "correction", alert.subject)
    assert correction.channel_ids == ("a", "b")
    assert alert.content is not None
    assert alert.content.title is alert.content.excerpt is alert.content.sentence is None
    assert alert.content.entities == ()


def test_nobody_told_nothing_to_correct() -> None:
    assert following(killed()) == []


def test_withdrawal_is_told_once_and_again_for_the_same_record() -> None:
    first = told(grouped())
    (correction,) = following(killed(), first)

    assert following(killed(revision=3), first, correction) == []
    (again,) = following(killed(), first, correction)
    assert again.alert.alert_id == correction.alert.alert_id


def test_each_channel_hears_once_of_an_article_that_was_told_often() -> None:
    first = told(grouped(), watch(repeat="every_article", channel_ids=("a",)))
    second = told(
        grouped(story_id=story_id("other"), revision=2, earlier=(TEXT,)),
        watch(channel_ids=("a", "b")),
    )

    corrections = following(killed(revision=3), first, second)

    assert [(each.alert.corrects_alert_id, each.channel_ids) for each in corrections] == [
        (first.alert.alert_id, ("a",)),
        (second.alert.alert_id, ("b",)),
    ]


def test_alert_without_a_channel_is_corrected_without_one() -> None:
    (correction,) = following(killed(), told(grouped(), watch(channel_ids=())))

    assert correction.channel_ids == ()


def test_change_of_licence_says_before_and_after() -> None:
    first = told(grouped(rights=FREE))

    (change,) = following(decided(2), first)

    assert change.alert.trigger == "license_change"
    assert change.alert.content is not None
    before, after = change.alert.content.note.split("; before ")[::-1]
    assert "the whole text may be shown" in before
    assert "the whole text" not in after
    assert change.display != "full"


def test_change_of_licence_is_told_to_those_who_ask_and_once() -> None:
    first = told(grouped(rights=FREE))
    (change,) = following(decided(2), first)

    assert following(decided(2), first, of=replace(ASKING, is_license_told=False)) == []
    assert following(decided(2), first, of=None) == []
    assert following(decided(2, FREE), first) == []
    assert following(decided(3), first, change) == []
    (again,) = following(decided(2), first, change)
    assert again.alert.alert_id == change.alert.alert_id
    # Back to what it was: that is a change of what was told last.
    (back,) = following(decided(3, FREE), first, change)
    assert back.alert.content is not None
    assert "before NOASSERTION, the whole text" not in back.alert.content.note


def test_an_older_record_changes_nothing() -> None:
    later = told(grouped(revision=5))

    assert following(killed(revision=4), later) == []
    assert following(decided(4), later) == []


def test_entries_by_article_keep_their_order() -> None:
    one, two = told(grouped("one")), told(grouped("two"))
    again = replace(one, channel_ids=())

    found = by_article([one, two, again])

    assert found[one.alert.article_id] == [one, again]

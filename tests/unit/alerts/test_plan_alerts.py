"""Which drafts become alerts: one a story, nothing twice, updates where they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from grouped_articles import PERSON, TEXT, article_id, grouped, story_id, watch
from sample_records import at

from dateline import ids
from dateline.alert_records import AlertContent, MatchReason, Watch
from dateline.alerts.ledger import LedgerEntry
from dateline.records import GroupedArticle
from processors.alerts.build_content import build_content
from processors.alerts.drafts import (
    Draft,
    draft_match,
    entities_asked_for,
    is_later_text,
    is_past,
    joined_subject,
    may_alert,
    positive_terms,
)
from processors.alerts.entity_claims import named_in_full
from processors.alerts.plan_alerts import Plan, asked_ids, plan_alerts

REASONS = (MatchReason(term="pier", place="body", start=29, end=33),)


def content(draft: Draft, note: str) -> AlertContent:
    return build_content(draft.grouped, draft.watch, draft.reasons, excerpt_chars=50, note=note)


def drafted(record: GroupedArticle, of: Watch, words: str | None = None) -> Draft:
    draft = draft_match(record, of, REASONS, words_sha256=words)
    assert draft is not None
    return draft


def planned(*drafts: Draft, told: tuple[LedgerEntry, ...] = ()) -> Plan:
    known = {each.alert.alert_id: each for each in told}
    assert {*known} <= {*asked_ids(drafts)} or not drafts
    return plan_alerts(drafts, known, make_content=content, now=at(9))


def ids_of(entries: tuple[LedgerEntry, ...]) -> list[str]:
    return [each.alert.alert_id for each in entries]


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        pytest.param({"change": "new"}, True, id="new"),
        pytest.param({"change": "content"}, True, id="content"),
        pytest.param({"change": "revive"}, True, id="revive"),
        pytest.param({"change": "story"}, False, id="merge-or-split"),
        pytest.param({"change": "policy"}, False, id="policy"),
        pytest.param({"change": "entity"}, False, id="link"),
        pytest.param({"origin": "backfill"}, False, id="backfill"),
        pytest.param({"pub_status": "withheld"}, False, id="withheld"),
    ],
)
def test_only_live_news_may_alert(fields: dict[str, Any], may: bool) -> None:
    assert may_alert(grouped(**fields)) is may


def test_what_was_seen_before_the_watch_is_past() -> None:
    assert is_past(grouped(first_seen_at=at(1)), watch(created_at=at(2)))
    assert not is_past(grouped(first_seen_at=at(2)), watch(created_at=at(2)))


def test_two_articles_of_one_story_are_one_alert_of_the_first() -> None:
    story = story_id("one")
    first = drafted(grouped("two", story_id=story), watch())
    second = drafted(grouped("one", story_id=story), watch())

    plan = planned(first, second)

    assert ids_of(plan.entries) == [ids.alert_id("w", "match", story)]
    assert plan.entries[0].alert.article_id == article_id("two")
    assert plan.again == ()


def test_every_article_is_an_alert_of_its_own() -> None:
    each = watch(repeat="every_article")
    drafts = [drafted(grouped(name, story_id=story_id("one")), each) for name in ("one", "two")]

    assert len(planned(*drafts).entries) == 2


def test_a_story_told_under_an_id_that_it_had_is_not_told_again() -> None:
    (told,) = planned(drafted(grouped("two"), watch())).entries
    merged = drafted(
        grouped("one", story_id=story_id("one"), story_aliases=(story_id("two"),)), watch()
    )

    assert planned(merged, told=(told,)) == Plan()
    # In one batch the same holds, although the ledger knows of neither.
    assert ids_of(planned(drafted(grouped("two"), watch()), merged).entries) == ids_of((told,))


def test_a_record_read_again_is_published_again_and_another_article_is_not() -> None:
    draft = drafted(grouped("one"), watch())
    (told,) = planned(draft).entries
    other = drafted(grouped("two", story_id=story_id("one")), watch())

    assert planned(draft, told=(told,)) == Plan(again=(told,))
    assert planned(other, told=(told,)) == Plan()


def test_new_story_is_told_of_its_root_alone() -> None:
    new = watch(trigger="new_story")

    assert draft_match(grouped("two", story_id=story_id("one")), new, REASONS) is None
    assert drafted(grouped("one"), new).alert_ids == (
        ids.alert_id("w", "new_story", story_id("one")),
    )


def test_update_follows_the_alert_of_its_story_and_is_told_once() -> None:
    up = watch(repeat="story_and_updates")
    (told,) = planned(drafted(grouped("one"), up, "first")).entries
    later = grouped("one", f"{TEXT} More.", revision=2, earlier=(TEXT,))
    draft = drafted(later, up, "second")

    (update,) = planned(draft, told=(told,)).entries

    assert update.alert.trigger == "update"
    assert update.alert.corrects_alert_id == told.alert.alert_id
    assert update.alert.subject == f"{story_id('one')}:{article_id('one')}:second"
    assert planned(draft, told=(told, update)) == Plan(again=(update,))
    # No words of its own: an earlier text had the same.
    assert planned(drafted(later, up, None), told=(told,)) == Plan()
    # The story is not told at all yet: this is its alert, and no update.
    assert planned(draft).entries[0].alert.trigger == "match"


def test_first_text_emitted_again_is_no_update() -> None:
    up = watch(repeat="story_and_updates")
    again = grouped("one", change="content")

    assert not is_later_text(again)
    assert is_later_text(grouped("one", "B.", revision=2, earlier=("A.",), names=()))
    assert drafted(again, up, "words").update_subject is None


def test_entry_says_what_might_be_shown() -> None:
    (entry,) = planned(drafted(grouped("one"), replace(watch(), channel_ids=("a", "a")))).entries

    assert entry.display == "full"
    assert entry.channel_ids == ("a",)
    assert entry.alert.channel_id == ""


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("type:person pier", [PERSON], id="type"),
        pytest.param("type:place", ["Lisbon"], id="other-type"),
        pytest.param("NOT type:place AND pier", [PERSON, "Lisbon"], id="not-a-type"),
        pytest.param("SENTENCE(type:place country:qa)", ["Lisbon"], id="type-beside-a-country"),
        pytest.param("country:pt", [], id="country-that-nobody-is-tied-to"),
        pytest.param(f'entity:"{PERSON}" pier', [PERSON], id="entity"),
        pytest.param("pier", [PERSON, "Lisbon"], id="words"),
    ],
)
def test_first_mentions_that_a_query_asks_for(query: str, names: list[str]) -> None:
    named = named_in_full(grouped())
    reasons = [
        MatchReason(
            term=f'entity:"{PERSON}"', place="body", entity_id=ids.entity_id("person", PERSON)
        )
    ]

    assert [each.name for each in entities_asked_for(query, named, reasons)] == names
    assert positive_terms(query)


def test_subject_of_very_many_parts_fits_the_index_and_is_its_own() -> None:
    parts = [f"{ids.entity_id('person', f'Ada {letter * 3}')}@2026-11-20" for letter in "abcdef"]
    many = parts * 100

    assert joined_subject(parts) == " ".join(parts)
    assert len(joined_subject(many)) < 100
    assert joined_subject(many) == joined_subject(list(many))
    assert joined_subject(many) != joined_subject([*many[:-1], "other"])

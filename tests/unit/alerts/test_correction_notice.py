"""What a source calls a correction is told as one to all who were told; other changes are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from grouped_articles import RESERVED, TEXT, grouped, killed, watch
from sample_records import at

from dateline.alert_records import MatchReason
from dateline.alerts.ledger import LedgerEntry
from dateline.records import GroupedArticle
from processors.alerts.build_content import build_content
from processors.alerts.correction_notice import find_notice, notice_sha256
from processors.alerts.drafts import Draft, draft_match
from processors.alerts.follow_up import follow_ups, may_follow
from processors.alerts.plan_alerts import plan_alerts

NOTICE = "Correction: the pier cost 13 million euros."
CORRECTED = f"{TEXT}\n{NOTICE}"
REASONS = (MatchReason(term="pier", place="body", start=29, end=33),)


@pytest.mark.parametrize(
    "text",
    [
        NOTICE,
        f"{TEXT} {NOTICE}",
        f"{TEXT}\nCORRECTION (Nov. 3): the pier cost 13 million.",
        "LISBON (Corrects sum in paragraph 2) - The pier opened.",
        "The pier opened. This version corrects that it cost 12 million.",
        "An earlier version of this article misstated the cost of the pier.",
        "This story has been corrected to say that the pier cost 13 million.",
        "Le quai est ouvert. Une version précédente de cet article donnait un autre prix.",
    ],
)
def test_notice_of_a_correction_is_found(text: str) -> None:
    assert find(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Markets are due for a correction: not soon, the bank said.",
        "The bank corrected its forecast.",
        "The department of corrections - a large one - closed a prison.",
        "The article of the treaty was amended in May.",
        "In an earlier version of the plan the pier was longer.",
    ],
)
def test_other_corrections_are_none(text: str) -> None:
    assert find(text) is None


def test_title_that_says_so() -> None:
    assert find(TEXT, title="CORRECTED-UPDATE 1-Pier opens") is not None
    assert find(TEXT, title="Corrected figures show growth") is None


def test_sentence_of_a_notice_and_its_hash_go_by_its_words() -> None:
    found = find(CORRECTED)
    assert found is not None
    assert CORRECTED[found.sentence_start : found.sentence_end] == NOTICE
    hashes = {notice_sha256(article(text)) for text in (CORRECTED, f"More. {NOTICE.upper()}")}
    assert len(hashes) == 1
    assert notice_sha256(article(TEXT)) == ""
    assert hashes != {notice_sha256(article(f"{TEXT}\nCorrection: it cost 14 million euros."))}


def test_correction_is_told_to_whoever_was_told_once() -> None:
    first = told(article(TEXT))
    second = article(CORRECTED, revision=2, earlier=(TEXT,))

    (correction,) = following(second, first)

    alert = correction.alert
    assert (alert.trigger, alert.corrects_alert_id) == ("correction", first.alert.alert_id)
    assert correction.channel_ids == ("mail",)
    assert alert.content is not None
    assert alert.content.note == "corrected by its source"
    assert alert.content.sentence == NOTICE
    assert alert.content.reasons == ("pier in the text",)
    assert alert.content.query == watch().query
    (again,) = following(second, first, correction)
    assert again.alert.alert_id == alert.alert_id
    third = article(f"More. {CORRECTED}", revision=3, earlier=(TEXT, CORRECTED))
    assert following(third, first, correction) == []
    other = article(CORRECTED.replace("13", "14"), revision=4, earlier=(TEXT, CORRECTED))
    assert len(following(other, first, correction)) == 1


def test_kill_behind_a_correction_and_a_notice_that_came_back_with_a_revival() -> None:
    first = told(article(TEXT))
    second = article(CORRECTED, revision=2, earlier=(TEXT,))
    (correction,) = following(second, first)

    (kill,) = following(killed(revision=3), first, correction)

    assert kill.alert.content is not None
    assert kill.alert.content.sentence is None
    assert following(killed(revision=4), first, correction, kill) == []
    revived = article(CORRECTED, revision=5, change="revive", earlier=(TEXT, CORRECTED))
    assert following(revived, first, correction, kill) == []


def test_what_was_corrected_before_it_was_told_or_is_no_correction_is_not_told() -> None:
    later = article(f"More. {CORRECTED}", revision=2, earlier=(CORRECTED,))
    assert following(later, told(article(CORRECTED))) == []
    changed = article(f"More. {TEXT}", revision=2, earlier=(TEXT,))
    assert following(changed, told(article(TEXT))) == []


def test_correction_shows_no_more_than_the_licence_allows() -> None:
    first = told(article(TEXT))
    second = article(CORRECTED, revision=2, earlier=(TEXT,), rights=RESERVED)
    decisions = tuple(replace(each, display="metadata_only") for each in second.decisions)

    (correction,) = following(replace(second, decisions=decisions), first)

    content = correction.alert.content
    assert content is not None
    assert content.sentence is content.excerpt is None
    assert content.withheld_reason


def test_licence_that_changes_with_the_text_is_told_where_it_is_asked_for() -> None:
    second = article(f"More. {TEXT}", revision=2, earlier=(TEXT,), rights=RESERVED)
    asking = watch(is_license_told=True)

    (change,) = following(second, told(article(TEXT), asking), of=asking)

    assert change.alert.trigger == "license_change"
    assert following(second, told(article(TEXT))) == []


def article(text: str, **fields: Any) -> GroupedArticle:
    return grouped(text=text, names=(), **fields)


def find(text: str, title: str = "Pier opens") -> MatchReason | None:
    enriched = article(text, enriched={"title": title}).enriched
    assert enriched is not None
    return find_notice(enriched)


def content(draft: Draft, note: str) -> Any:
    return build_content(draft.grouped, draft.watch, draft.reasons, excerpt_chars=50, note=note)


def told(record: GroupedArticle, of: Any = None) -> LedgerEntry:
    draft = draft_match(record, of or watch(), REASONS)
    assert draft is not None
    return plan_alerts([draft], {}, now=at(3), make_content=content).entries[0]


def following(record: GroupedArticle, *entries: LedgerEntry, of: Any = None) -> list[LedgerEntry]:
    assert may_follow(record)
    return follow_ups(
        record, entries, find_watch=lambda _: of or watch(), excerpt_chars=50, now=at(9)
    )

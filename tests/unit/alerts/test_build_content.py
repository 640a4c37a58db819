"""A message says no more of an article than its licence allows to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from grouped_articles import PERSON, PLACE, TEXT, grouped, watch

from dateline.alert_records import AlertContent, MatchReason
from dateline.records import GroupedArticle
from dateline.rights.record import Attribution, Decision, DisplayTier, Preferences
from processors.alerts.build_content import (
    MAX_ENTITIES,
    MAX_REASONS,
    NO_TEXT,
    build_content,
    mention_reason,
    reason_text,
)
from processors.alerts.entity_claims import named_in_full

SENTENCE = "Marta Oliveira opened the new pier in Lisbon."
SECOND = "The pier cost 12 million euros."


def reason(term: str, sentence: str = SENTENCE, **fields: Any) -> MatchReason:
    start = TEXT.index(sentence)
    row = {
        "term": term, "place": "body", "start": start, "end": start + 3,
        "sentence_start": start, "sentence_end": start + len(sentence),
    }  # fmt: skip
    return MatchReason(**(row | fields))


def shown(display: DisplayTier, chars: int = 50, **fields: Any) -> GroupedArticle:
    record = grouped(**fields)
    decisions = tuple(
        replace(each, display=display, snippet_chars=chars)
        if each.purpose == "public_search"
        else each
        for each in record.decisions
    )
    return replace(record, decisions=decisions)


def content(
    record: GroupedArticle, *reasons: MatchReason, excerpt_chars: int = 300, **fields: Any
) -> AlertContent:
    return build_content(record, watch(), reasons, excerpt_chars=excerpt_chars, **fields)


def limited(record: GroupedArticle, **fields: Any) -> GroupedArticle:
    assert record.enriched is not None
    rights = replace(record.enriched.rights, preferences=Preferences(**fields))
    return replace(record, enriched=replace(record.enriched, rights=rights))


def test_full_text_shows_sentence_and_excerpt() -> None:
    found = content(shown("full"), reason("pier"), excerpt_chars=20)

    assert found.sentence == SENTENCE
    assert found.excerpt == "Marta Oliveira…"
    assert found.title == "Report of one"
    assert found.withheld_reason is None
    assert (found.url, found.source_id) == ("https://one.example/1", "one.example")


@pytest.mark.parametrize(
    ("sentence", "is_shown"),
    [pytest.param(SENTENCE, True, id="inside"), pytest.param(SECOND, False, id="behind")],
)
def test_snippet_shows_a_sentence_that_lies_inside(sentence: str, is_shown: bool) -> None:
    found = content(shown("snippet"), reason("pier", sentence))

    assert found.sentence == (sentence if is_shown else None)
    assert found.excerpt == f"{SENTENCE} The…"
    expected = "the licence of this article allows only the first 50 characters"
    assert (found.withheld_reason or "").startswith(expected) is not is_shown


def test_no_text_says_that_the_licence_withholds_it() -> None:
    found = content(shown("metadata_only"), reason("pier"))

    assert (found.sentence, found.excerpt) == (None, None)
    assert found.title == "Report of one"
    assert found.withheld_reason == NO_TEXT


def test_title_that_we_derived_is_text() -> None:
    record = shown("metadata_only", enriched={"is_title_derived": True, "title": SENTENCE})

    assert content(record).title is None


def test_passages_that_no_snippet_may_show_are_left_out() -> None:
    record = limited(shown("full"), nosnippet_texts=(SENTENCE,))

    found = content(record, reason("pier"))

    assert found.sentence is None
    assert found.withheld_reason
    assert found.excerpt is not None
    assert PERSON not in found.excerpt
    assert SECOND in found.excerpt


def test_page_that_limits_snippets_limits_ours_although_its_text_is_free() -> None:
    record = limited(shown("full", 20), snippet_max_chars=20)

    found = content(record, reason("pier"))

    assert found.excerpt == "Marta Oliveira…"
    assert found.sentence is None


def test_reasons_are_words_each_once_and_the_sentence_is_of_the_first_with_one() -> None:
    title = MatchReason(term="title:report", place="title", start=0, end=6)
    field = MatchReason(term="source:one.example", place="field")
    named = reason(f'entity:"{PERSON}"', entity_id="e1", entity_name=PERSON)

    found = content(shown("full"), title, field, named, named, because=("first mention",))

    assert found.reasons == (
        "first mention", "title:report in the title", "source:one.example",
        f'entity:"{PERSON}" ({PERSON}) in the text',
    )  # fmt: skip
    assert found.sentence == SENTENCE
    assert [(each.entity_id, each.name) for each in found.entities] == [("e1", PERSON)]
    assert reason_text(field) == "source:one.example"


def test_message_about_thousands_of_entities_names_the_first() -> None:
    many = [reason(f"entity:e{number}", entity_id=f"e{number}", entity_name=f"E {number}")
            for number in range(5_000)]  # fmt: skip

    found = content(shown("full"), *many, because=[f"why {number}" for number in range(200)])

    assert len(found.entities) == MAX_ENTITIES
    assert len(found.reasons) == MAX_REASONS
    assert (found.reasons[0], found.entities[0].name) == ("why 0", "E 0")


def test_match_in_the_title_alone_withholds_nothing() -> None:
    found = content(shown("snippet"), MatchReason(term="report", place="title", start=0, end=6))

    assert found.sentence is None
    assert found.withheld_reason is None


def test_first_mention_has_its_sentence_type_and_attribution() -> None:
    record = shown("full")
    assert record.enriched is not None
    line = Attribution(text="By one.", html="", jsonld="", is_complete=True)
    rights = replace(record.enriched.rights, attribution=line, spdx_expression="CC0-1.0")
    record = replace(record, enriched=replace(record.enriched, rights=rights))
    place = next(each for each in named_in_full(record) if each.name == PLACE)

    found = content(record, mention_reason(record, place, PLACE))

    assert found.sentence == SENTENCE
    assert [(each.name, each.entity_type) for each in found.entities] == [(PLACE, "place")]
    assert (found.attribution_text, found.spdx_expression) == ("By one.", "CC0-1.0")


def test_article_without_a_decision_shows_nothing() -> None:
    found: list[Decision] = []
    record = replace(grouped(), decisions=tuple(found))

    assert content(record, reason("pier")).title is None

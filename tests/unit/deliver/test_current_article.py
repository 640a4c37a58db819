"""What may still be told of an article whose rights have changed since the alert."""

from __future__ import annotations

import pytest
from alert_samples import BODY, SENTENCE, alert, entry

from dateline.alerts.ledger import LedgerEntry
from dateline.rights.record import DisplayTier
from processors.deliver.current_article import WITHHELD, CurrentArticle, still_showable

ENTRY = entry(alert())


def current(display: DisplayTier, body: str | None = BODY, **values: object) -> CurrentArticle:
    return CurrentArticle(
        **{"pub_status": "usable", "title": "T", "body": body, "display": display, **values}  # type: ignore[arg-type]
    )


def test_article_that_is_not_indexed_yet_is_told_as_it_was() -> None:
    assert still_showable(ENTRY, None) == ENTRY.alert


@pytest.mark.parametrize("then", ["full", "snippet", "metadata_only"])
def test_same_or_more_rights_change_nothing(then: DisplayTier) -> None:
    told = LedgerEntry(alert=ENTRY.alert, channel_ids=(), display=then, snippet_chars=60)

    assert still_showable(told, current("full", body="Another text.")) == ENTRY.alert


def test_sentence_stays_when_the_snippet_shows_it() -> None:
    content = still_showable(ENTRY, current("snippet", BODY[:60])).content

    assert content is not None
    assert content.sentence == SENTENCE
    assert content.withheld_reason is None


def test_sentence_goes_when_the_snippet_does_not_show_it() -> None:
    content = still_showable(ENTRY, current("snippet", BODY[:20])).content

    assert content is not None
    assert content.sentence is None
    assert content.excerpt == BODY[:20]
    assert content.withheld_reason == WITHHELD


def test_shorter_snippet_than_before_cuts() -> None:
    told = entry(alert(), display="snippet", snippet_chars=60)

    content = still_showable(told, current("snippet", BODY[:20], snippet_chars=20)).content

    assert content is not None
    assert content.sentence is None
    assert content.excerpt == BODY[:20]


def test_text_goes_and_the_title_stays_where_only_facts_may_be_shown() -> None:
    content = still_showable(ENTRY, current("metadata_only", None)).content

    assert content is not None
    assert (content.sentence, content.excerpt) == (None, None)
    assert content.title == "Talks go on: one"
    assert content.withheld_reason == WITHHELD


@pytest.mark.parametrize("display", ["full", "no_index"])
def test_nothing_of_a_text_is_told_that_is_held_back_or_not_in_search(
    display: DisplayTier,
) -> None:
    status = "withheld" if display == "full" else "usable"
    article = current(display, BODY, pub_status=status, title=None)

    content = still_showable(ENTRY, article).content

    assert content is not None
    assert (content.title, content.sentence, content.excerpt) == (None, None, None)
    assert content.url == ENTRY.alert.content.url  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "article",
    [current("full", kill_reason="withdrawn"), current("full", pub_status="canceled")],
)
def test_killed_article_is_withdrawn(article: CurrentArticle) -> None:
    assert article.is_withdrawn
    assert not current("full").is_withdrawn

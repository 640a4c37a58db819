from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_records import at, enriched_article, kill_notice

from dateline.errors import ArticleInvalid
from dateline.records import Decision, DisplayTier, GroupedArticle, Mention, VersionSeen
from processors.index.build_document import build_document, entity_fields, split_text

TEXT = "Marta Oliveira opened the new pier in Lisbon. The pier cost 12 million euros."
SEEN = (VersionSeen(content_sha256="a" * 64, updated_at=at(1), revision=3),)


def decision(display: DisplayTier, chars: int = 30, purpose: str = "public_search") -> Decision:
    return Decision(
        policy_id="p@1", purpose=purpose, display=display, snippet_chars=chars, export=False,
        attribution_required=False, reasons=("because",),
    )  # fmt: skip


def mention(text: str, entity_type: str, *, start: int = 0) -> Mention:
    return Mention(
        text=text, label="X", entity_type=entity_type, entity_id=f"id-{text}",  # type: ignore[arg-type]  # from a table
        start=start, end=start + len(text), sentence_start=0, sentence_end=45, detector="m@1",
    )  # fmt: skip


def grouped(*decisions: Decision, **fields: Any) -> GroupedArticle:
    enriched = enriched_article(
        TEXT,
        summary="A summary that is a good deal longer than thirty characters",
        mentions=(mention("Marta Oliveira", "person"), mention("Lisbon", "place", start=38)),
    )
    row: dict[str, Any] = {
        "article_id": enriched.article.article_id, "source_id": "wire.example", "revision": 3,
        "change": "content", "first_seen_at": at(0), "observed_at": at(1), "origin": "live",
        "pub_status": "usable", "story_id": "s", "versions": SEEN, "decisions": decisions,
        "enriched": enriched,
    }  # fmt: skip
    return GroupedArticle(**(row | fields))


def test_article_without_a_decision_is_refused() -> None:
    with pytest.raises(ArticleInvalid, match="no licence decision for public_search"):
        build_document(grouped())


def test_decision_for_another_purpose_does_not_count() -> None:
    with pytest.raises(ArticleInvalid):
        build_document(grouped(decision("full", purpose="export")))


def test_full_tier_shows_text_and_sentences() -> None:
    document = build_document(grouped(decision("full")))

    assert (document.body, document.body_internal) == (TEXT, None)
    assert document.summary == "A summary that is a good deal longer than thirty characters"
    assert [item.sentence for item in document.mentions] == [TEXT[:45], TEXT[:45]]


def test_snippet_tier_shows_a_snippet_and_searches_the_whole() -> None:
    document = build_document(grouped(decision("snippet")))

    assert document.body == "Marta Oliveira opened the new…"
    assert document.body_internal == TEXT
    assert document.summary == "A summary that is a good deal…"
    assert [item.sentence for item in document.mentions] == [None, None]
    assert document.body_chars == len(TEXT)


def test_metadata_tier_shows_no_text() -> None:
    document = build_document(grouped(decision("metadata_only")))

    assert (document.body, document.summary) == (None, None)
    assert document.body_internal == TEXT
    assert [item.sentence for item in document.mentions] == [None, None]


@given(
    st.text(alphabet="ab \n", max_size=60),
    st.integers(0, 40),
    st.sampled_from(["snippet", "metadata_only"]),
)
def test_no_more_is_shown_than_the_decision_allows(
    text: str, chars: int, tier: DisplayTier
) -> None:
    shown, hidden = split_text(text, decision(tier, chars))

    assert hidden == text
    assert len(shown or "") <= chars
    assert shown is None or text.startswith(shown.removesuffix("…"))


@given(st.lists(st.sampled_from(["one", "three", "eleven"]), min_size=1), st.integers(8, 40))
def test_snippet_ends_at_a_word(words: list[str], chars: int) -> None:
    text = " ".join(words)

    shown, _ = split_text(text, decision("snippet", chars))

    assert shown is not None
    if shown != text:
        cut = shown.removesuffix("…")
        assert words[: len(cut.split())] == cut.split()


def test_snippet_of_a_text_of_lines_ends_at_a_word() -> None:
    shown, _ = split_text("first\nsecond\nthird", decision("snippet", 10))

    assert shown == "first…"


@pytest.mark.parametrize(
    ("text", "chars", "shown"),
    [
        ("one two three", 8, "one two…"),
        ("one two three", 9, "one two…"),
        ("one two three", 10, "one two…"),
        ("onetwothree", 5, "onet…"),
        ("one", 1, "…"),
        ("one", 0, None),
        (" onetwothree", 5, " one…"),
    ],
)
def test_snippet_by_length(text: str, chars: int, shown: str | None) -> None:
    assert split_text(text, decision("snippet", chars))[0] == shown


def test_short_text_is_shown_whole() -> None:
    assert split_text("short", decision("snippet", 5)) == ("short", "short")


def test_tombstone_keeps_identity_and_drops_text() -> None:
    document = build_document(
        grouped(
            enriched=None, kill=kill_notice(9, url="https://wire.example/1"), pub_status="canceled",
            change="kill", revision=4,
        )
    )  # fmt: skip

    assert (document.revision, document.pub_status, document.kill_reason) == (
        4, "canceled", "withdrawn",
    )  # fmt: skip
    assert document.first_seen_at == at(0)
    assert document.versions == SEEN
    assert document.updated_at == at(9)
    shown = (document.title, document.summary, document.body, document.body_internal)
    assert shown == (None, None, None, None)
    assert (document.mentions, document.rights, document.content_sha256) == ((), None, None)


def test_record_with_neither_article_nor_kill_is_refused() -> None:
    with pytest.raises(ArticleInvalid, match="neither an article nor a kill"):
        build_document(grouped(decision("full"), enriched=None))


def test_identity_is_that_of_the_stories_stage() -> None:
    record = replace(
        grouped(decision("full")), role="copy", story_aliases=("t",), origin="backfill"
    )

    document = build_document(record)

    for name in (
        "article_id", "source_id", "revision", "pub_status", "origin", "story_id", "story_aliases",
        "role", "first_seen_at", "observed_at", "versions", "decisions",
    ):  # fmt: skip
        assert getattr(document, name) == getattr(record, name)


def test_entity_fields_are_distinct_in_order_and_without_quantities() -> None:
    fields = entity_fields(
        [
            mention("Lisbon", "place"), mention("12 million", "quantity"),
            mention("Porto", "place"), mention("Lisbon", "place"), mention("Friday", "date"),
            mention("Marta", "person"), mention("Lisbon", "organization"),
        ]
    )  # fmt: skip

    assert fields.place == ("Lisbon", "Porto")
    assert (fields.person, fields.organization) == (("Marta",), ("Lisbon",))
    assert (fields.event, fields.law) == ((), ())


def test_withheld_text_is_not_shown_whatever_its_licence_says() -> None:
    document = build_document(grouped(decision("full"), pub_status="withheld"))

    assert document.pub_status == "withheld"
    assert document.body is None
    assert document.summary is None
    assert document.body_internal

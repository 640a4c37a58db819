from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_records import at, enriched_article, kill_notice, sha

from dateline.errors import ArticleInvalid
from dateline.records import DecisionFilter, GroupedArticle, Mention, SearchDocument, VersionSeen
from dateline.rights.record import (
    PURPOSES,
    Decision,
    DisplayTier,
    Preferences,
    RawPreference,
    Resolution,
    Rights,
    RightsEvidence,
    RightsObject,
    StoreTier,
)
from processors.index.build_document import build_document
from processors.index.rights_fields import MAX_EVIDENCE

TEXT = "Marta Oliveira opened the new pier in Lisbon. The pier cost 12 million euros."
SEEN = (VersionSeen(content_sha256="a" * 64, updated_at=at(1), revision=3),)


EVIDENCE = RightsEvidence(
    id="e1", object_id="text", layer="text", field="body", start=0, end=9,
    quote="Marta Oliveira opened the new pier in Lisbon.", text_sha256="d" * 64,
    frame="mention", scope="this_object", rank=70, confidence=0.9, detector="notice@1",
    registry_version="1",
)  # fmt: skip


def decision(
    display: DisplayTier, chars: int = 30, *, store: StoreTier | None = None, **fields: Any
) -> Decision:
    kept: dict[DisplayTier, StoreTier] = {
        "full": "full", "snippet": "full_internal", "metadata_only": "full_internal",
        "no_index": "no_index",
    }  # fmt: skip
    row: dict[str, Any] = {
        "policy_id": "p@1", "purpose": "public_search", "store": store or kept[display],
        "display": display, "snippet_chars": chars, "export": False, "ai_use": "denied",
        "attribution_required": False, "reasons": ("because",),
    }  # fmt: skip
    return Decision(**(row | fields))


def decisions(shown: Decision) -> tuple[Decision, ...]:
    """Return a decision for each purpose, ``shown`` for what is searched."""
    others = (decision("no_index", purpose=purpose) for purpose in PURPOSES[1:])
    return (shown, *others)


def built(shown: Decision, rights: Rights | None = None, **fields: Any) -> SearchDocument:
    record = grouped(*decisions(shown), **fields)
    assert record.enriched is not None
    enriched = replace(record.enriched, rights=rights or Rights(status="unknown"))
    return build_document(replace(record, enriched=enriched))


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


@pytest.mark.parametrize("missing", PURPOSES)
def test_article_without_a_decision_for_each_purpose_is_refused(missing: str) -> None:
    given = tuple(each for each in decisions(decision("full")) if each.purpose != missing)

    with pytest.raises(ArticleInvalid, match=f"no licence decision for {missing}"):
        build_document(grouped(*given))


def test_full_tier_shows_text_and_sentences() -> None:
    document = built(decision("full"))

    assert (document.body, document.body_internal) == (TEXT, None)
    assert document.summary == "A summary that is a good deal longer than thirty characters"
    assert [item.sentence for item in document.mentions] == [TEXT[:45], TEXT[:45]]


def test_snippet_tier_shows_a_snippet_and_searches_the_whole() -> None:
    document = built(decision("snippet"))

    assert document.body == "Marta Oliveira opened the new…"
    assert document.body_internal == TEXT
    assert document.summary == "A summary that is a good deal…"
    assert [item.sentence for item in document.mentions] == [None, None]
    assert document.body_chars == len(TEXT)


def test_metadata_tier_shows_no_text() -> None:
    document = built(decision("metadata_only"))

    assert (document.title, document.body, document.summary) == ("A title", None, None)
    assert document.body_internal == TEXT
    assert [item.sentence for item in document.mentions] == [None, None]


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        (decision("full"), "Marta Oliveira opened the new pier in Lisbon."),
        (decision("snippet"), "Marta Oliveira opened the new…"),
        (decision("metadata_only"), None),
    ],
)
def test_title_that_we_derived_is_text_and_shown_as_text(
    shown: Decision, title: str | None
) -> None:
    derived = replace(
        enriched_article(TEXT, is_title_derived=True, title=TEXT[:45]),
        rights=Rights(status="unknown"),
    )

    assert build_document(grouped(*decisions(shown), enriched=derived)).title == title


@pytest.mark.parametrize("store", ["snippet", "metadata_only"])
def test_text_is_searched_only_where_it_may_be_kept(store: StoreTier) -> None:
    assert built(decision("snippet", store=store)).body_internal is None


@pytest.mark.parametrize("shown", [decision("no_index"), decision("full", store="no_index")])
def test_article_that_may_not_be_in_search_leaves_its_identity_and_decisions(
    shown: Decision,
) -> None:
    document = built(shown, Rights(status="granted", evidence=(EVIDENCE,)))

    known = (document.revision, document.content_sha256, document.pub_status)
    assert known == (3, sha(TEXT), "usable")
    assert len(document.decisions) == len(PURPOSES)
    texts = (document.title, document.summary, document.body, document.body_internal)
    assert texts == (None, None, None, None)
    assert (document.mentions, document.entities.person, document.authors) == ((), (), ())


def test_time_limit_of_hidden_text_counts_from_the_first_sight() -> None:
    limited = decision("snippet", store_days=30)

    assert built(limited).store_until == at(0) + timedelta(days=30)
    assert built(decision("snippet")).store_until is None
    assert built(decision("snippet", store="snippet", store_days=30)).store_until is None


@given(
    st.sampled_from(["snippet", "metadata_only", "no_index"]),
    st.sampled_from(["full", "full_internal", "snippet", "metadata_only", "no_index"]),
    st.integers(0, 60),
)
def test_nothing_shown_is_longer_than_a_snippet(
    tier: DisplayTier, store: StoreTier, chars: int
) -> None:
    document = built(
        decision(tier, chars, store=store), Rights(status="unknown", evidence=(EVIDENCE,))
    )
    assert document.rights is not None
    shown = [
        document.body, document.summary, *(item.sentence for item in document.mentions),
        *(each.quote for each in document.rights.evidence),
    ]  # fmt: skip

    limit = chars if tier == "snippet" else 0
    assert all(len(each or "") <= limit for each in shown)


def test_text_that_is_as_short_as_a_snippet_is_shown_whole() -> None:
    document = built(decision("snippet", len(TEXT)))

    assert (document.body, document.body_internal) == (TEXT, None)


# ---- passages that may not be shown --------------------------------------------------------------

PASSAGE = "opened the new pier"
HIDING = Rights(
    status="granted",
    evidence=(EVIDENCE,),
    preferences=Preferences(
        nosnippet_texts=(PASSAGE,),
        raw=(
            RawPreference(protocol="robots", field="data-nosnippet", value="anything"),
            RawPreference(protocol="robots", field="body", value=f"... {PASSAGE} ..."),
            RawPreference(protocol="tdmrep", field="tdm-reservation", value="1"),
        ),
    ),
)


@pytest.mark.parametrize("shown", [decision("full"), decision("snippet", 60)])
def test_passage_that_may_not_be_shown_is_in_no_field_but_the_hidden_one(shown: Decision) -> None:
    document = built(shown, HIDING)

    assert document.body_internal == TEXT
    source = msgspec.json.encode(replace(document, body_internal=None)).decode()
    assert PASSAGE not in source
    assert document.rights is not None
    assert document.rights.preferences.has_nosnippet
    assert [raw.field for raw in document.rights.preferences.raw] == ["tdm-reservation"]


def test_names_still_stand_where_they_stood() -> None:
    document = built(decision("full"), HIDING)

    assert document.body is not None
    place = document.mentions[1]
    assert document.body[place.start : place.end] == "Lisbon"


def test_page_that_limits_snippets_limits_the_summary_of_a_free_text() -> None:
    limited = Rights(status="granted", preferences=Preferences(snippet_max_chars=10))

    document = built(decision("full", 10), limited)

    assert (document.body, document.summary) == (TEXT, "A summary…")


# ---- rights and decisions ------------------------------------------------------------------------


def test_rights_are_indexed_with_flags_and_filters() -> None:
    rights = Rights(
        status="granted", spdx_expression="CC-BY-SA-4.0", effective=("by", "sa"), confidence=0.9,
        evidence=(EVIDENCE,), objects=(RightsObject(id="img1", kind="image"),),
        resolution=Resolution(winner="e1"), usage_terms="Name us.",
    )  # fmt: skip

    document = built(decision("full"), rights)

    fields = document.rights
    assert fields is not None
    assert (fields.flags.by, fields.flags.sa, fields.flags.nc, fields.flags.nd) == (
        True, True, False, False,
    )  # fmt: skip
    assert (fields.objects, fields.evidence) == (rights.objects, rights.evidence)
    for name in ("status", "spdx_expression", "effective", "confidence", "resolution",
                 "usage_terms"):  # fmt: skip
        assert getattr(fields, name) == getattr(rights, name)
    assert document.decision.public_search == DecisionFilter(
        policy_id="p@1", store="full", display="full", export=False, ai_use="denied"
    )
    assert document.decision.rag is not None
    assert document.decision.rag.display == "no_index"
    assert fields.odrl is not None
    assert fields.odrl["permission"][0]["target"] == f"urn:doc:{document.article_id}#text"


def test_of_thousands_of_notices_the_winner_is_kept() -> None:
    many = tuple(replace(EVIDENCE, id=f"e{n}") for n in range(5000))
    rights = Rights(status="granted", evidence=many, resolution=Resolution(winner="e4999"))

    fields = built(decision("full"), rights).rights

    assert fields is not None
    assert len(fields.evidence) == MAX_EVIDENCE
    assert fields.evidence[-1].id == "e4999"


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
        build_document(grouped(*decisions(decision("full")), enriched=None))


def test_identity_is_that_of_the_stories_stage() -> None:
    record = replace(
        grouped(*decisions(decision("full"))), role="copy", story_aliases=("t",),
        origin="backfill", origin_article_id="0" * 64,
    )  # fmt: skip

    document = build_document(record)

    for name in (
        "article_id", "source_id", "revision", "pub_status", "origin", "story_id", "story_aliases",
        "role", "first_seen_at", "observed_at", "versions", "decisions",
        "origin_article_id",
    ):  # fmt: skip
        assert getattr(document, name) == getattr(record, name)


def test_mentions_alone_give_distinct_names_in_order_and_without_quantities() -> None:
    found = (
        mention("Lisbon", "place"), mention("12 million", "quantity"),
        mention("Porto", "place"), mention("Lisbon", "place"), mention("Friday", "date"),
        mention("Marta", "person"), mention("Lisbon", "organization"),
    )  # fmt: skip
    enriched = replace(enriched_article(TEXT), mentions=found)

    fields = build_document(grouped(*decisions(decision("full")), enriched=enriched)).entities

    assert fields.place == ("Lisbon", "Porto")
    assert (fields.person, fields.organization) == (("Marta",), ("Lisbon",))
    assert (fields.event, fields.law) == ((), ())


def test_withheld_text_is_neither_shown_nor_kept_whatever_was_decided() -> None:
    document = built(decision("full"), pub_status="withheld")

    assert document.pub_status == "withheld"
    assert (document.body, document.summary, document.body_internal) == (None, None, None)

"""What a document names as it is indexed: one entity under all its names, and no hidden words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sample_records import at, enriched_article, kill_notice

from dateline.document_records import (
    DocumentEntity,
    EntityLink,
    KeyPhrase,
    Quotation,
    Relation,
    ResolvedEntity,
)
from dateline.records import GeoPointField, GroupedArticle, Mention, SearchDocument
from dateline.rights.record import PURPOSES, Decision, DisplayTier, Preferences, Rights
from processors.index.build_document import MAX_QUOTATIONS, build_document

TEXT = (
    "Marta Oliveira, keeper of the seven lighthouses, opened the pier in Lisbon on Friday."
    ' "We counted forty quaggas," Oliveira said.'
)
ROLE = "keeper of the seven lighthouses"
WORDS = "We counted forty quaggas,"
PHRASE = "opened the pier in Lisbon"
HIDEABLE = (ROLE, WORDS, PHRASE)


def span(words: str) -> dict[str, int]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words)}


def entity(entity_id: str, entity_type: str, name: str, **fields: Any) -> DocumentEntity:
    row: dict[str, Any] = {
        "entity_id": entity_id, "entity_type": entity_type, "name": name, "is_full_name": True,
        "mention_indices": (0,),
    }  # fmt: skip
    return DocumentEntity(**(row | fields))


def tie(kind: Any, code: str) -> Relation:
    return Relation(kind=kind, country_code=code, entity_id=None, start=0, end=1)


MARTA = entity(
    "m" * 64, "person", "Marta Oliveira", aliases=("Oliveira",), titles=("Dr.",), role=ROLE,
    relations=(tie("holder", "fr"),), salience=0.5, reasons=("surname",),
)  # fmt: skip
LISBON = entity(
    "Q597", "place", "Lisbon",
    link=EntityLink(
        row_id="Q597", qid="Q597", name="Lisboa", country_code="pt", country_relation="capital",
        geo_point=(38.7, -9.1), reason="main name",
    ),
)  # fmt: skip
SPAIN = entity(
    "Q29", "place", "Spain",
    link=EntityLink(
        row_id="Q29", qid="Q29", name="Spain", country_code="es", country_relation="is",
        geo_point=(40.4, -3.7), reason="main name",
    ),
)  # fmt: skip
FRIDAY = entity("d" * 64, "date", "Friday")
RESOLVED = ResolvedEntity(
    document_entity_id="m" * 64, entity_id="M" * 64, name="Marta de Oliveira",
    aliases=("M. Oliveira",), reason="by hand",
)  # fmt: skip


def mention(name: str, entity_id: str) -> Mention:
    return Mention(
        text=name, label="X", entity_type="person", entity_id=entity_id, **span(name),
        sentence_start=0, sentence_end=len(TEXT), detector="m@1",
    )  # fmt: skip


def grouped(display: DisplayTier = "full", *passages: str, **fields: Any) -> GroupedArticle:
    enriched = enriched_article(
        TEXT,
        rights=Rights(status="granted", preferences=Preferences(nosnippet_texts=passages)),
        entities=(MARTA, FRIDAY, LISBON, SPAIN),
        mentions=(mention("Marta Oliveira", MARTA.entity_id), mention("Lisbon", "Q597")),
        quotations=(
            Quotation(kind="direct", **span(WORDS), verb="said", entity=0, reason="named"),
        ),
        key_phrases=(KeyPhrase(kind="event", text=PHRASE, **span(PHRASE), score=1.0, entity=0),),
    )
    decisions = tuple(
        Decision(
            policy_id="p@1", purpose=purpose, store="full_internal", display=display,
            snippet_chars=30, export=False, ai_use="denied", attribution_required=False,
            reasons=("because",),
        )
        for purpose in PURPOSES
    )  # fmt: skip
    row: dict[str, Any] = {
        "article_id": enriched.article.article_id, "source_id": "wire.example", "revision": 1,
        "change": "new", "first_seen_at": at(0), "observed_at": at(1), "origin": "live",
        "pub_status": "usable", "story_id": "s", "versions": (), "decisions": decisions,
        "enriched": enriched, "resolved": (RESOLVED,), "story_reasons": ("3 names",),
        "role_reasons": ("9 of 10",),
    }  # fmt: skip
    return GroupedArticle(**(row | fields))


def source(document: SearchDocument) -> str:
    """What Elasticsearch returns; it never returns the hidden text."""
    return msgspec.json.encode(replace(document, body_internal=None)).decode()


def test_an_entity_has_one_name_and_is_found_by_all_of_them() -> None:
    document = build_document(grouped())

    assert document.entities.person == ("Marta de Oliveira",)
    assert document.entities.place == ("Lisboa", "Spain")
    assert document.entity_names == (
        "Marta de Oliveira", "M. Oliveira", "Marta Oliveira", "Oliveira", "Lisboa", "Lisbon",
        "Spain",
    )  # fmt: skip
    assert document.entity_ids == ("M" * 64, "Q597", "Q29", "m" * 64)
    assert [each.entity_id for each in document.mentions] == ["M" * 64, "Q597"]


def test_an_entity_that_nobody_resolved_keeps_the_id_of_its_document() -> None:
    document = build_document(grouped(resolved=()))

    assert document.entities.person == ("Marta Oliveira",)
    assert document.entity_ids == ("m" * 64, "Q597", "Q29")


def test_dates_and_quantities_are_no_entities() -> None:
    document = build_document(grouped())

    assert "Friday" not in document.entity_names
    assert [each.type for each in document.document_entities] == ["person", "place", "place"]


def test_an_entity_is_indexed_with_what_led_to_it() -> None:
    person, place, _ = build_document(grouped()).document_entities

    assert (person.entity_id, person.document_entity_id, person.name, person.text) == (
        "M" * 64, "m" * 64, "Marta de Oliveira", "Marta Oliveira",
    )  # fmt: skip
    assert (person.titles, person.role, person.holder_of) == (("Dr.",), ROLE, ("fr",))
    assert (person.qid, person.link_reason) == (None, None)
    assert (place.qid, place.country_code, place.country_relation, place.link_reason) == (
        "Q597", "pt", "capital", "main name",
    )  # fmt: skip


def test_countries_that_are_named_stand_before_those_that_are_implied() -> None:
    assert build_document(grouped()).countries == ("es", "fr", "pt")


def test_points_say_which_is_the_latitude() -> None:
    document = build_document(grouped())

    assert document.geo_points == (
        GeoPointField(lat=38.7, lon=-9.1), GeoPointField(lat=40.4, lon=-3.7),
    )  # fmt: skip
    assert document.document_entities[1].geo_point == document.geo_points[0]


def test_a_quotation_has_its_words_its_speaker_and_how_it_was_found() -> None:
    (quotation,) = build_document(grouped()).quotations

    assert (quotation.text, quotation.verb, quotation.reason) == (WORDS, "said", "named")
    assert (quotation.speaker, quotation.speaker_entity_id) == ("Marta de Oliveira", "M" * 64)
    assert build_document(grouped()).key_phrases == (PHRASE,)


@pytest.mark.parametrize("display", ["snippet", "metadata_only"])
def test_what_quotes_the_text_is_left_out_where_the_text_may_not_be_shown(
    display: DisplayTier,
) -> None:
    document = build_document(grouped(display))

    assert not [words for words in HIDEABLE if words in source(document)]
    assert document.body_internal == TEXT
    (quotation,) = document.quotations
    assert (quotation.text, quotation.verb, quotation.speaker) == (None, "", "Marta de Oliveira")
    assert document.key_phrases == ()
    assert "Marta Oliveira" in document.entity_names


@pytest.mark.parametrize("passage", HIDEABLE)
def test_a_passage_that_may_not_be_shown_comes_back_in_no_field(passage: str) -> None:
    document = build_document(grouped("full", passage))

    assert passage not in source(document)
    others = [words for words in HIDEABLE if words != passage]
    assert all(words in source(document) for words in others)


def test_an_article_that_may_not_be_in_search_leaves_no_names() -> None:
    document = build_document(grouped("no_index"))

    assert (document.entity_ids, document.entity_names, document.document_entities) == ((), (), ())
    assert (document.countries, document.quotations, document.story_reasons) == ((), (), ())


def test_a_killed_article_leaves_nothing() -> None:
    document = build_document(
        grouped(enriched=None, kill=kill_notice(9), pub_status="canceled", change="kill")
    )

    assert "Oliveira" not in source(document)
    assert (document.story_reasons, document.role_reasons) == ((), ())


def test_thousands_of_quotations_are_cut() -> None:
    record = grouped()
    assert record.enriched is not None
    many = replace(record.enriched, quotations=record.enriched.quotations * 5000)

    assert len(build_document(replace(record, enriched=many)).quotations) == MAX_QUOTATIONS

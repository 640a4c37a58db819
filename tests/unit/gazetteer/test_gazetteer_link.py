from __future__ import annotations

import time

import pytest
from gazetteer_doubles import Span, span

from dateline.document_records import EntityType
from dateline.gazetteer.find import Gazetteer
from dateline.gazetteer.link import link
from dateline.gazetteer.links import Link


def only(gazetteer: Gazetteer, text: str, name: str, entity_type: EntityType = "place") -> Link:
    return link([span(text, name, entity_type)], text, gazetteer)[0]


@pytest.mark.parametrize(
    ("text", "name", "qid", "relation"),
    [
        pytest.param("Talks in Qatar went on.", "Qatar", "Q846", "is", id="country"),
        pytest.param("Talks in Doha went on.", "Doha", "Q3861", "capital", id="capital"),
        pytest.param("He lives in Mumbai now.", "Mumbai", "Q1156", "within", id="city"),
        pytest.param("The Hague is calm.", "The Hague", "Q36600", "within", id="keeps-article"),
        pytest.param("the Islamic Republic of Iran", "the Islamic Republic of Iran", "Q794", "is",
                     id="long-name"),
        pytest.param("in Turkey, Ankara said", "Turkey", "Q43", "is", id="ambiguous-with-cue"),
    ],
)  # fmt: skip
def test_places_are_linked_with_country_and_point(
    gazetteer: Gazetteer, text: str, name: str, qid: str, relation: str
) -> None:
    answer = only(gazetteer, text, name)
    assert (answer.qid, answer.country_relation) == (qid, relation)
    assert answer.geo_point is not None


def test_demonym_is_a_relation_and_not_the_country(gazetteer: Gazetteer) -> None:
    answer = only(gazetteer, "The Qatari minister left.", "Qatari", "group")
    assert answer.qid is None
    assert answer.row_id is None
    assert (answer.country_code, answer.country_relation) == ("qa", "demonym")


@pytest.mark.parametrize(
    ("text", "qid"),
    [
        pytest.param("Russia left Georgia after Tbilisi protested.", "Q230", id="country"),
        pytest.param("Voters in Atlanta, and in all of Georgia, queued.", "Q1428", id="state"),
        pytest.param("He came from Georgia.", None, id="no-cue"),
        pytest.param("He came from Congo.", None, id="no-cue-for-any"),
    ],
)  # fmt: skip
def test_ambiguous_name_is_read_by_the_words_around(
    gazetteer: Gazetteer, text: str, qid: str | None
) -> None:
    name = "Georgia" if "Georgia" in text else "Congo"
    answer = only(gazetteer, text, name)
    assert answer.qid == qid
    assert qid is not None or answer.reason == "ambiguous"


@pytest.mark.parametrize(
    ("text", "name", "kind", "reason"),
    [
        pytest.param("Paris Hilton sang in Nice.", "Paris", "person", "type_conflict", id="person"),
        pytest.param("The Ohio State recruiter said", "Ohio", "place", "part_of_longer_name",
                     id="part-of-longer-name"),
        pytest.param("Help for Rowers (Texas and Ohio) said", "Ohio", "place",
                     "part_of_longer_name", id="in-brackets-of-a-name"),
        pytest.param("England beat Tonga in rugby.", "England", "place", "team", id="team"),
        pytest.param("He lives in Manchester, Conn., now.", "Manchester", "place",
                     "named_with_another_place", id="other-state"),
        pytest.param("The artificial pancreas (AP) works. An AP is small.", "AP", "organization",
                     "other_acronym", id="other-acronym"),
        pytest.param("The CHP stopped a car.", "CHP", "organization", "country_not_in_text",
                     id="acronym-of-a-country-not-named"),
        pytest.param("Zorblax Trading grew.", "Zorblax Trading", "organization", "unknown_name",
                     id="unknown"),
        pytest.param("It cost $5.", "$5", "quantity", "not_a_name", id="amount"),
    ],
)  # fmt: skip
def test_doubt_gives_nil_and_says_why(
    gazetteer: Gazetteer, text: str, name: str, kind: EntityType, reason: str
) -> None:
    answer = only(gazetteer, text, name, kind)
    assert (answer.qid, answer.row_id, answer.reason) == (None, None, reason)


def test_surname_is_linked_after_the_full_name(gazetteer: Gazetteer) -> None:
    text = "David Cameron spoke. Later Cameron left."
    mentions = [span(text, "David Cameron", "person"), span(text, "Cameron", "person", nth=1)]
    assert [each.qid for each in link(mentions, text, gazetteer)] == ["Q192", "Q192"]


def test_surname_alone_is_nobody(gazetteer: Gazetteer) -> None:
    assert only(gazetteer, "Later Cameron left.", "Cameron", "person").reason == "unknown_name"


def test_short_name_of_another_person_of_the_text_is_not_the_known_one(
    gazetteer: Gazetteer,
) -> None:
    text = "Mila Musk opened a shop. Musk sells flowers."
    mentions = [span(text, "Mila Musk", "person"), span(text, "Musk", "person", nth=1)]
    assert [each.qid for each in link(mentions, text, gazetteer)] == [None, None]


@pytest.mark.parametrize(
    ("name", "kind", "qid"),
    [
        ("President Donald Trump", "person", "Q22686"),
        ("IAEA", "organization", "Q41984"),
        ("U.S. Food and Drug Administration", "organization", "Q204711"),
        ("Labour party", "organization", "Q9630"),
    ],
)
def test_titles_and_forms_of_names(
    gazetteer: Gazetteer, name: str, kind: EntityType, qid: str
) -> None:
    assert only(gazetteer, f"On Monday {name} said no.", name, kind).qid == qid


@pytest.mark.parametrize(
    "name",
    ["Iranian Foreign Ministry", "Iran's Foreign Ministry", "Ministry of Foreign Affairs of Iran"],
)
def test_body_of_state_has_an_id_of_its_own(gazetteer: Gazetteer, name: str) -> None:
    answer = only(gazetteer, f"The {name} said so.", name, "organization")
    assert (answer.row_id, answer.qid) == ("office:ir:foreign-ministry", None)
    assert (answer.country_code, answer.country_relation) == ("ir", "office")


def test_weak_name_needs_the_model_and_a_club_needs_sport(gazetteer: Gazetteer) -> None:
    plain = "Liverpool opened a new harbour."
    sport = "The striker of Liverpool scored; their midfielder was hurt."
    assert only(gazetteer, plain, "Liverpool", "place").qid == "Q24826"
    assert only(gazetteer, sport, "Liverpool", "organization").qid == "Q1130849"


def test_city_of_two_countries_is_read_by_the_country_named(gazetteer: Gazetteer) -> None:
    pakistan = "Pakistan mourned. In Hyderabad shops closed; Karachi was quiet."
    assert only(gazetteer, pakistan, "Hyderabad").country_code == "pk"


def test_thousands_of_mentions_take_bounded_time(gazetteer: Gazetteer) -> None:
    text = "Mr Trump and AP met in Georgia, Ga. " * 25_000
    mentions = [
        Span(kind, at + offset, at + offset + length)
        for at in range(0, 36 * 5_000, 36)
        for kind, offset, length in (("person", 3, 5), ("organization", 13, 2), ("place", 23, 7))
    ]
    start = time.perf_counter()
    links = link(mentions, text, gazetteer)
    assert time.perf_counter() - start < 20
    assert len(links) == len(mentions)


def test_mention_of_a_whole_text_is_nil(gazetteer: Gazetteer) -> None:
    text = "Iran " * 200_000
    answer = link([Span("organization", 0, len(text))], text, gazetteer)[0]
    assert answer.qid is None

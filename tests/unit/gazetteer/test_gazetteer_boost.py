from __future__ import annotations

from gazetteer_doubles import span

from dateline.gazetteer.boost import mended_type, missing_names
from dateline.gazetteer.find import Gazetteer


def test_names_that_no_mention_touches_are_added_with_their_type(gazetteer: Gazetteer) -> None:
    text = "The IRGC and a Qatari envoy met in Baghdad about the JCPOA."
    found = missing_names([span(text, "Baghdad")], text, gazetteer)
    assert [(text[f.start : f.end], f.entity_type) for f in found] == [
        ("IRGC", "organization"), ("Qatari", "group"), ("JCPOA", "law"),
    ]  # fmt: skip


def test_name_inside_a_mention_is_not_added(gazetteer: Gazetteer) -> None:
    text = "The University of Tehran Press said"
    mention = span(text, "University of Tehran Press", "organization")
    assert missing_names([mention], text, gazetteer) == ()


def test_town_beside_a_capitalised_word_is_not_added(gazetteer: Gazetteer) -> None:
    assert missing_names([], "the Miami Dolphins lost", gazetteer) == ()
    assert [f.row_id for f in missing_names([], "it rained in Miami today", gazetteer)] == ["Q8652"]


def test_ambiguous_name_is_not_added_without_a_cue(gazetteer: Gazetteer) -> None:
    assert missing_names([], "we ate turkey; Jordan left", gazetteer) == ()


def test_type_is_mended_where_the_name_has_one_reading(gazetteer: Gazetteer) -> None:
    text = "Hezbollah and Reading and Zorblax"
    assert mended_type(span(text, "Hezbollah", "place"), text, gazetteer) == "organization"
    assert mended_type(span(text, "Reading", "work"), text, gazetteer) == "work"
    assert mended_type(span(text, "Zorblax", "person"), text, gazetteer) == "person"


def test_region_that_ends_a_longer_name_is_not_added(gazetteer: Gazetteer) -> None:
    assert missing_names([], "then Clark Kent flew away", gazetteer) == ()
    assert len(missing_names([], "orchards of Kent are in bloom", gazetteer)) == 1

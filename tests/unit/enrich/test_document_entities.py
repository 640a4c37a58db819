"""Names of one document: titles apart, short and full names, acronyms, ties."""

from __future__ import annotations

import pytest
from document_samples import read, unmark

from dateline.document_records import DocumentEntity
from dateline.gazetteer.find import load_gazetteer
from dateline.ids import entity_id
from processors.enrich.document_entities.acronyms import find_definitions
from processors.enrich.document_entities.state_bodies import name_state_bodies


def entities(marked: str, language: str = "en") -> dict[str, DocumentEntity]:
    found = read(marked, language)[1].entities
    names = [each.name for each in found]
    assert len(names) == len(set(names))
    return {each.name: each for each in found}


@pytest.mark.parametrize(
    ("marked", "name", "titles", "role"),
    [
        ("[person:Sheikh Hamad] came.", "Hamad", ("Sheikh",), None),
        ("Sheikh [person:Hamad] came.", "Hamad", ("Sheikh",), None),
        ("His Excellency Dr. [person:Ada Brook] came.", "Ada Brook", ("His Excellency", "Dr."),
         None),
        ("[person:President Ada Brook] came.", "Ada Brook", (), "President"),
        ("On [date:Monday] Deputy Foreign Minister [person:Ada Brook] came.", "Ada Brook", (),
         "Deputy Foreign Minister"),
        ("Deputy Foreign Minister for Political Affairs [person:Ada Brook] came.", "Ada Brook", (),
         "Deputy Foreign Minister for Political Affairs"),
        ("Deputy Prime Minister and Minister of Trade Sheikh [person:Ada Brook] came.", "Ada Brook",
         ("Sheikh",), "Deputy Prime Minister and Minister of Trade"),
        ("[person:Ada Brook], the foreign minister, came.", "Ada Brook", (), "foreign minister"),
        ("[person:Ada Brook], who is the chief negotiator of the team, came.", "Ada Brook", (),
         "chief negotiator of the team"),
        ("The foreign minister, [person:Ada Brook], came.", "Ada Brook", (), "foreign minister"),
        ("[country ir:Iran]'s chief negotiator [person:Ada Brook] came.", "Ada Brook", (),
         "chief negotiator"),
        ("The leader in [person:Ada Brook] came.", "Ada Brook", (), None),
        ("[person:Ada Brook], his wife, came.", "Ada Brook", (), None),
        ("[person:Ada Brook], Minister [person:Li Wei] and others came.", "Ada Brook", (), None),
        ("Then [person:Dean Brook] came.", "Dean Brook", (), None),
        ("Then [person:Dean Ada Brook] came.", "Ada Brook", (), "Dean"),
        ("Attorney General [person:Ada Brook] came.", "Ada Brook", (), "Attorney General"),
    ],
)  # fmt: skip
def test_titles_and_roles_are_kept_apart_from_the_name(marked, name, titles, role):
    found = entities(marked)[name]

    assert (found.titles, found.role) == (titles, role)


@pytest.mark.parametrize(
    ("language", "marked", "role"),
    [
        ("fr", "Le ministre des Affaires étrangères [person:Ada Brook] est venu.",
         "ministre des Affaires étrangères"),
        ("de", "Der ehemalige Außenminister [person:Ada Brook] kam.", "ehemalige Außenminister"),
        ("es", "El presidente [person:Ada Brook] llegó.", "presidente"),
        ("ru", "Сегодня министр иностранных дел [person:Ада Брук] прибыла.",
         "министр иностранных дел"),
        ("ar", "التقى وزير الخارجية [person:محمد الخليفي] أمس.", "وزير الخارجية"),
        ("fa", "دیروز وزیر امور خارجه [person:علی باقری] آمد.", "وزیر امور خارجه"),
    ],
)  # fmt: skip
def test_roles_in_many_languages(language, marked, role):
    found = [each.role for each in entities(marked, language).values()]

    assert found == [role]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Ada Brook's", "Ada Brook"),
        ("Ada “Bee” Brook", "Ada Brook"),
        ('"Ada Brook"', "Ada Brook"),
        ("Ada Brook – Vienna", "Ada Brook"),
        ("Ada Brook—who", "Ada Brook"),
        ("Ada J. Brook", "Ada J. Brook"),
        ("Amir-Abdollahian", "Amir-Abdollahian"),
        ("O'Brook", "O'Brook"),
    ],
)
def test_possessives_quotes_and_dashes_are_in_no_name(name, clean):
    found = entities(f"Then [person:{name}] came.")

    assert list(found) == [clean]


def test_short_name_joins_the_one_full_name():
    found = entities("[person:Brook] came. [person:Ada Brook] spoke. [person:Ada] left.")

    assert found["Ada Brook"].aliases == ("Brook", "Ada")
    assert found["Ada Brook"].mention_indices == (0, 1, 2)
    assert found["Ada Brook"].reasons == ("short_for_full_name",)


def test_short_name_of_two_people_stays_apart():
    found = entities("[person:Ada Brook] met [person:Tom Brook]. [person:Brook] spoke.")

    assert found["Brook"].reasons == ("ambiguous_short_name: Ada Brook | Tom Brook",)
    assert not found["Brook"].is_full_name
    assert len(found) == 3


def test_title_tells_which_of_two_people_is_meant():
    found = entities("Dr. [person:Ada Brook] met [person:Tom Brook]. Dr. [person:Brook] spoke.")

    assert found["Ada Brook"].mention_indices == (0, 2)
    assert "short_for_full_name_with_title" in found["Ada Brook"].reasons


def test_spellings_of_one_man_are_one():
    found = entities(
        "[person:Mohammad bin Abdul Aziz al-Khulaifi] came. [person:Khulaifi] spoke."
        " [person:Al-Khalifi] left."
    )

    assert list(found) == ["Mohammad bin Abdul Aziz al-Khulaifi"]


def test_surnames_alone_in_two_arabic_spellings_are_one():
    assert len(entities("[person:al-Khulaifi] came. [person:al-Khalifi] spoke.")) == 1
    assert len(entities("[person:Hansen] came. [person:Hanson] spoke.")) == 2


def test_name_goes_on_behind_particles_where_the_model_stopped():
    found = entities("Then [person:Mohammed bin Abdulrahman] Al Thani came.")

    assert list(found) == ["Mohammed bin Abdulrahman Al Thani"]


def test_surname_that_the_model_took_for_an_organisation_joins_its_person():
    found = entities("[person:Ada Brook] came. [organization:Brook] spoke. [group:Brook] left.")

    assert found["Ada Brook"].entity_type == "person"
    assert found["Ada Brook"].mention_indices == (0, 1, 2)


def test_full_name_that_the_model_took_for_a_place_is_a_person_by_its_surname():
    found = entities("[place:Ada Brook] came. [person:Brook] spoke. [person:Brook] left.")

    assert found["Ada Brook"].entity_type == "person"


def test_firm_with_the_surname_of_a_person_stays_a_firm():
    found = entities("[person:Brook] came. [organization:Brook Media Group] spoke.")

    assert found["Brook Media Group"].entity_type == "organization"


@pytest.mark.parametrize(
    "marked",
    [
        "[organization:World Grain Council] ([organization:WGC]) met. [organization:WGC] left.",
        "The [organization:WGC] met. The [organization:World Grain Council] ended.",
        "[organization:WGC] ([organization:World Grain Council]) met. [organization:WGC] ended.",
        "The [organization:World Grain Council (WGC)] met. [organization:WGC] ended.",
        "The [law:World Grain Council] (WGC) met. [organization:WGC] ended.",
    ],
)
def test_acronym_and_expansion_are_one(marked):
    found = entities(marked)

    assert list(found) == ["World Grain Council"]
    assert "WGC" in found["World Grain Council"].aliases
    assert found["World Grain Council"].is_full_name


def test_acronym_whose_expansion_is_no_mention_gets_it_as_name():
    found = entities("The World Grain Council (WGC) met. [organization:WGC] ended.")

    assert found["World Grain Council"].aliases == ("WGC",)


def test_acronym_of_two_bodies_stays_apart():
    found = entities(
        "[organization:World Grain Council] met [organization:West Gulf Company]."
        " [organization:WGC] ended."
    )

    assert not found["WGC"].is_full_name


def test_acronym_leaves_out_small_words_or_not():
    text = "the Islamic State of Iraq and the Levant (ISIL) and the Bank of Grain (BoG)"

    assert [(each.short, each.long) for each in find_definitions(text)] == [
        ("ISIL", "Islamic State of Iraq and the Levant"), ("BoG", "Bank of Grain")
    ]  # fmt: skip


def test_short_name_of_a_body_joins_the_full_one():
    found = entities("[organization:Ledger Magazine] wrote. [organization:Ledger] went on.")

    assert list(found) == ["Ledger Magazine"]


def test_place_in_a_name_is_not_short_for_it():
    found = entities("[organization:Acme Vienna] wrote. [organization:Acme] went on.")

    assert len(found) == 2


def test_demonym_is_a_tie_to_the_country_and_not_the_country():
    found = entities("[country qa:Qatar] and [demonym qa:Qatari] and [demonym qa:Qataris] goods.")

    assert found["Qatari"].aliases == ("Qataris",)
    assert [(r.kind, r.country_code, r.entity_id) for r in found["Qatari"].relations] == [
        ("demonym", "qa", "Q-qa")
    ]
    assert found["Qatar"].mention_indices == (0,)


@pytest.mark.parametrize(
    "marked",
    [
        "[country qa:Qatar]'s foreign minister [person:Ada Brook] came.",
        "[demonym qa:Qatari] Foreign Minister [person:Ada Brook] came.",
        "[person:Ada Brook], the foreign minister of [country qa:Qatar], came.",
        "A [demonym qa:Qatari] team led by the country's Foreign Minister [person:Ada Brook] came.",
    ],
)
def test_role_ties_its_holder_to_the_country(marked):
    relations = entities(marked)["Ada Brook"].relations

    assert [(each.kind, each.country_code) for each in relations] == [("holder", "qa")]


def test_role_ties_its_holder_to_an_organisation():
    found = entities("[person:Ada Brook], the [organization:Grain Union]'s coordinator, came.")

    assert [each.entity_id for each in found["Ada Brook"].relations] == [
        found["Grain Union"].entity_id
    ]


def test_body_of_state_behind_a_demonym_is_one_mention():
    gazetteer = load_gazetteer()
    text, mentions, _ = unmark("The [group:Qatari] foreign ministry and [group:Qatari] goods.")

    found = name_state_bodies(mentions, text, gazetteer)

    assert [(each.text, each.entity_type) for each in found] == [
        ("Qatari foreign ministry", "organization"), ("Qatari", "group")
    ]  # fmt: skip


def test_body_of_state_covers_the_mention_inside_it():
    gazetteer = load_gazetteer()
    text, mentions, _ = unmark("The [group:Qatari] [organization:Foreign Ministry] met.")

    assert [each.text for each in name_state_bodies(mentions, text, gazetteer)] == [
        "Qatari Foreign Ministry"
    ]


def test_dates_and_amounts_are_no_entities():
    assert list(entities("[person:Ada Brook] paid [quantity:5 euros] on [date:Monday].")) == [
        "Ada Brook"
    ]


def test_id_is_that_of_type_and_full_name_or_the_linked_one():
    found = entities("[person:Brook] left [country qa:Qatar]. [person:Ada Brook] stayed.")

    assert found["Ada Brook"].entity_id == entity_id("person", "Ada Brook")
    assert found["Qatar"].entity_id == "Q-qa"


def test_salience_is_highest_for_whom_the_document_is_about():
    _, reading = read(
        "[person:Ada Brook] opened the fair. [person:Brook] spoke. [person:Brook] left."
        " It was near [place:Vienna].",
        title="Brook opens the fair",
    )

    by_name = {each.name: each.salience for each in reading.entities}
    assert 0.0 <= by_name["Vienna"] < 0.5 < by_name["Ada Brook"] <= 1.0


@pytest.mark.parametrize(
    ("marked", "joined"),
    [
        ("[person:Lana Roeford] met [person:LaRo].", True),
        ("[person:Lana Roeford] met [person:L-Roe].", True),
        ("[person:Lana Roeford] met [person:Laro].", False),
        ("[person:Lana Roeford] met [person:LaRi].", False),
        ("[person:Lana Roeford] and [person:Lars Roebuck] met [person:LaRo].", False),
    ],
)
def test_blend_of_a_given_name_and_a_surname_is_that_person(marked, joined):
    found = entities(marked)

    assert (found["Lana Roeford"].aliases != ()) is joined
    assert ("blend_of_full_name" in found["Lana Roeford"].reasons) is joined

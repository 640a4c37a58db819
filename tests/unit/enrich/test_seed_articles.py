"""The seeds through the real child: who and what they name, who said what, what they are about."""

from __future__ import annotations

import pytest
from seed_articles import FIRST, SECOND, enriched, entity, seed

from dateline.document_records import DocumentEntity, EntityLink
from dateline.records import EnrichedArticle
from dateline.story_entities import country_codes, story_entities

FILES = (FIRST, SECOND)
THANI, KHULAIFI = (
    "Mohammed bin Abdulrahman Al-Thani",
    "Mohammed bin Abdulaziz bin Saleh Al-Khulaifi",
)


def link(found: DocumentEntity) -> EntityLink:
    assert found.link is not None
    return found.link


# Name to aliases, titles, roles, countries.
PEOPLE = {
    FIRST: {
        "Ali Bagheri Kani": (
            ("Bagheri Kani",), (), ("Deputy Foreign Minister for Political Affairs",), {"ir"},
        ),
        "Mohammad bin Abdul Aziz al-Khulaifi": (
            ("al-Khulaifi",), (), ("Deputy Foreign Minister for Regional Affairs",), {"qa"},
        ),
        "Enrique Mora": ((), (), ("coordinator for Vienna talks",), set()),
        THANI: (
            ("Mohammed",), ("Sheikh",), ("Deputy Prime Minister and Minister of Foreign Affairs",),
            {"qa"},
        ),
        "Hossein Amir-Abdollahian": (
            ("Amir Abdollahian",), (), ("Minister of Foreign Affairs",), {"ir"},
        ),
    },
    SECOND: {
        KHULAIFI: (
            ("Mohammad bin Abdul Aziz al-Khalifi", "Al-Khalifi"),
            ("His Excellency", "Dr."),
            ("Deputy Foreign Minister for Regional Affairs",
             "Assistant Minister of Foreign Affairs for Regional Affairs"),
            {"qa"},
        ),
        "Hossein Amir Abdollahian": (("Amir Abdollahian",), (), ("Foreign Minister",), {"ir"}),
        "Ebrahim Raisi": ((), (), ("President",), {"ir"}),
        "Mohammed bin Abdulrahman Al Thani": ((), ("Sheikh",), ("Foreign Minister",), {"qa"}),
        "Trump": ((), (), (), {"us"}),
    },
}  # fmt: skip


@pytest.mark.parametrize("file", FILES)
def test_people(file: str) -> None:
    found = {
        each.name: (each.aliases, each.titles, each.roles, set(country_codes(each)))
        for each in seed(file).entities
        if each.entity_type == "person"
    }
    assert found == PEOPLE[file]


@pytest.mark.parametrize("file", FILES)
def test_qatar_doha_and_qatari_lead_to_one_country_and_are_not_one(file: str) -> None:
    state, town, people = (entity(seed(file), name) for name in ("Qatar", "Doha", "Qatari"))

    assert [link(each).country_code for each in (state, town, people)] == ["qa"] * 3
    assert [link(each).country_relation for each in (state, town, people)] == [
        "is", "capital", "demonym",
    ]  # fmt: skip
    assert (link(state).qid, link(town).qid, link(people).qid) == ("Q846", "Q3861", None)
    assert {r.entity_id for e in (town, people) for r in e.relations} == {state.entity_id}
    assert len({state.entity_id, town.entity_id, people.entity_id}) == 3
    assert link(town).geo_point == pytest.approx((25.29, 51.53), abs=0.05)


def test_long_name_of_a_country_is_no_tie_to_itself() -> None:
    iran = entity(seed(FIRST), "Islamic Republic of Iran")

    assert [(each.kind, each.country_code) for each in iran.relations] == [("is", "ir")]


@pytest.mark.parametrize(
    ("file", "name", "qid"),
    [
        (FIRST, "Iran", "Q794"), (SECOND, "Iran", "Q794"),
        (FIRST, "Tehran", "Q3616"), (SECOND, "TEHRAN", "Q3616"),
        (FIRST, "United States", "Q30"), (SECOND, "U.S.", "Q30"),
        (FIRST, "Palestine", "Q219060"), (FIRST, "Vienna", "Q1741"),
        (SECOND, "Oman", "Q842"), (SECOND, "Persian Gulf", "Q34675"), (SECOND, "Trump", "Q22686"),
    ],
)  # fmt: skip
def test_ids_where_the_gazetteer_has_them(file: str, name: str, qid: str) -> None:
    found = entity(seed(file), name)
    assert found.entity_id == link(found).qid == qid


def test_european_union_is_linked() -> None:
    union = [each for each in seed(FIRST).entities if each.entity_id == "Q458"]
    assert [each.name for each in union] == ["European Union"]


@pytest.mark.parametrize("file", FILES)
def test_agreement_and_its_acronym_are_one(file: str) -> None:
    deal = entity(seed(file), "JCPOA")

    assert deal.entity_type == "law"
    assert deal.name == "Joint Comprehensive Plan of Action"
    assert {"JCPOA", "2015 nuclear deal"} <= set(deal.aliases)
    assert deal.entity_id == entity(seed(FIRST), "JCPOA").entity_id


def test_bodies_are_the_same_in_both() -> None:
    first, second = seed(FIRST), seed(SECOND)
    for one, other in (
        ("Iranian foreign ministry", "Iranian Foreign Ministry"),
        ("Qatari foreign ministry", "Qatari Foreign Ministry"),
        (THANI, "Mohammed bin Abdulrahman Al Thani"),
        ("Hossein Amir-Abdollahian", "Hossein Amir Abdollahian"),
    ):
        assert entity(first, one).entity_id == entity(second, other).entity_id
    assert entity(second, "QNA").name == "Qatar News Agency"


def test_nil_is_said_with_its_reason() -> None:
    found = link(entity(seed(FIRST), "Enrique Mora"))
    assert (found.row_id, found.qid, found.reason) == (None, None, "unknown_name")


@pytest.mark.parametrize("file", FILES)
def test_each_mention_has_the_id_and_type_of_its_entity(file: str) -> None:
    article = seed(file)
    owners = {index: each for each in article.entities for index in each.mention_indices}

    for index, mention in enumerate(article.mentions):
        assert article.text[mention.start : mention.end] == mention.text
        if index in owners:
            assert mention.entity_id == owners[index].entity_id
            assert mention.entity_type == owners[index].entity_type
        else:
            assert mention.entity_type in ("date", "quantity")
    assert not {each.entity_type for each in article.entities} & {"date", "quantity"}


def test_later_short_name_has_the_id_of_the_full_one() -> None:
    ids = {m.text: m.entity_id for m in seed(FIRST).mentions}
    assert ids["Bagheri Kani"] == ids["Ali Bagheri Kani"]
    assert ids["al-Khulaifi"] == ids["Mohammad bin Abdul Aziz al-Khulaifi"]


QUOTED = {
    FIRST: [
        ("Iranian foreign ministry", "named", "the meeting focused"),
        ("Ali Bagheri Kani", "named", "The second step"),
        ("Ali Bagheri Kani", "role", "We welcome Qatar"),
        ("Ali Bagheri Kani", "role", "Any lasting regional"),
        ("Ali Bagheri Kani", "named", "Palestine is the key"),
        ("Qatari foreign ministry", "named", "the meeting also"),
        ("Qatari foreign ministry", "paper", "During the meeting"),
        ("Qatari foreign ministry", "paper", "stressed the importance"),
        ("Qatari foreign ministry", "named", "During the phone call"),
        ("Qatari foreign ministry", "paper", "expressed the State"),
        ("Qatari foreign ministry", "named", "Sheikh Mohammed and"),
        (THANI, "named", "the State of Qatar looks"),
        (THANI, "pronoun", "stressed that this"),
    ],
    SECOND: [
        ("Iranian Foreign Ministry", "named", "They held talks"),
        (KHULAIFI, "named", "Qatar is resolved"),
        ("Qatar News Agency", "named", "the Qatari diplomat has"),
        ("Qatar News Agency", "named", "The message was"),
        ("Hossein Amir Abdollahian", "named", "History ought"),
    ],
}


@pytest.mark.parametrize("file", FILES)
def test_quotations(file: str) -> None:
    article = seed(file)

    found = [
        (article.entities[each.entity].name if each.entity is not None else None, each.reason,
         article.text[each.start : each.end])
        for each in article.quotations
    ]  # fmt: skip
    assert [row[:2] for row in found] == [row[:2] for row in QUOTED[file]]
    for (_, _, words), (_, _, opening) in zip(found, QUOTED[file], strict=True):
        assert words.startswith(opening)
        assert words[-1] not in '" '


@pytest.mark.parametrize(
    ("file", "phrase"),
    [
        (FIRST, "Ali Bagheri Kani held a meeting with Mohammad bin Abdul Aziz al-Khulaifi"),
        (SECOND, "Qatar is resolved to expand relations with Iran"),
    ],
)
def test_first_key_phrase_says_what_happened(file: str, phrase: str) -> None:
    best = seed(file).key_phrases[0]
    assert (best.kind, best.text, best.score) == ("event", phrase, 1.0)


@pytest.mark.parametrize(("file", "name"), [(FIRST, "Ali Bagheri Kani"), (SECOND, KHULAIFI)])
def test_most_salient_person(file: str, name: str) -> None:
    people = [each for each in story_entities(seed(file).entities) if each.entity_type == "person"]
    assert people[0].name == name


def test_both_seeds_share_terms_and_entities_for_their_story() -> None:
    first, second = seed(FIRST), seed(SECOND)

    shared = {e.entity_id for e in story_entities(first.entities)} & {
        e.entity_id for e in story_entities(second.entities)
    }
    assert len(shared) >= 10
    assert first.story_terms is not None
    assert second.story_terms is not None
    names = [_ids(each.story_terms.name.ids) for each in (first, second) if each.story_terms]
    assert len(names[0] & names[1]) >= 15


def _ids(packed: bytes) -> set[bytes]:
    return {packed[at : at + 4] for at in range(0, len(packed), 4)}


def test_title_that_the_source_gave_counts_for_salience() -> None:
    body = "Ada Brook met Jane Roe in Vienna on Monday. They spoke of orchards for hours."

    derived, given = enriched(body), enriched(body, title="Jane Roe in Vienna")

    assert _salience(given, "Jane Roe") > _salience(given, "Ada Brook")
    assert _salience(derived, "Ada Brook") > _salience(derived, "Jane Roe")


def _salience(article: EnrichedArticle, name: str) -> float:
    return entity(article, name).salience

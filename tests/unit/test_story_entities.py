"""What stories and identity remember of a document's entities."""

from __future__ import annotations

import pytest

from dateline.document_records import DocumentEntity, EntityLink, EntityType, Relation
from dateline.story_entities import MAX_ENTITIES, country_codes, story_entities


def entity(name: str, entity_type: EntityType = "person", **fields: object) -> DocumentEntity:
    values = {"is_full_name": True, "mention_indices": (0, 1)} | fields
    return DocumentEntity(entity_id=name, entity_type=entity_type, name=name, **values)  # type: ignore[arg-type]


def holder(code: str) -> Relation:
    return Relation(kind="holder", country_code=code, entity_id=None, start=0, end=1)


def test_most_salient_come_first_and_of_equal_ones_the_first_named() -> None:
    entities = [
        entity("Ada", salience=0.2),
        entity("Li", salience=0.9),
        entity("Kim", salience=0.2),
    ]

    assert [each.name for each in story_entities(entities)] == ["Li", "Ada", "Kim"]


def test_what_is_remembered() -> None:
    ada = entity(
        "Ada Brook", is_full_name=False, aliases=("Brook",), relations=(holder("qa"), holder("qa")),
        link=EntityLink(country_code="om", reason="row"),
    )  # fmt: skip

    (found,) = story_entities([ada])

    assert (found.entity_id, found.entity_type, found.name) == ("Ada Brook", "person", "Ada Brook")
    assert (found.count, found.is_full_name, found.aliases) == (2, False, ("Brook",))
    assert found.country_codes == ("om", "qa")


def test_who_is_in_the_gazetteer_has_its_name_everywhere() -> None:
    ada = entity(
        "A. Brook", is_full_name=False, aliases=("Brook", "Ada Brook"),
        link=EntityLink(row_id="Q1", qid="Q1", name="Ada Brook", reason="full_name"),
    )  # fmt: skip

    (found,) = story_entities([ada])

    assert (found.name, found.is_full_name) == ("Ada Brook", True)
    assert found.aliases == ("A. Brook", "Brook")


@pytest.mark.parametrize("entity_type", ["quantity", "date"])
def test_amounts_and_dates_are_left_out(entity_type: EntityType) -> None:
    assert story_entities([entity("40 percent", entity_type)]) == ()


def test_thousands_of_entities_are_cut_to_the_most_salient() -> None:
    entities = [entity(f"name {number}", salience=number / 5_000) for number in range(5_000)]

    found = story_entities(entities)

    assert [each.name for each in found] == [f"name {4_999 - n}" for n in range(MAX_ENTITIES)]


def test_countries_of_nothing_known() -> None:
    assert country_codes(entity("Ada")) == ()
    assert country_codes(entity("Ada", link=EntityLink(reason="unknown_name"))) == ()

"""Who is one across documents: by which evidence, by hand, and what keeps apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dateline import ids
from dateline.document_records import EntityMerge, StoryEntity
from dateline.entities.directory import STORY_ONLY, EntityDirectory, KnownArticle
from dateline.records import EntityCorrection

START = datetime(2026, 1, 1, tzinfo=UTC)


def entity(
    name: str, *aliases: str, kind: str = "person", short: bool = False, country: str = "",
    own_id: str = "",
) -> StoryEntity:  # fmt: skip
    return StoryEntity(
        entity_id=own_id or ids.entity_id(kind, name), entity_type=kind, name=name,
        is_full_name=not short, aliases=aliases, country_codes=(country,) if country else (),
    )  # fmt: skip


def put(
    directory: EntityDirectory, article: str, *entities: StoryEntity, story: str = "s"
) -> tuple[EntityMerge, ...]:
    at = START + timedelta(minutes=directory.article_count)
    directory.put(article, story, at, entities)
    return directory.find_merges(article)


def resolved(directory: EntityDirectory, article: str) -> dict[str, str]:
    """Return the id across documents of each of the article's ids that has another."""
    return {
        each.document_entity_id: each.entity_id
        for each in directory.resolve(article)
        if each.entity_id != each.document_entity_id
    }


def correction(kind: str, first: str, second: str | None = None, **fields: Any) -> EntityCorrection:
    minutes = int(fields.pop("minutes", 0))
    return EntityCorrection(
        correction_id=f"{minutes:064x}", kind=kind, entity_id=first, other_entity_id=second,  # type: ignore[arg-type]
        requested_at=START + timedelta(days=1, minutes=minutes), **fields,  # type: ignore[arg-type]
    )  # fmt: skip


KHULAIFI = entity("Mohammad bin Abdul Aziz al-Khulaifi", "al-Khulaifi", country="qa")
SALEH = entity(
    "Mohammed bin Abdulaziz bin Saleh Al-Khulaifi", "Mohammad bin Abdul Aziz al-Khalifi",
    "Al-Khalifi", country="qa",
)  # fmt: skip
ADA, BEN = entity("Ada Brook"), entity("Ben Marsh")


def test_the_man_of_both_seeds_is_one_person_with_all_his_names() -> None:
    directory = EntityDirectory()

    assert put(directory, "1", KHULAIFI) == ()
    merges = put(directory, "2", SALEH)

    assert [(each.is_same, each.by) for each in merges] == [(True, "evidence")]
    assert merges[0].article_ids == ("2", "1")
    assert {directory.record(each.entity_id).entity_id for each in (KHULAIFI, SALEH)} == {
        min(KHULAIFI.entity_id, SALEH.entity_id)
    }
    assert "Al-Khalifi" in directory.record(KHULAIFI.entity_id).names
    assert directory.affected() == {"1", "2"}


def test_seeds_are_one_person_whichever_comes_first() -> None:
    directory = EntityDirectory()
    put(directory, "2", SALEH)

    assert len(put(directory, "1", KHULAIFI)) == 1


def test_a_surname_means_the_only_bearer_of_its_story() -> None:
    directory = EntityDirectory()
    short = entity("Brook", short=True)
    put(directory, "1", short)
    put(directory, "2", ADA)
    put(directory, "3", short, story="other")

    assert resolved(directory, "1") == {short.entity_id: ADA.entity_id}
    assert directory.resolve("3")[0].reason == STORY_ONLY
    assert resolved(directory, "3")[short.entity_id] not in {short.entity_id, ADA.entity_id}


def test_an_entity_that_others_were_merged_into_says_their_ids() -> None:
    directory = EntityDirectory()
    for number, each in enumerate((ADA, ADA, BEN)):
        put(directory, str(number), each)
    other = entity("Adah Brook")
    # The article says every name: nothing but the ids is more than the document has.
    said = replace(ADA, aliases=("Ben Marsh", "Adah Brook"))
    directory.put("4", "4", START, (said,))
    assert directory.resolve("4") == ()

    directory.put("5", "5", START, (other,))
    directory.correct(correction("merge", BEN.entity_id, ADA.entity_id))
    directory.correct(correction("merge", other.entity_id, ADA.entity_id, minutes=1))

    members = tuple(sorted((BEN.entity_id, other.entity_id)))
    for article in "0245":
        (found,) = directory.resolve(article)
        assert (found.entity_id, found.member_ids) == (ADA.entity_id, members)


def test_a_short_name_has_the_members_of_whom_it_means() -> None:
    directory = EntityDirectory()
    put(directory, "1", entity("Brook", short=True))
    put(directory, "2", ADA)
    put(directory, "3", BEN)
    directory.correct(correction("merge", BEN.entity_id, ADA.entity_id))

    (found,) = directory.resolve("1")

    assert (found.entity_id, found.member_ids) == (ADA.entity_id, (BEN.entity_id,))


def test_a_surname_of_two_people_of_a_story_means_neither() -> None:
    directory = EntityDirectory()
    short = entity("Brook", short=True)
    put(directory, "1", short)
    put(directory, "2", ADA)
    assert directory.affected() == {"1"}
    put(directory, "3", entity("Carl Brook"))

    assert directory.affected() == {"1"}
    assert directory.resolve("1")[0].reason == STORY_ONLY


def test_a_text_that_keeps_a_surname_and_its_bearer_apart_is_believed() -> None:
    directory = EntityDirectory()
    short = entity("Brook", short=True)
    put(directory, "1", short, ADA)

    assert resolved(directory, "1")[short.entity_id] != ADA.entity_id


def test_spellings_are_one_in_a_story_and_apart_in_others() -> None:
    first, second = entity("Yusuf Haddad"), entity("Yousef Hadad")
    directory = EntityDirectory()
    put(directory, "1", first)

    assert put(directory, "2", second, story="other") == ()
    assert len(put(directory, "3", second)) == 1
    assert resolved(directory, "1") == {first.entity_id: second.entity_id}


def test_spellings_are_one_where_both_are_of_one_country_in_two_articles() -> None:
    first, second = (entity(name, country="qa") for name in ("Yusuf Haddad", "Yousef Hadad"))
    directory = EntityDirectory()
    for at, each in enumerate((first, first, second)):
        assert put(directory, str(at), each, story=str(at)) == ()

    assert len(put(directory, "4", second, story="4")) == 1


def test_other_countries_speak_against_spellings() -> None:
    directory = EntityDirectory()
    put(directory, "1", entity("Yusuf Haddad", country="qa"))

    assert put(directory, "2", entity("Yousef Hadad", country="om")) == ()


def test_an_acronym_is_what_texts_expand_it_to_until_one_expands_it_otherwise() -> None:
    directory = EntityDirectory()
    acronym = entity("NBT", kind="organization", short=True)
    bank = entity("Norland Bank of Trade", "NBT", kind="organization")
    put(directory, "1", acronym, story="1")
    put(directory, "2", bank, story="2")
    assert resolved(directory, "1") == {acronym.entity_id: bank.entity_id}

    undone = put(directory, "3", entity("New Board of Theatres", "NBT", kind="organization"))

    assert [each.is_same for each in undone] == [False]
    assert resolved(directory, "1") == {}
    assert put(directory, "4", bank, story="4") == ()


def test_an_acronym_means_the_only_body_of_its_story_that_has_these_initials() -> None:
    directory = EntityDirectory()
    acronym = entity("NBT", kind="organization", short=True)
    bank = entity("Norland Bank of Trade", kind="organization")
    put(directory, "1", acronym)
    put(directory, "2", bank)

    assert resolved(directory, "1") == {acronym.entity_id: bank.entity_id}


def test_types_that_are_mixed_up_are_one_where_a_text_expands_the_acronym() -> None:
    directory = EntityDirectory()
    acronym = entity("JPT", kind="organization", short=True)
    treaty = entity("Joint Pact on Trade", "JPT", kind="law")
    put(directory, "1", acronym, story="1")
    put(directory, "2", treaty, story="2")
    put(directory, "3", entity("JPT", short=True), story="3")

    one = directory.record(treaty.entity_id)
    assert set(one.member_ids) == {acronym.entity_id, treaty.entity_id}
    assert resolved(directory, "3") != {}
    assert one.entity_id not in resolved(directory, "3").values()


def test_one_text_with_both_takes_back_a_merge_of_evidence() -> None:
    directory = EntityDirectory()
    put(directory, "1", entity("Yusuf Haddad"))
    put(directory, "2", entity("Yousef Hadad"))

    undone = put(directory, "3", entity("Yusuf Haddad"), entity("Yousef Hadad"))

    assert [(each.is_same, each.by, each.article_ids) for each in undone] == [
        (False, "evidence", ("3",))
    ]
    assert not any(resolved(directory, each) for each in "123")
    assert put(directory, "4", entity("Yusuf Haddad")) == ()


def test_one_text_with_both_does_not_take_back_a_merge_by_hand() -> None:
    directory = EntityDirectory()
    put(directory, "1", ADA)
    put(directory, "2", BEN)
    assert directory.correct(correction("merge", ADA.entity_id, BEN.entity_id)).is_accepted

    assert put(directory, "3", ADA, BEN) == ()
    assert resolved(directory, "1") == {ADA.entity_id: BEN.entity_id}


def test_a_wikidata_id_is_the_canonical_one_and_two_are_never_merged() -> None:
    directory = EntityDirectory()
    first = entity("Yusuf Haddad")
    put(directory, "1", first)
    put(directory, "2", entity("Yousef Hadad", own_id="Q7"))
    refused = put(directory, "3", entity("Yousuf Haddad", own_id="Q8"))

    assert resolved(directory, "1") == {first.entity_id: "Q7"}
    assert {each.reason for each in refused} == {"two Wikidata ids"}
    assert directory.record("Q8").entity_id == "Q8"


def test_the_name_people_see_is_the_most_frequent_or_that_given_by_hand() -> None:
    directory = EntityDirectory()
    for number, name in enumerate(("ADA BROOK", "Ada Brook", "Ada Brook")):
        put(directory, str(number), entity(name))

    assert directory.record(ADA.entity_id).name == "Ada Brook"
    assert [each.name for each in directory.resolve("0")] == ["Ada Brook"]
    assert "0" in directory.affected()

    directory.correct(correction("rename", ADA.entity_id, name="Dame Ada"))
    assert directory.resolve("1")[0].name == "Dame Ada"
    assert directory.record(ADA.entity_id).is_renamed
    assert directory.affected() == {"0", "1", "2"}


@pytest.mark.parametrize(
    ("kind", "first", "second", "reason"),
    [
        ("merge", "nobody", BEN.entity_id, "no entity has the id nobody"),
        ("merge", ADA.entity_id, None, "needs two ids"),
        ("merge", ADA.entity_id, ADA.entity_id, "both ids are the same"),
        ("merge", ADA.entity_id, "Q30", "one is a person, the other a place"),
        ("merge", ids.entity_id("person", "Lake"), ADA.entity_id, "surname alone"),
        ("rename", ADA.entity_id, None, "no letter or digit"),
    ],
)
def test_corrections_that_make_no_sense_are_refused(
    kind: str, first: str, second: str | None, reason: str
) -> None:
    directory = EntityDirectory()
    put(directory, "1", ADA, BEN, entity("United States", kind="place", own_id="Q30"))
    put(directory, "2", entity("Lake", short=True))

    answer = directory.correct(correction(kind, first, second))

    assert not answer.is_accepted
    assert reason in answer.reason
    assert resolved(directory, "1") == {}


def test_a_correction_that_tells_the_type_is_about_ids_of_articles_that_have_left() -> None:
    directory = EntityDirectory()
    gone = ("g" * 64, BEN.entity_id)
    names = ("Benn Marsh", "Ben Marsh")
    merge = correction("merge", *gone, entity_type="person", known_names=names)

    assert "no entity has the id" in directory.correct(correction("merge", *gone)).reason
    assert directory.correct(merge).is_accepted

    record = {each.entity_id: each for each in directory.changed_records()}[BEN.entity_id]
    assert (record.entity_type, record.name) == ("person", "Ben Marsh")
    assert set(record.member_ids) == set(gone)
    put(directory, "1", entity("Benn Marsh", own_id=gone[0]))
    assert resolved(directory, "1") == {gone[0]: BEN.entity_id}
    again = EntityDirectory.load([], [record], [merge])
    assert again.record(gone[0]) == record


def test_a_correction_that_tells_the_type_of_an_id_and_another_one_has_another_is_refused() -> None:
    directory = EntityDirectory()
    put(directory, "1", entity("United States", kind="place", own_id="Q30"))

    answer = directory.correct(correction("merge", "g" * 64, "Q30", entity_type="person"))

    assert "one is a person, the other a place" in answer.reason


def test_an_id_that_a_surname_has_in_its_story_alone_is_nobody_to_correct() -> None:
    directory = EntityDirectory()
    put(directory, "1", entity("Lake", short=True), ADA)
    of_story = directory.resolve("1")[0].entity_id

    answer = directory.correct(correction("merge", of_story, ADA.entity_id, entity_type="person"))

    assert "no entity has the id" in answer.reason


def test_names_that_left_with_their_articles_do_not_come_back_when_state_is_read() -> None:
    directory = EntityDirectory()
    other = entity("Ada Brook", "Brook")
    put(directory, "1", entity("Ada Brook", "Miss Brook"))
    put(directory, "2", other)
    put(directory, "3", ADA)
    records = directory.changed_records()
    directory.remove("1")
    kept = [KnownArticle("2", "s", START, (other,)), KnownArticle("3", "s", START, (ADA,))]

    assert [each.aliases for each in directory.resolve("3")] == [("Brook",)]
    assert EntityDirectory.load(kept, records).resolve("3") == directory.resolve("3")


def test_loops_and_contradictions_of_corrections_are_refused_and_a_second_thought_is_not() -> None:
    directory = EntityDirectory()
    cleo = entity("Cleo Dale")
    for number, each in enumerate((ADA, BEN, cleo)):
        put(directory, str(number), each)
    a, b, c = ADA.entity_id, BEN.entity_id, cleo.entity_id
    assert directory.correct(correction("merge", a, b)).is_accepted
    assert directory.correct(correction("merge", b, c, minutes="1")).is_accepted

    assert "loop" in directory.correct(correction("merge", c, a, minutes="2")).reason
    assert "contradicts" in directory.correct(correction("split", a, c, minutes="3")).reason
    assert directory.correct(correction("split", a, b, minutes="4")).is_accepted
    assert "contradicts" in directory.correct(correction("merge", a, c, minutes="5")).reason
    assert resolved(directory, "0") == {}
    assert resolved(directory, "1") == {b: c}
    assert directory.correct(correction("merge", a, b, minutes="6")).is_accepted


def test_a_moved_article_reads_its_short_names_by_its_new_story() -> None:
    directory = EntityDirectory()
    short = entity("Brook", short=True)
    put(directory, "1", ADA)
    put(directory, "2", short, story="other")
    put(directory, "2", short)

    assert resolved(directory, "2") == {short.entity_id: ADA.entity_id}
    directory.remove("1")
    assert directory.affected() == {"2"}
    assert directory.resolve("2")[0].reason == STORY_ONLY


def test_articles_of_the_story_that_an_article_leaves_are_asked_again() -> None:
    directory = EntityDirectory()
    short = entity("Brook", short=True)
    put(directory, "1", short)
    put(directory, "2", ADA)
    assert resolved(directory, "1") == {short.entity_id: ADA.entity_id}
    directory.affected()

    put(directory, "2", ADA, story="other")

    assert directory.affected() == {"1"}
    assert directory.resolve("1")[0].reason == STORY_ONLY


def test_records_go_up_by_one_and_say_where_an_id_went() -> None:
    directory = EntityDirectory()
    put(directory, "1", KHULAIFI)
    before = {each.entity_id: each.revision for each in directory.changed_records()}
    put(directory, "2", SALEH)
    after = {each.entity_id: each for each in directory.changed_records()}

    assert after[KHULAIFI.entity_id].revision == before[KHULAIFI.entity_id] + 1
    canonical = min(KHULAIFI.entity_id, SALEH.entity_id)
    member = max(KHULAIFI.entity_id, SALEH.entity_id)
    assert after[member].merged_into == canonical
    assert set(after[canonical].member_ids) == {canonical, member}
    assert directory.changed_records() == ()


def test_unknown_articles_have_nothing() -> None:
    directory = EntityDirectory()
    directory.remove("1")

    assert directory.resolve("1") == ()
    assert directory.find_merges("1") == ()
    assert directory.affected() == set()

"""Whose first mention it is, whatever the order in which claims are made."""

from __future__ import annotations

from dataclasses import replace

from grouped_articles import PERSON, PLACE, TEXT, grouped
from hypothesis import given
from hypothesis import strategies as st
from sample_records import at

from dateline import ids
from dateline.alerts.first_mention import ALL, Claim, Holder, claim_id, is_first
from dateline.document_records import ResolvedEntity
from dateline.records import GroupedArticle
from dateline.watches.article_view import view_article
from processors.alerts.entity_claims import (
    claims_of,
    event_at,
    named_in_full,
    scopes_of,
    words_sha256,
)

NAME_ID = ids.entity_id("person", PERSON)


def person(record: GroupedArticle, scope: str = ALL) -> tuple[Claim, ...]:
    entity = next(each for each in named_in_full(record) if each.name == PERSON)
    return claims_of(record, entity, scope)


def held(*claims: Claim, by: dict[str, Holder] | None = None) -> dict[str, Holder]:
    """Return who holds each claim when they are made in this order."""
    holders = dict(by or {})
    for each in claims:
        own = Holder(each.article_id, each.primary_id, each.revision, each.origin)
        holders.setdefault(each.claim_id, own)
    return holders


def test_a_name_and_its_link_are_claimed_together() -> None:
    linked = person(grouped(qids={PERSON: "Q42"}))

    assert {each.entity_id for each in linked} == {"Q42", NAME_ID}
    assert linked[0].claim_id == linked[0].primary_id == min(each.claim_id for each in linked)
    assert {each.claim_id for each in person(grouped())} <= {each.claim_id for each in linked}


def test_members_of_a_merge_are_claimed() -> None:
    merged = ResolvedEntity(
        document_entity_id=NAME_ID, entity_id="Q1", name="M. de Oliveira", member_ids=("Q2",)
    )

    found = {each.entity_id for each in person_of(grouped(resolved=(merged,)))}

    assert found == {"Q1", "Q2", NAME_ID, ids.entity_id("person", "M. de Oliveira")}


def person_of(record: GroupedArticle) -> tuple[Claim, ...]:
    entity = next(each for each in named_in_full(record) if each.entity_type == "person")
    return claims_of(record, entity)


def test_short_names_amounts_and_dates_claim_nothing() -> None:
    record = grouped()
    assert record.enriched is not None
    short = tuple(
        replace(each, is_full_name=each.name == PLACE) for each in record.enriched.entities
    )
    record = replace(record, enriched=replace(record.enriched, entities=short))

    assert [each.name for each in named_in_full(record)] == [PLACE]
    assert named_in_full(grouped(names=(("12 million euros", "quantity"),))) == ()


def test_first_article_wins_and_a_later_link_is_nothing_new() -> None:
    first, second = person(grouped("one")), person(grouped("two"))
    linked = person(grouped("two", qids={PERSON: "Q42"}))
    holders = held(*first, *second, *linked)

    assert is_first(first, holders)
    assert not is_first(second, holders)
    assert not is_first(linked, holders)


def test_own_article_goes_on_after_a_crash_and_a_later_link_of_it_is_the_same_alert() -> None:
    first = person(grouped("one"))
    holders = held(*first)
    linked = person(grouped("one", qids={PERSON: "Q42"}, revision=2, earlier=(TEXT,)))
    holders = held(*linked, by=holders)

    assert is_first(first, holders)
    if is_first(linked, holders):
        assert linked[0].entity_id == first[0].entity_id


def test_a_backfill_claims_silently() -> None:
    old = person(grouped("one", origin="backfill"))
    holders = held(*old, *person(grouped("two")))

    assert not is_first(old, holders)
    assert not is_first(person(grouped("two")), holders)
    # The same article, live since: it was known.
    assert not is_first(person(grouped("one")), holders)


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_exactly_one_of_two_that_claim_at_once_is_first(turns: list[bool]) -> None:
    """Two workers take turns, in any order; each claims in the order of claim ids."""
    rows = [list(person(grouped(name, qids={PERSON: "Q42"}))) for name in ("one", "two")]
    waiting = [list(each) for each in rows]
    made = []
    for is_second in [*turns, False, False, True, True]:
        if waiting[is_second]:
            made.append(waiting[is_second].pop(0))
    holders = held(*made)

    assert [is_first(each, holders) for each in rows].count(True) == 1


@given(st.permutations(range(4)))
def test_never_two_are_first_in_whatever_order(order: list[int]) -> None:
    rows = [
        person(grouped("one", qids={PERSON: "Q42"})), person(grouped("two")),
        person(grouped("three", qids={PERSON: "Q7"})),
    ]  # fmt: skip
    claims = [claim for row in rows for claim in row]
    made = [claims[number] for number in order] + claims

    assert [is_first(each, held(*made)) for each in rows].count(True) <= 1


def test_scopes_are_apart() -> None:
    record = grouped()

    assert claim_id(ALL, NAME_ID) != claim_id("source:one.example", NAME_ID)
    assert scopes_of(record, "source", ()) == ("source:one.example",)
    assert scopes_of(record, "country", ("qa", "pt")) == ("country:qa", "country:pt")
    assert scopes_of(record, "all", ("qa",)) == (ALL,)


def test_words_are_the_same_without_points_case_and_white_space() -> None:
    def words(text: str) -> str:
        view = view_article(grouped(text=text, names=()))
        assert view is not None
        return words_sha256(view)

    assert words("The pier is NEW. It cost much.") == words("The  pier is new! It cost much")
    assert words("The pier is new.") != words("The pier is old.")


def test_event_time_is_clamped_to_the_first_sight() -> None:
    assert event_at(grouped(raw={"published_at": at(-60)})) == at(-60)
    assert event_at(grouped(raw={"published_at": at(60)})) == at(1)
    assert event_at(grouped(raw={"published_at": None})) == at(1)
    doubted = {"published_at": at(-60), "date_flags": ("implausible",)}
    assert event_at(grouped(raw=doubted)) == at(1)

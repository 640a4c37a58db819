"""Names of a text, found again where the entity model missed them or cut them badly."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.document_records import EntityType
from dateline.ids import entity_id
from dateline.records import Mention
from dateline.rights.sentences import split_sentences
from processors.enrich.repeat_names import DETECTOR, repeat_names


def seen(text: str, name: str, entity_type: EntityType = "person", nth: int = 0) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = text.index(name, start + 1)
    return Mention(
        text=name, label=entity_type[:3].upper(), entity_type=entity_type,
        entity_id=entity_id(entity_type, name), start=start, end=start + len(name),
        sentence_start=start, sentence_end=start + len(name), detector="model@1",
    )  # fmt: skip


def repeat(text: str, *mentions: Mention, story_start: int = 0) -> tuple[Mention, ...]:
    ordered = sorted(mentions, key=lambda each: each.start)
    return repeat_names(
        ordered, text, split_sentences(text), language="en", story_start=story_start
    )


def added(text: str, *mentions: Mention) -> list[str]:
    return [each.text for each in repeat(text, *mentions) if each.detector == DETECTOR]


STORY = "The mayor, Ada Brook, met the clerks."


def test_surname_of_a_person_named_in_full_is_found_again_with_its_sentence() -> None:
    text = f"{STORY} When Brook's driver spoke, it rained."

    found = repeat(text, seen(text, "Ada Brook"))

    again = found[1]
    assert (again.text, again.entity_type, again.label) == ("Brook", "person", "PER")
    assert again.entity_id == entity_id("person", "Brook")
    assert (
        text[again.sentence_start : again.sentence_end] == "When Brook's driver spoke, it rained."
    )
    assert again.detector == DETECTOR
    assert found[0] == seen(text, "Ada Brook")


@pytest.mark.parametrize(
    ("headline", "names"),
    [
        ("Ada Brook Visits Norland Again", ["Ada Brook"]),
        ("ADA BROOK VISITS NORLAND", ["ADA BROOK"]),
        ("Clerks Meet Brook Near Norland", ["Brook"]),
        ("Brook visits the clerks", ["Brook"]),
        ("Bea Brook Visits Norland Again", []),
        ("Brook University Opens Doors Again", []),
        ("Hillbrook Opens Doors Again", []),
    ],
)
def test_headlines_that_the_model_missed(headline: str, names: list[str]) -> None:
    text = f"{headline}\n{STORY}"

    assert added(text, seen(text, "Ada Brook", nth=int("Ada Brook" in headline))) == names


@pytest.mark.parametrize(
    ("headline", "span", "entity_type", "names"),
    [
        ("Ada Brook Meets Clerks In Norland", "Ada Brook Meets", "person", ["Ada Brook"]),
        ("Ada Brook Meets Clerks In Norland", "Ada Brook Meets Clerks", "organization",
         ["Ada Brook"]),
        ("Council Told Why Brook Met Clerks", "Why Brook Met Clerks", "work", ["Brook"]),
        ("Brook Administration Meets Clerks", "Brook Administration", "organization", []),
        ("Mayor Brook Meets Norland Clerks", "Mayor Brook", "person", []),
        ("Bea Brook Meets Norland Clerks", "Bea Brook", "person", []),
        ("Ada Brook Jr Meets Norland Clerks", "Ada Brook Jr", "person", []),
    ],
)  # fmt: skip
def test_headline_that_the_model_took_for_a_name(
    headline: str, span: str, entity_type: EntityType, names: list[str]
) -> None:
    text = f"{headline}\n{STORY} They meet the administration."
    own = seen(text, "Ada Brook", nth=int("Ada Brook" in headline))

    found = repeat(text, seen(text, span, entity_type), own)

    assert [m.text for m in found] == [*(names or [span]), "Ada Brook"]


def test_name_that_only_the_headline_has_ends_before_its_verb() -> None:
    text = "Mary Brook Checks Into Clinic\nThe mayor checked in on Friday."

    assert added(text, seen(text, "Mary Brook Checks Into Clinic")) == ["Mary Brook"]


def test_word_that_is_also_written_small_needs_the_middle_of_a_sentence() -> None:
    text = f"{STORY} Brook trout live in the brook. They asked Brook again."

    found = repeat(text, seen(text, "Ada Brook"))

    assert [m.start for m in found] == [text.index("Ada Brook"), text.index("Brook again")]


@pytest.mark.parametrize(
    "sentence",
    ["They asked Clark Brook again.", "They saw Brook Hall again.", "They saw Brook's Club again.",
     "They read #Brook and @Brook again.", "They saw Brook-Lane again."],
)  # fmt: skip
def test_surname_inside_another_name_is_none(sentence: str) -> None:
    text = f"{STORY} {sentence}"

    assert added(text, seen(text, "Ada Brook")) == []


def test_organisation_and_the_acronym_that_the_text_gives_it() -> None:
    text = "The Norland Water Council (NWC) met. Later the NWC and the Norland Water Council left."

    assert added(text, seen(text, "Norland Water Council", "organization")) == [
        "NWC", "NWC", "Norland Water Council",
    ]  # fmt: skip


def test_name_takes_the_place_of_its_pieces() -> None:
    text = f"{STORY} Then Ada Brook and May Hill left, said May Hill."

    found = repeat(
        text, seen(text, "Ada Brook"), seen(text, "Ada", nth=1), seen(text, "May", "date"),
        seen(text, "May Hill", nth=1),
    )  # fmt: skip

    assert [m.text for m in found] == ["Ada Brook", "Ada Brook", "May Hill", "May Hill"]


@pytest.mark.parametrize(
    "name", ["HMS Brook", "Deputy Brook", "ada brook", "Ada Brook 2", "Kraft Meeting"]
)
def test_what_is_no_full_name_is_not_looked_for(name: str) -> None:
    text = f"They saw {name}. They saw Brook and {name}, meeting nobody."

    assert added(text, seen(text, name)) == []


def test_word_that_the_model_took_for_somebody_once_is_not_looked_for() -> None:
    text = "They saw Norland. They saw Norland. They saw Norland."

    assert added(text, seen(text, "Norland")) == []
    assert added(text, seen(text, "Norland"), seen(text, "Norland", nth=1)) == ["Norland"]


def test_nothing_is_looked_for_in_the_dateline() -> None:
    text = "BROOK (Brook) - The mayor, Ada Brook, spoke."

    found = repeat(text, seen(text, "Ada Brook"), story_start=text.index("The"))

    assert [m.text for m in found] == ["Ada Brook"]


PIECES = ["Ada Brook", "Brook", "ADA BROOK", "brook", "NWC", "Norland Council", "Checks", "Into",
          ".", "\n", "’s", "-", "(", ")", "İ", "الدوحة", "\N{GRINNING FACE}"]  # fmt: skip
TYPES: list[EntityType] = ["person", "organization", "place", "date", "work"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([None, *TYPES]),
                          st.sampled_from(["", " "])), max_size=30))  # fmt: skip
def test_names_of_any_text_are_sorted_and_apart(
    pieces: list[tuple[str, EntityType | None, str]],
) -> None:
    text, mentions = "", []
    for piece, entity_type, space in pieces:
        if entity_type:
            mention = seen(piece, piece, entity_type)
            mentions.append(
                replace(mention, start=len(text), end=len(text) + len(piece),
                        sentence_start=len(text), sentence_end=len(text) + len(piece))
            )  # fmt: skip
        text += piece + space

    found = repeat(text, *mentions)

    assert all(m.text == text[m.start : m.end] for m in found)
    assert all(m.sentence_start <= m.start < m.end <= m.sentence_end for m in found)
    ends = [0, *(m.end for m in found)]
    assert all(end <= m.start for end, m in zip(ends, found, strict=False))


@pytest.mark.parametrize(
    "text",
    ["Ada Brook " * 100_000, "Ada Brook" * 110_000, "\N{GRINNING FACE}" * 1_000_000,
     " ".join(f"Ada Brook{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}" for i in range(80_000))],
    ids=["one name", "no spaces", "emoji", "many names"],
)  # fmt: skip
def test_time_is_bounded(text: str) -> None:
    mentions = [
        replace(seen("Ada Brook", "Ada Brook"), start=at, end=at + 9, text=text[at : at + 9])
        for at in range(0, 12 * 5_000, 12)
    ]
    begin = time.perf_counter()

    repeat_names(mentions, text, [(0, len(text))], language="en")

    assert time.perf_counter() - begin < 4

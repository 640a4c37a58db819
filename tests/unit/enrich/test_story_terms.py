"""What an article is compared by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.document_records import FIRST_PAIR, TERM_BITS, StoryEntity, TermCounts
from processors.enrich.story_terms import MAX_TEXT_CHARS, story_terms


def unpacked(terms: TermCounts) -> dict[int, int]:
    ids, counts = np.frombuffer(terms.ids, "<u4"), np.frombuffer(terms.counts, "<u2")
    return dict(zip(ids.tolist(), counts.tolist(), strict=True))


def entity(name: str) -> StoryEntity:
    return StoryEntity(entity_id=name, entity_type="person", name=name)


def test_words_written_with_a_capital_alone_are_names() -> None:
    terms = story_terms("Marsh waters rose near Veldana. The marsh reached Veldana at noon.")
    (name,) = unpacked(story_terms("Veldana").name)

    assert unpacked(terms.name) == {name: 2}
    assert unpacked(story_terms("marsh").word).keys() <= unpacked(terms.word).keys()


def test_words_of_entities_are_names_in_scripts_without_capitals() -> None:
    text = "التقى علي باقري نظيره في الدوحة"

    without = story_terms(text)
    found = story_terms(text, entities=[entity("علي باقري")])

    assert without.name == TermCounts()
    assert unpacked(found.name) == unpacked(story_terms("علي باقري").word)


def test_dates_and_quantities_are_no_names() -> None:
    date = StoryEntity(entity_id="d", entity_type="date", name="last monday")

    assert story_terms("it rained last monday", entities=[date]).name == TermCounts()


def test_numbers_are_kept_apart_and_short_words_are_left_out() -> None:
    terms = story_terms("on 5 of the 23 ships")

    assert [len(unpacked(part)) for part in (terms.number, terms.word, terms.name)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("text", "count"), [("東京で会談", 4), ("ประชุม", 5), ("東", 1)], ids=["ja", "th", "one"]
)
def test_scripts_without_spaces_are_read_by_pairs_of_letters(text: str, count: int) -> None:
    assert sum(unpacked(story_terms(text).word).values()) == count


def test_a_possessive_and_a_capital_do_not_change_a_word() -> None:
    first, second = story_terms("Veldana’s harbour"), story_terms("VELDANA harbour")

    assert first == second


def test_a_title_that_begins_the_text_counts_once() -> None:
    text = "Veldana floods again, officials warn"

    assert story_terms(text, title="Veldana floods") == story_terms(text)
    other = story_terms(text, title="Marina closes")
    assert unpacked(other.name).keys() > unpacked(story_terms(text).name).keys()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "漢字" * 500_000,
        "😀" * 1_000_000,
        "שלום עולם " * 100_000,
        "a\u0301'" * 300_000,
        "\ud800 " * 300_000,
        "\x00" * 1_000_000,
        "Mixed漢字Words " * 80_000,
    ],
    ids=["one word", "no spaces", "emoji", "right to left", "marks", "surrogates", "nul", "mixed"],
)
@pytest.mark.timeout(5)
def test_any_text_is_read_in_bounded_time_and_size(text: str) -> None:
    terms = story_terms(text, title=text)
    parts = (terms.name, terms.word, terms.number, terms.pair)

    assert sum(len(unpacked(part)) for part in parts) <= 4 * MAX_TEXT_CHARS


@pytest.mark.timeout(5)
def test_of_thousands_of_names_some_count() -> None:
    names = [entity(f"Person{number} " + "x" * 10_000) for number in range(5_000)]

    assert unpacked(story_terms("Person7 met person8 and Person4999", entities=names).name)


@given(st.text(), st.text())
def test_terms_of_any_text_are_places_with_counts(text: str, title: str) -> None:
    terms = story_terms(text, title=title)

    name, word, number = map(unpacked, (terms.name, terms.word, terms.number))
    pair = unpacked(terms.pair)
    assert all(place < FIRST_PAIR for place in (*name, *word, *number))
    assert all(FIRST_PAIR <= place < 1 << TERM_BITS for place in pair)
    counts = (*name.values(), *word.values(), *number.values(), *pair.values())
    assert all(count > 0 for count in counts)
    assert not name.keys() & word.keys()


def test_a_term_that_fills_the_text_is_counted_whole() -> None:
    # The most that a term can occur: no space between words, and a title that is another text.
    terms = story_terms("東" * MAX_TEXT_CHARS, title="東" * MAX_TEXT_CHARS + "京")
    other = story_terms("1 " * MAX_TEXT_CHARS, title="2")

    assert list(unpacked(terms.word).values()) == [MAX_TEXT_CHARS - 1]
    assert sorted(unpacked(other.number).values()) == [1, MAX_TEXT_CHARS // 2]

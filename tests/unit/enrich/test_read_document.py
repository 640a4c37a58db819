"""Reading whole documents: bad input in bounded time, and places that lie in the text."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.document_records import EntityType
from dateline.ids import entity_id
from dateline.records import Mention
from processors.enrich.document_entities.find_entities import MAX_ENTITIES
from processors.enrich.read_document import read_document


def _mention(text: str, start: int, end: int, entity_type: EntityType) -> Mention:
    return Mention(
        text=text[start:end], label="", entity_type=entity_type,
        entity_id=entity_id(entity_type, text[start:end]), start=start, end=end,
        sentence_start=start, sentence_end=end, detector="test@1",
    )  # fmt: skip


def names_of(count: int) -> tuple[str, list[Mention]]:
    """Return a text of that many names of two words, all with one surname, and its mentions."""
    text, mentions = [], []
    at = 0
    for number in range(count):
        name = f"A{_letters(number)} Brook"
        mentions.append(_mention("", at, at + len(name), "person"))
        text.append(name)
        at += len(name) + 2
    joined = ", ".join(text)
    return joined, [replace(each, text=joined[each.start : each.end]) for each in mentions]


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


HOSTILE = {
    "a million letters": "a" * 1_000_000,
    "a million words": "the minister said " * 55_000,
    "marks alone": '"' * 1_000_000,
    "marks and words": '"a b ' * 200_000,
    "open marks": "“«„「" * 250_000,
    "apostrophes": "' a" * 300_000,
    "commas": ", " * 500_000,
    "brackets": "(ABC) " * 160_000,
    "words and a bracket": "A B C D E F G H I J (ABCDEFGHIJ) " * 30_000,
    "right to left": "قال الوزير \u202e إن " * 60_000,
    "emoji": "\N{GRINNING FACE}" * 1_000_000,
    "hyphens": "a-" * 500_000,
    "adverbs": "ly" * 500_000,
    "breaks": "\n" * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_long_texts_take_bounded_time_and_memory(text):
    middle = len(text) // 2
    mentions = [_mention(text, 0, 5, "person"), _mention(text, middle, middle + 9, "organization")]
    tracemalloc.start()
    start = time.process_time()

    reading = read_document(text, mentions, (), language="en")

    seconds = time.process_time() - start
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(reading.quotations) <= 1_000
    # Tracing makes the run some five times slower.
    assert seconds < 10
    assert peak_bytes < 100_000_000


def test_five_thousand_names_take_bounded_time():
    text, mentions = names_of(5_000)
    start = time.process_time()

    reading = read_document(text, mentions, (), language="en")

    assert time.process_time() - start < 5
    assert len(reading.entities) == MAX_ENTITIES
    assert reading.left_out == 5_000 - MAX_ENTITIES
    assert all(q.entity is None or q.entity < MAX_ENTITIES for q in reading.quotations)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Ada Brook", "Brook", "said", "the minister", '"', "'", ",", ".", "that", "(AB)", "AB",
             "Alpha Beta", "\n\n", "he", "Qatari", "–", "الوزير", "\N{GRINNING FACE}", "’s", "Dr."]
        ), max_size=40,
    ),
    st.sampled_from(["en", "de", "fr", "ar", "tr", "xx", ""]),
)  # fmt: skip
def test_any_text_is_read_and_every_offset_lies_in_it(pieces, language):
    text, mentions = "", []
    for piece in pieces:
        if piece[0].isalpha() and piece[0].isupper():
            kind = "person" if "Brook" in piece else "organization"
            mentions.append(_mention(text + piece, len(text), len(text) + len(piece), kind))
        text += piece + " "

    reading = read_document(text, mentions, (), language=language)

    indices = [index for each in reading.entities for index in each.mention_indices]
    assert sorted(indices) == sorted(set(indices))
    for each in (*reading.quotations, *reading.key_phrases):
        assert 0 <= each.start < each.end <= len(text)
    for quotation in reading.quotations:
        assert quotation.entity is None or quotation.entity < len(reading.entities)
    assert all(0.0 <= each.salience <= 1.0 for each in reading.entities)

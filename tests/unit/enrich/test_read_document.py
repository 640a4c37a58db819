"""Reading whole documents: the seeds as they should be read, and bad input in bounded time."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quality.tag import load_tagger

from dateline.gazetteer.boost import LABELS, mended_type, missing_names
from dateline.gazetteer.find import load_gazetteer
from dateline.gazetteer.link import link
from dateline.ids import entity_id
from dateline.records import Mention
from processors.enrich.clean_text import clean_text
from processors.enrich.document_entities.state_bodies import name_state_bodies
from processors.enrich.read_document import DocumentReading, read_document

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


def read_seed(file: str) -> tuple[str, DocumentReading]:
    text = clean_text((SEEDS / file).read_text(encoding="utf-8")).text
    gazetteer = load_gazetteer()
    mentions = [
        replace(each, entity_type=mended_type(each, text, gazetteer))
        for each in load_tagger()(text)
    ]
    mentions += [
        _mention(text, each.start, each.end, each.entity_type)
        for each in missing_names(mentions, text, gazetteer)
    ]
    found = name_state_bodies(sorted(mentions, key=lambda each: each.start), text, gazetteer)
    links = link(found, text, gazetteer)
    return text, read_document(text, found, links, language="en")


def _mention(text: str, start: int, end: int, entity_type) -> Mention:
    return Mention(
        text=text[start:end], label=LABELS.get(entity_type, ""), entity_type=entity_type,
        entity_id=entity_id(entity_type, text[start:end]), start=start, end=end,
        sentence_start=start, sentence_end=end, detector="test@1",
    )  # fmt: skip


# Name to aliases, titles, roles, countries.
FIRST_PEOPLE = {
    "Ali Bagheri Kani": (
        ("Bagheri Kani",), (), ("Deputy Foreign Minister for Political Affairs",), {"ir"},
    ),
    "Mohammad bin Abdul Aziz al-Khulaifi": (
        ("al-Khulaifi",), (), ("Deputy Foreign Minister for Regional Affairs",), {"qa"},
    ),
    "Enrique Mora": ((), (), ("coordinator for Vienna talks",), set()),
    "Mohammed bin Abdulrahman Al-Thani": (
        ("Mohammed",), ("Sheikh",), ("Deputy Prime Minister and Minister of Foreign Affairs",),
        {"qa"},
    ),
    "Hossein Amir-Abdollahian": (
        ("Amir Abdollahian",), (), ("Minister of Foreign Affairs",), {"ir"},
    ),
}  # fmt: skip
SECOND_PEOPLE = {
    "Mohammed bin Abdulaziz bin Saleh Al-Khulaifi": (
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
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "people"),
    [("000_028804fa6c569b56.txt", FIRST_PEOPLE), ("002_8ed5c32099a933e7.txt", SECOND_PEOPLE)],
)
def test_people_of_the_seeds(file, people):
    _, reading = read_seed(file)

    found = {
        each.name: (
            each.aliases, each.titles, each.roles,
            {r.country_code for r in each.relations if r.country_code},
        )
        for each in reading.entities
        if each.entity_type == "person"
    }  # fmt: skip
    assert found == people


def test_bodies_and_agreements_of_the_seeds():
    _, first = read_seed("000_028804fa6c569b56.txt")
    _, second = read_seed("002_8ed5c32099a933e7.txt")

    for reading in (first, second):
        deal = next(each for each in reading.entities if each.entity_type == "law")
        assert deal.name == "Joint Comprehensive Plan of Action"
        assert {"JCPOA", "2015 nuclear deal"} <= set(deal.aliases)
    agency = next(each for each in second.entities if "QNA" in each.aliases)
    assert agency.name == "Qatar News Agency"
    ministries = {each.entity_id for each in first.entities if "inistry" in each.name}
    assert {e.entity_id for e in second.entities if "inistry" in e.name} <= ministries


THANI, KHULAIFI = (
    "Mohammed bin Abdulrahman Al-Thani",
    "Mohammed bin Abdulaziz bin Saleh Al-Khulaifi",
)
QUOTED = {
    "000_028804fa6c569b56.txt": [
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
    "002_8ed5c32099a933e7.txt": [
        ("Iranian Foreign Ministry", "named", "They held talks"),
        (KHULAIFI, "named", "Qatar is resolved"),
        ("Qatar News Agency", "named", "the Qatari diplomat has"),
        ("Qatar News Agency", "named", "The message was"),
        ("Hossein Amir Abdollahian", "named", "History ought"),
    ],
}


@pytest.mark.parametrize("file", sorted(QUOTED))
def test_quotations_of_the_seeds(file):
    text, reading = read_seed(file)

    found = [
        (reading.entities[each.entity].name if each.entity is not None else None, each.reason,
         text[each.start : each.end])
        for each in reading.quotations
    ]  # fmt: skip
    assert [row[:2] for row in found] == [row[:2] for row in QUOTED[file]]
    for (_, _, words), (_, _, opening) in zip(found, QUOTED[file], strict=True):
        assert words.startswith(opening)
        assert words[-1] not in '" '


def test_first_seed_is_about_the_meeting():
    _, reading = read_seed("000_028804fa6c569b56.txt")

    assert reading.key_phrases[0].text == (
        "Ali Bagheri Kani held a meeting with Mohammad bin Abdul Aziz al-Khulaifi"
    )
    people = [each for each in reading.entities if each.entity_type == "person"]
    assert max(people, key=lambda each: each.salience).name == "Ali Bagheri Kani"


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
    assert 0 < len(reading.entities) <= 5_000


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

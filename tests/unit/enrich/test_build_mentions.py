from __future__ import annotations

import pytest

from dateline.errors import InvariantBroken
from dateline.ids import entity_id
from processors.enrich.build_mentions import ENTITY_TYPES, build_mentions

ONTONOTES = """
    CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PERSON PRODUCT
    QUANTITY TIME WORK_OF_ART
"""


def _one(text: str, name: str, label: str) -> tuple[str, ...]:
    start = text.index(name)
    found = build_mentions([(start, start + len(name), label)], text, [(0, len(text))], "m@1")
    for mention in found:
        assert text[mention.start : mention.end] == mention.text
    return tuple(mention.text for mention in found)


@pytest.mark.parametrize(
    ("text", "span", "label", "expected"),
    [
        pytest.param(
            "in the United Nations", "the United Nations", "ORG", "United Nations", id="the"
        ),
        pytest.param("The State of Qatar", "The State of Qatar", "GPE", "State of Qatar", id="The"),
        pytest.param("in The Hague now", "The Hague", "GPE", "The Hague", id="hague"),
        pytest.param("Jane Roe's plan", "Jane Roe's", "PERSON", "Jane Roe", id="possessive"),
        pytest.param('"Doha" is', '"Doha"', "GPE", "Doha", id="quotes"),
        pytest.param("x Doha – y", "Doha – ", "GPE", "Doha", id="dash"),
        pytest.param("the 'Blue Dam's end", "'Blue Dam's", "FAC", "Blue Dam", id="quote-and-s"),
        pytest.param("Jane Roe\n\nDoha", "Jane Roe\n\nDoha", "PERSON", "Jane Roe", id="paragraph"),
        pytest.param("about 40 percent of", "40 percent", "PERCENT", "40 percent", id="percent"),
        pytest.param("in 2015 it", "2015", "DATE", "2015", id="year"),
    ],
)
def test_build_mentions_trims_the_name(text: str, span: str, label: str, expected: str) -> None:
    assert _one(text, span, label) == (expected,)


@pytest.mark.parametrize(
    ("text", "span", "label"),
    [
        pytest.param("a – b", "–", "ORG", id="dash-only"),
        pytest.param("in 2015 it", "2015", "PERSON", id="name-without-letter"),
        pytest.param("so the end", "the ", "ORG", id="article-only"),
        pytest.param("a 's b", "'s", "ORG", id="possessive-only"),
        pytest.param("Blue Dam", "Blue", "MISC", id="misc"),
        pytest.param("Blue Dam", "Blue", "NEW_LABEL", id="unknown-label"),
        pytest.param("- % -", "%", "PERCENT", id="quantity-without-digit"),
    ],
)
def test_build_mentions_drops(text: str, span: str, label: str) -> None:
    assert _one(text, span, label) == ()


def test_build_mentions_shifts_spans_and_sentences_by_the_offset() -> None:
    text = "DOHA – Jane Roe came. She met the UN."
    offset = 7
    told = text[offset:]
    spans = [
        (told.index("the UN"), told.index("UN") + 2, "ORG"),
        (0, 8, "PERSON"),
        (0, 8, "PERSON"),
    ]
    sentences = [(0, 14), (15, len(told))]
    first, second = build_mentions(spans, text, sentences, "model@1.0", offset=offset)
    assert (first.text, first.start, first.end) == ("Jane Roe", 7, 15)
    assert text[first.sentence_start : first.sentence_end] == "Jane Roe came."
    assert (second.text, second.label, second.entity_type) == ("UN", "ORG", "organization")
    assert text[second.sentence_start : second.sentence_end] == "She met the UN."
    assert second.detector == "model@1.0"
    assert second.entity_id == entity_id("organization", "UN")


def test_build_mentions_joins_spellings_of_a_name() -> None:
    text = "JANE ROE and Jane Roe's"
    first, second = build_mentions(
        [(0, 8, "PERSON"), (13, 23, "PERSON")], text, [(0, len(text))], "m@1"
    )
    assert first.entity_id == second.entity_id


def test_build_mentions_without_sentences_uses_the_name() -> None:
    (mention,) = build_mentions([(0, 4, "GPE")], "Doha", [], "m@1")
    assert (mention.sentence_start, mention.sentence_end) == (0, 4)


def test_build_mentions_refuses_spans_outside_the_text() -> None:
    with pytest.raises(InvariantBroken, match=r"span 0-9 \+ 0 outside 4"):
        build_mentions([(0, 9, "GPE")], "Doha", [], "m@1")


def test_entity_types_cover_the_labels_of_both_models() -> None:
    assert set(ENTITY_TYPES) == {*ONTONOTES.split(), "PER", "MISC"}

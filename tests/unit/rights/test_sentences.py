from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.sentences import split_sentences


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        pytest.param(["One came.", "Two left!", "Why?", "Nobody knows…"], id="plain"),
        pytest.param(["Dr. Roe met Mr. A. B. Li of the U.S. Navy.", "They spoke."], id="titles"),
        pytest.param(["He flew to the U.S. on Jan. 5.", "It rained."], id="acronym-then-lower"),
        pytest.param(["He left the U.S.", "The talks went on."], id="acronym-at-end"),
        pytest.param(["“We agree.”", "He nodded."], id="closing-quote"),
        pytest.param(['"Really?" she asked.', "Yes."], id="question-in-quote"),
        pytest.param(["It grew 4.5 percent.", "Item No. 5 rose."], id="numbers"),
        pytest.param(["They looked at the sun.", "Scientists laughed."], id="month-as-word"),
        pytest.param(["Orchard Inc. rose.", "It fell."], id="company"),
        pytest.param(["She has the key, i.e. Kim does.", "Done."], id="ie"),
        pytest.param(["Seit dem 1. Juli 2025 gilt das.", "Es gilt."], id="german-day"),
        pytest.param(["Photo by P. Roe.", "See p. 5."], id="initial-is-no-page"),
        pytest.param(["It cites 17 U.S.C. § 105.", "It rained."], id="paragraph-sign"),
        pytest.param(["هل تعلم؟", "نعم."], id="arabic"),
        pytest.param(["یہ ہے۔", "وہ گئی۔"], id="urdu"),
        pytest.param(["„Das gilt.“", "Er ging."], id="german-closing-quote"),
        pytest.param(["It was, but this isn't.", "Ask Tove."], id="apostrophe-in-word"),
        pytest.param(["Foto: P. Roe / Wire, CC BY 2.0.", "Es regnet."], id="initial-then-slash"),
        pytest.param(["(Photo by Spc. Dana Roe.)", "It rained."], id="rank"),
        pytest.param(["Fot. Seweryn A.", "The end."], id="photo"),
        pytest.param(["Text: Heimatverein e. V.", "Die Fotos fehlen."], id="german-society"),
        pytest.param(["Nach Art. 5 Abs. 2 gilt das.", "Es gilt."], id="german-paragraph"),
        pytest.param(["¿Puedo copiarlo?", "¡Claro!", "Es libre."], id="spanish"),
        pytest.param(["See lakeside.example/terms.html.", "It is open."], id="address"),
    ],
)
def test_split_sentences_finds_the_ends(sentences: list[str]) -> None:
    assert _split(" ".join(sentences)) == sentences


def test_split_sentences_ends_at_blank_lines_only() -> None:
    assert _split(" Heading\n\nOne\ntwo.\n \nThree ") == ["Heading", "One\ntwo.", "Three"]


def test_split_sentences_needs_no_space_in_chinese() -> None:
    assert _split("他来了。她走了！") == ["他来了。", "她走了！"]


@pytest.mark.parametrize(
    "sentences",
    [
        pytest.param(["「来る。」と述べた。", "雨。"], id="japanese-goes-on-behind-a-quotation"),
        pytest.param(["「来る。」", "雨。"], id="japanese-quotation-alone"),
        pytest.param(["ﾃｽﾄ｡", "雨．"], id="half-width-and-full-width"),
        pytest.param(["他说：“来。”", "她走了！"], id="chinese-quotation"),
    ],
)
def test_split_sentences_reads_wide_stops(sentences: list[str]) -> None:
    assert _split("".join(sentences)) == sentences


def test_split_sentences_begins_anew_at_a_line_in_small_letters() -> None:
    assert _split("They left.\nan/lk | use: free") == ["They left.", "an/lk | use: free"]
    assert _split("The U.S.\nand others. He met Dr.\nvan Roe.") == [
        "The U.S.\nand others.",
        "He met Dr.\nvan Roe.",
    ]


def test_split_sentences_keeps_the_number_of_an_item() -> None:
    assert _split("Notes\n1. It ran.\n2. It is free.") == ["Notes\n1. It ran.", "2. It is free."]


@given(st.text(alphabet="aB .?!\n\r\t\"'”。؟5é", max_size=60))
def test_split_sentences_covers_all_that_is_visible(text: str) -> None:
    spans = split_sentences(text)
    assert list(spans) == sorted(spans)
    assert all(not text[a].isspace() and not text[b - 1].isspace() for a, b in spans)
    covered = {i for a, b in spans for i in range(a, b)}
    assert len(covered) == sum(b - a for a, b in spans)
    assert all(i in covered for i, char in enumerate(text) if not char.isspace())


@pytest.mark.parametrize("piece", [".", '."', ". ", "A. ", "\n ", '"', "a. "])
def test_split_sentences_is_linear(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "x"
    began = time.process_time()
    split_sentences(text)
    assert time.process_time() - began < 5

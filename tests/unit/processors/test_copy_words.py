"""The story is told from its frame; forms of a word are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.enrich.copy_words import copy_words

STORY = "The harbour was closed on Monday after the storm. Ships wait outside."
WORDS = copy_words(STORY)


@pytest.mark.parametrize(
    "framed",
    [
        pytest.param(f"LONDON (Reuters) - {STORY}", id="dateline"),
        pytest.param(f"By Anna Example\n\n{STORY}", id="byline"),
        pytest.param(f"{STORY}\n\nRead more: what else happened today", id="read-more"),
        pytest.param(f"{STORY}\n\nRelated stories\n\nLire aussi : le port", id="labels"),
        pytest.param(f"{STORY} (AFP)", id="signature"),
        pytest.param(f"{STORY}\n\nAFP/dpa", id="agencies-alone"),
        pytest.param(f"{STORY}\n\nReporting by A. Example; Editing by B. Example", id="credits"),
        pytest.param(f"{STORY}\n\n© 2026 Example News", id="copyright"),
        pytest.param(STORY.upper().replace(".", " !"), id="case-and-marks"),
    ],
)
def test_frame_is_left_out(framed: str) -> None:
    assert copy_words(framed) == WORDS


@pytest.mark.parametrize(
    "paragraph",
    [
        "Related companies said on Monday that they would pay.",
        "Source code was stolen, the company said.",
        "By Monday the harbour was open again.",
        "Watch makers in Geneva expect a better year.",
    ],
)
def test_ordinary_words_at_the_beginning_stay(paragraph: str) -> None:
    framed = copy_words(f"{STORY}\n\n{paragraph}")
    assert framed == WORDS + copy_words(paragraph)
    assert len(framed) > len(WORDS)


def test_a_long_paragraph_is_story_whatever_it_begins_with() -> None:
    paragraph = "Read more slowly, " + "and then a little more slowly than that, " * 8
    assert len(copy_words(paragraph)) > 60


def test_arabic_words_are_the_same_with_and_without_signs() -> None:
    assert copy_words("أُغْلِقَ المِينَاءُ") == copy_words("اغلق الميناء")
    assert copy_words("کشتی‌ها") == copy_words("كشتي ها")


def test_scripts_without_spaces_give_a_word_a_character() -> None:
    assert len(copy_words("港口在风暴后关闭")) == 8


@given(st.text(max_size=300))
def test_any_text_has_words_in_order(text: str) -> None:
    words = copy_words(text)
    assert all(words)
    assert not any(b" " in word for word in words)


def test_lone_surrogates_are_no_error() -> None:
    assert copy_words("caf\udce9 one")[-1] == b"one"

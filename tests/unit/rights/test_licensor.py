from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import REGISTRY

from dateline.rights.notices import read_notice
from dateline.rights.notices.lexicon import load_lexicons
from dateline.rights.notices.licensor import licensor_of
from dateline.rights.notices.unit import unit_of

FILE = Path(__file__).with_name("licensor_sentences.toml")
SENTENCES = tomllib.loads(FILE.read_text(encoding="utf-8"))["sentences"]


@pytest.mark.parametrize(("language", "notice", "expected"), SENTENCES)
def test_licensor_is_who_stands_in_a_licensors_place(
    language: str, notice: str, expected: str
) -> None:
    grants = [s for s in read_notice(notice, REGISTRY, language=language) if s.license]
    assert grants[0].frame == "grant_text"
    assert (grants[0].licensor or "") == expected


def test_sentences_are_of_every_language() -> None:
    languages = {language for language, _, _ in SENTENCES}
    assert languages >= load_lexicons().keys() - {"other"}
    assert languages & {"ja", "zh", "ko"}
    assert languages & {"pl", "sv", "uk"}


@given(
    st.text(alphabet='Aé ©:,."«»\u0645(\x1a)byof', max_size=60),
    st.sampled_from(sorted(load_lexicons())),
)
def test_licensor_of_any_words_is_among_them(words: str, language: str) -> None:
    found = licensor_of(unit_of(words, (0, len(words)), ()), load_lexicons()[language])
    assert found is None or found in " ".join(words.split())


@pytest.mark.parametrize("language", sorted(load_lexicons()))
def test_licensor_of_a_long_row_of_capitals_is_found_in_no_time(language: str) -> None:
    words = "By " + "Aa Of " * 80
    assert licensor_of(unit_of(words, (0, len(words)), ()), load_lexicons()[language]) is None

"""The lexicons: they load, are complete where a language is first class, and are safe to run."""

from __future__ import annotations

import time

import pytest

from dateline.rights.notices.lexicon import Lexicon, load_lexicons
from dateline.rights.notices.names import MARK

LEXICONS = load_lexicons()
FIRST_CLASS = ["en", "fr", "de", "es", "fa"]
BASIC = ["ar", "pt", "it", "nl", "ru", "tr"]
NEEDED = [
    "own_this", "own_site", "owned", "bare_text", "grant", "negation", "past", "hypothetical",
    "saying", "telling", "topic", "except_noted", "except_media", "condition", "media", "caption",
    "dataset", "quoted_work",
]  # fmt: skip


@pytest.mark.parametrize("language", FIRST_CLASS + BASIC)
def test_a_language_has_words_of_every_kind(language: str) -> None:
    lexicon = LEXICONS[language]
    assert [kind for kind in NEEDED if lexicon.patterns[kind].pattern == "(?!)"] == []
    assert lexicon.function_words


def test_english_comes_first_where_nothing_decides() -> None:
    assert next(iter(LEXICONS)) == "en"


@pytest.mark.parametrize("lexicon", LEXICONS.values(), ids=lambda each: each.language)
def test_no_pattern_matches_nothing_or_takes_long(lexicon: Lexicon) -> None:
    words = [*sorted(lexicon.function_words)[:3], "text", "this", "a", MARK, "¿", "«"]
    texts = [(word + joint) * 250 for word in words for joint in ("", " ", ", ")]
    for kind, pattern in lexicon.patterns.items():
        assert pattern.search("") is None, kind
        began = time.process_time()
        for text in texts:
            pattern.search(text[:500])
        assert time.process_time() - began < 1, kind


def test_a_licence_is_kept_where_words_about_it_are_taken_out() -> None:
    assert MARK in LEXICONS["en"].without("neutral", f"if you want {MARK} no exception")

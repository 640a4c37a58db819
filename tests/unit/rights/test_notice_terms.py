"""Sentences without a named licence: rights kept, terms of re-use, unnamed licences, plain news."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices
from dateline.rights.notices.lexicon import load_lexicons
from dateline.rights.notices.term_points import terms_in
from dateline.rights.notices.term_words import load_term_words
from dateline.rights.statement import RANK_NOTHING, Statement

WORDS = Path(find_notices.__code__.co_filename).parent / "term_words"
SENTENCES = tomllib.loads(Path(__file__).with_name("notice_terms.toml").read_text(encoding="utf-8"))
STORY = "The dam held. The ministers met on Saturday. They spoke about water. Rain is near."
CASES = [
    pytest.param(language, frame, sentence, id=f"{language}-{frame}-{number}")
    for language, frames in SENTENCES.items()
    for frame, sentences in frames.items()
    for number, sentence in enumerate(sentences)
]


def found(body: str, language: str = "en") -> tuple[Statement, ...]:
    return find_notices(body, REGISTRY, language=language)


@pytest.mark.parametrize("gap", [" ", "\n\n"], ids=["behind", "own-line"])
@pytest.mark.parametrize(("language", "frame", "sentence"), CASES)
def test_a_sentence_says_what_it_says(language: str, frame: str, sentence: str, gap: str) -> None:
    statements = found(f"{STORY}{gap}{sentence}", language)
    got = [(each.frame, each.quote) for each in statements]
    assert got == ([] if frame == "nothing" else [(frame, sentence)])


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Toute reproduction est interdite sans autorisation."),
        ("es", "Queda prohibida toda reproducción sin autorización."),
        ("pt", "É proibida qualquer reprodução sem autorização."),
        ("it", "È vietata ogni riproduzione senza autorizzazione."),
        ("de", "Jede Vervielfältigung ohne Genehmigung ist untersagt."),
    ],
)
def test_copying_that_is_forbidden_is_of_the_text_not_of_a_picture(
    language: str, sentence: str
) -> None:
    (statement,) = found(f"{STORY}\n\n{sentence}", language)
    assert (statement.frame, statement.object_kind) == ("reserved", "text")


def test_the_order_of_words_does_not_matter() -> None:
    assert found("Without our consent, copying of this story is forbidden.")
    assert found("Forbidden is, without our consent, copying of this story.")


def test_an_answer_takes_act_and_object_from_its_question() -> None:
    body = f"{STORY}\n\nWant to reprint this story? You may, free of charge."
    (statement,) = found(body)
    assert statement.frame == "republish_terms"


def test_leave_that_comes_first_is_not_denied_by_its_limit() -> None:
    terms = "Newspapers may reprint this story free of charge, but may not change it."
    (statement,) = found(terms)
    assert statement.frame == "republish_terms"


def test_leave_only_with_consent_is_none() -> None:
    (statement,) = found("Our articles may be reprinted only with written permission.")
    assert statement.frame == "reserved"


def test_terms_inside_a_quotation_are_anothers() -> None:
    (statement,) = found(f'{STORY} The sign read: "All rights reserved."')
    assert (statement.frame, statement.rank) == ("quoted", RANK_NOTHING)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("some rights reserved.", id="some-rights"),
        pytest.param("no rights reserved.", id="no-rights"),
        pytest.param("republish this article", id="a-button"),
        pytest.param("may i reprint this story?", id="a-question"),
    ],
)
def test_what_looks_like_terms_is_none(text: str) -> None:
    assert found(f"{STORY}\n\n{text.capitalize()}") == ()


def test_more_evidence_has_more_points() -> None:
    lexicon = load_lexicons()["en"]
    little = terms_in("this story may be reprinted.", lexicon)
    more = terms_in("newspapers may reprint this story free of charge with a link.", lexicon)
    assert little
    assert more
    assert more.points > little.points


def test_every_language_of_notices_has_words_of_terms() -> None:
    assert load_term_words().keys() == load_lexicons().keys()


@pytest.mark.parametrize("language", load_term_words())
def test_the_words_of_terms_are_sound(language: str) -> None:
    words = load_term_words()[language]
    texts = [("all rights may " * 30)[:500], "a" * 500, "（版权" * 160, "حقوق " * 100]
    for kind, pattern in words.patterns.items():
        assert pattern.search("") is None, kind
        began = time.process_time()
        for text in texts:
            list(pattern.finditer(text))
        assert time.process_time() - began < 1, kind


@pytest.mark.parametrize("file", sorted(WORDS.iterdir()), ids=lambda file: file.stem)
def test_the_word_files_can_be_read(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 120


def test_a_text_full_of_words_of_terms_takes_linear_time() -> None:
    words = "copy reprint permission free of charge credit all rights our articles forbidden "
    began = time.process_time()
    found(words * 20)
    small = max(time.process_time() - began, 0.05)
    began = time.process_time()
    found(words * 400)
    assert time.process_time() - began < 60 * small


def test_what_no_statement_can_do_without_is_all_that_is_looked_for_first() -> None:
    by_language = load_term_words()
    pairs = [
        (by_language.get(language, by_language["other"]), sentence.lower())
        for language, _, sentence in (case.values for case in CASES)
    ]
    for words, sentence in pairs:
        kinds = [kind for kind in ("acts", "titles", "alone") if words.has(kind, sentence)]
        assert words.has("needed", sentence) is bool(kinds), (sentence, kinds)
    assert any(not words.has("needed", sentence) for words, sentence in pairs)

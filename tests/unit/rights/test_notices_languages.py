"""Notices in eleven languages: each sentence of ``notice_sentences.toml`` at the end of a story."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices
from dateline.rights.statement import RANK_NOTICE, Statement

SENTENCES = tomllib.loads(
    Path(__file__).with_name("notice_sentences.toml").read_text(encoding="utf-8")
)
CASES = [
    pytest.param(language, kind, sentence, id=f"{language}-{kind}-{number}")
    for language, kinds in SENTENCES.items()
    for kind, sentences in kinds.items()
    if kind != "story"
    for number, sentence in enumerate(sentences)
]


@pytest.mark.parametrize("is_own_paragraph", [False, True])
@pytest.mark.parametrize(("language", "kind", "sentence"), CASES)
def test_a_sentence_says_the_same_behind_the_story_and_in_a_paragraph_of_its_own(
    language: str, kind: str, sentence: str, is_own_paragraph: bool
) -> None:
    body = SENTENCES[language]["story"] + ("\n\n" if is_own_paragraph else " ") + sentence
    found = find_notices(body, REGISTRY, language=language)
    grants = [each for each in found if each.frame == "grant_text"]
    if kind == "grants":
        assert [each.quote for each in grants][-1:] in ([sentence], [_last_sentence(sentence)])
        assert not any(each.has_condition for each in grants)
        assert all(each.license and each.rank == RANK_NOTICE for each in grants)
    elif kind == "is_conditional":
        assert all(each.has_condition for each in grants)
    elif kind == "grants_nothing":
        assert grants == []
    else:
        assert kind in {each.frame for each in found}
        assert grants == []


def _last_sentence(text: str) -> str:
    return text.rpartition(". ")[2]


@pytest.mark.parametrize("language", [None, "xx"])
def test_the_language_of_a_statement_is_recognised_without_being_told(language: str | None) -> None:
    wrong = [
        sentence
        for kinds in SENTENCES.values()
        for sentence in kinds["grants"]
        if not _grants(find_notices(f"{kinds['story']} {sentence}", REGISTRY, language=language))
    ]
    assert wrong == []


def _grants(found: tuple[Statement, ...]) -> list[Statement]:
    return [each for each in found if each.frame == "grant_text"]


@pytest.mark.parametrize("language", [None, "en", "de", "fa"])
def test_a_wrong_word_about_the_language_makes_no_grant(language: str | None) -> None:
    granted = [
        sentence
        for kinds in SENTENCES.values()
        for sentence in kinds["grants_nothing"]
        if _grants(find_notices(f"{kinds['story']} {sentence}", REGISTRY, language=language))
    ]
    assert granted == []


@pytest.mark.parametrize(
    "body",
    [
        "Tento článek je k dispozici pod licencí CC BY 4.0.",
        "Tämä artikkeli on julkaistu lisenssillä CC BY 4.0.",
        "Ez a cikk CC BY 4.0 licenc alatt érhető el.",
    ],
)
def test_in_other_languages_a_licence_is_a_mention(body: str) -> None:
    (found,) = find_notices(body, REGISTRY)
    assert found.frame == "mention"
    assert found.license is not None
    assert found.license.spdx_id == "CC-BY-4.0"

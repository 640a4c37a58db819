"""Notices in five languages of Europe: each of ``notice_sentences_europe.toml`` ends a story."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices
from dateline.rights.statement import RANK_NOTICE, Statement

SENTENCES = tomllib.loads(
    Path(__file__).with_name("notice_sentences_europe.toml").read_text(encoding="utf-8")
)


def _cases(kind: str) -> list[object]:
    return [
        pytest.param(language, sentence, id=f"{language}-{number}")
        for language, kinds in SENTENCES.items()
        for number, sentence in enumerate(kinds[kind])
    ]


def _grants(language: str, sentence: str, gap: str) -> list[Statement]:
    body = SENTENCES[language]["story"] + gap + sentence
    found = find_notices(body, REGISTRY, language=language)
    assert found
    return [each for each in found if each.frame == "grant_text"]


@pytest.mark.parametrize("gap", ["\n\n", " "])
@pytest.mark.parametrize(("language", "sentence"), _cases("grants"))
def test_an_ordinary_notice_grants(language: str, sentence: str, gap: str) -> None:
    (found,) = _grants(language, sentence, gap)
    assert (found.quote, found.object_kind, found.rank) == (sentence, "text", RANK_NOTICE)
    assert found.license is not None
    assert found.license.spdx_id == "CC-BY-4.0"
    assert not found.has_condition


@pytest.mark.parametrize("gap", ["\n\n", " "])
@pytest.mark.parametrize(("language", "sentence"), _cases("grants_nothing"))
def test_words_about_a_licence_do_not_grant(language: str, sentence: str, gap: str) -> None:
    assert _grants(language, sentence, gap) == []


@pytest.mark.parametrize(
    ("language", "sentence", "licensor"),
    [
        ("de", "Alle Inhalte der Seenland-Agentur stehen unter CC BY 4.0.", "Seenland-Agentur"),
        ("fr", "Les textes de l'Agence du Lac sont sous licence CC BY 4.0.", "Agence du Lac"),
        ("es", "Los textos de la Agencia del Lago tienen licencia CC BY 4.0.", "Agencia del Lago"),
    ],
)
def test_a_named_newsroom_is_the_licensor(language: str, sentence: str, licensor: str) -> None:
    (found,) = _grants(language, sentence, "\n\n")
    assert (found.licensor, found.is_about_licensor) == (licensor, True)

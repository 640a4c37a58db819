"""Notices in fourteen languages: each sentence of ``notice_sentences_world.toml`` ends a story."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices
from dateline.rights.statement import RANK_NOTICE, Statement

SENTENCES = tomllib.loads(
    Path(__file__).with_name("notice_sentences_world.toml").read_text(encoding="utf-8")
)


def _cases(kind: str) -> list[object]:
    return [
        pytest.param(language, sentence, id=f"{language}-{number}")
        for language, kinds in SENTENCES.items()
        for number, sentence in enumerate(kinds[kind])
    ]


def _found(language: str, sentence: str, gap: str) -> tuple[Statement, ...]:
    return find_notices(SENTENCES[language]["story"] + gap + sentence, REGISTRY, language=language)


@pytest.mark.parametrize(("language", "sentence"), _cases("grants"))
def test_an_ordinary_notice_on_its_own_line_grants(language: str, sentence: str) -> None:
    (found,) = _found(language, sentence, "\n\n")
    assert (found.frame, found.object_kind, found.rank) == ("grant_text", "text", RANK_NOTICE)
    assert found.quote == sentence
    assert found.license is not None
    assert found.license.spdx_id == "CC-BY-4.0"
    assert not found.has_condition


@pytest.mark.parametrize("gap", ["\n\n", " "])
@pytest.mark.parametrize(("language", "sentence"), _cases("grants_nothing"))
def test_words_about_a_licence_do_not_grant(language: str, sentence: str, gap: str) -> None:
    found = _found(language, sentence, gap)
    assert found
    assert [each for each in found if each.frame == "grant_text"] == []


@pytest.mark.parametrize("gap", ["\n\n", " "])
@pytest.mark.parametrize(("language", "sentence"), _cases("reserved"))
def test_reserved_rights_are_read(language: str, sentence: str, gap: str) -> None:
    assert [each.frame for each in _found(language, sentence, gap)] == ["reserved"]


@pytest.mark.parametrize(
    ("sentence", "licensor"),
    [
        ("مطالب وب‌سایت خبرگزاری سپهر تحت مجوز CC BY 4.0 منتشر می‌شوند.", "خبرگزاری سپهر"),
        ("سپهرنیوز مطالب خود را تحت مجوز CC BY 4.0 منتشر می‌کند.", "سپهرنیوز"),
    ],
)
def test_a_persian_newsroom_is_the_licensor_of_its_own_texts(sentence: str, licensor: str) -> None:
    (found,) = _found("fa", sentence, "\n\n")
    assert (found.frame, found.licensor, found.is_about_licensor) == ("grant_text", licensor, True)

"""English notices by their forms: each sentence of ``notice_sentences_forms.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices
from dateline.rights.statement import RANK_NOTICE

FORMS = tomllib.loads(
    Path(__file__).with_name("notice_sentences_forms.toml").read_text(encoding="utf-8")
)
STORY = "The dam held. The ministers met on Saturday. They spoke about water. Rain is near."


def assert_granted(body: str, notice: str, licensor: str) -> None:
    (found,) = find_notices(body, REGISTRY, language="en")
    assert (found.frame, found.quote, found.rank) == ("grant_text", notice, RANK_NOTICE)
    assert (found.licensor or "", found.has_condition) == (licensor, False)


@pytest.mark.parametrize("gap", [" ", "\n\n"])
@pytest.mark.parametrize(("notice", "licensor"), FORMS["grants"].items())
def test_a_notice_grants_behind_the_story_and_on_its_own_line(
    notice: str, licensor: str, gap: str
) -> None:
    assert_granted(STORY + gap + notice, notice, licensor)


@pytest.mark.parametrize(("notice", "licensor"), FORMS["lines"].items())
def test_a_label_grants_on_its_own_line(notice: str, licensor: str) -> None:
    assert_granted(f"{STORY}\n\n{notice}", notice, licensor)


@pytest.mark.parametrize("gap", [" ", "\n\n"])
@pytest.mark.parametrize("sentence", FORMS["nothing"]["sentences"])
def test_what_speaks_of_others_grants_nothing(sentence: str, gap: str) -> None:
    found = find_notices(STORY + gap + sentence, REGISTRY, language="en")
    assert [each.frame for each in found].count("grant_text") == 0
    assert found


def test_a_partly_licensed_text_has_a_condition() -> None:
    (found,) = find_notices(f"{STORY} This article is partly under CC BY 4.0.", REGISTRY)
    assert found.has_condition


def test_no_statement_overlaps_the_one_before() -> None:
    (found,) = find_notices("(CC BY 4.0)This article", REGISTRY)
    assert (found.frame, found.quote) == ("mention", "(CC BY 4.0)")


@pytest.mark.parametrize("name", ["CC BY 4.0", "(CC BY-SA 4.0)", "CC BY 4.0 license"])
def test_the_name_of_a_licence_alone_is_no_grant(name: str) -> None:
    assert [each.frame for each in find_notices(f"{STORY}\n\n{name}", REGISTRY)] == ["mention"]


def test_a_word_that_reports_have_too_is_weighed() -> None:
    sentence = "Yes, our reports have been CC BY 4.0 since March."
    (found,) = find_notices(f"{STORY}\n\n{sentence}", REGISTRY)
    assert (found.frame, found.quote) == ("grant_text", sentence)


def test_a_picture_by_a_government_employee_gives_nothing_of_the_text() -> None:
    picture = "The photo was taken by a federal employee and is in the public domain."
    found = find_notices(f"{STORY}\n\n{picture}", REGISTRY, language="en")
    assert "grant_text" not in [each.frame for each in found]


@pytest.mark.parametrize(
    "sentence",
    [
        "Everyone may use works freely once they have passed into the public domain.",
        "You may share what is in the public domain on this site without asking anybody.",
    ],
)
def test_public_domain_in_a_sentence_about_copyright_is_no_grant(sentence: str) -> None:
    found = find_notices(f"{STORY}\n\n{sentence}", REGISTRY, language="en")
    assert "grant_text" not in [each.frame for each in found]

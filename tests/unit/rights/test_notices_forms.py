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

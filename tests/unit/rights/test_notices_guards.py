"""What looks like a grant of our text and is none: each pair of ``notice_guards.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices, frames
from dateline.rights.notices.guard_words import load_guard_words
from dateline.rights.notices.lexicon import load_lexicons
from dateline.rights.record import Frame

GUARDS = tomllib.loads(Path(__file__).with_name("notice_guards.toml").read_text(encoding="utf-8"))
STORY = "Otters 17, herons 4.\n\n"
PAIRS = [
    pytest.param(language, doubted, granting, id=f"{kind}-{language}-{number}")
    for kind, table in GUARDS.items()
    for number, (language, doubted, granting) in enumerate(table["pairs"])
]


class _Credulous:
    """A model that takes everything for a grant: what is none the guards alone can tell."""

    def probabilities(self, _: object) -> Mapping[Frame, float]:
        return {"grant_text": 1.0, "mention": 0.0}


@pytest.fixture(autouse=True)
def _credulous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "load_frame_model", _Credulous)


def _frames(language: str, sentence: str) -> list[str]:
    return [each.frame for each in find_notices(STORY + sentence, REGISTRY, language=language)]


@pytest.mark.parametrize(("language", "doubted", "granting"), PAIRS)
def test_words_that_take_a_grant_back_are_heeded(
    language: str, doubted: str, granting: str
) -> None:
    assert "grant_text" not in _frames(language, doubted)
    assert _frames(language, granting) == ["grant_text"]


@pytest.mark.parametrize(
    ("sentence", "is_granted"),
    [
        ("This page was set with Haystack, which is free under the MIT licence.", False),
        ("This article is free under the MIT licence.", True),
        ("Share-alike, CC BY 4.0: that is the licence of this article.", False),
        ("Attribution, CC BY 4.0: that is the licence of this article.", True),
        ("The report, published under CC BY 4.0, counts nine leaks in the main.", False),
        ("This report, published under CC BY 4.0, may be reprinted.", True),
    ],
    ids=["software", "text-mit", "unread-constraint", "read", "aside", "own-aside"],
)
def test_a_licence_that_fits_no_text_or_was_half_read_is_no_grant(
    sentence: str, *, is_granted: bool
) -> None:
    assert ("grant_text" in _frames("en", sentence)) is is_granted


def test_it_is_the_thing_that_was_named_last() -> None:
    before = "The box is an extract from a book by Ada Roe."
    sentence = "You can use it on the terms of CC BY 4.0."
    assert "grant_text" not in _frames("en", f"{before} {sentence}")
    assert "grant_text" in _frames("en", sentence)


def test_every_language_of_the_lexicons_has_guards() -> None:
    assert set(load_lexicons()) == set(load_guard_words())

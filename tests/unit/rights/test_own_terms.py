from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.own_terms import says_only_own_terms, without_own_terms

NC, ND, BOTH = ("by", "nc"), ("by", "nd"), ("by", "nc", "nd")
OWN = [
    (NC, "This text is \x1a: reuse it, but not for commercial purposes.", ": reuse it"),
    (NC, "It may not be used for commercial purposes without permission.", "."),
    (NC, "This report is \x1a, only for non-commercial purposes.", "report is \x1a"),
    (ND, "This article is under \x1a; you may not edit it.", "under \x1a"),
    (BOTH, "\x1a: no commercial use, no derivatives.", "\x1a"),
    (ND, "Dieser Text steht unter \x1a und darf nicht verändert werden.", "steht unter \x1a"),
    (NC, "Dieser Text steht unter \x1a, aber nicht für kommerzielle Zwecke.", "unter \x1a"),
    (NC, "Texte sous licence \x1a, mais pas à des fins commerciales.", "licence \x1a"),
    (NC, "Texto con licencia \x1a, pero no para fines comerciales.", "licencia \x1a"),
    (NC, "Texto sob \x1a, mas não para fins comerciais.", "sob \x1a"),
    (NC, "Testo con licenza \x1a, ma non per fini commerciali.", "licenza \x1a"),
    (NC, "Tekst onder \x1a, maar niet voor commercieel gebruik.", "onder \x1a"),
    (NC, "Текст по лицензии \x1a, но не для коммерческого использования.", "лицензии \x1a"),
]  # fmt: skip


@pytest.mark.parametrize(("constraints", "words", "left"), OWN)
def test_words_that_repeat_the_licence_are_taken_out(
    constraints: tuple[str, ...], words: str, left: str
) -> None:
    found = without_own_terms(words.lower(), constraints)
    assert left in found
    assert not any(word in found for word in ("commerc", "verändert", "edit", "коммерч"))


@pytest.mark.parametrize(("constraints", "words", "left"), OWN)
def test_words_that_the_licence_does_not_say_stay(
    constraints: tuple[str, ...], words: str, left: str
) -> None:
    low = words.lower()
    assert without_own_terms(low, ("by",)) == low
    assert without_own_terms(low, ()) == low


@pytest.mark.parametrize(
    "words",
    [
        "\x1a, but not for commercial use or in newspapers.",
        "\x1a, but not in newspapers.",
        "\x1a, but commercial papers need our consent.",
        "\x1a, aber nicht für kommerzielle Zeitungen.",
        "\x1a, for thirty days only.",
        "\x1a, for commercial use only.",
    ],
)
def test_a_clause_that_limits_more_stays_whole(words: str) -> None:
    assert without_own_terms(words, BOTH) == words


def test_a_sentence_says_only_what_the_licence_says() -> None:
    sentence = "It may not be used for commercial purposes without our permission."
    assert says_only_own_terms(sentence, NC)
    assert not says_only_own_terms(sentence, ND)
    assert not says_only_own_terms("It may not be reproduced without our permission.", BOTH)
    assert not says_only_own_terms("All rights reserved.", BOTH)


@given(st.text(max_size=80))
def test_without_own_terms_adds_nothing(words: str) -> None:
    assert len(without_own_terms(words, BOTH)) <= len(words)

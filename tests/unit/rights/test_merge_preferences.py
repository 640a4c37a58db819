from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_statements import statement

from dateline.rights.merge_preferences import (
    is_mining_only,
    merge_access,
    merge_preferences,
    preferences_in_words,
)
from dateline.rights.record import Access, Preferences, RawPreference
from dateline.rights.statement import RANK_NOTHING, StatedAccess, StatedPreference

RAW = RawPreference(protocol="aipref", field="content-usage", value="train-ai=n")
values = st.sampled_from([None, "allowed", "disallowed", "unknown"])
stated_preferences = st.builds(
    StatedPreference,
    raw=st.just(()),
    tdm_reservation=st.sampled_from([None, True, False]),
    ai_train=values,
    ai_input=values,
    search=values,
    snippet_max_chars=st.sampled_from([None, 0, 120]),
    is_nosnippet=st.booleans(),
    noarchive=st.booleans(),
    noindex=st.booleans(),
)


def test_merge_preferences_of_nothing_states_nothing() -> None:
    assert merge_preferences([]) == Preferences()
    assert merge_access([]) == Access()


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (["allowed", "disallowed"], "disallowed"),
        (["allowed", None], "allowed"),
        (["unknown", "allowed"], "allowed"),
        ([None], "unknown"),
    ],
)
def test_merge_preferences_takes_the_stricter_of_two_protocols(
    stated: list[str], expected: str
) -> None:
    for order in itertools.permutations(stated):
        found = merge_preferences([StatedPreference(raw=(), ai_train=each) for each in order])  # type: ignore[arg-type] # parametrized words
        assert found.ai_train == expected


def test_merge_preferences_keeps_what_was_said() -> None:
    one = StatedPreference(raw=(RAW,), snippet_max_chars=120, nosnippet_texts=("a", "b"))
    two = replace(one, snippet_max_chars=80, noarchive=True, tdm_policy_url="https://o.example/tdm")
    found = merge_preferences([one, two])
    assert (found.raw, found.nosnippet_texts) == ((RAW,), ("a", "b"))
    assert (found.snippet_max_chars, found.noarchive) == (80, True)
    assert found.tdm_policy_url == "https://o.example/tdm"
    assert merge_preferences([one, replace(one, is_nosnippet=True)]).snippet_max_chars == 0


@given(st.lists(stated_preferences, max_size=5), stated_preferences)
def test_merge_preferences_never_loosens_with_more(
    stated: list[StatedPreference], more: StatedPreference
) -> None:
    before, after = merge_preferences(stated), merge_preferences([*stated, more])
    assert after == merge_preferences([more, *stated])
    for name in ("ai_train", "ai_input", "search"):
        assert getattr(before, name) != "disallowed" or getattr(after, name) == "disallowed"
    assert after.tdm_reservation or not before.tdm_reservation
    assert (after.noindex, after.noarchive) >= (before.noindex and after.noindex, before.noarchive)
    if before.snippet_max_chars is not None:
        assert after.snippet_max_chars is not None
        assert after.snippet_max_chars <= before.snippet_max_chars


def test_merge_access_takes_the_narrowest() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    one = StatedAccess(is_free=True, expires_at=late, embargoed_until=early)
    two = StatedAccess(is_free=None, expires_at=early, embargoed_until=late)
    assert merge_access([one, two]) == Access(is_free=True, expires_at=early, embargoed_until=late)
    assert merge_access([one, StatedAccess(is_free=False)]).is_free is False


@pytest.mark.parametrize(
    ("quote", "tdm", "train", "mining_only"),
    [
        ("We reserve the right of text and data mining (Directive (EU) 2019/790).",
         True, "unknown", True),
        ("All rights reserved, also those of text and data mining and of training artificial"
         " intelligence.", True, "disallowed", False),
        ("Text und Data Mining (§ 44b UrhG) behalten wir uns vor.", True, "unknown", True),
        ("Tous droits réservés, fouille de textes comprise.", True, "unknown", False),
        ("All rights reserved.", None, "unknown", False),
        ("No part may be copied by train companies.", None, "unknown", False),
    ],
)  # fmt: skip
def test_preferences_in_words_reads_reservations(
    quote: str, tdm: bool | None, train: str, mining_only: bool
) -> None:
    reserved = statement("reserved", quote=quote)
    found = merge_preferences(preferences_in_words([reserved]))
    assert (found.tdm_reservation, found.ai_train) == (tdm, train)
    assert is_mining_only(reserved) == mining_only
    assert bool(found.raw) == (tdm is not None or train != "unknown")


def test_preferences_in_words_needs_a_reservation_of_the_text_that_counts() -> None:
    words = "Text and data mining is reserved."
    assert not preferences_in_words([statement("mention", quote=words)])
    assert not preferences_in_words([statement("reserved", quote=words, object_kind="image")])
    assert not preferences_in_words([statement("reserved", rank=RANK_NOTHING, quote=words)])

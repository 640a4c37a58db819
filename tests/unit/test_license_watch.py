"""When a source's licences have drifted, and when they have not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.license_watch import (
    KIND_ACTIONS,
    KIND_WORDS,
    DayCounts,
    Drift,
    DriftKind,
    LicenseKey,
    find_drifts,
    find_habits,
)

BY = LicenseKey("granted", "CC-BY-4.0")
BY3 = LicenseKey("granted", "CC-BY-3.0")
BY_ND = LicenseKey("granted", "CC-BY-ND-4.0")
SA = LicenseKey("granted", "CC-BY-SA-4.0")
NC = LicenseKey("granted", "CC-BY-NC-4.0")
ZERO = LicenseKey("public_domain", "CC0-1.0")
UNKNOWN = LicenseKey("unknown")
RESERVED = LicenseKey("reserved")
FIRST = date(2026, 9, 1)


def _days(*counts: dict[LicenseKey, int], **named: Any) -> list[DayCounts]:
    return [
        DayCounts(day=FIRST + timedelta(days=number), licenses=each, **named)
        for number, each in enumerate(counts)
    ]


def _told(days: Sequence[DayCounts]) -> list[tuple[str, str, str, int]]:
    return [
        (drift.kind, drift.before, drift.after, (drift.day - FIRST).days)
        for drift in find_drifts("s", days)
    ]


USUAL = [{BY: 10}] * 5


@pytest.mark.parametrize(
    ("after", "kind", "words"),
    [
        (UNKNOWN, "license_disappeared", "unknown"),
        (RESERVED, "license_stricter", "reserved"),
        (LicenseKey("conflict"), "license_stricter", "conflict"),
        (BY_ND, "license_stricter", "CC-BY-ND-4.0"),
        (BY3, "license_version", "CC-BY-3.0"),
        (ZERO, "license_changed", "CC0-1.0"),
    ],
)
def test_a_usual_licence_that_is_gone_is_told_by_its_kind(
    after: LicenseKey, kind: str, words: str
) -> None:
    assert _told(_days(*USUAL, {after: 10})) == [(kind, "CC-BY-4.0", words, 5)]


def test_constraints_that_have_no_order_are_a_change() -> None:
    assert _told(_days(*[{SA: 10}] * 5, {NC: 10}))[0][0] == "license_changed"


def test_a_source_that_stays_the_same_is_silent() -> None:
    assert _told(_days(*[{BY: 9, UNKNOWN: 1}] * 40)) == []


def test_few_articles_make_no_habit_and_end_none() -> None:
    assert _told(_days({BY: 29}, {UNKNOWN: 29})) == []
    assert _told(_days({BY: 30}, {UNKNOWN: 9})) == []
    assert _told(_days({BY: 30}, {UNKNOWN: 10})) != []


def test_a_mixed_source_has_nothing_usual() -> None:
    assert _told(_days(*[{BY: 8, UNKNOWN: 2}] * 5, {UNKNOWN: 50})) == []
    assert _told(_days(*[{UNKNOWN: 10}] * 5, {BY: 50})) == []


def test_a_bad_day_of_a_few_articles_is_no_drift() -> None:
    assert _told(_days(*USUAL, {BY: 5, UNKNOWN: 5}, *USUAL)) == []


def test_a_slow_change_is_told_once_when_half_is_gone() -> None:
    shares = [{BY: 20 - step, UNKNOWN: step} for step in range(21)]

    assert _told(_days({BY: 50}, *shares)) == [
        ("license_disappeared", "CC-BY-4.0", "unknown", 1 + 11)
    ]


def test_a_source_with_one_article_a_day_is_told_after_the_tenth() -> None:
    days = [{BY: 1}] * 40 + [{UNKNOWN: 1}] * 20

    # Six of the last ten are fewer than half with it.
    assert _told(_days(*days)) == [("license_disappeared", "CC-BY-4.0", "unknown", 45)]


def test_a_return_is_silent_and_the_next_loss_is_another_episode() -> None:
    lost = [{UNKNOWN: 10}] * 2
    back = [{BY: 10}] * 6

    drifts = find_drifts("s", _days(*USUAL, *lost, *back, *lost))

    assert [drift.kind for drift in drifts] == ["license_disappeared"] * 2
    # Usual again with the fifth day after the loss: 50 of 50 articles.
    assert [(drift.usual_since - FIRST).days for drift in drifts] == [2, 5 + 2 + 4]
    assert all(drift.usual_since < drift.day for drift in drifts)


def test_days_at_the_edge_of_a_loss_are_no_return() -> None:
    """A day that is read at noon, and again with its evening, does not begin an episode."""
    noon = _days(*USUAL, {UNKNOWN: 10})
    evening = _days(*USUAL, {UNKNOWN: 10, BY: 10}, {UNKNOWN: 10})

    (early,), (late,) = find_drifts("s", noon), find_drifts("s", evening)

    assert early.day < late.day
    assert early.usual_since == late.usual_since
    assert early.day >= late.usual_since  # what the ledger goes by


def test_habits_say_what_is_usual_now_and_what_ended() -> None:
    days = _days(*USUAL, *[{UNKNOWN: 10}] * 2, *[{BY: 10}] * 6, notice_count=10)

    told = [(each.words, (each.since - FIRST).days, each.drift is None) for each in
            find_habits("s", days)]  # fmt: skip

    assert told == [
        ("CC-BY-4.0", 2, False), ("CC-BY-4.0", 11, True), ("a notice in the text", 2, True),
    ]  # fmt: skip
    assert find_habits("s", days[:2]) == ()


def test_a_change_that_stays_becomes_usual_and_may_drift_again() -> None:
    told = _told(_days(*USUAL, *[{BY_ND: 10}] * 6, {RESERVED: 10}))

    assert [(kind, before, after) for kind, before, after, _ in told] == [
        ("license_stricter", "CC-BY-4.0", "CC-BY-ND-4.0"),
        ("license_stricter", "CC-BY-ND-4.0", "reserved"),
    ]


def test_a_notice_that_leaves_the_texts_is_told_while_the_licence_stays() -> None:
    days = [*_days(*USUAL, notice_count=10), *_days(*USUAL)[:1]]
    moved = [*days[:5], DayCounts(day=FIRST + timedelta(days=5), licenses={BY: 10})]

    assert _told(moved) == [("notice_disappeared", "a notice in the text", "none", 5)]
    # Gone together with the licence: one notice says it.
    gone = [*days[:5], DayCounts(day=FIRST + timedelta(days=5), licenses={UNKNOWN: 10})]
    assert [kind for kind, *_ in _told(gone)] == ["license_disappeared"]


def test_a_new_agency_is_told_with_its_third_article() -> None:
    quiet = _days(*USUAL)
    one = DayCounts(day=FIRST + timedelta(days=5), licenses={BY: 10}, credits={"AFP": 2})
    more = DayCounts(day=FIRST + timedelta(days=6), licenses={BY: 10}, credits={"AFP": 1})
    again = DayCounts(day=FIRST + timedelta(days=7), licenses={BY: 10}, credits={"AFP": 9})

    assert _told([*quiet, one]) == []
    assert _told([*quiet, one, more, again]) == [("third_party_credit", "", "AFP", 6)]


def test_an_agency_that_was_there_from_the_start_is_no_news() -> None:
    days = _days(*[{BY: 10}] * 10, credits={"Reuters": 3})

    assert _told(days) == []


def _drift(**changes: Any) -> Drift:
    base = Drift(source_id="s", kind="license_changed", before="a", after="b", day=FIRST)
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"day": date.max, "usual_since": date.max}, True),
        # What came in its place may look different an hour later: it is the same loss.
        ({"kind": "license_stricter", "after": "c"}, True),
        ({"before": "ab"}, False),
        ({"source_id": "t"}, False),
        ({"kind": "notice_disappeared"}, False),
    ],
)
def test_an_episode_of_a_loss_has_one_id(changes: dict[str, Any], is_same: bool) -> None:
    assert (_drift(**changes).notice_id(0) == _drift().notice_id(0)) is is_same
    assert _drift(**changes).notice_id(1) != _drift().notice_id(0)


def test_each_agency_is_a_loss_of_its_own() -> None:
    credits = [_drift(kind="third_party_credit", before="", after=name) for name in ("AFP", "AP")]

    assert len({drift.notice_id(0) for drift in credits}) == 2


def test_every_kind_has_words_and_something_to_do() -> None:
    assert set(KIND_WORDS) == set(KIND_ACTIONS) == set(get_args(DriftKind))
    assert _drift().message == "s: another licence (a -> b), since 2026-09-01"


keys = st.sampled_from([BY, BY3, BY_ND, SA, UNKNOWN, RESERVED])
histories = st.lists(st.dictionaries(keys, st.integers(1, 30), min_size=1), max_size=30)


@given(histories)
def test_what_was_told_stays_told_when_days_are_added(
    counts: list[dict[LicenseKey, int]],
) -> None:
    whole = set(find_drifts("s", _days(*counts)))

    for number in range(len(counts)):
        assert set(find_drifts("s", _days(*counts[:number]))) <= whole

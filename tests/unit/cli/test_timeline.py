"""Bars of articles over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.cli.timeline import BARS, MAX_BARS, NONE, timeline

START = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def after(**time: float) -> datetime:
    return START + timedelta(**time)


def test_a_bar_is_as_high_as_its_hour_has_articles() -> None:
    found = timeline([START, after(minutes=5), after(minutes=20), after(hours=2), after(hours=3)])

    assert found is not None
    assert (found.bars, found.step, found.most) == ("█·▃▃", "hour", 3)
    assert found.start == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "step"),
    [
        (timedelta(hours=40), "hour"),
        (timedelta(days=5), "6 hours"),
        (timedelta(days=40), "day"),
        (timedelta(days=300), "week"),
        (timedelta(days=1200), "4 weeks"),
        (timedelta(days=4000), "16 weeks"),
    ],
)
def test_the_step_is_the_shortest_that_fits(span: timedelta, step: str) -> None:
    found = timeline([START, START + span])

    assert found is not None
    assert found.step == step
    assert len(found.bars) <= MAX_BARS


@pytest.mark.parametrize("times", [[], [START], [START, START]])
def test_one_moment_is_no_line(times: list[datetime]) -> None:
    assert timeline(times) is None


@given(st.lists(st.integers(0, 20_000_000), min_size=2, max_size=50, unique=True))
def test_every_line_fits_begins_and_ends_with_an_article(minutes: list[int]) -> None:
    found = timeline([after(minutes=each) for each in minutes])

    assert found is not None
    assert len(found.bars) <= MAX_BARS
    assert set(found.bars) <= {*BARS, NONE}
    assert NONE not in (found.bars[0], found.bars[-1])
    assert BARS[-1] in found.bars

"""What counts as a surge, and where its window begins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sample_records import at

from dateline.alert_records import Surge
from dateline.alerts.mention_history import (
    MentionCounts,
    chance_of_at_least,
    is_surge,
    window_start,
)


def counts(window: int, *daily: int) -> MentionCounts:
    return MentionCounts(window_start=at(0), window_count=window, daily_counts=daily)


@pytest.mark.parametrize(
    ("window", "daily", "is_one"),
    [
        pytest.param(8, (0,) * 28, True, id="from-nothing"),
        pytest.param(4, (0,) * 28, False, id="too-few-articles"),
        pytest.param(60, (20,) * 28, True, id="three-times-as-many"),
        pytest.param(50, (20,) * 28, False, id="below-the-ratio"),
        pytest.param(6, (2, 1, 2), False, id="high-by-chance"),
        pytest.param(20, (0, 0), False, id="no-baseline-yet"),
        pytest.param(20, (), False, id="no-index"),
    ],
)
def test_surge_needs_articles_ratio_and_more_than_chance(
    window: int, daily: tuple[int, ...], is_one: bool
) -> None:
    assert is_surge(counts(window, *daily), Surge()) is is_one


@pytest.mark.parametrize(
    ("count", "mean", "chance"),
    [
        # R: ppois(count - 1, mean, lower.tail = FALSE)
        pytest.param(0, 2.0, 1.0, id="nothing"),
        pytest.param(1, 2.0, 0.8646647, id="one"),
        pytest.param(5, 1.0, 0.003659847, id="five"),
        pytest.param(30, 20.0, 0.02181822, id="thirty"),
    ],
)
def test_chance_is_that_of_a_poisson_variable(count: int, mean: float, chance: float) -> None:
    assert chance_of_at_least(count, mean) == pytest.approx(chance, rel=1e-5)


def test_chance_of_large_counts_is_finite() -> None:
    assert chance_of_at_least(20_000, 10_000.0) == pytest.approx(0.0, abs=1e-9)


def test_window_begins_at_a_multiple_of_its_hours() -> None:
    found = window_start(datetime(2026, 11, 20, 8, 59, tzinfo=UTC), 6)

    assert found == datetime(2026, 11, 20, 6, 0, tzinfo=UTC)

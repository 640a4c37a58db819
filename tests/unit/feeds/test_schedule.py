from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.feeds.schedule import (
    GONE_SECONDS,
    MAX_ERROR_SECONDS,
    NextPoll,
    PollLimits,
    PollSignals,
    cache_seconds,
    first_delay_seconds,
    next_interval_seconds,
    observed_gap_seconds,
    plan_next_poll,
    published_gap_seconds,
)

LIMITS = PollLimits(min_seconds=60, max_seconds=3600)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

limits = st.builds(PollLimits, min_seconds=st.floats(1, 10_000), max_seconds=st.floats(1, 100_000))
signals = st.builds(
    PollSignals,
    outcome=st.sampled_from(["new", "edited", "unchanged", "failed", "missing", "gone"]),
    is_backlog=st.booleans(),
    mean_gap_seconds=st.none() | st.floats(0, 1e9),
    ttl_seconds=st.none() | st.floats(0, 1e9),
    retry_after_seconds=st.none() | st.floats(0, 1e9),
    error_count=st.integers(0, 10_000),
)


def plan(previous: float | None, *, limits: PollLimits = LIMITS, **keys: object) -> NextPoll:
    poll = PollSignals(**keys)  # type: ignore[arg-type]  # each test names the fields it means
    return plan_next_poll(previous, poll, limits, feed_id="https://a.example/", poll_count=1)


def interval(previous: float | None, **keys: object) -> float:
    poll = PollSignals(**keys)  # type: ignore[arg-type]  # each test names the fields it means
    return next_interval_seconds(previous, poll, LIMITS)


def test_interval_goes_halfway_to_half_the_gap_when_there_is_news() -> None:
    assert interval(1000, outcome="new", mean_gap_seconds=600) == 650
    assert interval(1000, outcome="new") == 750


def test_interval_never_grows_on_news() -> None:
    assert interval(600, outcome="new", mean_gap_seconds=86400) == 600


def test_interval_grows_by_half_when_nothing_is_new() -> None:
    assert interval(600, outcome="unchanged") == 900
    assert interval(3000, outcome="unchanged") == 3600


def test_interval_is_kept_by_edits_and_errors() -> None:
    for outcome in ("edited", "failed", "missing", "gone"):
        assert interval(600, outcome=outcome, error_count=5) == 600


def test_interval_of_a_first_poll_comes_from_the_dates_of_its_entries() -> None:
    assert interval(None, outcome="edited", mean_gap_seconds=1200) == 600
    assert interval(None, outcome="edited", mean_gap_seconds=1e9) == 3600
    assert interval(None, outcome="edited") == 60


def test_interval_settles_near_half_the_gap_of_a_regular_feed() -> None:
    seconds, next_item, at, delays = 60.0, 600.0, 0.0, []
    while at < 86400:
        is_new = at >= next_item
        if is_new:
            delays.append(at - next_item)
            next_item += 600
        outcome = "new" if is_new else "unchanged"
        seconds = interval(seconds, outcome=outcome, mean_gap_seconds=600)
        at += seconds
    assert 200 < seconds < 700
    assert sum(delays) / len(delays) < 300


def test_backlog_is_fetched_at_the_shortest_interval() -> None:
    found = plan(1800, outcome="new", is_backlog=True, mean_gap_seconds=7200)
    assert found.delay_seconds <= 66
    assert found.interval_seconds == 1800


def test_wish_of_the_publisher_is_a_lower_bound_up_to_an_hour() -> None:
    assert plan(60, outcome="new", ttl_seconds=900).delay_seconds >= 900
    assert plan(60, outcome="new", ttl_seconds=86400 * 365).delay_seconds <= 3600
    narrow = PollLimits(min_seconds=60, max_seconds=120)
    assert plan(60, outcome="new", ttl_seconds=900, limits=narrow).delay_seconds <= 120


def test_errors_double_the_wait_up_to_the_ceiling() -> None:
    waits = [plan(60, outcome="failed", error_count=n).delay_seconds for n in range(1, 12)]
    assert 108 <= waits[0] <= 132
    assert waits == sorted(waits)
    assert waits[-1] <= 3600
    patient = PollLimits(min_seconds=60, max_seconds=86400)
    assert plan(60, outcome="failed", error_count=99, limits=patient).delay_seconds <= (
        MAX_ERROR_SECONDS
    )


def test_missing_feed_is_asked_for_less_than_its_ceiling() -> None:
    wait = plan(60, outcome="missing", error_count=50).delay_seconds
    assert 0.9 * MAX_ERROR_SECONDS <= wait <= MAX_ERROR_SECONDS


def test_retry_after_wins_when_it_is_longer() -> None:
    asked = plan(60, outcome="failed", error_count=1, retry_after_seconds=7200)
    assert asked.delay_seconds == 7200
    assert asked.interval_seconds == 60
    short = plan(60, outcome="failed", error_count=4, retry_after_seconds=1).delay_seconds
    assert short == plan(60, outcome="failed", error_count=4).delay_seconds
    endless = plan(60, outcome="failed", error_count=1, retry_after_seconds=1e9)
    assert endless.delay_seconds == 86400


def test_gone_feed_is_looked_at_after_a_week() -> None:
    wait = plan(60, outcome="gone").delay_seconds
    assert GONE_SECONDS <= wait <= GONE_SECONDS * 1.1


def test_jitter_is_the_same_for_the_same_poll_and_differs_between_polls() -> None:
    poll = PollSignals(outcome="unchanged")
    waits = [
        plan_next_poll(600, poll, LIMITS, feed_id="f", poll_count=n).delay_seconds
        for n in [*range(200), 0]
    ]
    assert waits[0] == waits[-1]
    assert 810 <= min(waits) < 830
    assert 970 < max(waits) <= 990


def test_first_polls_are_spread_over_a_minute() -> None:
    starts = sorted(
        first_delay_seconds(f"https://a.example/{n}", now=NOW, spread_seconds=60)
        for n in range(500)
    )
    assert starts[0] >= 0
    assert starts[-1] < 60
    assert max(b - a for a, b in itertools.pairwise(starts)) < 2


def test_gap_is_a_running_mean() -> None:
    assert observed_gap_seconds(None, since_last_new_seconds=600, new_count=2) == 300
    assert observed_gap_seconds(300, since_last_new_seconds=1300, new_count=1) == 600
    assert observed_gap_seconds(300, since_last_new_seconds=9, new_count=0) == 300
    assert observed_gap_seconds(300, since_last_new_seconds=-9, new_count=1) == 210


def test_gap_of_published_times_is_their_mean_distance() -> None:
    times = [NOW, NOW - timedelta(minutes=30), NOW - timedelta(minutes=10)]
    assert published_gap_seconds(times) == 900
    assert published_gap_seconds([NOW]) is None
    assert published_gap_seconds([NOW, NOW]) is None
    assert published_gap_seconds([]) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache-control": "max-age=300"}, 300),
        ({"cache-control": 'public, Max-Age="300"', "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "999"}, 0),
        ({"cache-control": "max-age=300, no-cache"}, None),
        ({"cache-control": "no-store"}, None),
        ({"cache-control": "s-maxage=300"}, None),
        ({"cache-control": "x-max-age=300"}, None),
        ({"cache-control": "max-age=-1"}, None),
        ({"cache-control": "max-age=300", "age": "²"}, 300),
        ({}, None),
    ],
)
def test_cache_control_says_how_long_an_answer_is_fresh(
    headers: dict[str, str], expected: float | None
) -> None:
    assert cache_seconds(headers) == expected


@given(st.none() | st.floats(0, 1e6), signals, limits, st.text(max_size=20), st.integers(0, 10**6))
def test_schedule_stays_within_its_limits(
    previous: float | None, poll: PollSignals, bounds: PollLimits, feed_id: str, count: int
) -> None:
    found = plan_next_poll(previous, poll, bounds, feed_id=feed_id, poll_count=count)
    assert bounds.min_seconds <= found.interval_seconds <= bounds.ceiling_seconds
    longest = max(bounds.ceiling_seconds, MAX_ERROR_SECONDS, 86400, GONE_SECONDS * 1.1)
    assert bounds.min_seconds <= found.delay_seconds <= longest or poll.outcome == "gone"
    if poll.outcome in ("new", "edited", "unchanged") and poll.retry_after_seconds is None:
        assert found.delay_seconds <= bounds.ceiling_seconds


@given(st.floats(1, 1e5), limits, st.integers(1, 200), st.sampled_from(["failed", "missing"]))
def test_wait_never_shrinks_while_errors_go_on(
    previous: float, bounds: PollLimits, count: int, outcome: str
) -> None:
    def wait(errors: int) -> float:
        poll = PollSignals(outcome=outcome, error_count=errors)  # type: ignore[arg-type]
        found = plan_next_poll(previous, poll, bounds, feed_id="f", poll_count=7)
        return found.delay_seconds

    assert wait(count) <= wait(count + 1)

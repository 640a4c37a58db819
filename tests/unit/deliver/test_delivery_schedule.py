"""When a message goes out: retries, quiet hours and digests across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alert_samples import NOW, channel

from dateline.alert_records import QuietHours
from dateline.settings import load_settings
from processors.deliver.schedule import (
    after_quiet,
    hold,
    hold_for_hour,
    next_digest,
    retry_pause_seconds,
)

SCHEDULE = tuple(
    float(each) for each in load_settings(environ={}).deliver.retry_seconds.split(",")
)  # fmt: skip
NIGHT = QuietHours(starts_at="22:00", ends_at="07:00", time_zone="Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_schedule_is_that_of_standard_webhooks() -> None:
    assert len(SCHEDULE) == 10
    assert timedelta(seconds=sum(SCHEDULE)) == timedelta(hours=75, minutes=35, seconds=5)


def test_pauses_follow_the_schedule_until_the_message_is_given_up() -> None:
    pauses = [
        retry_pause_seconds(attempts, schedule=SCHEDULE, jitter=0.0) for attempts in range(1, 11)
    ]

    assert pauses == [*SCHEDULE[1:], None]


def test_jitter_lengthens_a_pause_by_a_tenth_at_most() -> None:
    assert retry_pause_seconds(2, schedule=SCHEDULE, jitter=1.0) == pytest.approx(330)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(2.0, 5.0), (120.0, 120.0), (10 * 86_400.0, 86_400.0)],
    ids=["shorter", "longer", "ten-days"],
)
def test_receiver_can_lengthen_a_pause_by_a_day_at_most(asked: float, expected: float) -> None:
    pause = retry_pause_seconds(1, schedule=SCHEDULE, retry_after_seconds=asked, jitter=0.0)

    assert pause == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(utc(2026, 11, 20, 9, 30), utc(2026, 11, 20, 9, 30), id="day"),
        pytest.param(utc(2026, 11, 20, 21, 0), utc(2026, 11, 21, 6, 0), id="start"),
        pytest.param(utc(2026, 11, 21, 0, 30), utc(2026, 11, 21, 6, 0), id="after-midnight"),
        pytest.param(utc(2026, 11, 21, 6, 0), utc(2026, 11, 21, 6, 0), id="end"),
        pytest.param(utc(2027, 3, 27, 22, 0), utc(2027, 3, 28, 5, 0), id="short-night"),
        pytest.param(utc(2026, 10, 24, 22, 0), utc(2026, 10, 25, 6, 0), id="long-night"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(at: datetime, expected: datetime) -> None:
    assert after_quiet(channel(quiet_hours=NIGHT), at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # 02:30 does not exist on 28 March 2027; it is the moment that would have been it.
        pytest.param(utc(2027, 3, 28, 0, 30), utc(2027, 3, 28, 1, 30), id="skipped-end"),
        # 02:10 is there twice on 25 October 2026.
        pytest.param(utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 0, 30), id="first-02:10"),
        pytest.param(utc(2026, 10, 25, 1, 10), utc(2026, 10, 25, 1, 30), id="second-02:10"),
    ],
)
def test_quiet_hours_end_when_the_clock_is_set(at: datetime, expected: datetime) -> None:
    quiet = QuietHours(starts_at="23:00", ends_at="02:30", time_zone="Europe/Berlin")

    assert after_quiet(channel(quiet_hours=quiet), at) == expected


def test_quiet_hours_always_end_later_and_within_two_days() -> None:
    """Every quarter of an hour of the two nights in which Berlin sets its clocks."""
    for start in (utc(2026, 10, 24, 12, 0), utc(2027, 3, 27, 12, 0)):
        for quarter in range(96):
            at = start + timedelta(minutes=15 * quarter)
            until = after_quiet(channel(quiet_hours=NIGHT), at)
            assert at <= until < at + timedelta(days=2)
            assert after_quiet(channel(quiet_hours=NIGHT), until) == until


def test_empty_quiet_hours_are_none() -> None:
    quiet = QuietHours(starts_at="08:00", ends_at="08:00")

    assert after_quiet(channel(quiet_hours=quiet), NOW) == NOW


def test_hourly_digest_is_due_at_the_next_full_hour() -> None:
    hourly = channel(digest="hourly")

    assert next_digest(hourly, NOW) == utc(2026, 11, 20, 10, 0)
    assert next_digest(hourly, utc(2026, 11, 20, 10, 0)) == utc(2026, 11, 20, 11, 0)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(utc(2026, 11, 20, 4, 0), utc(2026, 11, 20, 4, 30), id="today"),
        pytest.param(utc(2026, 11, 20, 4, 30), utc(2026, 11, 21, 4, 30), id="tomorrow"),
    ],
)
def test_daily_digest_is_due_at_its_hour_in_its_zone(at: datetime, expected: datetime) -> None:
    daily = channel(digest="daily", digest_hour=8, time_zone="Asia/Tehran")

    assert next_digest(daily, at) == expected


def test_daily_digest_at_an_hour_that_is_there_twice_comes_once() -> None:
    daily = channel(digest="daily", digest_hour=2, time_zone="Europe/Berlin")

    due = [next_digest(daily, utc(2026, 10, 24, 12, 0))]
    due.append(next_digest(daily, due[-1]))

    assert due == [utc(2026, 10, 25, 0, 0), utc(2026, 10, 26, 1, 0)]


def test_unknown_time_zone_is_utc() -> None:
    daily = channel(digest="daily", digest_hour=10, time_zone="Mars/Olympus")

    assert next_digest(daily, NOW) == utc(2026, 11, 20, 10, 0)


def test_message_is_not_held_without_a_reason() -> None:
    assert hold(channel(), NOW) is None


def test_digest_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    quiet = QuietHours(starts_at="09:45", ends_at="11:15")
    held = hold(channel(digest="hourly", quiet_hours=quiet), NOW)

    assert held is not None
    assert (held.until, held.reason) == (utc(2026, 11, 20, 11, 15), "digest")


def test_full_hour_waits_for_the_next() -> None:
    assert hold_for_hour(channel(), NOW).until == utc(2026, 11, 20, 10, 0)

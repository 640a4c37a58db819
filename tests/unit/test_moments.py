"""What people type for a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dateline.moments import parse_moment

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("30m", datetime(2026, 11, 23, 11, 30, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 23, 0, tzinfo=UTC)),
        (" 7D ", datetime(2026, 11, 16, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 9, 12, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T08:15", datetime(2026, 11, 20, 8, 15, tzinfo=UTC)),
        ("2026-11-20T08:15+03:00", datetime(2026, 11, 20, 5, 15, tzinfo=UTC)),
    ],
)
def test_parse_moment_reads_ages_dates_and_times(given: str, expected: datetime) -> None:
    assert parse_moment(given, NOW) == expected


def test_parse_moment_gives_an_ending_date_its_whole_day() -> None:
    assert parse_moment("2026-11-20", NOW, is_end=True) == datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "given", ["", "soon", "7", "7y", "-7d", "2026-13-01", "999999w", "9999-12-31", "٧d"]
)
def test_parse_moment_refuses_what_is_no_time(given: str) -> None:
    with pytest.raises(ValueError, match="is no time: expected 30m, 12h, 7d"):
        parse_moment(given, NOW, is_end=True)

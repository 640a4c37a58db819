from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.records import DateFlag
from producers.parse_time import ReadTime, clamp_published, parse_time, read_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T10:00:00+02:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 10:00:00 GMT", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_parse_time(text: str, expected: datetime | None) -> None:
    assert parse_time(text) == expected


@given(st.text())
def test_parse_time_never_raises(text: str) -> None:
    found = parse_time(text)
    assert found is None or found.tzinfo is UTC


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # numbers of a date


@pytest.mark.parametrize(
    ("text", "at", "flags"),
    [
        ("2026-11-23T10:00:00Z", utc(2026, 11, 23, 10), ()),
        ("2026-11-23t10:00z", utc(2026, 11, 23, 10), ()),
        ("2026-11-23T10:00:00.123456789+02:00", utc(2026, 11, 23, 8, 0, 0, 123456), ()),
        ("20261123T101112+0100", utc(2026, 11, 23, 9, 11, 12), ()),
        ("2026-11-23 10:00:00 UTC", utc(2026, 11, 23, 10), ()),
        ("2026-11-23T10:00:00", utc(2026, 11, 23, 10), ("no_time_zone",)),
        ("2026-11-23", utc(2026, 11, 23), ("no_time",)),
        ("2026-11", utc(2026, 11, 1), ("no_time",)),
        ("2026", utc(2026, 1, 1), ("no_time",)),
        ("Mon, 23 Nov 2026 10:00:00 GMT", utc(2026, 11, 23, 10), ()),
        ("Mon, 23 Nov 2026 10:00 PDT", utc(2026, 11, 23, 17), ()),
        ("23 Nov 26 10:00:00 -0000 (nowhere)", utc(2026, 11, 23, 10), ()),
        ("Mon, 23 Nov 2026 10:00:00 GMT+0100", utc(2026, 11, 23, 9), ()),
        ("Mon, 23 Nov 2026 24:00:00 EST", utc(2026, 11, 24, 5), ()),
        ("Mon, 23 Nov 2026 10:00:00 XYZ", utc(2026, 11, 23, 10), ("no_time_zone",)),
        ("Mon, 23 Nov 2026 10:00:00 +9900", utc(2026, 11, 23, 10), ("no_time_zone",)),
        ("Mon Nov 23 10:00:00 2026", utc(2026, 11, 23, 10), ("no_time_zone",)),
        ("November 23, 2026 10:00 pm EST", utc(2026, 11, 24, 3), ()),
        ("1795428000", utc(2026, 11, 23, 10), ()),
        ("1795428000123", utc(2026, 11, 23, 10, 0, 0, 123000), ()),
        ("1970-01-01T00:00:00Z", None, ("implausible",)),
        ("0001-01-01T00:00:00Z", None, ("implausible",)),
        ("9999-12-31T23:59:59Z", None, ("implausible",)),
        ("yesterday", None, ("unreadable",)),
        ("31 Feb 2026", None, ("unreadable",)),
        ("Montag, 23. November 2026", None, ("unreadable",)),
        ("2026-11-23T25:00:00Z", None, ("unreadable",)),
        ("1" * 5000, None, ("unreadable",)),
    ],
)
def test_read_time(text: str, at: datetime | None, flags: tuple[DateFlag, ...]) -> None:
    assert read_time(f" {text} ") == ReadTime(at=at, raw=text[:100], flags=flags)


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_a_missing_time_is_never_now(text: str | None) -> None:
    assert read_time(text) == ReadTime(at=None, raw=None, flags=("missing",))


@given(st.one_of(st.text(), st.datetimes().map(str), st.from_regex(r"[0-9T:+Z. -]{4,30}")))
def test_read_time_gives_utc_or_a_reason(text: str) -> None:
    read = read_time(text)
    assert read.flags if read.at is None else read.at.tzinfo is UTC


NOW = utc(2026, 11, 23, 10)


@pytest.mark.parametrize(
    ("ahead", "at", "flags"),
    [
        (timedelta(0), NOW, ()),
        (timedelta(hours=-1), NOW - timedelta(hours=1), ()),
        (timedelta(minutes=10), NOW, ()),
        (timedelta(minutes=11), NOW, ("future",)),
    ],
)
def test_no_publication_lies_in_the_future(
    ahead: timedelta, at: datetime, flags: tuple[DateFlag, ...]
) -> None:
    read = ReadTime(at=NOW + ahead, raw="x", flags=("no_time_zone",))
    assert clamp_published(read, NOW) == (at, ("no_time_zone", *flags))


def test_a_missing_publication_stays_missing() -> None:
    assert clamp_published(read_time(None), NOW) == (None, ("missing",))

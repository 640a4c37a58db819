"""Rechecks in the state file: whose turn it is, and what the looks say of a site."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.feeds.feed_record import FeedRecord, RecheckRow
from producers.feeds.feed_state import FeedState
from producers.feeds.feed_tables import HOST
from producers.feeds.site_outage import SiteSigns

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FEED = FeedRecord(
    feed_id="https://p.example/feed", url="https://p.example/feed", source_id="p",
    last_success_at=NOW,
)  # fmt: skip


def row(number: int, *, host: str = "p.example", source_id: str = "p") -> RecheckRow:
    return RecheckRow(
        article_id=str(number), key=str(number), source_id=source_id,
        url=f"https://{host}/news/{number}", first_seen_at=NOW, due_at=NOW + number * MINUTE,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cluster.feeds.sqlite"


@pytest.fixture
def state(path: Path) -> Iterator[FeedState]:
    with FeedState(path) as opened:
        yield opened


def due(state: FeedState, **conditions: object) -> list[str]:
    found = state.due_rechecks(NOW + DAY, **conditions)  # type: ignore[arg-type]  # by name
    return [each.article_id for each in found]


def test_hundreds_of_due_looks_of_a_busy_host_do_not_hide_the_others(state: FeedState) -> None:
    rows = [row(number, host="slow.example:81") for number in range(300)]
    state.commit_poll(FEED, rechecks=[*rows, row(900), row(901, host="slow.example")])
    assert due(state, limit=2) == ["0", "1"]
    assert due(state, busy_hosts={"slow.example:81"}, limit=2) == ["900", "901"]
    assert due(state, busy_hosts={"slow.example:81", "p.example"}) == ["901"]


def test_looks_of_sources_that_are_not_wanted_wait(state: FeedState) -> None:
    rows = [row(number, source_id="paused") for number in range(300)]
    state.commit_poll(FEED, rechecks=[*rows, row(900)])
    assert due(state, sources=["p", "q"], limit=2) == ["900"]
    assert due(state, sources=[]) == []
    assert due(state, sources=["paused"], limit=2) == ["0", "1"]
    assert len(state.due_rechecks(NOW + 9 * MINUTE, limit=99)) == 10


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z0-9.-]{1,20}(:[0-9]{1,5})?", fullmatch=True),
    st.from_regex(r"(/[a-z:/?=.]{0,20})?", fullmatch=True),
)
def test_the_host_of_a_row_is_that_of_its_address(scheme: str, host: str, path: str) -> None:
    url = f"{scheme}://{host}{path}"
    connection = sqlite3.connect(":memory:")
    (found,) = connection.execute(f"SELECT {HOST} FROM (SELECT ? AS url)", [url]).fetchone()  # noqa: S608
    connection.close()
    assert found == urlsplit(url).netloc


def test_a_source_off_the_list_is_forgotten_when_its_looks_are_overdue(state: FeedState) -> None:
    gone = [row(number, source_id="gone") for number in (1, 2, 3)]
    state.commit_poll(FEED, rechecks=[*gone, row(4)])
    state.update_recheck("1", gone[0], outcome="held", at=NOW)
    assert state.forget_rechecks(["p"], due_before=NOW + 3 * MINUTE) == 2
    assert due(state) == ["3", "4"]
    assert state.held_counts() == {}
    assert state.forget_rechecks(["p", "gone"], due_before=NOW + DAY) == 0


def look(state: FeedState, number: int, outcome: str, *, at: datetime, host: str = "p.example"):
    each = row(number, host=host)
    state.update_recheck(each.article_id, each, outcome=outcome, at=at)  # type: ignore[arg-type]


def test_signs_of_a_site_are_the_last_looks_at_its_other_articles(state: FeedState) -> None:
    state.save_feed(FEED)
    for number, outcome in enumerate(("there", "gone", "held", "there")):
        look(state, number, outcome, at=NOW)
    look(state, 3, "gone", at=NOW + MINUTE)
    look(state, 4, "gone", at=NOW - MINUTE)
    look(state, 5, "gone", at=NOW, host="other.example")
    assert state.site_signs(row(1), since=NOW) == SiteSigns(
        is_feed_read=True, there_count=1, gone_count=2, held_count=1
    )
    assert state.site_signs(row(9), since=NOW + MINUTE / 2) == SiteSigns(
        is_feed_read=False, gone_count=1
    )


def test_a_look_that_told_nothing_leaves_what_was_known_and_the_last_look_takes_it_away(
    state: FeedState,
) -> None:
    look(state, 1, "held", at=NOW)
    state.update_recheck("1", replace(row(1), failure_count=3))
    assert state.held_counts() == {"p": 1}
    state.update_recheck("1", None)
    state.update_recheck("1", row(1))
    assert state.held_counts() == {}


@pytest.mark.parametrize(
    ("feeds", "is_feed_read"),
    [
        ([], True),
        ([FEED], True),
        ([replace(FEED, error_count=1)], False),
        ([replace(FEED, last_success_at=NOW - MINUTE)], False),
        ([replace(FEED, last_success_at=None)], False),
        ([replace(FEED, error_count=1), replace(FEED, feed_id="b")], True),
        ([replace(FEED, error_count=1), replace(FEED, feed_id="b", source_id="q")], False),
    ],
)
def test_a_feed_of_the_source_tells_that_the_site_is_up(
    state: FeedState, feeds: list[FeedRecord], is_feed_read: bool
) -> None:
    for feed in feeds:
        state.save_feed(feed)
    assert state.site_signs(row(1), since=NOW).is_feed_read is is_feed_read


def test_a_file_without_looks_can_be_looked_on_and_is_brought_up_to_date(path: Path) -> None:
    with FeedState(path) as state:
        state.update_recheck("1", row(1))
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TRIGGER look_ends; DROP TABLE look; DROP INDEX recheck_due;"
        "CREATE INDEX recheck_by_due ON recheck (due_at)"
    )
    connection.close()
    with FeedState(path, is_read_only=True) as state:
        assert state.held_counts() == {}
    with FeedState(path) as state:
        assert due(state) == ["1"]
        look(state, 1, "held", at=NOW)
        assert state.held_counts() == {"p": 1}

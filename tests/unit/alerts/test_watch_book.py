"""Watches in force follow the topic; a query that cannot be read is loud and harmless."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from grouped_articles import grouped, watch
from sample_records import at

from dateline.alert_records import Channel, Watch
from dateline.watches.article_view import view_article
from dateline.watches.watchlist import WatchChange, Watchlist, record_key
from processors.alerts.watch_book import WatchBook

CHANNEL = Channel(channel_id="w", kind="email", created_at=at(0))


def change(record: Watch | Channel) -> WatchChange:
    return WatchChange(key=record_key(record), record=record)


def matching(book: WatchBook) -> list[str]:
    view = view_article(grouped())
    assert view is not None
    return [found.watch_id for found, _ in book.match(view)]


@pytest.fixture
def book() -> WatchBook:
    book = WatchBook()
    book.apply(change(watch("z", "pier")))
    book.apply(change(watch("w", "pier")))
    return book


def test_matches_come_in_the_order_of_ids(book: WatchBook) -> None:
    assert matching(book) == ["w", "z"]
    assert len(book) == 2


@pytest.mark.parametrize(
    "taken_away",
    [
        pytest.param(change(watch("w", "pier", is_active=False)), id="not-active"),
        pytest.param(WatchChange(key="w", record=None), id="no-value"),
        pytest.param(change(watch("w", "harbour")), id="another-query"),
    ],
)
def test_watch_can_be_taken_out_of_force(book: WatchBook, taken_away: WatchChange) -> None:
    book.apply(taken_away)

    assert matching(book) == ["z"]


def test_channels_do_not_touch_watches(book: WatchBook) -> None:
    book.apply(change(CHANNEL))
    book.apply(change(replace(CHANNEL, is_active=False)))
    book.apply(WatchChange(key="channel:w", record=None))

    assert matching(book) == ["w", "z"]


def test_query_that_cannot_be_read_is_an_alarm_and_replaces_the_old(
    book: WatchBook, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        book.apply(change(watch("w", "(never closed")))

    assert "ALARM alerts: watch w is not in force" in caplog.text
    assert matching(book) == ["z"]
    assert book.find("w") is None


def test_watchlist_keeps_the_last_record_of_each_key() -> None:
    found = Watchlist()
    for record in (watch("w", "pier"), CHANNEL, watch("w", "harbour")):
        found.apply(change(record))
    assert found.watches["w"].query == "harbour"
    assert found.channels == {"w": CHANNEL}

    found.apply(WatchChange(key="channel:w", record=None))
    found.apply(WatchChange(key="w", record=None))
    assert (found.watches, found.channels) == ({}, {})

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.records import RightsSignal
from producers.feed_document import FeedDocument, FeedItem, FeedKind
from producers.feeds.feed_record import Cursor, SeenItem
from producers.feeds.item_identity import fingerprint, item_key
from producers.feeds.select_items import Selection, select_items
from producers.parsed import ParsedArticle
from producers.url_twins import article_url

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# The goal holds on the machine of the benchmarks; what squares does not pass on any.
SLOW_MACHINE = 3
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = "The council voted on Monday to keep the old bridge open to walkers until the spring. " * 2


def item(url: str | None = None, **keys: Any) -> FeedItem:
    article = {"body": "Text.", "media_type": "text/plain", "is_alone": False, "url": url} | keys
    return FeedItem(article=ParsedArticle(**article), has_full_text=True)


def numbered(number: int, **keys: Any) -> FeedItem:
    return item(f"https://p.example/{number}", **keys)


class Feed:
    """What the poller does around ``select_items``: it remembers what was acknowledged."""

    def __init__(self, *, kind: FeedKind = "rss") -> None:
        self.kind: FeedKind = kind
        self.seen: dict[str, SeenItem] = {}
        self.cursor: Cursor | None = None
        self.is_first = True
        self.now = NOW

    def look(self, items: Iterable[FeedItem], *, cap: int = 100) -> Selection:
        return select_items(
            FeedDocument(kind=self.kind, items=tuple(items)),
            seen=self.seen,
            cursor=self.cursor,
            now=self.now,
            cap=cap,
            is_first_poll=self.is_first,
        )

    def poll(self, items: Iterable[FeedItem], *, cap: int = 100) -> Selection:
        selection = self.look(items, cap=cap)
        self.seen |= {row.key: row for row in selection.seen_updates}
        self.seen |= {
            alias.guid: self.seen[alias.key]
            for alias in selection.aliases
            if alias.guid not in self.seen
        }
        self.cursor, self.is_first = selection.cursor, False
        self.now += timedelta(minutes=1)
        return selection


def keys(selection: Selection) -> list[str]:
    return [each.key for each in selection.new]


def changed(selection: Selection) -> list[str]:
    return [each.key for each in selection.changed]


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def running(feed: Feed) -> Feed:
    feed.poll([numbered(0, updated_at=NOW - HOUR)])
    return feed


def test_first_poll_is_backfill_oldest_first(feed: Feed) -> None:
    selection = feed.poll(
        [numbered(1, published_at=NOW), numbered(2, published_at=NOW - DAY), numbered(3)]
    )
    assert keys(selection) == [f"https://p.example/{n}" for n in (2, 3, 1)]
    assert all(each.is_backfill for each in selection.new)
    assert selection.cursor == Cursor(at=NOW, key="https://p.example/1")


def test_second_poll_is_live(running: Feed) -> None:
    selection = running.poll([numbered(1), numbered(0, updated_at=NOW - HOUR)])
    assert [(each.key, each.is_backfill) for each in selection.new] == [
        ("https://p.example/1", False)
    ]
    assert selection.unchanged_count == 1


def test_nothing_is_remembered_before_it_is_committed(feed: Feed) -> None:
    items = [numbered(1), numbered(2)]
    assert feed.look(items) == feed.look(items)


def test_entries_of_equal_time_are_all_taken(running: Feed) -> None:
    at = NOW - HOUR
    first = running.poll([numbered(1, updated_at=at)])
    second = running.poll([numbered(n, updated_at=at) for n in range(5)])
    assert keys(first) == ["https://p.example/1"]
    assert sorted(keys(second)) == [f"https://p.example/{n}" for n in (2, 3, 4)]


def test_late_entry_with_an_earlier_time_is_taken(running: Feed) -> None:
    running.poll([numbered(1, updated_at=NOW)])
    selection = running.poll([numbered(2, updated_at=NOW - 20 * DAY)])
    assert keys(selection) == ["https://p.example/2"]
    assert not selection.new[0].is_backfill


def test_guids_that_all_change_give_nothing_new(running: Feed) -> None:
    running.poll([numbered(n, guid=f"http://old/{n}") for n in range(1, 30)])
    selection = running.poll([numbered(n, guid=f"https://new/{n}") for n in range(1, 30)])
    assert (selection.new, selection.changed, selection.unchanged_count) == ((), (), 29)


def test_two_entries_with_one_guid_are_two(running: Feed) -> None:
    selection = running.poll([numbered(n, guid="same") for n in (1, 2)])
    assert sorted(keys(selection)) == ["https://p.example/1", "https://p.example/2"]


def test_twins_and_tracking_parameters_are_one_entry(running: Feed) -> None:
    selection = running.poll(
        [
            item("https://p.example/a?utm_source=rss"),
            item("http://p.example/a"),
            item("https://m.p.example/a"),
        ]
    )
    assert keys(selection) == ["https://p.example/a"]
    assert selection.duplicate_count == 2


def test_later_version_of_one_key_in_one_document_counts(running: Feed) -> None:
    versions = [numbered(1, body=f"v{n}", updated_at=NOW - n * HOUR) for n in (2, 0, 1)]
    selection = running.poll(versions)
    assert [each.item.article.body for each in selection.new] == ["v0"]
    assert selection.duplicate_count == 2


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Other"},
        {"summary": "Other"},
        {"body": "Other"},
        {"updated_at": NOW},
        {"pub_status": "canceled"},
        {"rights_signals": (RightsSignal(layer="feed", field="dc:rights", value="CC BY 4.0"),)},
    ],
)
def test_edit_is_taken_once(running: Feed, edit: dict[str, Any]) -> None:
    running.poll([numbered(1)])
    assert changed(running.poll([numbered(1, **edit)])) == ["https://p.example/1"]
    again = running.poll([numbered(1, **edit)])
    assert (again.new, again.changed, again.unchanged_count) == ((), (), 1)


def test_guid_alone_is_no_edit() -> None:
    assert fingerprint(item("https://a.example/", guid="1").article) == fingerprint(
        item("https://a.example/", guid="2").article
    )


def test_key_is_address_then_guid_then_text() -> None:
    assert item_key(item("HTTPS://P.example:443/a#x", guid="g").article) == "https://p.example/a"
    assert item_key(item("mailto:a@p.example", guid=" urn:1 ").article) == "urn:1"
    text = item_key(item(None, guid=" ").article)
    assert text is not None
    assert text.startswith("sha256:")
    assert item_key(item(None, body="").article) is None


def test_entry_without_identity_is_counted(running: Feed) -> None:
    assert running.poll([item(None, body="")]).nameless_count == 1


def test_changed_guid_without_address_is_known_by_its_text(running: Feed) -> None:
    running.poll([item(guid="old", body=LONG)])
    moved = running.poll([item(guid="new", body=LONG)])
    assert (moved.new, moved.unchanged_count) == ((), 1)
    assert [(alias.guid, alias.key) for alias in moved.aliases] == [("new", "old")]
    assert changed(running.poll([item(guid="new", body=LONG + "More.")])) == ["old"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([{"guid": "a"}], [{"guid": "b"}], id="short"),
        pytest.param(
            [{"guid": "a", "body": LONG}],
            [{"guid": "a", "body": LONG}, {"guid": "b", "body": LONG}],
            id="both-there",
        ),
        pytest.param(
            [{"guid": "a", "body": LONG, "published_at": NOW - DAY}],
            [{"guid": "b", "body": LONG, "published_at": NOW - HOUR}],
            id="other-time",
        ),
    ],
)
def test_same_text_may_be_another_entry(
    running: Feed, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    running.poll([item(**each) for each in before])
    assert keys(running.poll([item(**each) for each in after])) == ["b"]


def test_left_over_entries_come_next_and_keep_their_origin(feed: Feed) -> None:
    old = [numbered(n, published_at=NOW - n * DAY) for n in range(10)]
    first = feed.poll(old, cap=4)
    assert keys(first) == [f"https://p.example/{n}" for n in (9, 8, 7, 6)]
    assert (first.left_over_count, first.is_backlog, first.pending_count) == (6, True, 6)
    second = feed.poll([numbered(11, published_at=NOW), *old], cap=4)
    assert [(each.key[-2:], each.is_backfill) for each in second.new] == [
        ("11", False), ("/5", True), ("/4", True), ("/3", True),
    ]  # fmt: skip
    third = feed.poll(old, cap=4)
    assert keys(third) == [f"https://p.example/{n}" for n in (2, 1, 0)]
    assert (third.left_over_count, third.is_backlog) == (0, False)


def test_backlog_and_edits_do_not_starve_while_news_floods(feed: Feed) -> None:
    old = [numbered(n, published_at=NOW - DAY) for n in range(8)]
    feed.poll(old, cap=4)
    edited = [replace(each, article=replace(each.article, body="New.")) for each in old[6:]]
    flood = [numbered(100 + n, published_at=NOW) for n in range(40)]
    taken = [feed.poll([*old[:6], *edited, *flood], cap=8) for _ in range(2)]
    assert [len(selection.new) + len(selection.changed) for selection in taken] == [8, 8]
    assert [len(selection.changed) for selection in taken] == [2, 0]
    assert [sum(each.is_backfill for each in selection.new) for selection in taken] == [2, 2]


def test_withdrawal_comes_before_other_edits(running: Feed) -> None:
    running.poll([numbered(n) for n in range(1, 9)])
    edits = [numbered(n, body="New.") for n in range(1, 8)]
    selection = running.poll([*edits, numbered(8, body="", pub_status="canceled")], cap=4)
    assert changed(selection)[0] == "https://p.example/8"


def test_old_unseen_entry_of_a_feed_is_backfill(running: Feed) -> None:
    selection = running.poll([numbered(1, updated_at=NOW - 400 * DAY)])
    assert [each.is_backfill for each in selection.new] == [True]


def test_old_unseen_entry_of_a_sitemap_is_not_new() -> None:
    sitemap = Feed(kind="sitemap")
    sitemap.poll([numbered(0, updated_at=NOW - HOUR)])
    selection = sitemap.poll([numbered(1, updated_at=NOW - 31 * DAY), numbered(2)])
    assert (keys(selection), selection.expired_count) == (["https://p.example/2"], 1)
    newer = sitemap.poll([numbered(1, updated_at=NOW - HOUR)])
    assert keys(newer) == ["https://p.example/1"]


def test_sitemap_with_dates_that_are_all_wrong_loses_nothing() -> None:
    sitemap = Feed(kind="sitemap")
    wrong = datetime(2015, 1, 1, tzinfo=UTC)
    sitemap.poll([numbered(0, updated_at=wrong)])
    assert keys(sitemap.poll([numbered(1, updated_at=wrong)])) == ["https://p.example/1"]


def test_entries_published_during_a_long_pause_are_new() -> None:
    sitemap = Feed(kind="sitemap")
    sitemap.poll([numbered(0, updated_at=NOW)])
    sitemap.now += 90 * DAY
    assert keys(sitemap.poll([numbered(1, updated_at=NOW + 10 * DAY)])) == ["https://p.example/1"]


def test_date_in_the_future_does_not_move_the_cursor_beyond_now(running: Feed) -> None:
    now = running.now
    selection = running.poll([numbered(1, published_at=NOW + 5000 * DAY)])
    assert selection.cursor == Cursor(at=now, key="https://p.example/1")
    assert keys(running.poll([numbered(2, published_at=NOW)])) == ["https://p.example/2"]


def test_cursor_never_goes_back(running: Feed) -> None:
    before = running.cursor
    assert running.poll([]).cursor == before
    assert running.poll([numbered(5, updated_at=NOW - 9 * DAY)]).cursor == before


def test_page_whose_lastmod_is_always_now_is_fetched_once_an_hour() -> None:
    sitemap = Feed(kind="sitemap")
    sitemap.poll([numbered(0, body="", updated_at=NOW)])
    taken = deferred = 0
    for minute in range(1, 181):
        at = NOW + timedelta(minutes=minute)
        selection = sitemap.poll([numbered(0, body="", updated_at=at)])
        taken += len(selection.changed)
        deferred += selection.deferred_count
        assert selection.pending_count == selection.deferred_count
    assert (taken, deferred) == (3, 177)


def test_rows_of_unchanged_entries_are_written_once_a_day(running: Feed) -> None:
    items = [numbered(n) for n in range(1, 4)]
    running.poll(items)
    assert running.poll(items).seen_updates == ()
    running.now += DAY
    rows = running.poll(items).seen_updates
    assert len(rows) == 3
    assert all(row.last_seen_at > NOW + DAY > row.first_seen_at for row in rows)


def test_lone_surrogates_and_nul_do_no_harm(running: Feed) -> None:
    items = [item(guid="\ud800\x00", title="\udfff"), item(guid="g" * 10**6), item("\ud800")]
    selection = running.poll(items)
    assert all(key.encode() and len(key) <= 1024 for key in keys(selection))
    assert len(running.poll(items).new) == 0
    assert len(selection.new) == 3


@given(
    st.from_regex(
        r"https://(m\.|amp\.|www\.)?(google\.com|[a-z.-]{1,9})(\.[a-z]{1,3}|:443)?"
        r"/(amp/)?[a-zA-Z0-9/._~%?=&# -]{0,12}(amp|amp/|\.amp\.html)?"
        r"(\?(id|amp|fbclid|utm_id|outputtype|outputType|a1)=[a-z0-9%+]{0,4}(&[a-z]{0,4}=?[a-z]?)?)?",
        fullmatch=True,
    )
)
def test_key_of_any_address_is_that_of_the_article(url: str) -> None:
    assert item_key(item(url, body="").article) == article_url(url)


@pytest.mark.parametrize("is_first", [True, False])
def test_fifty_thousand_entries_take_less_than_half_a_second(is_first: bool) -> None:
    sitemap = Feed(kind="sitemap")
    items = [
        numbered(n, body="", updated_at=NOW - timedelta(minutes=n % 5000)) for n in range(50_000)
    ]
    if not is_first:
        sitemap.poll(items, cap=50_000)
    times = []
    for _ in range(3):
        start = time.process_time()
        selection = sitemap.look(items)
        times.append(time.process_time() - start)
    assert len(selection.new) == (100 if is_first else 0)
    assert min(times) < 0.5 * SLOW_MACHINE


entries = st.lists(
    st.tuples(
        st.integers(0, 14),
        st.integers(0, 2),
        st.none() | st.integers(0, 60 * 24 * 60),
    ),
    max_size=15,
    unique_by=lambda entry: entry[0],
)


@given(st.lists(entries, max_size=6), st.integers(1, 9), st.randoms(use_true_random=False))
def test_every_version_that_stays_is_selected_exactly_once(
    documents: list[list[tuple[int, int, int | None]]], cap: int, order: random.Random
) -> None:
    feed, taken, wanted = Feed(), Counter[tuple[str, str]](), set[tuple[str, str]]()
    for document in documents:
        items = [
            numbered(
                number,
                body=f"version {version}",
                published_at=None if age is None else NOW - timedelta(minutes=age),
            )
            for number, version, age in document
        ]
        before = {key: row.fingerprint for key, row in feed.seen.items()}
        for each in items:
            key, version_hash = item_key(each.article), fingerprint(each.article)
            if key is not None and before.get(key) != version_hash:
                wanted.add((key, version_hash))
        # It stays until all are taken, in ever another order.
        for _ in range(len(items) // cap + 2):
            order.shuffle(items)
            selection = feed.poll(items, cap=cap)
            chosen = [*selection.new, *selection.changed]
            assert len(chosen) <= cap
            taken.update((each.key, fingerprint(each.item.article)) for each in chosen)
        assert selection.pending_count == 0
        assert wanted <= set(taken)
        assert set(taken.values()) <= {1}
        # Another document may bring an old version back: that is a version again.
        taken.clear()
        wanted.clear()


@given(st.lists(entries, min_size=1, max_size=12), st.integers(1, 9))
def test_no_version_is_taken_twice_in_a_row_however_documents_follow(
    documents: list[list[tuple[int, int, int | None]]], cap: int
) -> None:
    feed = Feed()
    last: dict[str, str] = {}
    for document in documents:
        selection = feed.poll(
            (
                numbered(n, body=str(v), published_at=None if a is None else NOW - a * HOUR)
                for n, v, a in document
            ),
            cap=cap,
        )
        for each in [*selection.new, *selection.changed]:
            version = fingerprint(each.item.article)
            assert last.get(each.key) != version
            last[each.key] = version

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import ConfigError
from dateline.settings import load_settings
from producers.feeds.feed_record import FeedRecord, GuidAlias, RecheckRow, SeenItem
from producers.feeds.feed_state import FeedState, feeds_state_path
from producers.feeds.feed_tables import from_epoch, to_epoch

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
ROOT = Path(__file__).resolve().parents[3]
URL = "https://p.example/feed"
FEED = FeedRecord(feed_id=URL, url=URL, source_id="p.example")
WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_feed_state import write_polls
write_polls(Path(sys.argv[1]))
"""


def seen(key: str, **keys: Any) -> SeenItem:
    given: dict[str, Any] = {"fingerprint": "f", "first_seen_at": NOW, "last_seen_at": NOW}
    return SeenItem(key=key, **(given | keys))


def recheck(number: int, **keys: Any) -> RecheckRow:
    given: dict[str, Any] = {"first_seen_at": NOW, "due_at": NOW + timedelta(minutes=number)}
    return RecheckRow(
        article_id=str(number), key=str(number), source_id="p", url=f"{URL}/{number}",
        **(given | keys),
    )  # fmt: skip


def write_polls(path: Path) -> None:
    """Write polls for ever; say each number once it is written."""
    with FeedState(path) as state:
        known = state.feed(URL) or FEED
        while True:
            number = known.poll_count
            known = replace(known, poll_count=number + 1)
            state.commit_poll(
                known,
                seen=[seen(f"{number}-{part}") for part in range(20)],
                aliases=[GuidAlias(guid=f"g{number}", key=f"{number}-0")],
                rechecks=[recheck(number)],
            )
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "producer" / "cluster.feeds.sqlite"


def test_state_survives_kills_as_a_prefix_of_what_was_written(path: Path) -> None:
    here = Path(__file__).parent
    chance = random.Random(7)  # noqa: S311 (the moments of the kills)
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(here)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        deadline = time.monotonic() + chance.uniform(0, 0.3)
        said = [child.stdout.readline()]
        while time.monotonic() < deadline:
            said.append(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        child.wait()
        said += child.stdout.readlines()
        child.stdout.close()
        last = max(int(line) for line in said if line.endswith(b"\n"))
        with FeedState(path) as state:
            record = state.feed(URL)
            assert record is not None
            count = record.poll_count
            assert count > last
            keys = {f"{number}-{part}" for number in range(count) for part in range(20)}
            assert set(state.seen(URL)) == keys | {f"g{number}" for number in range(count)}
            later = NOW + 9999 * DAY
            numbers = {str(number) for number in range(count)}
            assert {row.article_id for row in state.due_rechecks(later, limit=10**6)} == numbers


def filled(record: FeedRecord | RecheckRow) -> dict[str, Any]:
    """Return a value other than the default for every field."""
    samples = {
        "int": 7, "float | None": 2.5, "bool": True, "str": "x", "str | None": "é\x00",
        "bytes": b"\x00",
        "datetime": NOW, "datetime | None": NOW, "int | None": 9, "FeedStatus": "retired",
        "FeedKind | None": "atom", "Literal['page', 'feed']": "feed",
        'Literal["page", "feed"]': "feed",
    }  # fmt: skip
    return {field.name: samples[str(field.type)] for field in fields(record)}


def test_every_field_of_a_feed_is_kept(path: Path) -> None:
    record = FeedRecord(**filled(FEED) | {"is_validator_trusted": False})
    with FeedState(path) as state:
        state.save_feed(record)
        state.save_feed(FEED)
    with FeedState(path) as state:
        assert state.feed("x") == record
        assert state.feed(URL) == FEED
        assert state.feed("unknown") is None
        assert state.feeds() == sorted([FEED, record], key=lambda each: each.source_id)


def test_every_field_of_a_recheck_is_kept(path: Path) -> None:
    row = RecheckRow(**filled(recheck(1)))
    with FeedState(path) as state:
        state.update_recheck("x", row)
        assert state.recheck("x") == row
        state.update_recheck("x", replace(row, step=2, is_killed=False))
        assert state.recheck("x") == replace(row, step=2, is_killed=False)
        state.update_recheck("x", None)
        assert state.recheck("x") is None


def test_items_are_kept_by_feed(path: Path) -> None:
    item = seen("k", item_at=NOW - DAY, taken_at=NOW, text_sha256="t")
    waiting = seen("w", fingerprint="", is_backfill=True)
    other = replace(FEED, feed_id="other")
    with FeedState(path) as state:
        state.commit_poll(FEED, seen=[item, waiting])
        state.commit_poll(other, seen=[seen("k", fingerprint="g")])
        assert state.seen(URL) == {"k": item, "w": waiting}
        assert state.seen("other")["k"].fingerprint == "g"
        assert state.seen("unknown") == {}
        state.commit_poll(FEED, seen=[replace(item, fingerprint="h")])
        assert state.seen(URL)["k"].fingerprint == "h"


def test_entry_is_found_by_its_latest_guid(path: Path) -> None:
    with FeedState(path) as state:
        state.commit_poll(FEED, seen=[seen("a")], aliases=[GuidAlias(guid="b", key="a")])
        assert state.seen(URL) == {"a": seen("a"), "b": seen("a")}
        state.commit_poll(FEED, aliases=[GuidAlias(guid="c", key="a")])
        assert set(state.seen(URL)) == {"a", "c"}


def test_text_that_is_no_unicode_can_be_kept(path: Path) -> None:
    with FeedState(path) as state:
        state.save_feed(replace(FEED, title="\ud800", last_error="\udfff"))
        record = state.feed(URL)
    assert record is not None
    assert record.title == "\\ud800"


def test_failed_commit_changes_nothing(path: Path) -> None:
    with FeedState(path) as state:
        state.commit_poll(FEED, seen=[seen("a")])
        broken = replace(recheck(1), url=object())  # type: ignore[arg-type]  # cannot be stored
        with pytest.raises(sqlite3.Error):
            state.commit_poll(
                replace(FEED, poll_count=9), seen=[seen("b")], rechecks=[recheck(2), broken]
            )
        assert state.feed(URL) == FEED
        assert set(state.seen(URL)) == {"a"}
        assert state.next_recheck_at() is None
        state.commit_poll(FEED, seen=[seen("c")])
        assert set(state.seen(URL)) == {"a", "c"}


def test_rechecks_are_due_in_order(path: Path) -> None:
    with FeedState(path) as state:
        state.commit_poll(FEED, rechecks=[recheck(number) for number in (3, 1, 2)])
        assert state.next_recheck_at() == recheck(1).due_at
        due = state.due_rechecks(NOW + timedelta(minutes=2))
        assert [row.article_id for row in due] == ["1", "2"]
        assert len(state.due_rechecks(NOW + DAY, limit=1)) == 1


def test_forgotten_feed_leaves_nothing(path: Path) -> None:
    with FeedState(path) as state:
        state.commit_poll(FEED, seen=[seen("a")], aliases=[GuidAlias(guid="b", key="a")])
        state.forget_feed(URL)
        state.forget_feed("unknown")
        assert state.feed(URL) is None
        state.save_feed(FEED)
        assert state.seen(URL) == {}


def test_pruning_forgets_what_left_the_feed_and_lies_below_the_cursor(path: Path) -> None:
    record = replace(FEED, last_success_at=NOW, cursor_at=NOW)
    old, new = NOW - 31 * DAY, NOW - 29 * DAY
    items = [
        seen("left", last_seen_at=old, item_at=old),
        seen("still there", last_seen_at=new, item_at=old),
        seen("left, near the cursor", last_seen_at=old, item_at=new),
        seen("left, without a time", last_seen_at=old),
        seen("left long ago, without a time", last_seen_at=NOW - 181 * DAY),
    ]
    with FeedState(path) as state:
        state.commit_poll(record, seen=items, aliases=[GuidAlias(guid="g", key="left")])
        assert state.prune(URL) == 2
        assert set(state.seen(URL)) == {items[n].key for n in (1, 2, 3)}
        assert state.prune(URL) == 0
        assert state.prune("unknown") == 0


def test_pause_of_months_forgets_nothing(path: Path) -> None:
    before = NOW - 200 * DAY
    record = replace(FEED, last_success_at=before, cursor_at=before, last_poll_at=NOW)
    with FeedState(path) as state:
        state.commit_poll(record, seen=[seen("a", last_seen_at=before, item_at=before)])
        assert state.prune(URL) == 0


def test_growth_is_bounded_by_pruning(path: Path) -> None:
    sizes = {}
    with FeedState(path) as state:
        for day in range(120):
            now = NOW + day * DAY
            record = replace(FEED, last_success_at=now, cursor_at=now)
            items = [
                seen(f"https://p.example/{day}/{n}", last_seen_at=now, item_at=now)
                for n in range(50)
            ]
            state.commit_poll(record, seen=items)
            state.prune(URL)
            sizes[day] = len(state.seen(URL))
    assert sizes[119] == sizes[40] == 31 * 50


def test_readers_look_on_while_a_poller_writes(path: Path) -> None:
    with FeedState(path) as writer:
        writer.save_feed(FEED)
        with FeedState(path, is_read_only=True) as reader:
            writer._connection.execute("BEGIN IMMEDIATE")
            assert reader.feeds() == [FEED]
            writer._connection.execute("ROLLBACK")
            writer.save_feed(replace(FEED, poll_count=1))
            assert reader.feeds()[0].poll_count == 1
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader.save_feed(FEED)
    with FeedState(path, is_read_only=True) as reader:
        assert len(reader.feeds()) == 1


def test_reader_of_a_missing_file_is_told_so_and_makes_none(path: Path) -> None:
    with pytest.raises(ConfigError, match="No feed was polled yet"):
        FeedState(path, is_read_only=True)
    assert not path.exists()


@pytest.mark.parametrize("is_read_only", [False, True])
def test_damaged_file_is_refused(path: Path, is_read_only: bool) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, and long enough to be sure" * 100)
    with pytest.raises(ConfigError) as caught:
        FeedState(path, is_read_only=is_read_only)
    assert str(caught.value) == (
        f"feed state {path} cannot be used: file is not a database. Move the file away:"
        " every feed is read anew, as backfill; nothing is sent twice."
    )


def test_newer_version_is_refused(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=9")
    connection.close()
    with pytest.raises(ConfigError, match="has version 9, this Dateline knows 1"):
        FeedState(path)


def test_state_file_stands_beside_that_of_what_was_sent(tmp_path: Path) -> None:
    plain = load_settings(environ={}, assignments=[f"project.state_dir={tmp_path}"])
    other = load_settings(
        environ={}, assignments=[f"project.state_dir={tmp_path}", "project.namespace=x"]
    )
    assert feeds_state_path(plain, "abc") == tmp_path / "producer" / "abc.feeds.sqlite"
    assert feeds_state_path(other, "abc") == tmp_path / "producer" / "abc.x.feeds.sqlite"


@given(st.datetimes(timezones=st.just(UTC)))
def test_time_is_kept_to_the_microsecond(at: datetime) -> None:
    assert from_epoch(to_epoch(at)) == at

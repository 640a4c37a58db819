"""The list of feeds, how they do, and what changes the list."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cli_doubles import console, invoke, written
from click.testing import Result

from dateline.cli import source_files
from dateline.cli.source_files import change_list, state_file
from dateline.cli.source_rows import (
    SourceRow,
    ago,
    silent_since,
    source_rows,
    totals,
    until,
)
from dateline.cli.sources import chosen_candidates, sources
from dateline.cli.sources_view import print_discovery, print_rows, totals_line
from dateline.errors import BrokerUnavailable, ConfigError
from dateline.records import RightsSignal
from dateline.settings import FeedsSettings, FetchSettings, ProjectSettings, Settings
from dateline.topic_reader import TopicReader
from producers.feeds.candidate import Candidate
from producers.feeds.discover import Discovery, Problem
from producers.feeds.feed_record import FeedRecord, RecheckRow
from producers.feeds.feed_state import FeedState, feeds_state_path
from producers.feeds.pause_source import set_active
from producers.feeds.source_list import SourceConfig, parse_sources

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://coast.example/feed"
LIST = f'# papers\n[[sources]]\nurl = "{URL}"  # the main one\n'


def _minutes(count: float) -> datetime:
    return NOW - timedelta(minutes=count)


def _record(url: str = URL, **changes: Any) -> FeedRecord:
    known = FeedRecord(
        feed_id=url, url=url, source_id="coast.example", kind="rss", poll_count=7,
        last_poll_at=_minutes(3), last_success_at=_minutes(3), last_new_at=_minutes(90),
        next_poll_at=_minutes(-2), interval_seconds=300, mean_gap_seconds=3600, day="2026-11-20",
        articles_today=12, articles_total=1300, is_first_poll_done=True,
    )  # fmt: skip
    return dataclasses.replace(known, **changes)


def _config(url: str = URL, **changes: Any) -> SourceConfig:
    return dataclasses.replace(SourceConfig(url=url, publisher="coast.example"), **changes)


def _settings(folder: Path, **fetch: Any) -> Settings:
    return Settings(
        project=ProjectSettings(state_dir=str(folder / "state")),
        feeds=FeedsSettings(sources_file=str(folder / "sources.toml")),
        fetch=FetchSettings(min_host_delay_seconds=0, **fetch),
    )


def _run(folder: Path, *words: str, **fetch: Any) -> Result:
    return invoke(sources, *words, settings=_settings(folder, **fetch))


def _write_list(folder: Path, text: str = LIST) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _write_state(folder: Path, *records: FeedRecord, cluster: str = "cluster") -> Path:
    path = feeds_state_path(_settings(folder), cluster)
    with FeedState(path) as state:
        for record in records:
            state.commit_poll(record)
    return path


def test_a_polled_feed_has_everything_in_its_row() -> None:
    (row,) = source_rows([_config()], [_record()], now=NOW)

    terminal = console()
    print_rows(terminal, [row], totals([row], now=NOW), now=NOW, shows_removed=False)

    lines = written(terminal).splitlines()
    assert lines[1].split() == (
        f"coast.example {URL} rss active 3 min ago 90 min ago in 2 min - 12 -".split()
    )
    assert lines[-1] == "1 feed of 1 source, 1 active, 12 articles today"


def test_feeds_are_sorted_and_say_what_became_of_them() -> None:
    configs = [
        _config("https://z.example/f", publisher="z.example", kind="atom"),
        _config("https://b.example/f", publisher="b.example", is_active=False),
        _config(),
    ]
    records = [
        _record(),
        _record("https://b.example/f", source_id="b.example"),
        _record("https://gone.example/f", source_id="gone.example"),
        _record("https://z.example/f", source_id="z.example", last_poll_at=None),
    ]

    rows = source_rows(configs, records, now=NOW)

    assert [(row.source_id, row.status) for row in rows] == [
        ("b.example", "paused"), ("coast.example", "active"), ("gone.example", "removed"),
        ("z.example", "waiting"),
    ]  # fmt: skip
    assert rows[0].next_poll_at is None
    assert rows[3].kind == "atom"
    assert totals_line(totals(rows, now=NOW)) == (
        "3 feeds of 3 sources, 1 active, 1 waiting, 1 paused, 24 articles today"
    )


def test_errors_are_counted_with_the_last_one() -> None:
    failing = _record(error_count=3, last_error="HTTP status 503\x1b[2J")

    (row,) = source_rows([_config()], [failing], now=NOW)
    terminal = console()
    print_rows(terminal, [row], totals([row], now=NOW), now=NOW, shows_removed=False)

    assert "3: HTTP status 503␛[2J" in written(terminal)
    assert "1 with errors" in written(terminal)


def test_the_count_of_today_is_zero_on_the_next_day() -> None:
    (row,) = source_rows([_config()], [_record(day="2026-11-19")], now=NOW)

    assert (row.articles_today, row.articles_total) == (0, 1300)


@pytest.mark.parametrize(
    ("gap_hours", "silent_hours", "expected"),
    [
        pytest.param(1, 25, True, id="five gaps and a day"),
        pytest.param(1, 23, False, id="a night"),
        pytest.param(12, 59, False, id="less than five gaps"),
        pytest.param(12, 61, True, id="more than five gaps"),
        pytest.param(None, 999, False, id="no gap is known"),
        pytest.param(1e9, 999, False, id="a gap of ages"),
    ],
)
def test_silent_is_much_longer_than_the_own_gap(
    gap_hours: float | None, silent_hours: float, *, expected: bool
) -> None:
    last_new_at = _minutes(3 + silent_hours * 60)
    record = _record(
        last_new_at=last_new_at,
        mean_gap_seconds=None if gap_hours is None else gap_hours * 3600,
    )

    assert silent_since(record) == (last_new_at if expected else None)


def test_a_poller_that_was_off_makes_no_feed_silent() -> None:
    record = _record(last_new_at=_minutes(60 * 200), last_success_at=_minutes(60 * 199))

    assert silent_since(record) is None


def test_feeds_that_are_due_and_not_polled_mean_that_the_poller_is_away() -> None:
    late = _record(last_poll_at=_minutes(180), next_poll_at=_minutes(175))
    rows = source_rows([_config()], [late], now=NOW)

    terminal = console()
    print_rows(terminal, rows, totals(rows, now=NOW), now=NOW, shows_removed=False)

    assert (
        "Feeds are due, and none was polled since 3 h ago: is `dateline run` running?"
        in written(terminal)
    )


def test_deletions_held_back_are_shown_by_publisher(tmp_path: Path) -> None:
    _write_list(tmp_path)
    with FeedState(_write_state(tmp_path, _record())) as state:
        for number in range(3):
            row = RecheckRow(
                article_id=str(number), key=str(number), source_id="coast.example",
                url=f"https://coast.example/{number}", first_seen_at=NOW, due_at=NOW,
            )  # fmt: skip
            state.update_recheck(row.article_id, row, outcome="held", at=NOW)

    lines = _run(tmp_path).stdout.splitlines()

    assert lines[-1] == (
        "coast.example: 3 articles seem deleted, but so does the site:"
        " held back and looked at again"
    )
    assert json.loads(_run(tmp_path, "--json").stdout)["held_kills"] == {"coast.example": 3}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s ago"), (119, "119 s ago"), (180, "3 min ago"), (7200, "2 h ago"),
        (172_800, "2 d ago"), (-90, "in 90 s"), (-600, "in 10 min"),
    ],
)  # fmt: skip
def test_times_are_relative(seconds: int, expected: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == expected


def test_what_is_due_is_due_now() -> None:
    assert (until(_minutes(1), NOW), until(_minutes(-3), NOW), until(None, NOW)) == (
        "now", "in 3 min", "-",
    )  # fmt: skip


def test_an_empty_list_says_how_to_fill_it(tmp_path: Path) -> None:
    result = _run(tmp_path)

    assert result.exit_code == 0
    assert "No sources are listed in" in result.stdout
    assert "`dateline sources add URL`" in result.stdout


def test_json_has_exact_times_and_needs_no_kafka(tmp_path: Path) -> None:
    _write_list(tmp_path)
    _write_state(tmp_path, _record(), _record("https://old.example/f", source_id="old.example"))

    answer = json.loads(_run(tmp_path, "--json").stdout)

    (feed,) = answer["feeds"]
    assert feed["url"] == URL
    assert feed["last_poll_at"] == "2026-11-20T11:57:00+00:00"
    assert answer["totals"]["by_status"]["removed"] == 1
    assert len(json.loads(_run(tmp_path, "--all", "--json").stdout)["feeds"]) == 2


def test_the_state_is_read_while_a_poller_writes(tmp_path: Path) -> None:
    _write_list(tmp_path)
    path = _write_state(tmp_path, _record())
    writer = sqlite3.connect(path, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE feed SET articles_total = 99")

        answer = json.loads(_run(tmp_path, "--json").stdout)
    finally:
        writer.execute("ROLLBACK")
        writer.close()

    assert answer["feeds"][0]["articles_total"] == 1300


def test_of_several_states_the_one_written_last_counts_without_kafka(tmp_path: Path) -> None:
    paths = [_write_state(tmp_path, _record(), cluster=name) for name in ("a", "b", "c")]
    _write_state(tmp_path, _record(), cluster="other.namespace")
    for number, path in enumerate(paths):
        os.utime(path, (1000 + (number == 1), 1000 + (number == 1)))

    assert state_file(_settings(tmp_path)) == paths[1]


def test_of_several_states_that_of_the_running_kafka_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [_write_state(tmp_path, _record(), cluster=name) for name in ("a", "b")]

    class Reader(TopicReader):
        def __init__(self) -> None:
            super().__init__(None, None)

        def cluster_id(self) -> str:
            return "a"

    @contextmanager
    def opened(_: Settings) -> Iterator[TopicReader]:
        yield Reader()

    monkeypatch.setattr(source_files, "open_reader", opened)

    assert state_file(_settings(tmp_path)) == paths[0]


def test_a_kafka_that_is_away_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        _write_state(tmp_path, _record(), cluster=name)

    @contextmanager
    def away(_: Settings) -> Iterator[TopicReader]:
        raise BrokerUnavailable("away")
        yield

    monkeypatch.setattr(source_files, "open_reader", away)

    assert state_file(_settings(tmp_path)) is not None


def test_check_counts_and_names_the_place_of_an_error(tmp_path: Path) -> None:
    path = _write_list(tmp_path)
    assert f"{path}: 1 feed of 1 publisher; no errors." in _run(tmp_path, "check").stdout

    _write_list(tmp_path, LIST + '[[sources]]\nurl = "ftp://x.example/f"\n')
    result = _run(tmp_path, "check")

    assert isinstance(result.exception, ConfigError)
    assert result.exception.exit_code == 2
    assert "source 2: url" in str(result.exception)


def test_pause_resume_and_remove_keep_the_comments(tmp_path: Path) -> None:
    path = _write_list(tmp_path)

    assert f"{URL} is paused." in _run(tmp_path, "pause", URL).stdout
    assert not parse_sources(path.read_text(), shown="list")[0].is_active
    assert f"{URL} was paused already." in _run(tmp_path, "pause", URL).stdout
    assert f"{URL} is active again." in _run(tmp_path, "resume", URL).stdout
    assert path.read_text() == LIST

    assert f"{URL} is removed from the list." in _run(tmp_path, "remove", URL).stdout
    assert parse_sources(path.read_text(), shown="list") == ()
    assert "# papers" in path.read_text()


@pytest.mark.parametrize("command", ["pause", "resume", "remove"])
def test_an_address_that_is_not_listed_is_an_error(tmp_path: Path, command: str) -> None:
    _write_list(tmp_path)

    result = _run(tmp_path, command, "https://coast.example/other")

    assert isinstance(result.exception, ConfigError)
    assert "https://coast.example/other is not in the source list." in str(result.exception)


@pytest.mark.parametrize(
    "text", [LIST, f'sources = [{{url = "{URL}"}}]\n', LIST.replace("\n", "\r\n")]
)
def test_a_pause_reads_any_form_of_the_list(text: str) -> None:
    paused = set_active(text, "http://coast.example/feed?utm_source=x", is_active=False)

    assert [source.is_active for source in parse_sources(paused, shown="list")] == [False]
    assert set_active(paused, URL, is_active=True).split() == text.split()


def test_a_change_keeps_line_ends_mode_and_symbolic_link(tmp_path: Path) -> None:
    target = tmp_path / "real.toml"
    target.write_bytes(LIST.replace("\n", "\r\n").encode())
    target.chmod(0o640)
    listed = tmp_path / "sources.toml"
    listed.symlink_to(target)

    assert change_list(listed, lambda text: set_active(text, URL, is_active=False))

    assert listed.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert b"is_active = false" in target.read_bytes()
    assert target.read_bytes().count(b"\r\n") >= 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["real.toml", "sources.toml"]


def test_a_change_that_spoils_the_list_is_not_written(tmp_path: Path) -> None:
    path = _write_list(tmp_path)

    with pytest.raises(ConfigError):
        change_list(path, lambda text: text + "broken =")

    assert path.read_text() == LIST
    assert list(tmp_path.iterdir()) == [path]


RSS = """<rss version="2.0"><channel><title>Coast Wire</title><link>{base}/</link>
<item><title>New pier &#27;[2J opens</title><link>{base}/a</link><description>Short</description>
<pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
HOME = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    '<link rel="alternate" type="application/rss+xml" href="/copy.xml">'
    '<link rel="alternate" type="application/rss+xml" href="/comments/feed"></head></html>'
)


@pytest.fixture
def site() -> Iterator[str]:
    """A site with one feed at two places, in a thread of its own."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    ports: list[int] = []

    async def answer(request: web.Request) -> web.Response:
        base = f"http://127.0.0.1:{ports[0]}"
        if request.path == "/":
            return web.Response(text=HOME, content_type="text/html")
        if request.path in ("/feed.xml", "/copy.xml"):
            return web.Response(text=RSS.replace("{base}", base), content_type="text/xml")
        return web.Response(status=404)

    async def serve(stop: asyncio.Event) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        started.set()
        await stop.wait()
        await runner.cleanup()

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(stop),))
    thread.start()
    assert started.wait(30)
    yield f"http://127.0.0.1:{ports[0]}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


LOOPBACK = "127.0.0.0/8"


def test_add_previews_and_leaves_everything_as_it_is(tmp_path: Path, site: str) -> None:
    result = _run(tmp_path, "add", site, allow_networks=LOOPBACK)

    assert result.exit_code == 0
    for words in (
        f"1. {site}/feed.xml (chosen)", "rss (rss20), found in: link", "summaries only",
        f"{site}/comments/feed: readers' comments, left out", "the same entries as 2",
        "2 feeds and 0 sitemaps found", "nothing was stored",
        "The list is unchanged; --yes adds 1 source to",
    ):  # fmt: skip
        assert words in result.stdout, words
    assert not set(result.stdout) & set("\x1b\x07")
    assert list(tmp_path.iterdir()) == []


def test_add_with_yes_lists_the_recommended_feed_once(tmp_path: Path, site: str) -> None:
    first = _run(tmp_path, "add", site, "--yes", allow_networks=LOOPBACK)
    second = _run(tmp_path, "add", f"{site}/feed.xml", "--yes", allow_networks=LOOPBACK)

    assert "1 source was added" in first.stdout
    assert f"{site}/feed.xml is listed already." in second.stdout
    text = (tmp_path / "sources.toml").read_text()
    assert [source.url for source in parse_sources(text, shown="list")] == [f"{site}/feed.xml"]
    assert [path.name for path in tmp_path.iterdir()] == ["sources.toml"]


def test_add_keeps_the_given_publisher(tmp_path: Path, site: str) -> None:
    _run(
        tmp_path, "add", f"{site}/feed.xml", "--publisher", "coast", "--yes",
        allow_networks=LOOPBACK,
    )  # fmt: skip

    text = (tmp_path / "sources.toml").read_text()
    assert [source.publisher for source in parse_sources(text, shown="list")] == ["coast"]


def test_preview_as_json_names_what_would_be_chosen(tmp_path: Path, site: str) -> None:
    answer = json.loads(_run(tmp_path, "preview", site, "--json", allow_networks=LOOPBACK).stdout)

    assert answer["chosen"] == [f"{site}/feed.xml"]
    assert [row["entry_count"] for row in answer["candidates"]] == [1, 1]
    assert answer["candidates"][0]["newest_at"] == "2026-11-20T08:00:00+00:00"


def test_a_private_site_is_not_looked_at_without_permission(tmp_path: Path, site: str) -> None:
    result = _run(tmp_path, "preview", site)

    assert result.exit_code == 1
    assert f"no feed and no sitemap was found at {site}." in result.output
    assert "address:" in result.stdout


@pytest.mark.parametrize("url", ["ftp://x.example/f", "https://", "http://[::1/"])
def test_what_is_no_address_is_a_usage_error(tmp_path: Path, url: str) -> None:
    result = _run(tmp_path, "preview", url)

    assert result.exit_code == 2
    assert "is no http or https address." in result.output


def _candidate(url: str, **changes: Any) -> Candidate:
    described = Candidate(
        url=url, found_in="link", kind="rss", version="rss20", title="T", is_same_site=True,
        is_comments=False, entry_count=2, refused_count=0, full_text_count=0, newest_at=NOW,
        titles=("One",), licences=(),
    )  # fmt: skip
    return dataclasses.replace(described, **changes)


def _found(*candidates: Candidate, **changes: Any) -> Discovery:
    found = Discovery(
        url="https://n.example/", is_direct=False, feeds=candidates, sitemaps=(), problems=(),
        comment_feeds=(), unchecked=(), request_count=3,
    )  # fmt: skip
    return dataclasses.replace(found, **changes)


def test_all_takes_everything_once_but_comments() -> None:
    found = _found(
        _candidate("a", duplicates=("b",)),
        _candidate("b", duplicates=("a",), is_recommended=True),
        _candidate("c", is_comments=True),
        _candidate("d", duplicates=("e",)),
        _candidate("e", duplicates=("d",)),
    )

    assert [c.url for c in chosen_candidates(found, is_all=False)] == ["b"]
    assert [c.url for c in chosen_candidates(found, is_all=True)] == ["b", "d"]


def test_nothing_of_a_site_acts_on_the_terminal() -> None:
    evil = "\x1b]0;x\x07[red]\x9b"
    candidate = _candidate(
        f"https://n.example/{evil}", title=evil, titles=(evil,), version=evil, hub_urls=(evil,),
        licences=(RightsSignal(layer="feed", field=evil, value=evil),), sample_url=evil,
        part_count=1, refused_count=1, is_same_site=False,
    )  # fmt: skip
    found = _found(
        candidate, problems=(Problem(url=evil, reason=evil),), comment_feeds=(evil,),
        unchecked=tuple(f"{evil}{number}" for number in range(12)),
    )  # fmt: skip
    row = SourceRow(
        source_id=evil, url=evil, kind=evil, status="active", error_count=1, last_error=evil
    )

    printed: list[str] = []
    prints: tuple[Callable[[Any], None], ...] = (
        lambda at: print_discovery(at, found, chosen=[candidate], now=NOW),
        lambda at: print_rows(at, [row], totals([row], now=NOW), now=NOW, shows_removed=False),
    )
    for print_it in prints:
        terminal = console()
        print_it(terminal)
        printed.append(written(terminal))

    for text in printed:
        assert not set(text) & set("\x1b\x07\x9b")
        assert "␛]0;x␇[red]" in text
    assert "and 2 more" in printed[0]

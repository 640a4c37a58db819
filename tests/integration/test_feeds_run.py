"""Feed ingestion and the stages as real processes, against a simulated web: what a user gets.

One world for all tests, which costs half a minute; each test makes its own news.
"""

from __future__ import annotations

import gc
import json
import random
import re
import signal
import sqlite3
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

import psutil
import pytest
from faults.pipeline import Pipeline, wait_until
from feeds_world import (
    FETCH_SECONDS,
    HOST_DELAY_SECONDS,
    MAX_INTERVAL_SECONDS,
    PATIENCE_SECONDS,
    FeedsProcess,
    Sent,
    World,
    started_feeds,
)
from web.plans import CRAWL_DELAY_SECONDS, hostile_sites, sources_toml
from web.process import start_web
from web.script import Script
from web.site import Request

from dateline.local import Endpoints, ServerOptions
from dateline.records import RawArticle
from dateline.settings import PROJECT_DIR
from dateline.topics import apply_topics
from producers.article_writer import read_cluster
from producers.feeds.feed_record import Cursor
from producers.feeds.feed_state import feeds_state_path

pytestmark = pytest.mark.integration

LINE_TIME = re.compile(r"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
STAGES = ("enrich", "enrich-backfill", "stories", "index")
KEY = "3f9c1e7ab52d4406"  # of this test only
RESETTING = "trick-reset"
AGENCY = "mixed-paper-2"
# Shared with what loads in a parsing process; the bomb and the endless feed are 200 MB and more.
MAX_PROCESS_BYTES = 350_000_000
KILLS = 5
SITES_IN_OUTAGE = 3
STOP_SECONDS = 10.0
NEWS = Script(publish=40, burst=5, edit=30, cancel=15, revive=5, new_guids=5)
CRAWL_DELAYED = "mixed-paper-10"
# The web notes a request when it comes to it, and it is busy with other tasks and with our waiting.
LAG_SECONDS = 0.4


@pytest.fixture(scope="module")
def world(
    servers: Endpoints, server_state_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Return a running world whose sites show five articles each."""
    folder = tmp_path_factory.mktemp("feeds")
    sources = folder / "sources.toml"
    assignments = [
        f"project.state_dir={folder / '.dateline'}",
        f"project.namespace=w{uuid.uuid4().hex[:8]}",
        f"kafka.bootstrap_servers={servers.kafka_bootstrap}",
        f"elasticsearch.url={servers.elasticsearch_url}",
    ]
    feeds = FeedsProcess(
        [
            *assignments,
            f"feeds.sources_file={sources}",
            "feeds.min_interval_seconds=1",
            "feeds.start_spread_seconds=3",
            "fetch.allow_networks=127.0.0.0/8",
            f"fetch.min_host_delay_seconds={HOST_DELAY_SECONDS}",
            f"fetch.total_timeout_seconds={FETCH_SECONDS}",
            "fetch.max_body_bytes=1000000",
            "fetch.contact=desk@news.example",
            "push.port=0",
            "push.busy_seconds=1",
            "producer.delivery_timeout_seconds=10",
        ],
        folder / "logs",
        f"desk:{KEY}",
    )
    with start_web(["--mixed", "11", "--plain", "2", "--hostile"]) as web:
        rows = sources_toml(web.feeds())
        interval = f"\nmax_interval_seconds = {MAX_INTERVAL_SECONDS}\n\n[[sources]]"
        text = rows.replace("\n[[sources]]", interval)
        sources.write_text(f"{text}max_interval_seconds = {MAX_INTERVAL_SECONDS}\n")
        pipeline = Pipeline(
            assignments, server_state_dir, ServerOptions(startup_timeout_seconds=120)
        )
        world = World(web, pipeline, feeds)
        world.wind_up_the_bomb()
        try:
            apply_topics(world.settings)
            with started_feeds(feeds, at_seconds=time.monotonic()):
                pipeline.start(*STAGES)
                yield world
        finally:
            pipeline.close()
    # The open sockets of clients of a dead broker are to be found here, not in another test.
    gc.collect()


def test_killed_again_and_again_nothing_is_lost_or_doubled(world: World) -> None:
    chance = random.Random(time.time_ns())  # noqa: S311 (moments, no secret)
    cursors: list[dict[str, Cursor]] = [{}]
    for _ in range(KILLS - 1):
        world.web.advance(6, NEWS)
        wait_for_requests(world, chance.randint(1, 20))
        assert world.feeds.end(signal.SIGKILL) == -signal.SIGKILL
        cursors.append(checked_cursors(world))
        world.feeds.start(at_seconds=time.monotonic())
    # Whatever is remembered before Kafka has it is lost by this one.
    wait_for_requests(world, 1)
    with world.pipeline.server_down("kafka"):
        world.web.advance(6, NEWS)
        wait_for_sites(world, SITES_IN_OUTAGE, since_seconds=time.monotonic())
        assert world.feeds.end(signal.SIGKILL) == -signal.SIGKILL
        world.feeds.start(at_seconds=time.monotonic())
        wait_until(lambda: "waiting for Kafka" in world.feeds.log(), "the wait", seconds=60)
    world.web.advance(12, NEWS)

    result = world.wait_caught_up()
    assert result.is_clean, result
    world.wait_indexed()
    cursors.append(checked_cursors(world))
    for before, after in pairwise(cursors):
        for feed_id, cursor in before.items():
            assert cursor <= after[feed_id]


def wait_for_requests(world: World, count: int) -> None:
    """Wait until the last start has made so many requests."""
    since = world.feeds.starts[-1]
    wait_until(
        lambda: len(world.web.requests(since_seconds=since)) >= count,
        f"{count} requests",
        seconds=PATIENCE_SECONDS,
    )


def wait_for_sites(world: World, count: int, *, since_seconds: float) -> None:
    """Wait until so many readable sites have given a feed since a moment."""
    feeds = {tuple(url.split("/", 3)[2:]) for url, _ in world.web.feeds(is_readable_only=True)}

    def is_enough() -> bool:
        asked = world.web.requests(since_seconds=since_seconds)
        given = {
            each.host
            for each in asked
            if each.status == 200 and (each.host, each.path.lstrip("/")) in feeds
        }
        return len(given) >= count

    wait_until(is_enough, f"{count} sites to be asked", seconds=PATIENCE_SECONDS)


def checked_cursors(world: World) -> dict[str, Cursor]:
    """Return the cursor of each feed; the file must be sound."""
    path = feeds_state_path(world.settings, read_cluster(world.settings).cluster_id)
    if not path.exists():
        return {}
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return {
        feed_id: record.cursor
        for feed_id, record in world.feed_records().items()
        if record.cursor is not None
    }


def test_every_article_is_searchable_once_with_its_last_text(world: World) -> None:
    world.wait_polled()
    world.wait_caught_up()
    first_numbers = {each.key for each in world.expected()}
    embargoed = world.publish_under_embargo(AGENCY, seconds=30)
    canceled = world.web.act("publish", AGENCY)
    [embargoed_key, canceled_key] = [
        f"urn:newsml:{AGENCY}.example:{number}" for number in (embargoed, canceled)
    ]
    world.web.advance(30, NEWS)
    wait_until(
        lambda: any(each.record.key == canceled_key for each in world.sent()),
        "the article to be known",
        seconds=PATIENCE_SECONDS,
    )
    world.web.act("cancel", AGENCY, number=canceled)
    world.wait_indexed()

    tombstone = next(each for each in world.documents() if each["key"] == canceled_key)
    assert tombstone["pub_status"] == "canceled"
    # Absent until it is due, and there when it is: `index_faults` knows the time.
    due_at = next(e for e in world.expected() if e.key == embargoed_key).embargoed_until
    assert due_at is not None
    wait_until(
        lambda: any(each["key"] == embargoed_key for each in world.documents()),
        "the embargoed article",
        seconds=PATIENCE_SECONDS,
    )
    released = [each for each in world.sent() if each.record.key == embargoed_key]
    assert [each.at >= due_at for each in released] == [True]
    world.wait_indexed()
    assert world.compared().is_clean

    later = [each for each in world.sent() if each.record.key not in first_numbers]
    published = {each.source_id for each in world.expected()}
    later = [each for each in later if each.record.source_id in published]
    assert later
    assert {(each.role, each.record.origin) for each in later} == {("raw", "live")}
    earliest: dict[str, Sent] = {}
    for each in world.sent():
        if isinstance(each.record, RawArticle):
            earliest.setdefault(each.record.key, each)
    story = f"https://{world.host('paper-0')}/news/0/story-0"
    assert (earliest[story].role, earliest[story].record.origin) == ("raw_backfill", "backfill")

    [token] = next(e for e in world.expected() if e.key == story).current
    done = subprocess.run(
        world.feeds.command("search", token, "--json"),
        cwd=PROJECT_DIR, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert [hit["key"] for hit in json.loads(done.stdout)["hits"]] == [story]


def test_sites_are_asked_politely(world: World) -> None:
    world.wait_polled()
    publishers = {name for _, name in world.web.feeds()}
    for publisher in publishers - {RESETTING}:
        delay = CRAWL_DELAY_SECONDS if publisher == CRAWL_DELAYED else HOST_DELAY_SECONDS
        for start, asked in enumerate(requests_by_start(world, publisher)):
            assert all("Dateline" in each.user_agent for each in asked)
            assert all("desk@news.example" in each.user_agent for each in asked)
            # What robots.txt said is remembered over the restarts.
            assert start or asked[0].path == "/robots.txt", publisher
            # The crawl delay is known once robots.txt is.
            moments = [each.at_seconds for each in asked[delay > HOST_DELAY_SECONDS :]]
            assert worst_lead_seconds(moments, delay) < LAG_SECONDS, publisher
    asked = world.requests("paper-0")
    assert [each.path for each in asked].count("/robots.txt") == 1
    assert any(each.if_none_match and each.status == 304 for each in asked)
    assert {each.path for each in world.requests("robots-forbids")} == {"/robots.txt"}
    assert {each.path for each in world.requests("robots-is-ill")} == {"/robots.txt"}


def test_a_connection_that_was_reset_is_not_made_again_at_once(world: World) -> None:
    wait_until(
        lambda: sum(each.path == "/feed" for each in world.requests(RESETTING)) > 1,
        "two requests of the feed",
        seconds=PATIENCE_SECONDS,
    )
    for asked in requests_by_start(world, RESETTING):
        moments = [each.at_seconds for each in asked]
        assert worst_lead_seconds(moments, HOST_DELAY_SECONDS) < LAG_SECONDS


def requests_by_start(world: World, publisher: str) -> list[list[Request]]:
    """Return the requests to a publisher of each process that made any."""
    starts = [*world.feeds.starts, float("inf")]
    asked = world.requests(publisher)
    split = [[r for r in asked if begin <= r.at_seconds < end] for begin, end in pairwise(starts)]
    return [each for each in split if each]


def worst_lead_seconds(moments: Sequence[float], delay_seconds: float) -> float:
    """Return by how much any request came too early for those before it."""
    surplus = [at - number * delay_seconds for number, at in enumerate(moments)]
    most, worst = float("-inf"), 0.0
    for each in surplus:
        most = max(most, each)
        worst = max(worst, most - each)
    return worst


def test_hostile_sites_cost_a_line_each_and_nothing_else(world: World) -> None:
    names = {plan.name for plan in hostile_sites()}
    hostile = {url: name for url, name in world.web.feeds() if name in names}

    def failing() -> dict[str, str]:
        done = subprocess.run(
            world.feeds.command("sources", "--json"),
            cwd=PROJECT_DIR, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        rows = json.loads(done.stdout)["feeds"]
        return {row["url"]: row["last_error"] for row in rows if row["error_count"]}

    wait_until(lambda: hostile.keys() <= failing().keys(), "errors", seconds=PATIENCE_SECONDS)
    for url, reason in failing().items():
        if url in hostile:
            assert reason, hostile[url]
    logs = [told_lines(log) for log in world.feeds.logs()]
    for url, name in hostile.items():
        about = [[line for line in log if line.startswith(f"{url}: ")] for log in logs]
        assert any(about), name
        # A kill may come between the telling and the remembering.
        assert max(Counter(chain.from_iterable(about)).values()) <= len(logs), (name, about)
        for lines in about:
            assert all(a != b for a, b in pairwise(lines)), (name, lines)

    process = psutil.Process(world.feeds.pid)
    for each in [process, *process.children(recursive=True)]:
        assert peak_bytes(each.pid) < MAX_PROCESS_BYTES
    number = world.web.act("publish", "paper-0")
    world.wait_caught_up()
    assert number is not None
    key = f"https://{world.host('paper-0')}/news/{number // 100}/story-{number}"
    assert any(each.record.key == key for each in world.sent())
    assert not {each.record.source_id for each in world.sent()} & names


def told_lines(log: str) -> list[str]:
    """Return the lines for people, without their times; nothing may have gone wrong inside."""
    assert "Traceback" not in log
    return [LINE_TIME.sub("", line) for line in log.splitlines()]


def peak_bytes(pid: int) -> int:
    """Return the most memory a process ever had."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return int(psutil.Process(pid).memory_info().rss)
    [line] = [each for each in status.read_text().splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def test_a_push_is_answered_when_kafka_has_it_and_refused_while_kafka_is_away(
    world: World,
) -> None:
    def is_sent(url: str) -> bool:
        return any(isinstance(e.record, RawArticle) and e.record.url == url for e in world.sent())

    first = {"url": "https://desk.example/1", "title": "One", "text": "The quay was opened."}
    second = {"url": "https://desk.example/2", "title": "Two", "text": "The ferry has sailed."}
    status, _, content = world.push(first, KEY)
    assert (status, content["accepted"]) == (200, 1)
    assert is_sent(first["url"])
    assert world.push(first, KEY[::-1])[0] == 401

    with world.pipeline.server_down("kafka"):
        world.web.advance(20, NEWS)
        status, headers, _ = world.push(second, KEY)
        assert status in (429, 503)
        assert int(headers["Retry-After"]) >= 1
        down_at = time.monotonic()
        wait_until(lambda: bool(world.web.requests(since_seconds=down_at)), "a poll", seconds=60)
        world.web.advance(10, NEWS)
    assert world.wait_caught_up().is_clean

    def is_taken() -> bool:
        status, _, content = world.push(second, KEY)
        return status == 200 and not content["refused"]

    wait_until(is_taken, "the push to be taken", seconds=PATIENCE_SECONDS)
    assert is_sent(second["url"])
    world.wait_indexed()
    folders = (world.feeds.log_dir, world.pipeline.log_dir)
    logs = [path.read_text("utf-8", "replace") for f in folders for path in f.iterdir()]
    assert logs
    assert not any(KEY in log for log in logs)


def test_a_second_process_is_refused(world: World) -> None:
    _ = world.feeds.pid
    wait_until(lambda: "taking articles" in world.feeds.log(), "the start", seconds=60)
    done = subprocess.run(
        world.feeds.command("feeds"), cwd=PROJECT_DIR, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "polled" in done.stderr
    assert "another" in done.stderr
    assert world.feeds.pid


def test_it_stops_in_time_and_asks_for_no_page_again(world: World) -> None:
    world.wait_polled()
    world.wait_caught_up()
    dripping = world.host("trick-drip")
    wait_until(
        lambda: world.web.requests(host=dripping)[-1].status == 0,
        "a request in flight",
        seconds=PATIENCE_SECONDS,
    )
    began = time.monotonic()
    assert world.feeds.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert "Traceback" not in world.feeds.log()

    world.feeds.start(at_seconds=time.monotonic())
    world.wait_polled()
    pages = [
        each for each in world.web.requests(since_seconds=world.feeds.starts[-1])
        if "/story-" in each.path
    ]  # fmt: skip
    assert pages == []

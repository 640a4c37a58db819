"""The producer against a real Kafka: once each, nothing lost, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaConsumer, TopicPartition

from dateline import ids
from dateline.local import server_status, start_server
from dateline.records import KillNotice, RawArticle
from dateline.settings import PROJECT_DIR, Settings
from dateline.topics import load_topics
from dateline.wire import from_wire
from producers.article_writer import read_cluster
from producers.ingest import Event
from producers.sent_state import SentState, find_sent, state_path
from producers.watch_folder import watch_folders

pytestmark = pytest.mark.integration
DEADLINE_SECONDS = 60.0


def command(settings: Settings, *arguments: str | Path) -> list[str]:
    assignments = {
        "project.state_dir": settings.project.state_dir,
        "project.namespace": settings.project.namespace,
        "kafka.bootstrap_servers": settings.kafka.bootstrap_servers,
        "producer.delivery_timeout_seconds": settings.producer.delivery_timeout_seconds,
    }
    options = [f"--set={key}={value}" for key, value in assignments.items()]
    return [sys.executable, "-m", "dateline", *options, "ingest", *map(str, arguments)]


def run_ingest(
    settings: Settings, *arguments: str | Path, stdin: str | None = None
) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        command(settings, *arguments, "--json"),
        cwd=PROJECT_DIR,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS * 2,
    )
    assert done.stdout, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, summary


def records(settings: Settings, role: str = "raw") -> list[tuple[str, RawArticle | KillNotice]]:
    """Return key and record of everything on the topic, partition by partition, in order."""
    topic = load_topics(settings)[role]
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap_servers,
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
    try:
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found = []
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for batch in consumer.poll(timeout_ms=500).values():
                found += [
                    (each.key.decode(), from_wire(each.value, RawArticle, KillNotice))
                    for each in batch
                ]
        return found
    finally:
        consumer.close()


def sent_count(state_file: Path) -> int:
    if not state_file.exists():
        return 0
    with SentState(state_file) as state:
        return state.count()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {DEADLINE_SECONDS} s"
        time.sleep(0.05)


def long_file(path: Path, count: int) -> None:
    text = "The minister said on Monday that talks had resumed after a week. " * 10
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps({"id": f"a{number}", "text": f"{number} {text}"}) + "\n")


@contextmanager
def started(
    settings: Settings, *arguments: str | Path, stdin: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run `dateline ingest` beside the test; it is gone afterwards, whatever happened."""
    process = subprocess.Popen(
        command(settings, *arguments),
        cwd=PROJECT_DIR,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "wire"
    path.mkdir()
    return path


@pytest.fixture
def state_file(pipeline_settings: Settings) -> Path:
    return state_path(pipeline_settings, read_cluster(pipeline_settings).cluster_id)


def test_ingest_twice_and_changed(pipeline_settings: Settings, folder: Path) -> None:
    (folder / "a.txt").write_text("One.")
    (folder / "b.json").write_text('{"text": "Two.", "url": "http://example.org/b?utm_x=1"}')

    code, first = run_ingest(pipeline_settings, folder)
    assert (code, first["sent"], first["refused"]) == (0, 2, 0)
    code, second = run_ingest(pipeline_settings, folder)
    assert (code, second["sent"], second["skipped_reasons"]) == (0, 0, {"unchanged": 2})
    (folder / "a.txt").write_text("One, changed.")
    code, third = run_ingest(pipeline_settings, folder)
    assert (code, third["sent"]) == (0, 1)

    found = records(pipeline_settings)
    changed = [record for key, record in found if key == ids.article_id("wire", "a.txt")]
    assert [each.body for each in changed if isinstance(each, RawArticle)] == [
        "One.",
        "One, changed.",
    ]
    assert changed[0].updated_at <= changed[1].updated_at
    assert len(found) == 3
    assert all(key == record.article_id for key, record in found)


def test_seeds_arrive_byte_for_byte(pipeline_settings: Settings) -> None:
    code, summary = run_ingest(pipeline_settings, PROJECT_DIR / "seeds")
    assert (code, summary["sent"]) == (0, 2)
    bodies = {
        record.key: record.body.encode()
        for _, record in records(pipeline_settings)
        if isinstance(record, RawArticle)
    }
    assert bodies == {
        path.name: path.read_bytes() for path in (PROJECT_DIR / "seeds").glob("*.txt")
    }


def test_stdin_backfill_goes_to_its_own_topic(pipeline_settings: Settings) -> None:
    code, summary = run_ingest(
        pipeline_settings,
        "-",
        "--format",
        "jsonl",
        "--source",
        "s",
        "--backfill",
        stdin='{"id": 1, "text": "a"}\n{"id": 2, "text": \n{"id": 3, "status": "deleted"}\n',
    )
    assert (code, summary["sent"], summary["withdrawn"]) == (1, 2, 1)
    assert summary["refusals"] == [
        {"file": "standard input", "line": 2, "reason": "broken JSON: Expecting value at column 18"}
    ]
    assert records(pipeline_settings) == []
    found = [record for _, record in records(pipeline_settings, "raw_backfill")]
    assert {(record.key, record.origin) for record in found} == {
        ("1", "backfill"),
        ("3", "backfill"),
    }


def test_kill_in_the_middle_loses_nothing(
    pipeline_settings: Settings, folder: Path, state_file: Path
) -> None:
    count = 20_000
    long_file(folder / "a.jsonl", count)
    with started(pipeline_settings, folder) as process:
        wait_until(lambda: sent_count(state_file) > 2000, "progress")
        process.kill()
    before = sent_count(state_file)
    assert 0 < before < count

    code, summary = run_ingest(pipeline_settings, folder)

    assert (code, summary["sent"]) == (0, count - before)
    seen = Counter(key for key, _ in records(pipeline_settings))
    assert set(seen) == {ids.article_id("wire", f"a{number}") for number in range(count)}
    # Sent and not yet recorded when it was killed: at most what may be in flight.
    assert sum(seen.values()) - count <= 1000
    assert sent_count(state_file) == count


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_settles_and_the_next_run_goes_on(
    pipeline_settings: Settings, folder: Path, state_file: Path, number: signal.Signals
) -> None:
    count = 20_000
    long_file(folder / "a.jsonl", count)
    with started(pipeline_settings, folder, "--json") as process:
        wait_until(lambda: sent_count(state_file) > 1000, "progress")
        process.send_signal(number)
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 128 + number
    summary = json.loads(output)
    assert summary["unacknowledged"] == 0
    assert summary["sent"] == sent_count(state_file) == len(records(pipeline_settings))
    code, rest = run_ingest(pipeline_settings, folder)
    assert (code, rest["sent"]) == (0, count - summary["sent"])
    assert len(records(pipeline_settings)) == count


def test_second_producer_of_a_source_is_refused(pipeline_settings: Settings, folder: Path) -> None:
    (folder / "a.txt").write_text("One.")
    stdin_of_wire = ("-", "--format", "jsonl", "--source", "wire")
    with started(pipeline_settings, *stdin_of_wire, stdin=subprocess.PIPE) as first:
        locks = pipeline_settings.state_dir / "locks"
        wait_until(lambda: any(locks.glob("source-wire-*.pid")), "the lock")
        with started(pipeline_settings, folder) as second:
            _, errors = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 2
    assert (
        f"error E101: source 'wire' is being sent by process {first.pid}."
        " Wait for it, stop it, or name another publisher with --source." in errors
    )
    assert run_ingest(pipeline_settings, folder)[0] == 0


def kafka_process(state_dir: Path) -> psutil.Process:
    [status] = [each for each in server_status(state_dir) if each.name == "kafka"]
    assert status.pid is not None
    return psutil.Process(status.pid)


@pytest.mark.parametrize("delivery_seconds", [120.0, 5.0], ids=["client-waits", "client-gives-up"])
def test_broker_killed_in_the_middle_loses_nothing(
    pipeline_settings: Settings,
    server_state_dir: Path,
    folder: Path,
    state_file: Path,
    delivery_seconds: float,
) -> None:
    count = 20_000
    long_file(folder / "a.jsonl", count)
    producer = replace(pipeline_settings.producer, delivery_timeout_seconds=delivery_seconds)
    settings = replace(pipeline_settings, producer=producer)
    with started(settings, folder, "--json") as process:
        wait_until(lambda: sent_count(state_file) > 1000, "progress")
        broker = kafka_process(server_state_dir)
        try:
            broker.kill()
            broker.wait(timeout=DEADLINE_SECONDS)
            before = sent_count(state_file)
            time.sleep(12)  # the outage; longer than the client's patience in the second case
            assert process.poll() is None
            assert sent_count(state_file) - before <= 1000
        finally:
            start_server(server_state_dir, "kafka")
        output, errors = process.communicate(timeout=DEADLINE_SECONDS * 2)
    assert process.returncode == 0, errors
    assert json.loads(output)["sent"] == count
    assert "waiting for Kafka, nothing is lost" in errors
    assert "Kafka acknowledges again" in errors
    seen = Counter(key for key, _ in records(pipeline_settings))
    assert len(seen) == count
    assert sum(seen.values()) - count <= 2000


@pytest.fixture
def watcher(pipeline_settings: Settings, tmp_path: Path) -> Iterator[tuple[Path, list[Event]]]:
    inbox = tmp_path / "new" / "inbox"
    events: list[Event] = []
    stop = threading.Event()
    thread = threading.Thread(
        target=watch_folders,
        args=(pipeline_settings, [inbox]),
        kwargs={"stop_event": stop, "tell": events.append},
    )
    thread.start()
    wait_until(inbox.is_dir, "the inbox")
    try:
        yield inbox, events
    finally:
        stop.set()
        thread.join(timeout=DEADLINE_SECONDS)
        assert not thread.is_alive()


def sent_names(events: list[Event]) -> list[str]:
    return [Path(event.file).name for event in events if event.kind == "sent"]


def test_watch_sends_what_appears_and_changes(
    pipeline_settings: Settings, watcher: tuple[Path, list[Event]], tmp_path: Path
) -> None:
    inbox, events = watcher
    started = time.monotonic()
    (inbox / "a.txt").write_text("One.")
    wait_until(lambda: sent_names(events) == ["a.txt"], "the first article")
    assert time.monotonic() - started < 10
    (inbox / "a.txt").write_text("One, changed.")
    (inbox / "bad.txt").write_bytes(b"caf\xe9")
    wait_until(lambda: len(sent_names(events)) == 2, "the second version")
    wait_until(lambda: any(event.kind == "refused" for event in events), "the refusal")

    moved = tmp_path / "batch"
    moved.mkdir()
    (moved / "b.txt").write_text("Two.")
    moved.rename(inbox / "batch")
    wait_until(lambda: "b.txt" in sent_names(events), "the moved folder")
    os.utime(inbox / "bad.txt")
    (inbox / "c.txt").write_text("Three.")
    wait_until(lambda: "c.txt" in sent_names(events), "the article after the bad one")

    refused = [event for event in events if event.kind == "refused"]
    assert [event.reason for event in refused] == [
        "wrong encoding: not UTF-8, byte 0xe9 at position 3 (line 1)"
    ]
    keys = Counter(record.key for _, record in records(pipeline_settings))
    assert keys == {"a.txt": 2, "batch/b.txt": 1, "c.txt": 1}


def test_watch_takes_a_half_written_file_whole(
    pipeline_settings: Settings, watcher: tuple[Path, list[Event]]
) -> None:
    inbox, events = watcher
    with (inbox / "a.txt").open("w") as file:
        for number in range(8):
            file.write(f"Part {number}. ")
            file.flush()
            time.sleep(0.2)
    wait_until(lambda: bool(sent_names(events)), "the article")
    [(_, record)] = records(pipeline_settings)
    assert isinstance(record, RawArticle)
    assert record.body.endswith("Part 7. ")


def test_watch_survives_the_loss_of_its_folder_and_leaves_room_for_ingest(
    pipeline_settings: Settings, watcher: tuple[Path, list[Event]]
) -> None:
    inbox, events = watcher
    (inbox / "a.txt").write_text("One.")
    wait_until(lambda: sent_names(events) == ["a.txt"], "the first article")
    (inbox / "a.txt").unlink()
    inbox.rmdir()
    wait_until(inbox.is_dir, "the new inbox")
    (inbox / "b.txt").write_text("Two.")
    wait_until(lambda: sent_names(events) == ["a.txt", "b.txt"], "the article in the new inbox")

    code, summary = run_ingest(pipeline_settings, inbox)
    assert (code, summary["skipped_reasons"]) == (0, {"unchanged": 1})
    with started(pipeline_settings, inbox, "--watch") as second:
        _, errors = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 2
    assert "source 'inbox' is being watched by process" in errors


def test_trace_finds_what_was_sent(
    pipeline_settings: Settings, folder: Path, state_file: Path
) -> None:
    (folder / "a.json").write_text('{"text": "One.", "url": "https://example.org/a"}')
    run_ingest(pipeline_settings, folder)
    with SentState(state_file) as state:
        [sent] = find_sent(state, url="http://example.org/a#top")
    assert sent.topic == load_topics(pipeline_settings)["raw"].name
    assert sent.offset == 0

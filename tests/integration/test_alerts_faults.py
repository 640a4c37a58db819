"""The alerts stage killed, behind the index, without Elasticsearch, and fed with bad input."""

from __future__ import annotations

import signal
import socket
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest
from alerts_on_servers import (
    MARKER,
    drained,
    in_ledger,
    log_counts,
    published,
    send_grouped,
    told,
    until_told,
    values_of,
    write_index,
)
from grouped_articles import PERSON, TEXT, article_id, grouped, watch
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import OffsetAndMetadata, TopicPartition
from sample_records import at
from stages_on_servers import running_stages, until

from dateline import ids
from dateline.document_records import ResolvedEntity
from dateline.endpoints import kafka_bootstrap
from dateline.settings import Settings
from dateline.topics import load_topics
from dateline.watch_topic import send_records

pytestmark = pytest.mark.integration

LEARN_NOTHING = {"alerts.learning_days": "0"}
FIRST = watch("first", "type:person", trigger="first_mention", channel_ids=())
# After the stage was started: by the clock of the machine these lie in the future.
LATER = at(0) + timedelta(days=9_000)


@pytest.mark.parametrize("trigger", ["match", "silence"])
def test_what_the_ledger_has_is_published_after_a_crash_whatever_has_changed(
    pipeline_settings: Settings, tmp_path: Path, trigger: str
) -> None:
    settings, log = pipeline_settings, tmp_path / "log"
    of = watch(trigger=trigger, silence_days=30, created_at=at(-99_000))
    if trigger == "silence":
        write_index(settings, grouped("past", first_seen_at=at(0) - timedelta(days=60)))
    send_records(settings, [MARKER, of])
    with running_stages(settings, log, "alerts", failpoint="alerts.after_ledger") as (dying,):
        send_grouped(settings, grouped("one"))
        assert dying.wait(90) == -signal.SIGKILL
    (entry,) = in_ledger(settings)
    assert published(settings) == []
    if trigger == "silence":
        # Seen earlier, indexed later: by now there was no silence.
        write_index(settings, grouped("late", first_seen_at=at(0)))
    else:
        send_records(settings, [replace(of, is_active=False)])
    with running_stages(settings, log, "alerts"):
        (alert,) = drained(settings)

    assert alert == replace(entry.alert, channel_id="mail")


def test_first_mention_is_told_once_when_the_stage_is_behind_the_index(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    """Partitions are read in any order: what was seen first may be read last."""
    settings = pipeline_settings
    here = watch("here", "type:person", trigger="first_mention", scope="source", channel_ids=())
    send_records(settings, [MARKER, FIRST, here])
    same = {"source_id": "paper.example"}
    early, late = (
        grouped(name, first_seen_at=LATER + timedelta(minutes=minute), raw=same, **same)
        for minute, name in enumerate(("early", "late"))
    )
    write_index(settings, early, late)
    with running_stages(settings, tmp_path / "log", "alerts", options=LEARN_NOTHING):
        send_grouped(settings, late)
        drained(settings)
        send_grouped(settings, early)
        alerts = drained(settings)

    assert Counter(each.watch_id for each in alerts) == {"first": 1, "here": 1}


def test_first_mention_survives_restart_replay_late_articles_and_a_merge(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings, log = pipeline_settings, tmp_path / "log"
    send_records(settings, [MARKER, FIRST, watch(channel_ids=())])
    with running_stages(settings, log, "alerts", options=LEARN_NOTHING):
        send_grouped(settings, grouped("one"))
        assert len(drained(settings)) == 2
    known = {each.alert.alert_id for each in in_ledger(settings)}
    rewind(settings)
    name_id = ids.entity_id("person", PERSON)
    merged = ResolvedEntity(
        document_entity_id=ids.entity_id("person", "M. Oliveira"), entity_id="Q1",
        name="Marta de Oliveira", aliases=(PERSON,), member_ids=(name_id,),
    )  # fmt: skip
    short = TEXT.replace(PERSON, "M. Oliveira")
    with running_stages(settings, log, "alerts", options=LEARN_NOTHING):
        send_grouped(
            settings,
            grouped("late", first_seen_at=at(0.5)),
            grouped("linked", qids={PERSON: "Q77"}),
            grouped("merged", short, names=(("M. Oliveira", "person"),), resolved=(merged,)),
        )
        alerts = drained(settings)

    entries = [each.alert for each in in_ledger(settings) if each.alert.watch_id != "marker"]
    assert Counter(each.watch_id for each in entries) == {"first": 1, "w": 4}
    assert {each.alert_id for each in alerts} == {each.alert_id for each in entries}
    assert known <= {each.alert.alert_id for each in in_ledger(settings)}


def test_stage_waits_while_elasticsearch_is_away_and_loses_nothing(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings, log = pipeline_settings, tmp_path / "log"
    send_records(settings, [MARKER, FIRST, watch(channel_ids=("mail", "chat"))])
    with Gate(settings.elasticsearch.url) as gate:
        options = LEARN_NOTHING | {
            "elasticsearch.url": gate.url, "stages.retry_ceiling_seconds": "1",
        }  # fmt: skip
        with running_stages(settings, log, "alerts", options=options):
            send_grouped(settings, grouped("one"))
            until_told(settings, 2)
            gate.close()
            send_grouped(settings, grouped("two"), grouped("three", names=()))
            until(lambda: log.read_text().count("Elasticsearch does not answer") >= 3, "tries")
            assert len({each.alert_id for each in published(settings)}) == 2
            gate.open()
            alerts = drained(settings)

    found = told(list({(each.alert_id, each.channel_id): each for each in alerts}.values()))
    assert found == sorted(
        [("first", "first_mention", article_id("one"))]
        + [("w", "match", article_id(name)) for name in ("one", "two")] * 2
    )
    assert values_of(settings, "dead_letter") == []


def test_watches_and_articles_from_hell_are_refused_or_harmless(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings, log = pipeline_settings, tmp_path / "log"
    many = " OR ".join(f"word{number}" for number in range(10_000))
    hell = [
        watch("terms", many),
        watch("deep", "(" * 5_000 + "pier" + ")" * 5_000),
        watch("stars", " OR ".join(f"abc{number}*" for number in range(300))),
        watch("rtl", "pier\u202e AND \u0000"),
        watch("good", "pier", channel_ids=()),
        # Full width letters, an accent of its own and a soft hyphen are the same words.
        watch("tricks", "\uff30ier AND ope\u0301ned", channel_ids=()),
    ]
    send_records(settings, [MARKER, FIRST, *hell])
    send_bytes(settings, "watch", b"bad", b"\x00\xff not a record")
    send_bytes(settings, "watch", b"\xff\xfe", b'{"schema":"watch"}')
    names = [f"Ada Number{letters(number)}son" for number in range(5_000)]
    crowd = grouped(
        "crowd", " ".join(f"{each} came." for each in names), first_seen_at=LATER,
        names=[(each, "person") for each in names],
    )  # fmt: skip
    tricky = TEXT.replace("pier", "p\u00adier").replace("opened", "OPENED\u200b")
    with running_stages(settings, log, "alerts", options=LEARN_NOTHING):
        send_grouped(settings, crowd, b"{", grouped("tricky", tricky, names=()))
        alerts = drained(settings)

    by_watch = Counter(each.watch_id for each in alerts)
    assert by_watch["first"] == len(names)
    assert by_watch["good"] == by_watch["tricks"] == 1
    assert not by_watch.keys() & {"terms", "deep", "stars"}
    assert log_counts(log)["ALARM"] >= 5
    assert len(values_of(settings, "dead_letter")) == 1


class Gate:
    """A TCP forwarder before a server that can be shut: then nothing gets through."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._upstream = (host, int(port))
        self._is_open = threading.Event()
        self._is_open.set()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.close()

    def close(self) -> None:
        self._is_open.clear()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets = []

    def open(self) -> None:
        self._is_open.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._is_open.is_set():
                    client.close()
                    continue
                server = socket.create_connection(self._upstream)
                self._sockets += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_pump, args=pair, daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def rewind(settings: Settings) -> None:
    """Let the stage's group begin its topic again."""
    topic = load_topics(settings)["grouped"]
    parts = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = KafkaConsumer(
        bootstrap_servers=kafka_bootstrap(settings), enable_auto_commit=False,
        group_id=settings.scoped("dateline-alerts"),
    )  # fmt: skip
    try:
        consumer.assign(parts)
        consumer.commit({part: OffsetAndMetadata(0, "", -1) for part in parts})
    finally:
        consumer.close()


def send_bytes(settings: Settings, role: str, key: bytes, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    try:
        producer.send(load_topics(settings)[role].name, key=key, value=value).get(30)
    finally:
        producer.close()


def letters(number: int) -> str:
    """Return a number as letters: names have no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")

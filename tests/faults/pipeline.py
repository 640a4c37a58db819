"""Run the stages as real supervised processes, hurt them, and see when everything is through."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition

from dateline.dead_letters import from_record
from dateline.endpoints import search_client
from dateline.errors import DatelineError
from dateline.local import ServerName, ServerOptions, start_server, stop_server
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR, Settings, load_settings
from dateline.supervisor import Supervisor
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from faults.load import Journal
from faults.oracle import FoundDeadLetter, FoundDocument, Result, compare
from processors.watchdog import Position, read_position

POLL_SECONDS = 0.1
STOP_SECONDS = 12.0
# The machine may be busy with other work: deadlines are on conditions, and generous.
PATIENCE_SECONDS = 600.0
MARK = "FAULT_SUITE_RUN"
READS = {
    "enrich": "raw",
    "enrich-backfill": "raw_backfill",
    "stories": "enriched",
    "index": "grouped",
    "alerts": "grouped",
    "deliver": "alert",
}
CORE = ("enrich", "stories", "index")
SHOWN_FIELDS = (
    "source_id", "key", "revision", "content_sha256", "body", "role", "origin_article_id",
    "story_id",
)  # fmt: skip
SETTINGS = (
    "stages.session_timeout_seconds=6",
    "stages.retry_ceiling_seconds=3",
    "stages.stall_seconds=30",
    "stages.take_max_records=20",
    "stories.take_max_records=20",
    "enrich.processes=1",
    "enrich.chunk_articles=8",
    "index.refresh_interval_ms=500",
)


def wait_until(
    condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS
) -> float:
    """Return how long it took; a server that does not answer means "not yet"."""
    started = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - started
        except (KafkaError, DatelineError, OSError):
            pass
        assert time.monotonic() - started < seconds, f"waited {seconds:.0f} s for {what}"
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that ended, as the supervisor told it."""

    at: float
    line: str


class Pipeline:
    """The stages of one namespace, each under a supervisor of its own, and both servers."""

    def __init__(
        self, assignments: Sequence[str], server_state_dir: Path, server_options: ServerOptions
    ) -> None:
        self.assignments = [*assignments, *SETTINGS]
        self.settings: Settings = load_settings(environ={}, assignments=self.assignments)
        self.topics = load_topics(self.settings)
        self.log_dir = self.settings.state_dir / "logs"
        self.ended: list[Ended] = []
        self._server_state_dir = server_state_dir
        self._server_options = server_options
        self._supervisors: dict[str, Supervisor] = {}
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="supervisors", daemon=True)
        self._poller.start()

    # Processes

    def command(self, stage: str, extra: Sequence[str] = ()) -> list[str]:
        """Return the command line of a worker; ``extra`` settings win."""
        assignments = [*self.assignments, *extra]
        options = [word for assignment in assignments for word in ("--set", assignment)]
        return [
            sys.executable,
            "-m",
            "dateline",
            *options,
            "worker",
            stage,
            f"--supervised-by={os.getpid()}",
        ]

    def start(self, *names: str, extra: Sequence[str] = ()) -> None:
        """Start stages under supervision; ``stories-2`` is a second worker of ``stories``."""
        for name in names:
            command = self.command(name.removesuffix("-2"), extra)
            supervisor = Supervisor({name: command}, self.log_dir, self._tell)
            supervisor.start()
            with self._lock:
                self._supervisors[name] = supervisor

    def stop(self, *names: str) -> None:
        """Stop stages and their supervision, or all of them."""
        for name in names or tuple(self._supervisors):
            with self._lock:
                supervisor = self._supervisors.pop(name, None)
            if supervisor is not None:
                supervisor.stop(deadline_seconds=STOP_SECONDS)

    def close(self) -> None:
        """Stop everything."""
        self.stop()
        self._is_over.set()
        self._poller.join()

    def restore(self) -> None:
        """Start what a failed scenario left stopped; forget the pauses of earlier restarts."""
        self.start(*(stage for stage in CORE if stage not in self._supervisors))
        self.forgive()

    def forgive(self) -> None:
        """Forget earlier restarts: what ends next comes back after the shortest pause."""
        with self._lock:
            for supervisor in self._supervisors.values():
                for child in supervisor._children:
                    child.failures = 0

    def pid(self, stage: str) -> int:
        """Return the process id of a stage, as soon as it runs."""
        wait_until(lambda: bool(self._pids(stage)), f"a process of {stage}")
        return self._pids(stage)[stage]

    def kill(self, stage: str, number: signal.Signals = signal.SIGKILL) -> psutil.Process:
        """Send a signal to the process of a stage, and return the process."""
        process = psutil.Process(self.pid(stage))
        process.send_signal(number)
        return process

    def endings(self, since: float) -> list[str]:
        """Return what the supervisors told since a moment."""
        return [ended.line for ended in self.ended if ended.at >= since]

    @contextmanager
    def by_hand(self, stage: str, failpoint: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker outside supervision that meets a failpoint; it ends with the block."""
        with self.log_path(f"{stage}-failpoint").open("ab") as log:
            process = subprocess.Popen(
                self.command(stage),
                env={**os.environ, "DATELINE_FAILPOINT": failpoint},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()

    def log_path(self, name: str) -> Path:
        """Return the log of a process."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        return self.log_dir / f"{name}.log"

    def log(self, name: str) -> str:
        """Return what a process has logged so far."""
        path = self.log_path(name)
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _pids(self, stage: str) -> dict[str, int]:
        with self._lock:
            supervisor = self._supervisors.get(stage)
            return supervisor.pids() if supervisor else {}

    def _tell(self, line: str) -> None:
        self.ended.append(Ended(at=time.monotonic(), line=line))

    def _poll(self) -> None:
        while not self._is_over.wait(POLL_SECONDS):
            with self._lock:
                for supervisor in self._supervisors.values():
                    supervisor.poll()

    # Servers

    @contextmanager
    def server_down(
        self, name: ServerName, stop_signal: signal.Signals = signal.SIGKILL
    ) -> Iterator[None]:
        """Keep a server down for the block; it comes back on the same port."""
        assert stop_server(self._server_state_dir, name, stop_signal)
        try:
            yield
        finally:
            start_server(self._server_state_dir, name, options=self._server_options)

    @contextmanager
    def admin(self) -> Iterator[Any]:
        """Return an admin client of Kafka."""
        client = KafkaAdminClient(bootstrap_servers=self.settings.kafka.bootstrap_servers)
        try:
            yield client
        finally:
            client.close()

    def configure_topic(self, role: str, **config: str) -> None:
        """Change settings of a topic; keys have underscores in place of dots."""
        resource = ConfigResource(
            ConfigResourceType.TOPIC,
            self.topics[role].name,
            configs={key.replace("_", "."): value for key, value in config.items()},
        )
        with self.admin() as admin:
            admin.alter_configs([resource])

    # Progress

    def group(self, stage: str) -> str:
        """Return the consumer group of a stage."""
        return self.settings.scoped(f"dateline-{stage}")

    def position(self, stage: str, group: str | None = None) -> Position:
        """Return where a stage stands in its topic."""
        with self.admin() as admin:
            return read_position(admin, group or self.group(stage), self.topics[READS[stage]].name)

    def place_group(self, name: str, *, at: str) -> None:
        """Let a group without members begin where a stage stands."""
        topic = self.topics[READS[at]]
        with open_reader(self.settings) as reader, self.admin() as admin:
            offsets = {
                TopicPartition(topic.name, partition): OffsetAndMetadata(
                    reader.committed(self.group(at), topic.name, partition) or 0, "", -1
                )
                for partition in range(topic.partitions)
            }
            admin.alter_group_offsets(self.group(name), offsets)

    def is_drained(self, *stages: str) -> bool:
        """Return whether nothing waits; asked in the order of the flow, so that it stays so."""
        return all(self.position(stage).is_drained for stage in stages or CORE)

    def wait_drained(self, *stages: str, seconds: float = PATIENCE_SECONDS) -> float:
        """Return how long it took until every stage has acknowledged everything."""
        return wait_until(
            lambda: self.is_drained(*stages), f"{stages or CORE} to be drained", seconds=seconds
        )

    def wait_ready(self, *stages: str) -> None:
        """Wait until each stage's group has a member with partitions."""
        for stage in stages or CORE:
            wait_until(
                lambda stage=stage: self._is_stable(stage), f"{stage} to have partitions",
                seconds=120,
            )  # fmt: skip

    def _is_stable(self, stage: str) -> bool:
        with self.admin() as admin:
            described = admin.describe_groups([self.group(stage)])
        group = next(iter(described.values())) if isinstance(described, dict) else described[0]
        state = group["group_state"] if isinstance(group, dict) else group.state
        return str(state) == "Stable"

    # What can be found

    def dead_letter_end(self) -> int:
        """Return the end of the dead letter topic."""
        with open_reader(self.settings) as reader:
            return reader.bounds(self.topics["dead_letter"].name, 0).end

    def dead_letters(self, start: int) -> list[FoundDeadLetter]:
        """Return the dead letters from an offset on."""
        topic = self.topics["dead_letter"].name
        found = []
        with open_reader(self.settings) as reader:
            end = reader.bounds(topic, 0).end
            for record in reader.scan(topic, 0, start=start, end=end):
                letter = from_record(record.value, record.headers)
                assert record.key is not None
                found.append(
                    FoundDeadLetter(
                        place=record.key.decode(),
                        payload=letter.payload,
                        code=letter.code,
                        stage=letter.stage,
                    )
                )
        return found

    def documents(self, source_id: str) -> list[FoundDocument]:
        """Return every document of a source and its copiers: a full scan after a refresh."""
        alias = articles_index(self.settings).read_alias
        client = search_client(self.settings)
        found: list[FoundDocument] = []
        try:
            client.indices.refresh(index=alias)
            pit = client.open_point_in_time(index=alias, keep_alive="1m")["id"]
            after: list[Any] | None = None
            while True:
                answer = client.search(
                    pit={"id": pit, "keep_alive": "1m"},
                    query={
                        "bool": {
                            "should": [
                                {"term": {"source_id": source_id}},
                                {"prefix": {"source_id": f"{source_id}.copier-"}},
                            ]
                        }
                    },
                    size=1000,
                    sort=["_shard_doc"],
                    search_after=after,
                    version=True,
                    source_includes=SHOWN_FIELDS,
                )
                hits = answer["hits"]["hits"]
                found.extend(_document(hit) for hit in hits)
                if not hits:
                    break
                after = hits[-1]["sort"]
            client.close_point_in_time(id=pit)
        finally:
            client.close()
        return found

    def examine(self, journal: Journal, source_id: str, letters_from: int) -> Result:
        """Return the oracle's result."""
        return compare(journal, self.documents(source_id), self.dead_letters(letters_from))


def _document(hit: dict[str, Any]) -> FoundDocument:
    source = hit["_source"]
    return FoundDocument(
        document_id=hit["_id"],
        source_id=source["source_id"],
        key=source["key"],
        revision=source["revision"],
        version=hit["_version"],
        content_sha256=source.get("content_sha256"),
        body=source.get("body"),
        role=source["role"],
        origin_article_id=source.get("origin_article_id"),
        story_id=source["story_id"],
    )


def marked_processes(mark: str) -> list[psutil.Process]:
    """Return every living process that was started, directly or not, by this run."""
    found = []
    for process in psutil.process_iter():
        try:
            is_ours = process.environ().get(MARK) == mark
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def run_python(script: Path, *words: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a script of this folder."""
    return subprocess.Popen(
        [sys.executable, str(script), *words],
        cwd=PROJECT_DIR,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )

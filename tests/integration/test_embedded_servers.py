"""The embedded servers, really started: data, ports, kills, interrupts, a closed clone."""

from __future__ import annotations

import http
import http.client
import itertools
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from dateline.errors import ConfigError
from dateline.local import (
    Endpoints,
    ServerOptions,
    read_endpoints,
    server_status,
    start_server,
    start_servers,
    stop_server,
    stop_servers,
)
from dateline.local.folders import find_folders
from dateline.local.ports import HOST, is_free
from dateline.local.processes import find_processes

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).resolve().parents[2]
TOPIC = "survivors"
# A start takes 10 s on an idle machine with two cores, and the suite may run beside other work.
OPTIONS = ServerOptions(kafka_port=21092, elasticsearch_port=21200, startup_timeout_seconds=90)


def _wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def _ours(state_dir: Path) -> list[psutil.Process]:
    folders = find_folders(state_dir)
    return [*find_processes(folders.mark("kafka")), *find_processes(folders.mark("elasticsearch"))]


def _remove(state_dir: Path) -> None:
    stop_servers(state_dir)
    shutil.rmtree(find_folders(state_dir).elasticsearch_dir, ignore_errors=True)


def _request(
    endpoints: Endpoints, method: str, path: str, document: object = None
) -> tuple[int, Any]:
    """Return (status, answer); ``http.client`` goes through no proxy."""
    connection = http.client.HTTPConnection(
        endpoints.elasticsearch_url.removeprefix("http://"), timeout=30
    )
    try:
        body = None if document is None else json.dumps(document)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


def _send(endpoints: Endpoints, payload: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=endpoints.kafka_bootstrap, acks="all")
    try:
        producer.send(TOPIC, payload).get(timeout=30)
    finally:
        producer.close()


def _received(endpoints: Endpoints, count: int) -> list[bytes]:
    """Return the first ``count`` records, or fewer after 30 s of silence."""
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=endpoints.kafka_bootstrap,
        auto_offset_reset="earliest",
        group_id="readers",
        enable_auto_commit=False,
        consumer_timeout_ms=30_000,
    )
    try:
        return [record.value for record in itertools.islice(consumer, count)]
    finally:
        consumer.close()


def _saved(endpoints: Endpoints) -> int:
    _request(endpoints, "POST", "/survivors/_refresh")
    count: int = _request(endpoints, "GET", "/survivors/_count")[1]["count"]
    return count


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with running servers that hold one record and one document."""
    folder = tmp_path_factory.mktemp("embedded") / ".dateline"
    try:
        endpoints = start_servers(folder, options=OPTIONS)
        admin = KafkaAdminClient(bootstrap_servers=endpoints.kafka_bootstrap)
        admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
        admin.close()
        _send(endpoints, b"first")
        _request(endpoints, "PUT", "/survivors/_doc/1?refresh=true", {"text": "first"})
        yield folder
    finally:
        _remove(folder)


@pytest.fixture
def running(state_dir: Path) -> Endpoints:
    """Return the endpoints; a test before may have stopped a server."""
    return start_servers(state_dir, options=OPTIONS)


def test_start_servers_second_call_finds_the_first(state_dir: Path, running: Endpoints) -> None:
    before = {process.pid for process in _ours(state_dir)}
    started = time.monotonic()
    assert start_servers(state_dir, options=OPTIONS) == running
    assert time.monotonic() - started < 0.5
    assert {process.pid for process in _ours(state_dir)} == before
    assert [status.state for status in server_status(state_dir)] == ["running", "running"]
    assert all(status.memory_bytes > 50e6 for status in server_status(state_dir))


def test_servers_listen_on_this_machine_only(state_dir: Path, running: Endpoints) -> None:
    listening = [
        connection.laddr.ip
        for process in _ours(state_dir)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) == 4
    assert {address.removeprefix("::ffff:") for address in listening} == {HOST}


def test_elasticsearch_creates_no_news_index_by_itself(running: Endpoints) -> None:
    status, _ = _request(running, "PUT", "/t1-news-articles/_doc/1", {})
    assert status == http.HTTPStatus.NOT_FOUND


def test_stop_server_keeps_the_port_for_its_start(state_dir: Path, running: Endpoints) -> None:
    assert stop_server(state_dir, "kafka", signal.SIGKILL)
    assert read_endpoints(state_dir) is None
    assert not stop_server(state_dir, "kafka")
    port = start_server(state_dir, "kafka", options=OPTIONS)
    assert f"{HOST}:{port}" == running.kafka_bootstrap
    assert read_endpoints(state_dir) == running
    assert _received(running, 1) == [b"first"]


def test_start_server_whose_port_was_taken(state_dir: Path, running: Endpoints) -> None:
    stop_server(state_dir, "kafka")
    port = int(running.kafka_bootstrap.rpartition(":")[2])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, port))
        other.listen()
        with pytest.raises(ConfigError) as caught:
            start_server(state_dir, "kafka", options=OPTIONS)
    assert str(caught.value) == (
        f"The port {port} of Kafka is in use by another program. "
        "End that program, or run `dateline down` and `dateline up` for another port."
    )


def test_failed_start_says_why_and_leaves_the_other_server(
    state_dir: Path, running: Endpoints
) -> None:
    stop_server(state_dir, "kafka")
    with pytest.raises(ConfigError) as caught:
        start_servers(state_dir, options=ServerOptions(kafka_heap_mb=10**9))
    assert str(caught.value) == (
        "Kafka ended while it started: Could not reserve enough space for 1024000000000 KB object "
        f"heap. The whole log is in {state_dir / 'logs' / 'kafka.log'}."
    )
    assert [status.state for status in server_status(state_dir)] == ["stopped", "running"]


def test_data_survives_killed_servers_and_other_ports(state_dir: Path, running: Endpoints) -> None:
    for process in _ours(state_dir):
        process.kill()
    _wait_until(lambda: not _ours(state_dir), "the servers to be gone")
    assert read_endpoints(state_dir) is None
    assert [status.state for status in server_status(state_dir)] == ["dead", "dead"]
    ports = [
        int(address.rpartition(":")[2])
        for address in (running.kafka_bootstrap, running.elasticsearch_url)
    ]
    _wait_until(lambda: all(is_free(port) for port in ports), "their ports to be free")
    sockets = [_hold(port) for port in ports]
    try:
        moved = start_servers(state_dir, options=OPTIONS)
    finally:
        for held_socket in sockets:
            held_socket.close()
    assert moved.kafka_bootstrap != running.kafka_bootstrap
    assert moved.elasticsearch_url != running.elasticsearch_url
    assert read_endpoints(state_dir) == moved
    _send(moved, b"second")
    assert _received(moved, 2) == [b"first", b"second"]
    assert _saved(moved) == 1


def _hold(port: int) -> socket.socket:
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind((HOST, port))
    holder.listen()
    return holder


def test_stop_servers_leaves_nothing(state_dir: Path, running: Endpoints) -> None:
    assert stop_servers(state_dir) == ["Kafka", "Elasticsearch"]
    assert _ours(state_dir) == []
    assert read_endpoints(state_dir) is None
    assert stop_servers(state_dir) == []


class Clone:
    """A copy of the program in a folder that only its owner can enter, with its HOME beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.state_dir = self.folder / ".dateline"
        self._home = folder / "home"
        for part in ("dateline", "config"):
            shutil.copytree(
                REPOSITORY / part,
                self.folder / part,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        self._home.mkdir()
        folder.chmod(0o700)
        self._home.chmod(0o700)

    def command(self, *arguments: str, variables: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """Return the running command line of the clone."""
        return subprocess.Popen(
            ["env", f"HOME={self._home}", *variables, sys.executable, "-m", "dateline", *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=0o077,
        )

    def wait_for_servers(self) -> None:
        """Return once both servers are being started."""
        _wait_until(lambda: len(_ours(self.state_dir)) >= 2, "both servers to be started")


PORTS = ("--set", "servers.kafka_port=22092", "--set", "servers.elasticsearch_port=22200")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Return a clone in a closed folder; whatever runs there is stopped at the end."""
    made = Clone(tmp_path_factory.mktemp("closed"))
    yield made
    _remove(made.state_dir)


def _output(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_start_leaves_nothing(clone: Clone, stop_signal: signal.Signals) -> None:
    starting = clone.command(*PORTS, "up")
    clone.wait_for_servers()
    starting.send_signal(stop_signal)
    exit_code, _, stderr = _output(starting)
    assert stderr.endswith("Interrupted; what was being started is stopped.\n")
    assert exit_code == 130
    assert _ours(clone.state_dir) == []
    assert not (clone.state_dir / "run" / "servers.json").exists()


def test_start_after_a_killed_start_in_a_closed_clone(clone: Clone) -> None:
    killed = clone.command(*PORTS, "up")
    clone.wait_for_servers()
    killed.kill()
    _output(killed)
    left_over = {process.pid for process in _ours(clone.state_dir)}
    assert left_over

    at_once = [clone.command(*PORTS, "up", "--json"), clone.command(*PORTS, "up", "--json")]
    answers = [_output(process) for process in at_once]

    assert [exit_code for exit_code, _, _ in answers] == [0, 0], answers
    endpoints = read_endpoints(clone.state_dir)
    assert endpoints is not None
    assert {stdout for _, stdout, _ in answers} == {
        json.dumps(
            {
                "kafka_bootstrap": endpoints.kafka_bootstrap,
                "elasticsearch_url": endpoints.elasticsearch_url,
            }
        )
        + "\n"
    }
    assert any("Another `dateline up`" in stderr for _, _, stderr in answers)
    assert not any("\x1b" in stderr for _, _, stderr in answers)
    assert not left_over & {process.pid for process in _ours(clone.state_dir)}
    _check_user(clone.state_dir)
    assert _output(clone.command("down"))[:2] == (0, "Stopped: Kafka, Elasticsearch.\n")
    assert _ours(clone.state_dir) == []


def _check_user(state_dir: Path) -> None:
    """Elasticsearch runs as another user when we are root, and keeps its data to itself."""
    folders = find_folders(state_dir)
    names = {process.username() for process in find_processes(folders.mark("elasticsearch"))}
    if folders.elasticsearch_user is None:
        assert names == {psutil.Process().username()}
        return
    assert names == {folders.elasticsearch_user.name}
    assert folders.elasticsearch_dir.stat().st_mode & 0o777 == 0o700
    assert (state_dir / "elasticsearch").readlink() == folders.elasticsearch_dir


def test_start_error_is_one_sentence_and_exit_code_2(clone: Clone) -> None:
    command = clone.command(*PORTS, "--set", "servers.elasticsearch_heap_mb=999999999", "up")
    exit_code, stdout, stderr = _output(command)
    assert exit_code == 2
    assert stdout == ""
    # "Another ...": the servers of other tests may be unpacking into the same cache just now.
    lines = [x for x in stderr.splitlines() if not x.startswith(("Start ", "Another "))]
    assert lines == [
        "error E101: Elasticsearch ended while it started: Could not reserve enough space for "
        "1024000000000 KB object heap. The whole log is in "
        f"{clone.state_dir / 'logs' / 'elasticsearch.log'}."
    ]
    assert _ours(clone.state_dir) == []


def test_start_without_network_and_with_an_empty_cache(clone: Clone) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as closed_port:
        # Root's Elasticsearch user must be able to reach it, and pytest's own folders are closed.
        Path(folder).chmod(0o755)
        closed_port.bind((HOST, 0))
        proxy = f"HTTPS_PROXY=http://{HOST}:{closed_port.getsockname()[1]}"
        cache = f"servers.cache_dir={folder}"
        command = clone.command(
            "--set", cache, "up", variables=(proxy, proxy.replace("HTTPS_PROXY", "https_proxy"))
        )
        exit_code, _, stderr = _output(command)
        assert list(Path(folder).glob("jars/*")) == []
    assert exit_code == 2
    assert stderr.endswith(
        " cannot be downloaded: the Maven repository does not answer (ProxyError). "
        "Check the network and the proxy settings, then run `dateline up` again.\n"
    )
    assert _ours(clone.state_dir) == []


def test_foreground_stops_both_on_interrupt(clone: Clone) -> None:
    command = clone.command(*PORTS, "up", "--foreground")
    _wait_until(lambda: read_endpoints(clone.state_dir) is not None, "the servers", 90)
    _read_line(command.stdout, "Elasticsearch")
    command.send_signal(signal.SIGINT)
    exit_code, _, stderr = _output(command)
    assert stderr.endswith("Both servers are stopped.\n")
    assert exit_code == 0
    assert _ours(clone.state_dir) == []


def _read_line(stream: IO[str] | None, text: str) -> None:
    assert stream is not None
    for line in stream:
        if text in line:
            return

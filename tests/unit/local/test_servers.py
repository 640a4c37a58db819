"""What can be said of servers without starting any."""

from __future__ import annotations

import json
import os
import re
import socket
import tomllib
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from dateline.errors import ConfigError
from dateline.local import (
    ServerOptions,
    read_endpoints,
    server_status,
    start_servers,
    stop_servers,
)
from dateline.local import servers as servers_module
from dateline.local.elasticsearch_server import ElasticsearchPlan, elasticsearch_yml, jvm_options
from dateline.local.folders import ROOT_DATA_DIR, Folders, find_folders
from dateline.local.java import Java
from dateline.local.kafka_server import KafkaPlan, broker_properties
from dateline.local.pins import PINS_PATH, load_pins
from dateline.local.ports import HOST, choose_port, is_free
from dateline.local.run_file import ServerRecord, last_ports, read_records, write_records
from dateline.local.servers import _claim, instance_id, prepare_elasticsearch, telling_line


def _record(pid: int, *, mark: str, port: int = 19092, is_ready: bool = True) -> ServerRecord:
    return ServerRecord(
        pid=pid,
        created_at_seconds=psutil.Process().create_time(),
        mark=mark,
        port=port,
        inner_port=port + 1,
        version="1",
        data_dir="/data",
        log_path="/log",
        is_ready=is_ready,
    )


def _write(state_dir: Path, *, mark: str, pid: int | None = None, is_ready: bool = True) -> None:
    pid = os.getpid() if pid is None else pid
    write_records(
        state_dir / "run",
        {
            "kafka": _record(pid, mark=mark, is_ready=is_ready),
            "elasticsearch": _record(pid, mark=mark, port=19200, is_ready=is_ready),
        },
    )


@pytest.fixture
def own_mark() -> str:
    """A word of this process's command line: to our functions it then looks like a server."""
    return psutil.Process().cmdline()[0]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return find_folders(tmp_path / ".dateline", tmp_path / "cache", user_id=1000)


def test_read_endpoints_of_living_servers(tmp_path: Path, own_mark: str) -> None:
    _write(tmp_path, mark=own_mark)
    endpoints = read_endpoints(tmp_path)
    assert endpoints is not None
    assert asdict(endpoints) == {
        "kafka_bootstrap": "127.0.0.1:19092",
        "elasticsearch_url": "http://127.0.0.1:19200",
    }


def test_read_endpoints_of_a_pid_that_another_process_has_now(tmp_path: Path) -> None:
    _write(tmp_path, mark="dateline-0000000000-kafka")
    assert read_endpoints(tmp_path) is None
    assert [status.state for status in server_status(tmp_path)] == ["dead", "dead"]


def test_read_endpoints_while_they_start(tmp_path: Path, own_mark: str) -> None:
    _write(tmp_path, mark=own_mark, is_ready=False)
    assert read_endpoints(tmp_path) is None
    assert [status.state for status in server_status(tmp_path)] == ["starting", "starting"]


def test_read_endpoints_without_a_run_file(tmp_path: Path) -> None:
    assert read_endpoints(tmp_path / "nothing") is None
    assert [status.state for status in server_status(tmp_path)] == ["stopped", "stopped"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kafka": {"pid": 1}}', '{"kafka": 3}'])
def test_read_records_of_a_broken_run_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "servers.json").write_text(text)
    assert read_records(tmp_path) == {}


def test_write_records_remembers_the_ports(tmp_path: Path) -> None:
    write_records(tmp_path, {"kafka": _record(1, mark="m")})
    write_records(tmp_path, {})
    assert not (tmp_path / "servers.json").exists()
    assert last_ports(tmp_path, "kafka") == (19092, 19093)
    assert last_ports(tmp_path, "elasticsearch") is None


def test_stop_servers_where_nothing_was_ever_started(tmp_path: Path) -> None:
    assert stop_servers(tmp_path / ".dateline") == []
    assert not (tmp_path / ".dateline").exists()


def test_start_servers_state_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigError) as caught:
        start_servers(tmp_path / "state")
    assert str(caught.value) == (
        f"The state folder {tmp_path / 'state'} cannot be written: Not a directory. "
        "Make it writable, or set project.state_dir to another folder."
    )


def test_start_servers_while_another_start_hangs(tmp_path: Path) -> None:
    lock_path = tmp_path / "run" / "lock"
    lock_path.parent.mkdir()
    with FileLock(lock_path), pytest.raises(ConfigError) as caught:
        start_servers(tmp_path, options=ServerOptions(startup_timeout_seconds=0.2))
    assert str(caught.value) == (
        f"Another `dateline up` or `dateline down` has held {lock_path} for 0 s. "
        "Wait for it to end, or end it, then try again."
    )


def test_start_servers_not_enough_disk_for_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers_module, "DATA_SPACE_BYTES", 10**18)
    monkeypatch.setattr(servers_module, "user_can_enter", lambda _folder, _user: True)
    options = ServerOptions(cache_dir=tmp_path / "cache")
    with pytest.raises(ConfigError, match=r"MB free, and 1000000000000 MB are needed\. Free some"):
        start_servers(tmp_path / "state", options=options)
    assert read_records(tmp_path / "state" / "run") == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Elasticsearch as another user")
def test_start_servers_cache_folder_that_the_server_user_cannot_reach(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folders = find_folders(tmp_path)
    assert folders.elasticsearch_user is not None
    with pytest.raises(ConfigError) as caught:
        start_servers(tmp_path / "state", options=ServerOptions(cache_dir=closed / "cache"))
    assert str(caught.value) == (
        f"The user {folders.elasticsearch_user.name}, which runs Elasticsearch for root, cannot "
        f"reach {closed / 'cache'}. Set servers.cache_dir to a folder that every user can reach."
    )


@pytest.mark.parametrize(
    ("log", "line"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("one\ntwo\n", "two", id="last-line"),
        pytest.param(
            "Error occurred during initialization of VM\nCould not reserve enough space\n",
            "Could not reserve enough space",
            id="java-machine",
        ),
        pytest.param(
            "[2026-01-01 10:00:00,000] INFO starting (Kafka$)\n"
            "[2026-01-01 10:00:01,000] ERROR Exiting Kafka due to fatal exception (Kafka$)\n"
            "java.lang.RuntimeException: Stored node id 7 doesn't match\n"
            "\tat kafka.Kafka.main(Kafka.scala)\n"
            "[2026-01-01 10:00:02,000] INFO shutting down (Kafka$)\n",
            "java.lang.RuntimeException: Stored node id 7 doesn't match",
            id="exception-before-error-line",
        ),
        pytest.param(
            "[2026-01-01T10:00:00,1] ERROR o.e.b.Elasticsearch: fatal exception\n"
            "org.elasticsearch.http.BindHttpException: Failed to bind to 127.0.0.1:9200\n"
            "Caused by: java.lang.IllegalStateException: closed\n",
            "org.elasticsearch.http.BindHttpException: Failed to bind to 127.0.0.1:9200",
            id="port-in-use",
        ),
    ],
)
def test_telling_line(log: str, line: str) -> None:
    assert telling_line(log) == line


def test_choose_port_prefers_in_order_and_skips_taken_ones() -> None:
    first, second = choose_port([]), choose_port([20500])
    assert choose_port([first, second]) == first
    assert choose_port([first, second], taken={first}) == second


def test_choose_port_skips_a_port_in_use() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert not is_free(port)
        assert choose_port([port]) != port
    assert is_free(port)


def test_find_folders_of_a_plain_user(folders: Folders) -> None:
    assert folders.elasticsearch_user is None
    assert folders.elasticsearch_dir == folders.state_dir / "elasticsearch"


def test_find_folders_of_root_leave_the_home(tmp_path: Path) -> None:
    folders = find_folders(tmp_path, user_id=0)
    assert folders.elasticsearch_user is not None
    assert folders.elasticsearch_user.name in {"elasticsearch", "nobody"}
    assert folders.elasticsearch_dir.parent.parent == ROOT_DATA_DIR
    assert folders.cache_dir == Path("/var/cache/dateline")
    assert folders.elasticsearch_dir != find_folders(tmp_path / "x", user_id=0).elasticsearch_dir


def test_broker_properties_listen_on_this_machine_only(folders: Folders) -> None:
    plan = KafkaPlan(
        folders=folders,
        java=Java(home=Path("/java"), version=25),
        jars=(),
        heap_mb=256,
        port=19092,
        controller_port=19093,
    )
    rows = dict(line.split("=", 1) for line in broker_properties(plan, plan.data_dir).splitlines())
    assert rows["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert rows["controller.quorum.voters"] == "1@127.0.0.1:19093"
    assert rows["auto.create.topics.enable"] == "false"
    assert rows["transaction.state.log.min.isr"] == "1"


def test_elasticsearch_yml_listens_on_this_machine_only(folders: Folders) -> None:
    plan = ElasticsearchPlan(
        folders=folders,
        java=Java(home=Path("/java"), version=25),
        home=Path("/es"),
        heap_mb=300,
        port=19200,
        transport_port=19300,
    )
    text = elasticsearch_yml(plan)
    assert "http.host: 127.0.0.1\n" in text
    assert 'action.auto_create_index: "-*news-*,+*"\n' in text
    assert f"path.data: {json.dumps(str(plan.folder / 'data'))}\n" in text
    options = jvm_options(plan).splitlines()
    assert options[:2] == ["-Xms300m", "-Xmx300m"]
    assert f"-Ddateline.server={folders.mark('elasticsearch')}" in options


def test_prepare_elasticsearch_after_a_start_that_was_killed(folders: Folders) -> None:
    plan = ElasticsearchPlan(
        folders=folders,
        java=Java(home=Path("/java"), version=25),
        home=Path("/es"),
        heap_mb=300,
        port=19200,
        transport_port=19300,
    )
    half_written = plan.folder / "config" / "elasticsearch.keystore.tmp"
    half_written.parent.mkdir(parents=True)
    half_written.write_text("half")
    prepare_elasticsearch(plan)
    assert not half_written.exists()
    assert (plan.folder / "tmp").is_dir()


def test_pins_name_every_file_by_checksum_and_no_host() -> None:
    pins = load_pins()
    files = [*pins.kafka_jars, pins.elasticsearch_zip]
    assert all(re.fullmatch(r"[0-9a-f]{64}", pin.sha256) and pin.size_bytes > 0 for pin in files)
    assert len({pin.file_name for pin in files}) == len(files)
    text = PINS_PATH.read_text(encoding="utf-8")
    assert "http" not in re.sub(r'coordinates = ".*"', "", text)
    assert set(tomllib.loads(text)) == {"kafka", "elasticsearch"}


def test_load_pins_without_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_pins(tmp_path / "servers.toml")
    assert caught.value.hint == "Restore it with `git checkout config/servers.toml`."


def test_instance_id_is_kept_by_a_state_folder_and_new_for_a_new_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()

    assert instance_id(first) == instance_id(first)
    assert instance_id(first) != instance_id(second)


def test_data_outside_the_state_folder_is_kept_for_its_instance_only(tmp_path: Path) -> None:
    folder = tmp_path / "outside" / "elasticsearch"
    _claim(folder, "one")
    (folder / "document").write_text("kept")

    _claim(folder, "one")  # the link was lost, or the folder is started again
    assert (folder / "document").read_text() == "kept"

    _claim(folder, "two")  # the state folder was deleted and made anew at the same place
    assert list(folder.iterdir()) == []

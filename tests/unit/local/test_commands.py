"""What `up`, `down`, `status` and `doctor` print."""

from __future__ import annotations

import dataclasses
import io
import json
import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from dateline.cli import cli, servers
from dateline.cli.context import CliContext
from dateline.cli.servers import doctor, down, server_options, status, up
from dateline.errors import ConfigError
from dateline.local import Endpoints, ServerOptions
from dateline.local.doctor import check_disk, check_port, check_python, run_checks
from dateline.local.folders import find_folders
from dateline.local.run_file import ServerRecord, write_records
from dateline.local.terminal_progress import TerminalProgress, progress_text
from dateline.settings import ProjectSettings, Settings


def _invoke(command: object, state_dir: Path, *arguments: str) -> Result:
    settings = dataclasses.replace(Settings(), project=ProjectSettings(state_dir=str(state_dir)))
    context = CliContext(
        settings=settings,
        console=Console(file=io.StringIO(), highlight=False, soft_wrap=True),
        stderr=Console(file=io.StringIO(), highlight=False, soft_wrap=True),
    )
    result = CliRunner().invoke(command, list(arguments), obj=context)  # type: ignore[arg-type]
    result.printed = context.console.file.getvalue()  # type: ignore[attr-defined]
    return result


@pytest.mark.parametrize("command", [up, down, status, doctor])
def test_help_has_an_example(command: object) -> None:
    result = CliRunner().invoke(command, ["--help"])  # type: ignore[arg-type]
    assert "  dateline " in result.output


def test_down_of_nothing(tmp_path: Path) -> None:
    result = _invoke(down, tmp_path)
    assert result.printed == "No server of this folder was running.\n"
    assert result.exit_code == 0


def test_up_prints_the_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = Endpoints(kafka_bootstrap="127.0.0.1:1", elasticsearch_url="http://127.0.0.1:2")
    monkeypatch.setattr(servers, "start_servers", lambda *_arguments, **_options: endpoints)
    monkeypatch.setattr("signal.signal", lambda *_arguments: None)
    assert _invoke(up, tmp_path).printed == (
        "Kafka          127.0.0.1:1\nElasticsearch  http://127.0.0.1:2\n"
    )
    assert json.loads(_invoke(up, tmp_path, "--json").stdout) == {
        "kafka_bootstrap": "127.0.0.1:1",
        "elasticsearch_url": "http://127.0.0.1:2",
    }


def test_up_passes_the_error_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object, **_options: object) -> None:
        raise ConfigError("No.")

    monkeypatch.setattr(servers, "start_servers", fails)
    monkeypatch.setattr("signal.signal", lambda *_arguments: None)
    assert isinstance(_invoke(up, tmp_path).exception, ConfigError)


def test_status_of_a_dead_server(tmp_path: Path) -> None:
    record = ServerRecord(
        pid=psutil.Process().pid,
        created_at_seconds=0.0,
        mark="dateline-0000000000-kafka",
        port=9092,
        inner_port=9093,
        version="4.1.0",
        data_dir="/data",
        log_path="/log",
        is_ready=True,
    )
    write_records(tmp_path / "run", {"kafka": record})
    lines = _invoke(status, tmp_path).printed.splitlines()
    assert lines[1].split() == ["Kafka", "4.1.0", "dead", "-", "9092", "-", "-", "/data"]
    assert lines[2].split() == ["Elasticsearch", "stopped", "-", "-", "-", "-", "-"]
    value = json.loads(_invoke(status, tmp_path, "--json").stdout)
    assert [row["state"] for row in value["servers"]] == ["dead", "stopped"]


def test_status_without_elasticsearch_says_that_drift_is_not_known(tmp_path: Path) -> None:
    assert "Licence drift: not known" in _invoke(status, tmp_path).printed
    value = json.loads(_invoke(status, tmp_path, "--json").stdout)
    assert value["license_notices"] is None


def test_doctor_exits_with_2_when_something_blocks(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    result = _invoke(doctor, tmp_path / "state" / "x", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert checks["State folder"] == {
        "name": "State folder",
        "verdict": "problem",
        "detail": f"{tmp_path / 'state' / 'x'} cannot be written",
        "remedy": "Make it writable, or set project.state_dir to another folder.",
    }
    assert result.exit_code == 2


def test_doctor_names_the_line_of_the_contact(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'[project]\nstate_dir = "{tmp_path}"\n[fetch]\ncontact = ""\n')
    result = CliRunner().invoke(cli, ["--config", str(path), "doctor", "--json"])
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert checks["Contact"]["verdict"] == "note"
    assert checks["Contact"]["remedy"].startswith(f"Set line 4 of {path}: contact = ")


def test_doctor_shows_the_section_of_the_contact(tmp_path: Path) -> None:
    result = _invoke(doctor, tmp_path)
    assert "[fetch]" in " ".join(result.printed.split())


def test_run_checks_change_nothing(tmp_path: Path) -> None:
    checks = run_checks(tmp_path / "state", ServerOptions(cache_dir=tmp_path / "cache"))
    assert {"Python", "Java", "Disk", "Memory", "Servers"} <= {check.name for check in checks}
    assert list(tmp_path.iterdir()) == []


def test_check_python_too_old() -> None:
    check = check_python((3, 10))
    assert (check.verdict, check.detail) == ("problem", "3.10 is too old")


def test_check_disk_full_before_the_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    check = check_disk(find_folders(tmp_path, tmp_path / "cache"))
    assert check.verdict == "problem"
    assert check.detail == f"{tmp_path / 'cache'} has 1 MB free of 529 MB needed"


def test_check_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        check = check_port(find_folders(tmp_path), "kafka", port)
    assert check.detail == "in use by another program; Kafka will take another port"


def test_server_options_setting_before_environment() -> None:
    assert server_options(Settings(), Path("/env")).java_home == Path("/env")
    assert server_options(Settings()).java_home is None


def test_progress_without_a_terminal_has_no_control_characters() -> None:
    stream = io.StringIO()
    with TerminalProgress(Console(file=stream, highlight=False)) as report:
        for done in range(0, 101, 5):
            report.update("Download", done=done * 1e6, total=100e6, unit="bytes")
        report.finish("Download", outcome="100 MB, checksums right")
        for done in range(30):
            report.update("Start Kafka", done=done, total=None, unit="seconds")
        report.finish("Start Kafka", outcome="port 9092, 3.0 s")
        report.note("[done]")
    assert stream.getvalue().splitlines() == [
        "Download: 0 of 100 MB",
        "Download: 25 of 100 MB",
        "Download: 50 of 100 MB",
        "Download: 75 of 100 MB",
        "Download: 100 MB, checksums right",
        "Start Kafka: 0 s",
        "Start Kafka: port 9092, 3.0 s",
        "[done]",
    ]


def test_progress_on_a_terminal_shows_the_task() -> None:
    stream = io.StringIO()
    with TerminalProgress(
        Console(file=stream, force_terminal=True, width=80, highlight=False)
    ) as report:
        report.update("Download", done=50e6, total=100e6, unit="bytes")
        report.finish("Download", outcome="100 MB")
    assert "Download: 100 MB" in stream.getvalue()


def test_progress_text_of_an_unknown_total() -> None:
    assert progress_text(2e6, None, "bytes") == "2 MB"

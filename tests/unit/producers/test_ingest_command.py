from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dateline.cli import cli
from dateline.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "wire"
    path.mkdir()
    (path / "a.txt").write_text("One.")
    (path / "b.txt").write_bytes(b"")
    (path / "c.pdf").write_bytes(b"x")
    return path


def invoke(tmp_path: Path, *arguments: str | Path, stdin: str | None = None) -> Result:
    # Nothing listens there: a dry run must do without Kafka, anything else must say so.
    options = [f"--set=project.state_dir={tmp_path / 'state'}", "ingest"]
    return CliRunner().invoke(cli, [*options, *map(str, arguments)], input=stdin)


def test_ingest_dry_run_prints_counts_and_reasons(folder: Path, tmp_path: Path) -> None:
    result = invoke(tmp_path, folder, "--dry-run")
    assert result.exit_code == 1
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[:4] == [
        "outcome count reason",
        "would be sent 1",
        "skipped 1 unknown format (extension .pdf)",
        "refused 1 empty",
    ]
    assert lines[4] == f"refused {folder / 'b.txt'}: empty: 0 bytes"
    assert result.stderr == "Kafka is not running: everything counts as new\n"
    assert not (tmp_path / "state").exists()


def test_ingest_json_has_every_refusal(folder: Path, tmp_path: Path) -> None:
    (folder / "d.jsonl").write_text("{}\n" * 30)
    refused = tmp_path / "refused.jsonl"
    result = invoke(tmp_path, folder, "--dry-run", "--json", "--refused-to", refused)
    summary = json.loads(result.stdout)
    assert (summary["sent"], summary["skipped"], summary["refused"]) == (1, 1, 31)
    assert summary["dry_run"] is True
    assert summary["refusals"][1] == {
        "file": str(folder / "d.jsonl"),
        "line": 1,
        "reason": "missing text: no field `text` or `body`",
    }
    rows = [json.loads(line) for line in refused.read_text().splitlines()]
    assert rows == summary["refusals"]


def test_ingest_shows_the_first_refusals_and_counts_the_rest(folder: Path, tmp_path: Path) -> None:
    (folder / "d.jsonl").write_text("{}\n" * 30)
    result = invoke(tmp_path, folder, "--dry-run")
    assert result.stdout.count("d.jsonl:") == 19
    assert "... and 11 more (--refused-to FILE keeps them all)." in result.stdout


def test_ingest_prints_a_hostile_name_harmlessly(folder: Path, tmp_path: Path) -> None:
    (folder / "\x1b[2J[red].txt").write_bytes(b"")
    result = invoke(tmp_path, folder, "--dry-run")
    assert "\x1b" not in result.stdout
    assert "␛[2J[red].txt" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("/nowhere/at/all",), "/nowhere/at/all: no such file or folder.", id="path"),
        pytest.param(
            ("-",),
            "standard input has no file name to tell its format."
            " Give --format txt|html|json|jsonl|ninjs|warc.",
            id="stdin-format",
        ),
        pytest.param(
            ("-", "-", "--format", "txt"), "standard input (-) can be read once only.", id="twice"
        ),
        pytest.param(
            (".", "--source", " "),
            "--source is empty. Name the publisher, or leave it out.",
            id="source",
        ),
        pytest.param(
            (".", "--watch", "--dry-run"), "--watch takes folders, and no --dry-run.", id="watch"
        ),
    ],
)
def test_ingest_refuses_to_start(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke(tmp_path, *arguments)
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == message


def test_ingest_without_kafka_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    result = invoke(tmp_path, folder)
    assert isinstance(result.exception, ConfigError)
    assert "Start it with `dateline up`" in str(result.exception)


def test_ingest_help_shows_examples(tmp_path: Path) -> None:
    result = invoke(tmp_path, "--help")
    assert "dateline ingest archive.jsonl --source example.org --backfill" in result.stdout

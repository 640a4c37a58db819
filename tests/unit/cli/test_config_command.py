"""Settings with their origin, and their documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_doubles import invoke

from dateline.cli import config as module
from dateline.cli.config import DOCS_PATH, config, config_docs
from dateline.settings import Settings, key_specs, load_settings


def _settings(tmp_path: Path) -> Settings:
    file = tmp_path / "dateline.toml"
    file.write_text("[index]\nrefresh_interval_ms = 900\n", encoding="utf-8")
    return load_settings(
        config_path=file,
        environ={"DATELINE_ELASTICSEARCH_PASSWORD": "hunter2", "DATELINE_PROJECT_NAMESPACE": "n"},
        assignments=["servers.kafka_port=19092"],
    )


def test_show_says_where_each_value_comes_from(tmp_path: Path) -> None:
    printed = invoke(config, "show", settings=_settings(tmp_path)).stdout
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines()}

    assert rows["index.refresh_interval_ms"] == ["900", str(tmp_path / "dateline.toml")]
    assert rows["project.namespace"] == ["n", "environment", "DATELINE_PROJECT_NAMESPACE"]
    assert rows["servers.kafka_port"] == ["19092", "--set"]
    assert rows["servers.elasticsearch_port"] == ["9200", "default"]
    assert set(rows) == {"setting", *(spec.path for spec in key_specs())}


def test_show_masks_secrets(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    table = invoke(config, "show", settings=settings).stdout
    rows = json.loads(invoke(config, "show", "--json", settings=settings).stdout)

    assert "hunter2" not in table + json.dumps(rows)
    assert {"******"} == {r["value"] for r in rows if r["key"] == "elasticsearch.password"}


def test_show_does_not_mask_what_is_not_set() -> None:
    rows = json.loads(invoke(config, "show", "--json").stdout)

    assert "******" not in {str(row["value"]) for row in rows}


def test_docs_are_current() -> None:
    message = "run `dateline config docs`"
    assert DOCS_PATH.read_text(encoding="utf-8") == config_docs(), message


def test_docs_have_a_row_for_every_key() -> None:
    docs = config_docs()

    for spec in key_specs():
        assert f"| `{spec.name}` | `{spec.variable}` |" in docs


def test_docs_check_finds_a_stale_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "docs" / "config.md"
    monkeypatch.setattr(module, "DOCS_PATH", path)

    stale = invoke(config, "docs", "--check")
    assert stale.exit_code == 1
    assert stale.stderr == "config.md is not current; run `dateline config docs`.\n"
    assert invoke(config, "docs").exit_code == 0
    assert invoke(config, "docs", "--check").exit_code == 0

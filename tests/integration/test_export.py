"""Exports and their later check against a real index."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cli_on_servers import index_documents as _index
from cli_on_servers import run_command as _run
from export_samples import PURPOSE, decisions, licensed, rights
from ninjs_subset import faults
from sample_documents import snippet_document, tombstone

from dateline.cli.export import export
from dateline.endpoints import search_client
from dateline.export.read_index import all_states_query, count_documents, scan_documents
from dateline.records import SearchDocument
from dateline.rights.policy import load_policy
from dateline.search.article_queries import ArticleSearch
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR, Settings

pytestmark = pytest.mark.integration

STAMP = load_policy(PROJECT_DIR / "config" / "policies.toml").stamp


def _licensed(key: str, **changes: Any) -> SearchDocument:
    return licensed(key, **{"decisions": decisions(policy_id=STAMP), **changes})


def _export(settings: Settings, folder: Path, *words: str) -> dict[str, Any]:
    result = _run(settings, export, "--purpose", PURPOSE, "--out", str(folder), "--json", *words)
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def _rows(path: Path) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_before_the_first_article_an_export_is_empty(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    assert _export(pipeline_settings, tmp_path / "out")["read"] == 0


def test_an_export_passes_on_what_is_allowed_and_counts_the_rest(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    unknown = _licensed("u.txt", rights=rights(status="unknown"))
    wire = _licensed("w.txt", source_id="wire")
    _index(pipeline_settings, [_licensed("a.txt"), wire, unknown, tombstone(), snippet_document()])

    for format_ in ("jsonl", "ninjs", "parquet"):
        report = _export(pipeline_settings, tmp_path / format_, "--format", format_)
        assert (report["read"], report["exported"]) == (5, 2)
        assert {name: row["count"] for name, row in report["held_back"].items()} == {
            "rights_unknown": 1, "canceled": 1, "not_decided": 1,
        }  # fmt: skip
    items = _rows(tmp_path / "ninjs" / "articles.ninjs.jsonl")
    assert [faults(item) for item in items] == [[], []]
    lines = _rows(tmp_path / "jsonl" / "articles.jsonl")
    assert {line["article_id"] for line in lines} == {
        _licensed("a.txt").article_id,
        wire.article_id,
    }

    report = _export(pipeline_settings, tmp_path / "one", "--source", "wire", "--query", "pier")
    assert (report["read"], report["exported"]) == (1, 1)
    assert report["query"] == {"words": "pier", "sources": ["wire"]}
    again = _run(pipeline_settings, export, "--purpose", PURPOSE, "--out", str(tmp_path / "one"))
    assert "is there already" in str(again.exception)


def test_a_kill_a_downgrade_and_a_change_reach_an_earlier_export(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    keys = ("killed.txt", "down.txt", "changed.txt", "stays.txt")
    _index(pipeline_settings, [_licensed(key) for key in keys])
    assert _export(pipeline_settings, folder)["exported"] == 4
    whole = _run(pipeline_settings, export, "verify", str(folder))
    assert (whole.exit_code, whole.stdout) == (0, "All 4 records may stay as they were exported.\n")

    down = _licensed("down.txt", revision=2, decisions=decisions(policy_id=STAMP, export=False))
    changed = _licensed("changed.txt", revision=2, content_sha256="c" * 64)
    stays = _licensed("stays.txt", revision=2)
    _index(pipeline_settings, [tombstone("killed.txt"), down, changed, stays])
    result = _run(pipeline_settings, export, "verify", str(folder), "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["counts"] == {
        "canceled": 1, "no_longer_allowed": 1, "text_changed": 1,
    }  # fmt: skip
    retracted = {row["article_id"]: row for row in _rows(folder / "retractions.jsonl")}
    assert set(retracted) == {
        tombstone("killed.txt").article_id, down.article_id, changed.article_id,
    }  # fmt: skip
    assert retracted[down.article_id]["exported_revision"] == 1
    assert retracted[down.article_id]["revision"] == 2


def test_a_scan_reads_every_page_once_as_of_its_beginning(pipeline_settings: Settings) -> None:
    documents = [_licensed(f"{number}.txt") for number in range(25)]
    _index(pipeline_settings, documents)
    index = articles_index(pipeline_settings)
    query = all_states_query(ArticleSearch())

    with search_client(pipeline_settings) as client:
        assert count_documents(client, index, query) == 25
        scan = scan_documents(client, index, query, page_documents=5)
        first = next(scan)
        late = [dataclasses.replace(each, revision=2, title="Changed") for each in documents]
        _index(pipeline_settings, [*late, _licensed("new.txt")])
        found = [first, *scan]

    assert sorted(each.article_id for each in found) == sorted(d.article_id for d in documents)
    assert [each.article_id for each in found] == sorted(each.article_id for each in found)
    assert {each.revision for each in found} == {1}
    assert found[0].body == documents[0].body

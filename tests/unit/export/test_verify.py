"""What of an export must not stay as it is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from export_samples import NOW, POLICY, PURPOSE, decisions, licensed, rights
from sample_documents import tombstone

from dateline.errors import ConfigError
from dateline.export import verify
from dateline.export.verify import (
    RETRACTION_WORDS,
    Retraction,
    find_retractions,
    read_manifest,
    read_purpose,
    write_retractions,
)
from dateline.export.write_export import ExportPlan, write_export
from dateline.records import SearchDocument
from dateline.rights.record import Access


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plan = ExportPlan(purpose=PURPOSE, format="jsonl", policy_id=POLICY, now=NOW)
    write_export([licensed("killed.txt"), licensed("b.txt")], tmp_path / "out", plan)
    return tmp_path / "out"


def _reasons(folder: Path, *documents: SearchDocument) -> list[tuple[str, str]]:
    known = {document.article_id: document for document in documents}
    found = find_retractions(read_manifest(folder), read_purpose(folder), lambda _: known, now=NOW)
    return [(each.reason, each.article_id) for each in found]


def test_an_export_stays_while_nothing_that_binds_has_changed(folder: Path) -> None:
    moved = licensed("b.txt", revision=7, story_id="f" * 64, decisions=decisions(policy_id="x@9"))

    assert _reasons(folder, licensed("killed.txt"), moved) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pub_status": "withheld"}, "withheld"),
        ({"decisions": decisions(export=False)}, "no_longer_allowed"),
        ({"decisions": ()}, "no_longer_allowed"),
        ({"rights": None}, "no_longer_allowed"),
        ({"rights": rights(access=Access(expires_at=NOW))}, "expired"),
        ({"rights": rights(spdx_expression="CC-BY-SA-4.0")}, "license_changed"),
        ({"rights": rights(effective=("by", "nc"))}, "license_changed"),
        ({"content_sha256": "c" * 64}, "text_changed"),
    ],
)
def test_what_has_changed_is_retracted(folder: Path, changes: dict[str, Any], reason: str) -> None:
    changed = licensed("b.txt", **changes)

    assert _reasons(folder, licensed("killed.txt"), changed) == [(reason, changed.article_id)]


def test_a_kill_and_an_article_that_is_gone_are_retracted(folder: Path) -> None:
    assert _reasons(folder, tombstone("killed.txt")) == [
        ("canceled", licensed("killed.txt").article_id),
        ("not_in_index", licensed("b.txt").article_id),
    ]


def test_every_retraction_says_what_to_do() -> None:
    assert set(RETRACTION_WORDS) == set(get_args(Retraction))


def test_a_long_manifest_is_asked_for_in_batches(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "BATCH_IDS", 2)
    (row, _) = read_manifest(folder)
    rows = [dataclasses.replace(row, article_id=f"{number:064}") for number in range(5)]
    asked: list[int] = []

    def find(ids: Sequence[str]) -> Mapping[str, SearchDocument]:
        asked.append(len(ids))
        return {}

    assert len(list(find_retractions(iter(rows), PURPOSE, find, now=NOW))) == 5
    assert asked == [2, 2, 1]


def test_retractions_are_written_anew_each_time(folder: Path) -> None:
    found = list(find_retractions(read_manifest(folder), PURPOSE, lambda _: {}, now=NOW))
    write_retractions(folder, found)

    (first, _) = map(json.loads, (folder / "retractions.jsonl").read_text().splitlines())
    assert first["reason"] == "not_in_index"
    assert first["exported_revision"] == 1
    write_retractions(folder, [])
    assert (folder / "retractions.jsonl").read_bytes() == b""
    assert read_purpose(folder) == PURPOSE  # the new file is none of the export's own


def test_a_changed_export_is_refused(folder: Path, tmp_path: Path) -> None:
    with (folder / "articles.jsonl").open("a") as file:
        file.write("{}\n")

    with pytest.raises(ConfigError, match=r"articles.jsonl changed since the export"):
        read_purpose(folder)
    with pytest.raises(ConfigError, match="holds no whole export"):
        read_purpose(tmp_path)

"""A whole export or none; steady memory; hashes that hold."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from export_samples import LINE, NOW, POLICY, PURPOSE, URI, licensed, share_alike
from filelock import FileLock
from sample_documents import TEXT, snippet_document, tombstone

from dateline.errors import ConfigError
from dateline.export.adaptation import adaptation_notes
from dateline.export.data_files import FORMATS, Format
from dateline.export.write_export import ExportPlan, file_sha256, write_export
from dateline.records import SearchDocument
from dateline.settings import PROJECT_DIR


def _plan(format_: Format = "jsonl") -> ExportPlan:
    return ExportPlan(purpose=PURPOSE, format=format_, policy_id=POLICY, now=NOW)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


DOCUMENTS = [licensed("a.txt"), snippet_document(), licensed("b.txt", pub_status="withheld"),
             tombstone(), licensed("c.txt")]  # fmt: skip


def test_an_export_has_data_credits_manifest_and_report(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    seen = []

    report = write_export(DOCUMENTS, folder, _plan(), on_document=lambda: seen.append(1))

    assert sorted(path.name for path in folder.iterdir()) == [
        "NOTICE", "articles.jsonl", "manifest.jsonl", "report.json",
    ]  # fmt: skip
    assert [path.name for path in folder.parent.iterdir()] == ["out"]
    assert len(seen) == report["read"] == 5
    assert report["exported"] == 2
    assert {name: row["count"] for name, row in report["held_back"].items()} == {
        "withheld": 1, "canceled": 1, "not_decided": 1,
    }  # fmt: skip
    assert report["held_back"]["canceled"]["examples"] == [tombstone().article_id]
    assert json.loads((folder / "report.json").read_text()) == report
    articles = _lines(folder / "articles.jsonl")
    assert [each["text"] for each in articles] == [TEXT, TEXT]
    notice = (folder / "NOTICE").read_text()
    assert notice.count(LINE) == 2
    assert DOCUMENTS[0].article_id in notice


@pytest.mark.parametrize("format_", FORMATS)
def test_no_text_that_is_held_back_is_in_any_file(tmp_path: Path, format_: Format) -> None:
    secret = licensed("s.txt", body="the secret passage", body_chars=18, pub_status="withheld")

    write_export([licensed("a.txt"), secret], tmp_path / "out", _plan(format_))

    for path in (tmp_path / "out").iterdir():
        assert b"secret" not in path.read_bytes()
        assert secret.article_id not in path.read_text("utf-8", "replace").replace(
            (tmp_path / "out" / "report.json").read_text(), ""
        )


@pytest.mark.parametrize("format_", ["jsonl", "ninjs"])
def test_the_manifest_has_the_hash_of_each_line(tmp_path: Path, format_: Format) -> None:
    report = write_export(DOCUMENTS, tmp_path / "out", _plan(format_))

    (name,) = [name for name in report["files"] if name.startswith("articles")]
    lines = (tmp_path / "out" / name).read_bytes().splitlines()
    rows = _lines(tmp_path / "out" / "manifest.jsonl")
    assert [row["record_sha256"] for row in rows] == [
        hashlib.sha256(line).hexdigest() for line in lines
    ]
    assert rows[0]["policy_id"] == POLICY
    assert rows[0]["revision"] == 1
    assert rows[0]["license_uri"] == URI
    assert len(rows[0]["evidence_sha256"]) == 1
    for name, known in report["files"].items():
        assert file_sha256(tmp_path / "out" / name) == known


def test_parquet_has_a_column_a_field_and_the_times_in_utc(tmp_path: Path) -> None:
    write_export(DOCUMENTS, tmp_path / "out", _plan("parquet"))

    table = pq.read_table(tmp_path / "out" / "articles.parquet")
    rows = table.to_pylist()
    assert [row["text"] for row in rows] == [TEXT, TEXT]
    assert rows[0]["authors"] == ["M. Roe"]
    assert rows[0]["effective"] == ["by"]
    assert rows[0]["first_seen_at"] == licensed().first_seen_at
    assert rows[0]["published_at"] is None
    assert str(table.schema.field("updated_at").type) == "timestamp[us, tz=UTC]"


def test_an_empty_export_is_whole_in_every_format(tmp_path: Path) -> None:
    for format_ in FORMATS:
        report = write_export([], tmp_path / format_, _plan(format_))
        assert report["exported"] == report["read"] == 0
    assert pq.read_table(tmp_path / "parquet" / "articles.parquet").num_rows == 0


def test_an_export_that_breaks_off_leaves_nothing_and_may_begin_again(tmp_path: Path) -> None:
    def broken() -> Iterator[SearchDocument]:
        yield licensed("a.txt")
        raise RuntimeError("the server went away")

    folder = tmp_path / "out"
    with pytest.raises(RuntimeError, match="went away"):
        write_export(broken(), folder, _plan())
    assert list(tmp_path.iterdir()) == []

    # What a killed run has left is no obstacle.
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "articles.jsonl").write_text("half a line")
    assert write_export([licensed()], folder, _plan())["exported"] == 1


ENDLESS = """
import itertools, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from export_samples import NOW, POLICY, PURPOSE, licensed
from dateline.export.write_export import ExportPlan, write_export
plan = ExportPlan(purpose=PURPOSE, format="jsonl", policy_id=POLICY, now=NOW)
documents = (licensed(str(number)) for number in itertools.count())
write_export(documents, Path(sys.argv[1]), plan, on_document=lambda: print("one", flush=True))
"""


def test_a_run_that_is_killed_leaves_no_export_and_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    script = ENDLESS.format(paths=[str(PROJECT_DIR), str(PROJECT_DIR / "tests")])
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(50):
            assert process.stdout.readline() == "one\n"
        with pytest.raises(ConfigError, match="another export writes"):
            write_export([licensed()], folder, _plan())
        process.send_signal(signal.SIGKILL)

    assert not folder.exists()
    assert (tmp_path / ".out.partial" / "manifest.jsonl").exists()
    assert write_export([licensed()], folder, _plan())["exported"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_content_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")

    with pytest.raises(ConfigError, match="is there already"):
        write_export([licensed()], tmp_path, _plan())

    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_two_runs_do_not_write_one_folder(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".out.lock"),
        pytest.raises(ConfigError, match="another export writes"),
    ):
        write_export([licensed()], tmp_path / "out", _plan())


@pytest.mark.parametrize("format_", FORMATS)
def test_memory_does_not_grow_with_the_number_of_articles(tmp_path: Path, format_: Format) -> None:
    def peak_bytes(count: int) -> int:
        text = "word " * 200
        documents = (
            licensed(f"{number}.txt", body=text, body_chars=len(text)) for number in range(count)
        )
        tracemalloc.start()
        write_export(documents, tmp_path / f"{count}", _plan(format_))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(10)  # imports
    # One row group of Parquet is held: 1000 texts.
    assert peak_bytes(3000) < peak_bytes(1100) * 1.3


def test_mixed_share_alike_licences_are_said(tmp_path: Path) -> None:
    documents = [
        share_alike("a.txt", "CC-BY-SA-4.0"), share_alike("b.txt", "CC-BY-NC-SA-4.0"), licensed(),
    ]  # fmt: skip

    (note,) = write_export(documents, tmp_path / "out", _plan())["adaptation"]

    assert note.startswith("Texts under CC-BY-NC-SA-4.0 and CC-BY-SA-4.0 may not be merged")


def test_the_notes_of_an_adaptation() -> None:
    assert adaptation_notes({}, verbatim_count=0, noncommercial_count=0) == ()
    assert adaptation_notes({"CC-BY-SA-4.0": 3}, verbatim_count=2, noncommercial_count=1) == (
        "2 records are verbatim only (ND): they may be in the collection, and in no adaptation.",
        "An adaptation of texts under CC-BY-SA-4.0 carries that licence.",
        "1 records are for non-commercial use only (NC).",
    )


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # None in sys.modules is how Python marks a module that cannot be imported.
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ConfigError, match="needs the package pyarrow, which is not installed"):
        write_export(DOCUMENTS, tmp_path / "out", _plan("parquet"), on_document=lambda: None)
    assert list(tmp_path.iterdir()) == []

"""Write an export: data, credit lines, manifest and report, all of them or none."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec
from filelock import FileLock, Timeout

from dateline.errors import ConfigError
from dateline.export.adaptation import adaptation_notes
from dateline.export.data_files import DataFile, Format, open_data_file
from dateline.export.export_record import (
    HELD_BACK_WORDS,
    ExportRecord,
    HeldBack,
    export_record,
    held_back,
)
from dateline.records import SearchDocument
from dateline.rights.record import Purpose

MANIFEST = "manifest.jsonl"
NOTICE = "NOTICE"
REPORT = "report.json"
EXAMPLES_OF_A_REASON = 5
_READ_BYTES = 1 << 20

Completed = Callable[[SearchDocument], SearchDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """What is exported, and by which policy; ``query`` is kept in the report for people."""

    purpose: Purpose
    format: Format
    policy_id: str
    now: datetime
    query: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One exported record: which revision under which rights, and the hash of what was written."""

    article_id: str
    revision: int
    source_id: str
    content_sha256: str | None
    status: str
    spdx_expression: str
    license_uri: str | None
    effective: tuple[str, ...]
    policy_id: str
    evidence_sha256: tuple[str, ...]
    record_sha256: str


@dataclass(slots=True)
class _Totals:
    exported: int = 0
    read_back: int = 0
    held: Counter[HeldBack] = field(default_factory=Counter)
    examples: dict[HeldBack, list[str]] = field(default_factory=dict)
    licenses: Counter[str] = field(default_factory=Counter)
    share_alike: Counter[str] = field(default_factory=Counter)
    verbatim: int = 0
    noncommercial: int = 0

    def hold(self, document: SearchDocument, reason: HeldBack) -> None:
        self.held[reason] += 1
        known = self.examples.setdefault(reason, [])
        if len(known) < EXAMPLES_OF_A_REASON:
            known.append(document.article_id)

    def take(self, record: ExportRecord) -> None:
        self.exported += 1
        self.licenses[record.spdx_expression] += 1
        if record.is_share_alike:
            self.share_alike[record.spdx_expression] += 1
        self.verbatim += record.is_verbatim_only
        self.noncommercial += "nc" in record.effective


def write_export(
    documents: Iterable[SearchDocument],
    folder: Path,
    plan: ExportPlan,
    *,
    completed: Completed = lambda document: document,
    on_document: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Write what may be passed on of ``documents`` to the new ``folder`` and return the report.

    ``completed`` gives a document its whole text where the index may show a part only; it is asked
    about documents that lack nothing else.

    Files: ``articles.jsonl``, ``articles.ninjs.jsonl`` or ``articles.parquet``; ``NOTICE`` with
    the credit line of each; ``manifest.jsonl``; ``report.json``. They are written to a folder
    beside it that takes its name at the end: there is a whole export or none. What an ended run
    has left is thrown away. Memory does not grow with the number of documents.

    Raises:
        ConfigError: the folder has content, cannot be written, or another run writes it.
    """
    refuse_content(folder)
    with _partial_folder(folder) as partial:
        totals = _write_files(documents, partial, plan, completed, on_document)
        report = _report(totals, plan, partial)
        _write_synced(partial / REPORT, msgspec.json.format(msgspec.json.encode(report), indent=2))
        refuse_content(folder)
        partial.replace(folder)
    return report


def refuse_content(folder: Path) -> None:
    """Raise ``ConfigError`` if something is in ``folder``."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ConfigError(
            f"{folder} is there already.", hint="Name a new folder: an export is never changed."
        )


@contextmanager
def _partial_folder(folder: Path) -> Iterator[Path]:
    target = folder.absolute()
    partial = target.with_name(f".{target.name}.partial")
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock.acquire(timeout=0):
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                yield partial
            finally:
                shutil.rmtree(partial, ignore_errors=True)
                Path(lock.lock_file).unlink(missing_ok=True)
    except Timeout as error:
        raise ConfigError(f"another export writes {folder} at the moment.") from error
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror or error}.") from error


def _write_files(
    documents: Iterable[SearchDocument],
    partial: Path,
    plan: ExportPlan,
    completed: Completed,
    on_document: Callable[[], None],
) -> _Totals:
    totals = _Totals()
    data = open_data_file(partial, plan.format)
    try:
        with (
            (partial / MANIFEST).open("wb") as manifest,
            (partial / NOTICE).open("w", encoding="utf-8", errors="replace") as notice,
        ):
            notice.write(_notice_head(plan))
            for found in documents:
                document, reason = _judged(found, plan, completed)
                if reason is None:
                    record = export_record(document, purpose=plan.purpose)
                    row = _written(record, data)
                    manifest.write(msgspec.json.encode(row) + b"\n")
                    _write_credit(notice, record)
                    totals.take(record)
                    totals.read_back += document is not found
                else:
                    totals.hold(document, reason)
                on_document()
    finally:
        data.close()
    return totals


def _judged(
    document: SearchDocument, plan: ExportPlan, completed: Completed
) -> tuple[SearchDocument, HeldBack | None]:
    reason = _reason(document, plan)
    if reason != "text_not_held":
        return document, reason
    whole = completed(document)
    return whole, _reason(whole, plan)


def _reason(document: SearchDocument, plan: ExportPlan) -> HeldBack | None:
    return held_back(document, purpose=plan.purpose, policy_id=plan.policy_id, now=plan.now)


def _written(record: ExportRecord, data: DataFile) -> ManifestRow:
    return ManifestRow(
        article_id=record.article_id,
        revision=record.revision,
        source_id=record.source_id,
        content_sha256=record.content_sha256,
        status=record.status,
        spdx_expression=record.spdx_expression,
        license_uri=record.license_uri,
        effective=record.effective,
        policy_id=record.policy_id,
        evidence_sha256=record.evidence_sha256,
        record_sha256=hashlib.sha256(data.write(record)).hexdigest(),
    )


def _notice_head(plan: ExportPlan) -> str:
    return (
        f"Articles exported for the purpose {plan.purpose} by the policy {plan.policy_id} on"
        f" {plan.now:%Y-%m-%d %H:%M} UTC.\n"
        "Keep the credit line of each article with it. Nobody named here endorses the use.\n"
        "Credit lines by article id:\n"
    )


def _write_credit(notice: TextIO, record: ExportRecord) -> None:
    credit = record.attribution_text or record.spdx_expression
    notice.write(f"\n{record.article_id}\n{' '.join(credit.split())}\n")
    if record.copyright_notice and record.copyright_notice not in credit:
        notice.write(f"{' '.join(record.copyright_notice.split())}\n")


def _report(totals: _Totals, plan: ExportPlan, partial: Path) -> dict[str, Any]:
    held = totals.held.most_common()
    return {
        "purpose": plan.purpose,
        "format": plan.format,
        "policy_id": plan.policy_id,
        "exported_at": plan.now.isoformat(),
        "query": plan.query,
        "read": totals.exported + sum(totals.held.values()),
        "exported": totals.exported,
        "read_back": totals.read_back,
        "held_back": {
            reason: {
                "count": count,
                "why": HELD_BACK_WORDS[reason],
                "examples": totals.examples[reason],
            }
            for reason, count in held
        },
        "licenses": dict(totals.licenses.most_common()),
        "adaptation": list(
            adaptation_notes(
                totals.share_alike,
                verbatim_count=totals.verbatim,
                noncommercial_count=totals.noncommercial,
            )
        ),
        "files": {path.name: file_sha256(path) for path in sorted(partial.iterdir())},
    }


def file_sha256(path: Path) -> str:
    """Return the hash of a file, whatever its size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data + b"\n")
        file.flush()
        os.fsync(file.fileno())

"""Say which records of an earlier export have been killed, downgraded or changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import msgspec

from dateline.errors import ConfigError
from dateline.export.export_record import decision_for, may_leave
from dateline.export.write_export import MANIFEST, REPORT, ManifestRow, file_sha256
from dateline.records import SearchDocument
from dateline.rights.record import Purpose

RETRACTIONS = "retractions.jsonl"
BATCH_IDS = 500

Retraction = Literal[
    "canceled",
    "withheld",
    "not_in_index",
    "no_longer_allowed",
    "expired",
    "license_changed",
    "text_changed",
]
RETRACTION_WORDS: Mapping[Retraction, str] = {
    "canceled": "the source withdrew the article: delete it",
    "withheld": "the source withholds the article: take it down until it is usable again",
    "not_in_index": "the index no longer has the article, so nothing is known of its rights",
    "no_longer_allowed": "the purpose is no longer allowed: take it down",
    "expired": "the article has expired: take it down",
    "license_changed": "other licence terms bind now: export it again with its new credit line",
    "text_changed": "the source has changed the text: export it again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """A record of an export that must not stay as it is; ``revision`` is the index's."""

    article_id: str
    source_id: str
    reason: Retraction
    what_to_do: str
    exported_revision: int
    revision: int | None
    exported_license: str
    license: str | None


FindDocuments = Callable[[Sequence[str]], Mapping[str, SearchDocument]]


def read_purpose(folder: Path) -> Purpose:
    """Return what an export was made for.

    Raises:
        ConfigError: the folder holds no export, or its files are not those that were written.
    """
    try:
        report: dict[str, Any] = msgspec.json.decode((folder / REPORT).read_bytes())
        files = report["files"]
        purpose: Purpose = msgspec.convert(report["purpose"], Purpose)
        changed = [name for name, known in files.items() if file_sha256(folder / name) != known]
    except (OSError, KeyError, TypeError, AttributeError, msgspec.DecodeError) as error:
        raise ConfigError(f"{folder} holds no whole export: {error}.") from error
    if changed:
        raise ConfigError(
            f"{folder}: {', '.join(changed)} changed since the export.",
            hint="What was passed on cannot be told from it.",
        )
    return purpose


def read_manifest(folder: Path) -> Iterator[ManifestRow]:
    """Yield the rows of an export's manifest.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=ManifestRow)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{folder / MANIFEST} cannot be read: {error}.") from error


def find_retractions(
    rows: Iterable[ManifestRow],
    purpose: Purpose,
    find: FindDocuments,
    *,
    now: datetime,
    on_rows: Callable[[int], None] = lambda _: None,
) -> Iterator[Retracted]:
    """Yield the records that must not stay as they are, in the order of the manifest.

    A new revision alone (another story, a decision that still allows it) is no reason.
    """
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_IDS)):
        documents = find([row.article_id for row in batch])
        for row in batch:
            document = documents.get(row.article_id)
            reason = retraction(row, document, purpose, now)
            if reason is not None:
                yield _retracted(row, document, reason)
        on_rows(len(batch))


def retraction(
    row: ManifestRow, document: SearchDocument | None, purpose: Purpose, now: datetime
) -> Retraction | None:
    """Return why a record must not stay as it is, the gravest reason first, or None."""
    if document is None:
        return "not_in_index"
    if document.pub_status != "usable":
        return "canceled" if document.pub_status == "canceled" else "withheld"
    decision, rights = decision_for(document, purpose), document.rights
    if decision is None or rights is None or not may_leave(decision):
        return "no_longer_allowed"
    if rights.access.expires_at is not None and now >= rights.access.expires_at:
        return "expired"
    bound = (rights.status, rights.spdx_expression, rights.license_uri, rights.effective)
    if bound != (row.status, row.spdx_expression, row.license_uri, row.effective):
        return "license_changed"
    return "text_changed" if document.content_sha256 != row.content_sha256 else None


def _retracted(row: ManifestRow, document: SearchDocument | None, reason: Retraction) -> Retracted:
    rights = document.rights if document else None
    return Retracted(
        article_id=row.article_id,
        source_id=row.source_id,
        reason=reason,
        what_to_do=RETRACTION_WORDS[reason],
        exported_revision=row.revision,
        revision=document.revision if document else None,
        exported_license=row.spdx_expression,
        license=rights.spdx_expression if rights else None,
    )


def write_retractions(folder: Path, retracted: Iterable[Retracted]) -> None:
    """Write ``retractions.jsonl`` anew; without retractions it is empty.

    Raises:
        ConfigError: the folder cannot be written.
    """
    path = folder / RETRACTIONS
    partial = path.with_name(f".{RETRACTIONS}.partial")
    try:
        with partial.open("wb") as file:
            for each in retracted:
                file.write(msgspec.json.encode(each) + b"\n")
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}.") from error

"""Write ``docs/faults.md`` from what the long run found."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import psutil

from dateline.settings import PROJECT_DIR
from faults.alert_faults import AlertReport
from faults.scenarios import LONG, Report

PATH = PROJECT_DIR / "docs" / "faults.md"
INTRO = """# Faults

Written by `make test-faults`; do not edit. Each row is one fault, done to real processes, a real
Kafka and a real Elasticsearch, and what the oracle (`tests/faults/oracle.py`) found when everything
was acknowledged again. Nobody restarted anything by hand. A third of the articles has later
versions, some of them out of order, some sent twice.

- **lost**: articles the broker accepted that are not in the index. **duplicated**: more than one
  document of a (source, key). **corrupted**: another text than that of the newest version.
  **wrong revision**: another revision, or Elasticsearch version, than an independent rule gives.
  **misplaced**: a copy without its original, or an article in a story that is not its own.
- **dead letters**: found / expected, with the exact original bytes. **redelivered**: dead letters
  written again after a crash, same key; readers tell them apart.
- **recovery**: seconds from the end of the fault until every record was acknowledged, with the
  load's own processing time in it.
"""
HEAD = (
    "fault", "harm", "articles", "versions", "lost", "duplicated", "corrupted", "wrong revision",
    "misplaced", "dead letters", "redelivered", "recovery s", "seed",
)  # fmt: skip

ALERT_INTRO = """## Alerts

One watch on every article, two webhooks whose receiver fails one message in ten: 500, 503, 429, a
redirect, no answer, a cut connection. The stages that make and send alerts are killed under load.

- **unknown**: articles without an alert, or alerts without an article. **not arrived**: messages
  that never came. **second id**: messages under another id than that of alert and channel. **not on
  the topic**: alerts that `news.alert.v1` does not have as the ledger does.
- **repeated**: came again, under the same id. **failed**: tries that the receiver failed.
"""
ALERT_HEAD = (
    "harm", "articles", "alerts", "unknown", "not arrived", "second id", "not on the topic",
    "repeated", "failed", "recovery s", "seed",
)  # fmt: skip


def write_report(
    reports: Sequence[Report],
    unsafe: Report | None,
    unfinished: Sequence[str],
    alerts: Sequence[AlertReport] = (),
) -> None:
    """Write the tables of all reports, and the scenarios that never came to one."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(_row(report) for report in reports)]
    lines = [INTRO, _where(), "", *(f"| {' | '.join(row)} |" for row in rows), ""]
    if unfinished:
        lines += [f"**Not finished: {', '.join(unfinished)}.**", ""]
    if alerts:
        rows = [ALERT_HEAD, tuple("---" for _ in ALERT_HEAD), *map(_alert_row, alerts)]
        lines += [ALERT_INTRO, *(f"| {' | '.join(row)} |" for row in rows), ""]
    if unsafe is not None:
        lost = len(unsafe.result.lost)
        lines += [
            "## The oracle itself",
            "",
            f"The same oracle over an index stage in the unsafe shape (`take()` and one exception):"
            f" **{lost} of {unsafe.result.articles} articles lost**, and reported. The real stage"
            " read the same records afterwards, and the oracle found nothing wrong.",
            "",
        ]
    PATH.write_text("\n".join(lines), encoding="utf-8")


def _alert_row(report: AlertReport) -> tuple[str, ...]:
    figures = (
        report.articles, report.in_ledger, len(report.unknown), len(report.not_arrived),
        len(report.second_ids), len(report.not_on_topic), report.repeated, report.failed,
    )  # fmt: skip
    return (
        report.harm,
        *(str(figure) for figure in figures),
        f"{report.recovery_seconds:.0f}",
        str(report.seed),
    )


def _where() -> str:
    memory_gb = psutil.virtual_memory().total / 1e9
    now = datetime.now(UTC)
    return (
        f"Run on {now.day} {now:%B %Y}: {platform.system()}, {os.cpu_count()} cores,"
        f" {memory_gb:.0f} GB, Python {platform.python_version()};"
        f" {LONG.articles} articles a fault unless the row says otherwise."
    )


def _row(report: Report) -> tuple[str, ...]:
    result = report.result
    letters = result.poison - len(result.dead_letters_missing)
    figures = (
        result.articles, result.versions, len(result.lost), len(result.duplicated),
        len(result.corrupted), len(result.wrong_revision), len(result.misplaced),
    )  # fmt: skip
    return (
        report.fault,
        report.harm,
        *(str(figure) for figure in figures),
        f"{letters} / {result.poison}",
        str(result.redelivered),
        f"{report.recovery_seconds:.0f}",
        str(report.seed),
    )

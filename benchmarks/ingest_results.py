"""Keep what the parts of ``make bench-ingest`` found, and write the report."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from dateline.settings import PROJECT_DIR

REPORT_PATH = PROJECT_DIR / "docs" / "bench-ingest.md"
# Parts are run on their own, some for half an hour: the report has the last run of each.
RESULTS_PATH = PROJECT_DIR / ".dateline" / "bench-ingest.json"
CORES = os.cpu_count() or 1
TITLES = {
    "a": "Polling",
    "b": "Extraction",
    "c": "Memory",
    "d": "Kills",
    "e": "Archive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number; ``is_met`` is None where there is no goal."""

    measure: str
    value: str
    goal: str = ""
    is_met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What one part found, and under which conditions."""

    part: str
    conditions: str
    rows: tuple[Row, ...]
    measured_on: str = ""


def stamped(part: str, conditions: str, rows: Iterable[Row]) -> PartResult:
    """Return a result with the date of today."""
    return PartResult(
        part=part,
        conditions=conditions,
        rows=tuple(rows),
        measured_on=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )


def at_least(measure: str, value: float, goal: float, *, digits: int = 2, unit: str = "") -> Row:
    """Return a row whose value must not be below the goal."""
    return Row(
        measure=measure,
        value=f"{value:.{digits}f}{unit}",
        goal=f"at least {goal:g}{unit}",
        is_met=value >= goal,
    )


def at_most(measure: str, value: float, goal: float, *, digits: int = 2, unit: str = "") -> Row:
    """Return a row whose value must not be above the goal."""
    return Row(
        measure=measure,
        value=f"{value:.{digits}f}{unit}",
        goal=f"at most {goal:g}{unit}",
        is_met=value <= goal,
    )


def remember(results: Iterable[PartResult], path: Path = RESULTS_PATH) -> list[PartResult]:
    """Return the last result of every part, after adding these, in the order of the parts."""
    kept = {result.part: result for result in _read(path)}
    kept.update({result.part: result for result in results})
    ordered = [kept[part] for part in sorted(kept)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(result) for result in ordered], indent=1), encoding="utf-8")
    return ordered


def _read(path: Path) -> list[PartResult]:
    if not path.is_file():
        return []
    return [
        PartResult(**{**each, "rows": tuple(Row(**row) for row in each["rows"])})
        for each in json.loads(path.read_text(encoding="utf-8"))
    ]


def render(results: Iterable[PartResult]) -> str:
    """Return the report in Markdown."""
    lines = [
        "# Continuous ingestion: load, speed, memory, kills",
        "",
        f"Written by `make bench-ingest`; do not edit. {CORES} cores,"
        f" {psutil.virtual_memory().total / 2**30:.0f} GiB, Python {platform.python_version()}."
        " Sites are simulated on loopback (`tests/web`), Kafka is real. Absolute numbers vary;"
        " compare within a part.",
        "",
        "| part | measure | value | goal | met |",
        "|---|---|---|---|---|",
    ]
    kept = list(results)
    for result in kept:
        for number, row in enumerate(result.rows):
            part = TITLES[result.part] if number == 0 else ""
            met = {True: "yes", False: "**no**", None: ""}[row.is_met]
            lines.append(f"| {part} | {row.measure} | {row.value} | {row.goal} | {met} |")
    lines.append("")
    lines += [
        f"- **{TITLES[result.part]}** ({result.measured_on}): {result.conditions}"
        for result in kept
    ]
    missing = [TITLES[part] for part in TITLES if part not in {result.part for result in kept}]
    if missing:
        lines += ["", f"Not measured yet: {', '.join(missing)}."]
    return "\n".join([*lines, ""])

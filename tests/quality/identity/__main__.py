"""Score identity across documents: ``python -m tests.quality.identity [--errors] [--write]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..tag import load_name_finder, load_tagger
from . import score
from .data import DATA_VARIABLE, data_folder, load_documents

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-identity.md"
SYSTEMS: dict[str, score.System] = {
    "Dateline": score.ours,
    "exact string (the floor)": score.exact,
    "folded string": score.folded,
}
_MOST_ERRORS = 60


def document(rows: Sequence[score.Item]) -> str:
    """Return the report as Markdown."""
    names = [row for row in rows if row.gold.is_name]
    seen = [row for row in names if row.is_seen]
    groups = {
        "names that the pipeline found": seen,
        "of these, people": [row for row in seen if row.gold.kind == "PER"],
        "of these, organisations": [row for row in seen if row.gold.kind == "ORG"],
        "all names": names,
        "of these, people ": [row for row in names if row.gold.kind == "PER"],
        "of these, organisations ": [row for row in names if row.gold.kind == "ORG"],
        "all mentions, nominals and pronouns too": list(rows),
    }
    lines = [line for title, chosen in groups.items() for line in _lines(title.strip(), chosen)]
    return _REPORT.format(
        table="\n".join(lines), samples=score.SAMPLES, seed=score.SEED, orders=score.ORDERS,
        missed=len(names) - len(seen), names=len(names),
        topics=len({row.topic for row in rows}),
    )  # fmt: skip


def _lines(title: str, rows: Sequence[score.Item]) -> list[str]:
    own = score.parts(rows, score.ours)
    lines = []
    for system, says in SYSTEMS.items():
        found = score.parts(rows, says)
        better = (
            ""
            if says is score.ours
            else "{:+.3f} ({:+.3f} to {:+.3f})".format(
                own.f1 - found.f1, *score.differences(rows, own, found)
            )
        )
        lines.append(
            f"| {title} | {system} | {len(rows)} | {found.precision:.3f} | {found.recall:.3f} "
            f"| {found.f1:.3f} | {better} |"
        )
    return lines


# One line is one row of a table.
# ruff: noqa: E501
_REPORT = """# How well people and organisations are known again in other documents

Written by `python -m tests.quality.identity --write`; do not edit. Development data: mentions of
people and organisations in validated sentences that belong to a chain, {topics} topics. The articles
come in {orders} random orders; each is read as the enrich stage reads it, finds its story, and its
entities are resolved. A gold mention has the id of the mention that shares half of the longer one;
where the pipeline found no name there, it stands alone. The baselines need to find nothing: they are
given the words of every mention. So "all names" ({missed} of {names} were not found) holds the
entity model's misses too, and "names that the pipeline found" holds identity alone. The goal is on
all names: their interval above the exact string excludes 0.

What is a name: no pronoun, each word of four letters and more capitalised, no single word that the
texts also write in lower case; that last part was added after the first run, which took "Police" and
"Woman" in headlines for names. Who is who is asked within a topic. The rules were read against these
data, so on others expect less. Better: F1 of Dateline above that system's; 95 % interval, bootstrap
over topics, both systems on the same draws, {samples:,} samples, seed {seed}.

| mentions | system | n | BCubed precision | recall | F1 | Dateline is better by (95 %) |
|---|---|---|---|---|---|---|
{table}
"""


def main() -> int:
    """Print the table; return 1 where all names are not clearly better, 0 without data."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.identity", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list names joined or left wrongly")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with stories/\n")
        return 0
    rows = score.items(score.read_all(load_documents(folder), load_tagger(), load_name_finder()))
    report = document(rows)
    sys.stdout.write(report)
    if arguments.errors:
        for row, count in score.texts_apart(rows).most_common(_MOST_ERRORS):
            sys.stdout.write(f"{count} {' | '.join(row)}\n")
    if arguments.write:
        REPORT.write_text(report, encoding="utf-8")
    return int(score.lead(rows)[0] <= 0)


if __name__ == "__main__":
    raise SystemExit(main())

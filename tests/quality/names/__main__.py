"""Score names: `python -m tests.quality.names --help`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dateline.names.compare import THRESHOLD

from . import learn, measures, speed
from .data import DATA_VARIABLE, data_folder, load_name_pairs, load_transliterations

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-names.md"


def main() -> int:
    """Do what the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.names", description=__doc__)
    parser.add_argument("--learn", action="store_true", help="learn the letter pairs anew first")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    parser.add_argument("--speed", action="store_true", help="measure times too (2 minutes)")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with names/\n")
        return 0
    if arguments.learn:
        learn.write_costs(learn.learn_costs(load_transliterations(folder, "train")))
    text = document(folder, speed.report() if arguments.speed else [])
    sys.stdout.write(text)
    if arguments.write:
        REPORT.write_text(text, encoding="utf-8")
    return 0


def document(folder: Path, times: list[str]) -> str:
    """Return the report: pairs, retrieval, times."""
    lines = [
        "# How well names are compared and found again",
        "",
        "Written by `python -m tests.quality.names --speed --write`; do not edit.",
        "Development data: the rules were written with these pairs in sight, so on other names",
        "expect less.",
        "Intervals: 95 %, bootstrap over items, "
        f"{measures.SAMPLES:,} samples, seed {measures.SEED}.",
        "",
        *_pair_lines(folder),
        "",
        *_retrieval_lines(folder),
    ]
    if times:
        lines += ["", "## Speed", "", "| what (one core, made-up names) | median µs |", "|---|---|"]
        lines += times
    return "\n".join(lines) + "\n"


def _pair_lines(folder: Path) -> list[str]:
    pairs = load_name_pairs(folder)
    own = measures.score_pairs(pairs, measures.ours)
    floor = measures.score_pairs(pairs, measures.by_wratio)
    precision, recall = own.precision_recall(THRESHOLD)
    mean, lowest, highest = own.cross_validated_f1()
    floor_mean, floor_lowest, floor_highest = floor.cross_validated_f1()
    rows = [
        "## Name pairs",
        "",
        f"Repeated pairs count once. Goal: F1 0.82 at the one threshold, {THRESHOLD}.",
        "",
        "| pairs | Dateline F1 | WRatio F1 |",
        "|---|---|---|",
        f"| all | {own.f1(THRESHOLD)} | {floor.f1(best := floor.best_threshold())}, "
        f"best threshold {best} |",
        "| threshold chosen on one half, scored on the other: mean (lowest to highest of 200) "
        f"| {mean:.3f} ({lowest:.3f} to {highest:.3f}) "
        f"| {floor_mean:.3f} ({floor_lowest:.3f} to {floor_highest:.3f}) |",
    ]
    for field in ("schema", "quality"):
        for value in sorted({getattr(pair, field) for pair in pairs}):
            chosen = [pair for pair in pairs if getattr(pair, field) == value]
            of_ours = measures.score_pairs(chosen, measures.ours).f1(THRESHOLD)
            of_floor = measures.score_pairs(chosen, measures.by_wratio).f1(best)
            rows.append(f"| {field} {value} | {of_ours} | {of_floor.value:.3f} |")
    return [*rows, "", f"At {THRESHOLD}: precision {precision:.3f}, recall {recall:.3f}."]


def _retrieval_lines(folder: Path) -> list[str]:
    queries = load_transliterations(folder, "eval")
    forms = [latin for _, latin in queries]
    more = [*forms, *(latin for _, latin in load_transliterations(folder, "train"))]
    rows = [
        "## Arabic names to Latin",
        "",
        "The letter pairs were learned from the other list alone. Goal: top 1 0.75, top 5 0.95",
        "among the forms of the list (floors 0.65 and 0.90).",
        "",
        "| searched | forms | top 1 | top 5 |",
        "|---|---|---|---|",
    ]
    for title, names in (("the list's own forms", forms), ("with those learned from", more)):
        first, top = measures.retrieval(queries, names)
        rows.append(f"| {title} | {len(set(names)):,} | {first} | {top} |")
    return rows


if __name__ == "__main__":
    raise SystemExit(main())

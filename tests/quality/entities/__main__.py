"""Print how well names are joined: ``python -m tests.quality.entities [--errors] [--write]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..tag import load_name_finder, load_tagger
from .data import DATA_VARIABLE, UNCHECKED, data_folder, load_documents
from .score import SAMPLES, SEED, Pair, Says, interval, pairs, precision, read, recall
from .speed import SPEED_GOAL_MS, median_ms

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-entities.md"
# Of pairs of names written with other words.
PRECISION_GOAL, RECALL_GOAL = 0.95, 0.85
SYSTEMS: dict[str, Says] = {
    "Dateline": lambda pair: pair.is_found,
    "same words": lambda pair: not pair.is_synonym,
    "words of one are in the other": lambda pair: pair.is_subset,
}


def document(rows: Sequence[tuple[str, Sequence[Pair]]], ms: Mapping[str, float] | None) -> str:
    """Return the report as Markdown."""
    lines = []
    for title, chosen in rows:
        for system, says in SYSTEMS.items():
            true = sum(pair.is_gold for pair in chosen)
            values = [_value(chosen, says, measure) for measure in (precision, recall)]
            lines.append(f"| {title} | {system} | {len(chosen)} | {true} | {' | '.join(values)} |")
    speed = ""
    if ms is not None:
        steps = "\n".join(f"| {step} | {value:.2f} |" for step, value in ms.items())
        speed = _SPEED.format(steps=steps, goal=SPEED_GOAL_MS)
    return _REPORT.format(
        table="\n".join(lines), precision=PRECISION_GOAL, recall=RECALL_GOAL, seed=SEED,
        samples=SAMPLES, speed=speed,
    )  # fmt: skip


_REPORT = """# How well the names of one document are joined

Written by `python -m tests.quality.entities --write`; do not edit. Pairs of named mentions of one
document: chains of people, organisations and places in news (`stories`), Wikidata ids (`linking`).
A mention counts where the entity model or the gazetteer found it: the two share half of the longer
one (after the first run; before, half of the shorter, which took headlines for names). Synonyms are
pairs written with other words. Nothing was fitted to these data, but the rules were read against
them: development scores. The relations of the entity documents are not part of the data and not
scored.
"All sentences" takes in labels that the annotators did not check; they are not in the sums.
Intervals: bootstrap over documents, {samples:,} samples, seed {seed}.
Goal, on all checked synonyms: precision {precision}, recall {recall}.

| pairs | system | n | of one thing | precision (95 %) | recall (95 %) |
|---|---|---|---|---|---|
{table}
{speed}"""

_SPEED = """
Speed of the stage beyond the entity model, articles of 600 words, one core; the goal is {goal} ms
for everything. Texts of the benchmark without their notice: sentences of the stories in random
order, so with more different names than an article has.

| step | ms an article, median |
|---|---|
{steps}
"""


def _value(rows: Sequence[Pair], says: Says, measure) -> str:  # type: ignore[no-untyped-def]
    low, high = interval(rows, says, measure)
    return f"{measure(rows, says):.3f} ({low:.3f} to {high:.3f})"


def main() -> int:
    """Print the table; return 0 where the goals are met or the data are absent."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.entities", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list pairs joined or left wrongly")
    parser.add_argument("--speed", action="store_true", help="measure times too")
    parser.add_argument("--write", action="store_true", help="write docs/quality-entities.md")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with stories/\n")
        return 0
    tag, finder = load_tagger(), load_name_finder()
    read_rows = [read(each, tag, finder) for each in load_documents(folder)]
    by_part: dict[str, list[Pair]] = {}
    for number, row in enumerate(read_rows):
        by_part.setdefault(row.document.part, []).extend(pairs(number, row))
    found = [pair for part, rows in by_part.items() if part != UNCHECKED for pair in rows]
    synonyms = [pair for pair in found if pair.is_synonym]
    tables = [("synonyms, all checked", synonyms), ("all pairs, checked", found)]
    tables += [
        (f"synonyms, {part}", [pair for pair in rows if pair.is_synonym])
        for part, rows in sorted(by_part.items())
    ]
    report = document(tables, median_ms() if arguments.speed else None)
    sys.stdout.write(report)
    if arguments.errors:
        everything = [pair for rows in by_part.values() for pair in rows]
        wrong = sorted(
            {(p.is_gold, p.document, *p.names) for p in everything if p.is_gold != p.is_found}
        )
        for is_gold, number, one, other in wrong:
            sys.stdout.write(f"{'missed' if is_gold else 'WRONG'} {number} {one} | {other}\n")
    if arguments.write:
        REPORT.write_text(report, encoding="utf-8")
    ours = SYSTEMS["Dateline"]
    reached = precision(synonyms, ours) >= PRECISION_GOAL and recall(synonyms, ours) >= RECALL_GOAL
    return int(not reached)


if __name__ == "__main__":
    raise SystemExit(main())

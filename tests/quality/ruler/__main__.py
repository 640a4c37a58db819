"""Print what the gazetteer adds to the model: ``python -m tests.quality.ruler [--write]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from processors.enrich.find_names import NameFinder

from ..tag import Tagger, load_name_finder, load_tagger
from .data import (
    DATA_VARIABLE,
    SOURCES,
    Document,
    data_folder,
    load_documents,
)
from .score import SAMPLES, SEED, Comparison, compare

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-ruler.md"


def comparisons(
    documents: Sequence[Document], finder: NameFinder, tag: Tagger
) -> Iterator[tuple[str, Comparison]]:
    """Yield the title and the scores of each part of the data."""
    yield "all, span and type", compare(documents, finder, tag)
    yield "all, span alone", compare(documents, finder, tag, is_typed=False)
    for source in SOURCES:
        part = [each for each in documents if each.source == source]
        yield source.replace("_", " "), compare(part, finder, tag)
    rest = [each for each in documents if "ISIL" not in each.text]
    yield 'documents without "ISIL"', compare(rest, finder, tag)


def document(rows: Sequence[tuple[str, Comparison]], left_out: int) -> str:
    """Return the report as Markdown."""
    lines = [
        f"| {title} | {each.gold_count} | {_prf(each.base)} | {_prf(each.boosted)} "
        f"| {each.boosted[2] - each.base[2]:+.3f} ({each.low:+.3f} to {each.high:+.3f}) |"
        for title, each in rows
    ]
    return _REPORT.format(table="\n".join(lines), left_out=left_out, seed=SEED, samples=SAMPLES)


_REPORT = """# What the gazetteer adds to the entity model

Written by `python -m tests.quality.ruler --write`; do not edit. Documents on a conflict, labelled
with people, organisations and places. Gold: confidence 0.5 and more, a leading article taken off,
with a capital letter and no pronoun, the longest of nested spans; left out by that rule:
{left_out}. Exact spans; PERSON is PER, ORG is ORG, GPE, LOC and FAC are LOC; other labels are left
out on both sides. The scheme takes in titles and calls a country that acts an organisation, so all
numbers are low; what counts is the difference. Model: `en_core_web_sm` 3.8.0.
Interval of the difference: bootstrap over documents, {samples:,} samples, seed {seed}.

| part | n | model: P / R / F1 | with gazetteer: P / R / F1 | F1 gained (95 % interval) |
|---|---|---|---|---|
{table}
"""


def _prf(values: tuple[float, float, float]) -> str:
    return " / ".join(f"{value:.3f}" for value in values)


def main() -> int:
    """Print the table; return 0 where the gain is certain or the data are absent."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.ruler", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/quality-ruler.md")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with entities/\n")
        return 0
    documents = load_documents(folder)
    rows = list(comparisons(documents, load_name_finder(), load_tagger()))
    report = document(rows, sum(each.left_out for each in documents))
    sys.stdout.write(report)
    if arguments.write:
        REPORT.write_text(report, encoding="utf-8")
    return int(rows[0][1].low <= 0)


if __name__ == "__main__":
    raise SystemExit(main())

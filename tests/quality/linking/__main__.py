"""Print how well names are linked: ``python -m tests.quality.linking [--errors] [--write]``."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from dateline.gazetteer.find import Gazetteer
from processors.enrich.find_names import NameFinder

from ..tag import Tagger, load_name_finder, load_tagger
from .data import DATA_VARIABLE, Article, data_folder, load_articles
from .score import (
    SAMPLES,
    SEED,
    Counts,
    count,
    f1,
    interval,
    precision,
    predict,
    recall,
)

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-linking.md"
KINDS = ("country", "subdivision", "region", "city", "organisation", "person")
# Goals for precision; the interval is printed beside, for the data are few.
GOAL = 0.90
COUNTRY_GOAL = 0.97
SPEED_GOAL_MS = 2.0
_WORDS = 600
_ROUNDS = 5
# Published for the same set with named entities only, prior-only baseline (ELEVANT).
BASELINE_F1 = 0.58


def score(articles: Sequence[Article], finder: NameFinder, tag: Tagger) -> list[Counts]:
    """Return the counts of each article."""
    known = reachable_ids(finder.gazetteer)
    return [count(each, predict(each, finder, tag), known) for each in articles]


def reachable_ids(gazetteer: Gazetteer) -> frozenset[str]:
    """Return every Wikidata id that the gazetteer can give."""
    entries = gazetteer.data.entries.values()
    return frozenset(entry.row.qid for each in entries for entry in each if entry.row.qid)


def table(rows: Sequence[Counts]) -> list[str]:
    """Return the lines of the table of scores."""
    labels = sum(row.labels["all"] for row in rows)
    reached = sum(row.reachable for row in rows)
    right = sum(sum(row.right.values()) for row in rows)
    nil = sum(row.nil_labels for row in rows)
    lines = [
        "| measure | value (95 % interval) | n | goal |", "|---|---|---|---|",
        _line("precision of ids", rows, precision, _links(rows), f"{GOAL:.2f}"),
        _line("recall of ids", rows, recall, labels, "-"),
        _line("F1 of ids", rows, f1, labels, f"{BASELINE_F1:.2f} (prior-only baseline)"),
        f"| false links, share | {1 - precision(rows):.3f} | {_links(rows)} | {1 - GOAL:.2f} |",
        f"| NIL labels given an id | {sum(row.wrong_on_nil for row in rows)} | {nil} | 0 |",
        f"| labels whose id the gazetteer has | {reached / labels:.3f} | {labels} | - |",
        f"| of those, linked right | {right / reached:.3f} | {reached} | - |",
    ]  # fmt: skip
    for kind in KINDS:
        if n := _links(rows, [kind]):
            goal = f"{COUNTRY_GOAL:.2f}" if kind == "country" else "-"
            lines.append(
                _line(f"precision, {kind}", rows, partial(precision, kinds=[kind]), n, goal)
            )
    for name, half in (("first", rows[::2]), ("second", rows[1::2])):
        lines.append(_line(f"precision, {name} half", half, precision, _links(half), "-"))
    return lines


def median_ms(articles: Sequence[Article], finder: NameFinder, tag: Tagger) -> float:
    """Return the median time to find, add and link, scaled to an article of 600 words."""
    times = []
    for _ in range(_ROUNDS):
        for article in articles:
            (seen, sentences), words = tag(article.text), len(article.text.split())
            start = time.perf_counter()
            finder.find(seen, article.text, sentences, language="en")
            times.append((time.perf_counter() - start) * 1000 * _WORDS / words)
    return statistics.median(times)


def document(lines: Sequence[str], ms: float) -> str:
    """Return the report as Markdown."""
    return _REPORT.format(
        table="\n".join(lines), ms=ms, words=_WORDS, goal=SPEED_GOAL_MS, seed=SEED, samples=SAMPLES
    )


_REPORT = """# How well names are linked to Wikidata

Written by `python -m tests.quality.linking --write`; do not edit. English web news of which three
paragraphs an article are labelled; only those count. Named entities with an id count for recall; to
miss an optional label or to get it right counts nothing, a wrong id is false. A leading "the" is
taken off labels, as it is off mentions. No row of the gazetteer was taken from labels; the rules
were read against these articles, so this is a development score.
Intervals: bootstrap over articles, {samples:,} samples, seed {seed}.

{table}

Speed: {ms:.2f} ms an article of {words} words (goal {goal} ms): finding names, adding those that
the model missed, linking; the model itself not included.
"""


def _line(title: str, rows: Sequence[Counts], measure: Callable[[Sequence[Counts]], float],
          n: int, goal: str) -> str:  # fmt: skip
    low, high = interval(rows, measure)
    return f"| {title} | {measure(rows):.3f} ({low:.3f} to {high:.3f}) | {n} | {goal} |"


def _links(rows: Sequence[Counts], kinds: Sequence[str] = KINDS) -> int:
    return sum(row.right[kind] + row.wrong[kind] for row in rows for kind in kinds)


def main() -> int:
    """Print the table; return 0 where the goals are met or the data are absent."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.linking", description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list false links and missed ids")
    parser.add_argument("--write", action="store_true", help="write docs/quality-linking.md")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with linking/\n")
        return 0
    articles, finder, tag = load_articles(folder), load_name_finder(), load_tagger()
    rows = score(articles, finder, tag)
    report = document(table(rows), median_ms(articles, finder, tag))
    sys.stdout.write(report)
    if arguments.errors:
        found = [f"wrong {each}" for row in rows for each in row.errors]
        found += [f"missed {each}" for row in rows for each in row.missed]
        sys.stdout.write("\n".join(found) + "\n")
    if arguments.write:
        REPORT.write_text(report, encoding="utf-8")
    return int(precision(rows) < GOAL or precision(rows, ["country"]) < COUNTRY_GOAL)


if __name__ == "__main__":
    raise SystemExit(main())

"""Score stories: `python -m tests.quality.stories --help`."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from . import measures, speed
from .data import DATA_VARIABLE, Labelled, data_folder, load_labelled

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-stories.md"
FLOOR, GOAL = 0.885, 0.92
# Articles in the window, events that they are about, articles that are timed.
WINDOWS = ((20_000, 12_000, 2_000), (100_000, 25_000, 3_000))


def main() -> int:
    """Print the report; return 1 where the goal is missed, 0 also without data."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.stories", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    parser.add_argument("--speed", action="store_true", help="measure times too (4 minutes)")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with stories/\n")
        return 0
    times = [speed.measure(*window) for window in WINDOWS] if arguments.speed else []
    f1, text = document(load_labelled(folder), times)
    sys.stdout.write(text)
    if arguments.write:
        REPORT.write_text(text, encoding="utf-8")
    return 0 if f1 >= GOAL else 1


def document(labelled: Sequence[Labelled], times: Sequence[speed.Speed]) -> tuple[float, str]:
    """Return the mean F1 and the report."""
    begun = perf_counter()
    found = measures.score(labelled)
    a_document = (perf_counter() - begun) * 1e3 / (len(labelled) * measures.ORDERS)
    low, high = measures.interval(labelled, found)
    chosen, shipped = measures.cross_validated(labelled)
    apart, together, clean = measures.look_alikes(labelled)
    topics = len({each.topic for each in labelled})
    stories = len({each.story for each in labelled})
    text = _REPORT.format(
        count=len(labelled), stories=stories, topics=topics, orders=measures.ORDERS,
        samples=measures.SAMPLES, seed=measures.SEED, floor=FLOOR, goal=GOAL,
        f1=found.f1, low=low, high=high, precision=found.precision, recall=found.recall,
        lowest=min(found.f1_of_orders), highest=max(found.f1_of_orders),
        deviation=statistics.stdev(found.f1_of_orders),
        chosen=_range(chosen), shipped=_range(shipped), halves=len(chosen),
        apart=apart, together=together, clean=clean,
        found=found.story_count, merges=found.merge_count, splits=found.split_count,
        ms=a_document, times="".join(map(_row, times)) or "| not measured ||||||||\n",
        words=speed.WORDS,
    )  # fmt: skip
    return found.f1, text


def _range(values: Sequence[float]) -> str:
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def _row(found: speed.Speed) -> str:
    return (
        f"| {found.article_count:,} | {found.story_count:,} | {found.median_ms:.2f} "
        f"| {found.p99_ms:.2f} | {found.articles_per_second:.0f} | {found.right_share:.3f} "
        f"| {found.rebuild_seconds:.1f} "
        f"| {found.record_bytes:.0f} | {found.memory_megabytes:.0f} |\n"
    )


# One line is one row of a table.
# ruff: noqa: E501
_REPORT = """# How well articles are grouped into stories

Written by `python -m tests.quality.stories --speed --write`; do not edit. Development data:
{count} articles, {stories} stories, {topics} topics with two look-alike stories each, no times,
{orders} random orders. The settings were chosen with these stories in sight, so on other ones expect
less. Interval: 95 %, bootstrap over topics, {samples:,} samples, seed {seed}.

| measure | value |
|---|---|
| BCubed F1, mean of the orders (floor {floor}, goal {goal}) | {f1:.3f} ({low:.3f} to {high:.3f}; n = {count}) |
| BCubed precision / recall | {precision:.3f} / {recall:.3f} |
| F1 of single orders: lowest, highest, standard deviation | {lowest:.3f}, {highest:.3f}, {deviation:.3f} |
| F1 on half the topics, threshold chosen on the other half ({halves} halves) | {chosen} |
| F1 on the same halves, threshold as shipped | {shipped} |
| pairs of one topic: look-alikes apart / true pairs together | {apart:.3f} / {together:.3f} |
| topics whose two stories were mixed in no order | {clean} of {topics} |
| stories found (true: {stories}), merges, splits, mean of the orders | {found:.1f}, {merges:.1f}, {splits:.1f} |
| ms an article, without reading the text | {ms:.2f} |

Speed, on made-up articles of {words} words, one process, reading of the text included:

| articles in the window | open stories | ms, median | ms, 99th percentile | articles/s | right story | rebuild, s | bytes a record | peak memory, MB |
|---|---|---|---|---|---|---|---|---|
{times}"""


if __name__ == "__main__":
    raise SystemExit(main())

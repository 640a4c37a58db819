"""``make bench-alerts``: how many articles a second one core compares with how many watches.

Each count of watches runs in a process of its own, so that memory is that of these watches. What
is timed is the matching alone; making what is matched of an article is told beside it. Comparing
with every single watch is timed on some of the same articles, and must find the same.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import TypeVar

import psutil
from rich.console import Console
from rich.progress import Progress

from benchmarks.articles import WORDS, make_corpus
from benchmarks.made_up_watches import MadeUpWatches, grouped_articles
from dateline.alert_records import Watch
from dateline.settings import PROJECT_DIR
from dateline.watches.article_view import ArticleView, view_article
from dateline.watches.compile_query import compile_query
from dateline.watches.evaluate import reasons_of
from dateline.watches.parse_query import parse_query
from dateline.watches.watch_index import Match, WatchIndex

REPORT_PATH = PROJECT_DIR / "docs" / "bench-alerts.md"
WATCH_COUNTS = (1_000, 10_000, 100_000)
GOAL_PER_SECOND = 500
GOAL_MATCHES = 20
# The watches' texts are drawn from these; those behind are new to the index when it is timed.
CORPUS_ARTICLES = 2_500
# Rare words are learnt from the first ones: twice the keys are chosen anew among them.
LEARNT = 300
COMPARED = 10


Given = TypeVar("Given")
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one count of watches costs. Times of an article are of the matching alone."""

    watch_count: int
    query_count: int
    build_seconds: float
    memory_mb: float
    articles_per_second: float
    median_ms: float
    p99_ms: float
    first_ms: float
    view_ms: float
    median_matches: float
    mean_matches: float
    median_candidates: float
    put_and_remove_us: float
    brute_force_ratio: float


def main() -> int:
    """Print the table, and write it to ``docs/bench-alerts.md``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts", description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000, help="articles that are timed")
    parser.add_argument("--watches", type=int, nargs="+", default=list(WATCH_COUNTS))
    parser.add_argument("--json", action="store_true", help="print JSON, write no report")
    parser.add_argument("--no-report", action="store_true")
    options = parser.parse_args()
    rows = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("watches", total=sum(options.watches))
        for count in options.watches:
            progress.update(task, description=f"{count} watches")
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
                rows.append(child.submit(measure, count, options.articles).result())
            progress.advance(task, count)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        report = render(rows, options.articles)
        print(report)
        if not options.no_report:
            REPORT_PATH.write_text(report, encoding="utf-8")
    return 0 if all(is_fast_enough(row) for row in rows) else 1


def measure(watch_count: int, article_count: int) -> Row:
    """Return what ``watch_count`` watches cost; run in a process of its own."""
    corpus = make_corpus(CORPUS_ARTICLES)
    made_up = MadeUpWatches(corpus)
    articles = grouped_articles(corpus.texts[: LEARNT + article_count])
    watches = list(made_up(watch_count))
    _freeze()
    view_seconds, views = _timed_each(view_article, articles)
    known = [view for view in views if view is not None]
    gc.collect()
    before = psutil.Process().memory_info().rss
    build_seconds, index = _timed(lambda: _build(watches))
    _freeze()
    memory_mb = (psutil.Process().memory_info().rss - before) / 1024**2
    first_seconds, _ = _timed_each(index.match, known[:30])
    for view in known[30:LEARNT]:
        index.match(view)
    candidates = [index.count_candidates(view) for view in known[LEARNT:]]
    seconds, matches = _timed_each(index.match, known[LEARNT:])
    counts = [len(each) for each in matches]
    return Row(
        watch_count=watch_count,
        query_count=len({watch.query for watch in watches}),
        build_seconds=build_seconds,
        memory_mb=memory_mb,
        articles_per_second=len(seconds) / sum(seconds),
        median_ms=statistics.median(seconds) * 1000,
        p99_ms=statistics.quantiles(seconds, n=100)[98] * 1000,
        first_ms=statistics.median(first_seconds) * 1000,
        view_ms=statistics.median(view_seconds) * 1000,
        median_matches=statistics.median(counts),
        mean_matches=statistics.mean(counts),
        median_candidates=statistics.median(candidates),
        put_and_remove_us=_put_and_remove_us(index, list(made_up(1_000))),
        brute_force_ratio=_brute_force_ratio(watches, index, known[LEARNT : LEARNT + COMPARED]),
    )


def _freeze() -> None:
    """Keep the collector of garbage from looking at all watches again and again."""
    gc.collect()
    gc.freeze()


def _build(watches: Sequence[Watch]) -> WatchIndex:
    index = WatchIndex()
    for watch in watches:
        index.put(watch)
    return index


def _put_and_remove_us(index: WatchIndex, watches: Sequence[Watch]) -> float:
    def come_and_go(watch: Watch) -> None:
        index.put(watch)
        index.remove(watch.watch_id)

    others = [Watch(watch_id=f"x{each.watch_id}", query=each.query, created_at=each.created_at)
              for each in watches]  # fmt: skip
    return statistics.median(_timed_each(come_and_go, others)[0]) * 1e6


def _brute_force_ratio(
    watches: Sequence[Watch], index: WatchIndex, views: Sequence[ArticleView]
) -> float:
    """Return how many times longer it takes to ask every watch; both must find the same."""
    distinct = {watch.query: None for watch in watches}
    matchers = {text: compile_query(parse_query(text)) for text in distinct}
    compiled = [(watch.watch_id, matchers[watch.query]) for watch in watches]

    def ask_all(view: ArticleView) -> list[Match]:
        return [
            Match(watch_id, reasons_of(matcher, view))
            for watch_id, matcher in compiled
            if matcher.is_true(view)
        ]

    index_seconds, found = _timed_each(index.match, views)
    brute_seconds, wanted = _timed_each(ask_all, views)
    for one, other in zip(found, wanted, strict=True):
        if sorted(one) != sorted(other):
            sys.exit("the index and asking every watch find different matches")
    return sum(brute_seconds) / sum(index_seconds)


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    begun = time.perf_counter()
    answer = work()
    return time.perf_counter() - begun, answer


def _timed_each(
    work: Callable[[Given], Answer], given: Sequence[Given]
) -> tuple[list[float], list[Answer]]:
    """Return the seconds of each call, and what it answered."""
    timed = [_timed(lambda each=each: work(each)) for each in given]  # type: ignore[misc]
    return [seconds for seconds, _ in timed], [answer for _, answer in timed]


def is_fast_enough(row: Row) -> bool:
    """Return whether the goal is met: of so many watches an article matches some."""
    is_large = row.watch_count >= max(WATCH_COUNTS)
    return row.articles_per_second >= GOAL_PER_SECOND and (
        not is_large or row.median_matches >= GOAL_MATCHES
    )


def render(rows: Sequence[Row], article_count: int) -> str:
    """Return the report."""
    memory_gib = psutil.virtual_memory().total / 1024**3
    heads = (
        "watches", "distinct queries", "build s", "memory MiB", "articles/s",
        "median / p99 ms", "matches, median / mean", "queries looked at, median",
        "view ms, median", "put and remove µs", "before learning, ms", "asking every watch",
    )  # fmt: skip
    lines = [
        "# Matching watches: speed and memory",
        "",
        f"Written by `make bench-alerts` ({datetime.now(UTC):%Y-%m-%d %H:%M} UTC); do not edit."
        f" One core of {os.cpu_count()}, {memory_gib:.0f} GiB, Python {platform.python_version()}."
        " Absolute numbers vary; compare within the table.",
        "",
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(_cells(row))} |" for row in rows),
        "",
        f"- Goal: {GOAL_PER_SECOND} articles/s with {WATCH_COUNTS[-1]} watches, of which an article"
        f" of {WORDS} words matches at least {GOAL_MATCHES} at the median:"
        f" {'met' if all(map(is_fast_enough, rows)) else 'not met'}.",
        f"- {article_count} articles of {WORDS} words, {make_corpus(1).origin}; names by their"
        " capitals. 60 % of the watches ask for an entity, 30 % for a phrase, 10 % are boolean with"
        " NEAR; terms are drawn by Zipf from the words and names of the articles, without the most"
        " frequent words.",
        "- Timed is `WatchIndex.match`, reasons with their places included. The view of an article"
        " (folded words, sentences, names) is made once whatever the number of watches.",
        "- *Build* is parsing each distinct query and filing it. Behind it, `gc.freeze` keeps the"
        " collector of garbage from looking at all watches again and again, as a stage should.",
        "- *Before learning*: the median of the first 30 articles, when the index knows no word's"
        " frequency yet.",
        f"- *Asking every watch*: how many times longer that takes, on {COMPARED} of the articles;"
        " the matches and reasons were the same.",
        "",
    ]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.watch_count:,}",
        f"{row.query_count:,}",
        f"{row.build_seconds:.1f}",
        f"{row.memory_mb:.0f}",
        f"{row.articles_per_second:.0f}",
        f"{row.median_ms:.2f} / {row.p99_ms:.2f}",
        f"{row.median_matches:.0f} / {row.mean_matches:.0f}",
        f"{row.median_candidates:.0f}",
        f"{row.view_ms:.2f}",
        f"{row.put_and_remove_us:.0f}",
        f"{row.first_ms:.2f}",
        f"{row.brute_force_ratio:.1f} times",
    )


if __name__ == "__main__":
    raise SystemExit(main())

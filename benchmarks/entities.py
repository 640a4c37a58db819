"""How fast and how large the directory of entities is with a full window.

    python -m benchmarks.entities [--articles 100000] [--profile]

Made-up articles come in one by one; each is put, asked for evidence and resolved, as the stories
stage does it. Prints milliseconds an article around a tenth and half of the window and at its end,
the memory that the directory adds, and how long it takes to load. Each part runs in a process of
its own, so that memory is that of this part alone.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psutil

from benchmarks.made_up_entities import MadeUpArticles
from dateline.entities.directory import EntityDirectory, KnownArticle
from dateline.records import EntityRecord

# Articles that one line is about, and how often the stage asks what changed.
TIMED = 2_000
PER_BATCH = 100


def main() -> None:
    """Print time, memory and loading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    for part in (take_in, load):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            print(child.submit(part, options.articles, options.profile).result(), flush=True)


def take_in(count: int, is_profiled: bool) -> str:
    """Return a line for each part of the window: the time an article takes, the memory so far."""
    directory, lines = EntityDirectory(), []
    first_mb = _memory_mb()
    profile = cProfile.Profile()
    marks = (count // 10, count // 2, count)
    seconds: dict[int, list[float]] = {mark: [] for mark in marks}
    batch_seconds = dict.fromkeys(marks, 0.0)
    for number, article in enumerate(MadeUpArticles(count)):
        mark = next((each for each in marks if each - TIMED <= number < each), None)
        if is_profiled and number == count - TIMED:
            profile.enable()
        begun = time.perf_counter()
        tell(directory, article)
        told = time.perf_counter()
        if number % PER_BATCH == PER_BATCH - 1:
            directory.affected()
            directory.changed_records()
        if mark is not None:
            seconds[mark].append(told - begun)
            batch_seconds[mark] += time.perf_counter() - told
            if number == mark - 1:
                line = _line(mark, seconds[mark], batch_seconds[mark])
                lines.append(f"{line}; {_memory_mb() - first_mb:.0f} MB")
    profile.disable()
    if is_profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
    return "\n".join(lines)


def tell(directory: EntityDirectory, article: KnownArticle) -> None:
    """Take in an article as the stories stage does."""
    directory.put(*article)
    directory.find_merges(article.article_id)
    directory.resolve(article.article_id)


def load(count: int, is_profiled: bool) -> str:
    """Return how long the directory takes to load, without the records of decisions."""
    articles = list(MadeUpArticles(count))
    first_mb = _memory_mb()
    profile = cProfile.Profile()
    if is_profiled:
        profile.enable()
    begun = time.perf_counter()
    directory = EntityDirectory.load(articles, _no_records())
    seconds = time.perf_counter() - begun
    profile.disable()
    if is_profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(20)
    return (
        f"load: {seconds:.1f} s for {directory.article_count} articles;"
        f" {_memory_mb() - first_mb:.0f} MB beside the articles' own strings"
    )


def _no_records() -> Iterator[EntityRecord]:
    yield from ()


def _line(mark: int, seconds: list[float], batch_seconds: float) -> str:
    count = len(seconds)
    rows = statistics.quantiles((each * 1000 for each in seconds), n=100)
    return (
        f"{mark} articles: {sum(seconds) / count * 1000:.3f} ms an article (mean),"
        f" median {rows[49]:.3f}, p99 {rows[98]:.3f};"
        f" what changed, once in {PER_BATCH}: {batch_seconds / count * 1000:.3f} ms an article"
    )


def _memory_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1024**2


if __name__ == "__main__":
    main()

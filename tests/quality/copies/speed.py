"""How fast copies are found among many articles, and what an article takes, on made-up texts."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from time import perf_counter, process_time

import psutil

from processors.enrich.copy_signature import sign_text
from processors.stories.find_copies import CopyIndex

WINDOW = 100_000
WORDS = 600
MEASURED = 3_000
_SEED = 20261123
_START = datetime(2026, 1, 1, tzinfo=UTC)
# As in news: some words in every text, phrases that come again, and one text in five a copy.
_VOCABULARY = 60_000
_PHRASES = 20_000
_PHRASE_WORDS = 7
_PHRASES_A_TEXT = 25
_COPY_SHARE = 0.2
_RECENT = 500


def report() -> list[str]:
    """Return the rows of the table of times and sizes."""
    texts = made_up_texts()
    index = CopyIndex(max_articles=WINDOW)
    before = psutil.Process().memory_info().rss
    for number, text in enumerate(islice(texts, WINDOW)):
        _add(index, number, text)
    grown = psutil.Process().memory_info().rss - before
    more = list(islice(texts, MEASURED))
    # CPU time: what else runs on the machine is not the index's.
    spent = [_cpu_seconds(index, number, text) for number, text in enumerate(more, WINDOW)]
    start = process_time()
    for text in more:
        sign_text(text)
    signed = process_time() - start
    start = perf_counter()
    dumped = index.dump()
    CopyIndex.load(dumped)
    loaded = perf_counter() - start
    return [
        f"| with {WINDOW:,} articles of {WORDS} words in the window, one core | |",
        "|---|---|",
        f"| articles a second of CPU time | {MEASURED / sum(spent):,.0f} |",
        f"| an article, median | {statistics.median(spent) * 1e3:.2f} ms |",
        f"| an article, 99th percentile | {statistics.quantiles(spent, n=100)[-1] * 1e3:.2f} ms |",
        f"| of which its signature | {signed / MEASURED * 1e3:.2f} ms |",
        f"| memory an article | {grown / WINDOW / 1024:.2f} KiB |",
        f"| of which the table of hashes | {index.table_bytes / WINDOW / 1024:.2f} KiB |",
        f"| stored state an article | {len(dumped) / WINDOW / 1024:.2f} KiB |",
        f"| dumped and loaded, all | {loaded:.1f} s |",
    ]


def _add(index: CopyIndex, number: int, text: str) -> None:
    index.add(f"{number:064x}", text, _START + timedelta(seconds=number), f"source-{number % 300}")


def _cpu_seconds(index: CopyIndex, number: int, text: str) -> float:
    start = process_time()
    _add(index, number, text)
    return process_time() - start


def made_up_texts() -> Iterator[str]:
    """Yield texts without end: new ones, and cut copies of recent ones."""
    chance = random.Random(_SEED)  # noqa: S311  (no secret)
    words = [_word(chance) for _ in range(_VOCABULARY)]
    # The words of a language by rank (Zipf): a few hundred make up half of a text.
    weights = list(accumulate(1 / rank for rank in range(1, _VOCABULARY + 1)))
    phrases = [chance.choices(words, cum_weights=weights, k=_PHRASE_WORDS) for _ in range(_PHRASES)]
    recent: list[list[str]] = []
    while True:
        if recent and chance.random() < _COPY_SHARE:
            old = chance.choice(recent)
            text = old[: round(len(old) * chance.uniform(0.3, 1))]
        else:
            text = chance.choices(words, cum_weights=weights, k=WORDS)
            for phrase in chance.choices(phrases, k=_PHRASES_A_TEXT):
                start = chance.randrange(WORDS - _PHRASE_WORDS)
                text[start : start + _PHRASE_WORDS] = phrase
        recent = [*recent[-_RECENT:], text]
        yield " ".join(text)


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 10)))

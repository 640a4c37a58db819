"""How fast articles find their story in a full window, on made-up articles."""

from __future__ import annotations

import resource
import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from dateline import ids
from processors.enrich.story_terms import story_terms
from processors.stories.cluster_records import ClusteredArticle, ClusteredStory, StoryInput
from processors.stories.story_clusters import StoryClusters

WORDS = 600
VOCABULARY, NAMES = 60_000, 40_000
START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(days=2)

Record = TypeVar("Record", ClusteredArticle, ClusteredStory)


@dataclass(frozen=True, slots=True)
class Speed:
    """Times of one process, reading of the text included; memory of the whole process.

    ``right_share``: of the timed articles, how many came to the story of their event.
    """

    article_count: int
    story_count: int
    median_ms: float
    p99_ms: float
    articles_per_second: float
    right_share: float
    rebuild_seconds: float
    record_bytes: float
    memory_megabytes: float


class MadeUpNews:
    """Articles about made-up events: common words, an event's own words, names of many events."""

    def __init__(self, event_count: int, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        self._event_count = event_count
        syllables = [a + b for a in "bcdfghjklmnpqrstvwz" for b in "aeiou"]
        numbers = range(100, 100 + VOCABULARY + NAMES)
        made = ["".join(syllables[n // 95**k % 95] for k in range(3)) + "n" for n in numbers]
        self._words = np.array(made[:VOCABULARY])
        self._names = np.array([word.capitalize() for word in made[VOCABULARY:]])
        # Zipf's law, exponent 1.
        self._common = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
        self._common /= self._common[-1]

    def text(self) -> tuple[int, str]:
        """Return the event of the next article and its text; some events are large."""
        event = int(self._event_count * self._rng.random() ** 1.7)
        own = np.random.default_rng(event)
        # Squared and cubed: some people are in the news every day.
        people = self._names[(NAMES * own.random(8) ** 2).astype(int)]
        passers_by = self._names[(NAMES * self._rng.random(20) ** 3).astype(int)]
        phrases = self._words[own.integers(200, VOCABULARY, 30)]
        parts = [
            self._words[np.searchsorted(self._common, self._rng.random(WORDS - 190))],
            self._rng.choice(_two_by_two(phrases), 55),
            self._rng.choice(_two_by_two(people), 28),
            passers_by,
            self._rng.choice(own.integers(1, 500, 5).astype(str), 5),
        ]
        return event, " ".join(self._rng.permutation(np.concatenate(parts)))


def _two_by_two(words: NDArray[np.str_]) -> list[str]:
    return [f"{first} {second}" for first, second in zip(words[::2], words[1::2], strict=True)]


def fill(folder: Path, article_count: int, event_count: int) -> None:
    """Write the records of a window of made-up articles, each in the story of its event."""
    news = MadeUpNews(event_count)
    clusters = StoryClusters()
    roots: dict[int, str] = {}
    for number in range(article_count):
        event, text = news.text()
        story_id = ids.story_id(roots.setdefault(event, f"{number:064x}"))
        clusters.assign(_input(number, event, text, article_count, story_id))
    for name, records in zip(("stories", "articles"), clusters.dump(), strict=True):
        with (folder / name).open("wb") as lines:
            lines.writelines(msgspec.json.encode(record) + b"\n" for record in records)


def measure(article_count: int, event_count: int, timed: int) -> Speed:
    """Return the times of ``timed`` articles in a window that was filled by another process."""
    with tempfile.TemporaryDirectory() as name:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            child.submit(fill, Path(name), article_count, event_count).result()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            return child.submit(measure_filled, Path(name), event_count, timed).result()


def measure_filled(folder: Path, event_count: int, timed: int) -> Speed:
    """Return the times of ``timed`` further articles in the window of these records."""
    begun = perf_counter()
    clusters = StoryClusters.load(
        _records(folder / "stories", ClusteredStory),
        _records(folder / "articles", ClusteredArticle),
    )
    rebuild_seconds = perf_counter() - begun
    stories = {r.title: r.story_id for r in _records(folder / "articles", ClusteredArticle)}
    count = clusters.article_count
    news = MadeUpNews(event_count, seed=2)
    times, right = [], 0
    for number in range(count, count + timed):
        event, text = news.text()
        begun = perf_counter()
        answer = clusters.assign(_input(number, event, text, count, None))
        times.append(perf_counter() - begun)
        right += answer.story_id == stories.setdefault(_title(event), answer.story_id)
    return Speed(
        article_count=count,
        story_count=clusters.story_count,
        median_ms=statistics.median(times) * 1e3,
        p99_ms=statistics.quantiles(times, n=100)[98] * 1e3,
        articles_per_second=len(times) / sum(times),
        right_share=right / timed,
        rebuild_seconds=rebuild_seconds,
        record_bytes=(folder / "articles").stat().st_size / count,
        memory_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _records(path: Path, kind: type[Record]) -> Iterator[Record]:
    with path.open("rb") as lines:
        yield from (msgspec.json.decode(line, type=kind) for line in lines)


def _title(event: int) -> str:
    return f"Event {event}"


def _input(number: int, event: int, text: str, count: int, story_id: str | None) -> StoryInput:
    return StoryInput(
        article_id=f"{number:064x}",
        terms=story_terms(text),
        at=START + WINDOW * (number / count),
        language="en",
        source_id=f"source-{number % 500}.example",
        title=_title(event),
        story_id=story_id,
    )

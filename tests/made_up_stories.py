"""Made-up articles for the tests of stories: each event has words of its own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from processors.enrich.story_terms import story_terms
from processors.stories.cluster_records import StoryInput

START = datetime(2026, 1, 1, tzinfo=UTC)
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def word(chance: random.Random, *, is_name: bool = False) -> str:
    made = "".join(chance.choices(_SYLLABLES, k=3)) + "n"
    return made.capitalize() if is_name else made


def text_about(event: str, number: int, *, kind: str = "any", length: int = 120) -> str:
    """Return one of many texts about an event; events of one ``kind`` share some words."""
    own, shared, common = (random.Random(f"{seed}") for seed in (event, f"kind {kind}", "common"))  # noqa: S311
    names = [word(own, is_name=True) for _ in range(6)]
    words = [word(own) for _ in range(14)]
    of_kind = [word(shared) for _ in range(14)] + [word(shared, is_name=True) for _ in range(2)]
    usual = [word(common) for _ in range(400)]
    chance = random.Random(f"{event} {number}")  # noqa: S311
    pools = (names, words, of_kind, usual)
    return " ".join(
        chance.choice(chance.choices(pools, weights=(3, 3, 2, 5))[0]) for _ in range(length)
    )


def article(event: str, number: int, *, kind: str = "any", **fields: Any) -> StoryInput:
    """Return an article about an event, an hour after the one before it."""
    text = text_about(event, number, kind=kind)
    values: dict[str, Any] = {
        "article_id": f"{event}-{number}",
        "terms": story_terms(text),
        "at": START + timedelta(hours=number),
        "language": "en",
        "source_id": f"paper-{number % 3}.example",
        "title": text[:40],
    }
    return StoryInput(**{**values, **fields})


def stream(events: int, articles: int, seed: int = 0) -> list[StoryInput]:
    """Return articles about events in a random order, some events of one kind."""
    made = [
        article(f"event {event}", number, kind=f"kind {event // 2}")
        for event in range(events)
        for number in range(articles)
    ]
    random.Random(seed).shuffle(made)  # noqa: S311
    return made

"""Return articles of about 600 words for the measurements, the same for every contestant."""

from __future__ import annotations

import json
import os
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateline import ids
from dateline.records import RawArticle
from dateline.settings import PROJECT_DIR

WORDS = 600
DATA_DIR = Path(os.environ.get("DATELINE_DATA_DIR", PROJECT_DIR.parent / "shared" / "data"))
NOTICE = (
    "All Content by Orchard Wire is licensed under a Creative Commons Attribution 4.0"
    " International License."
)


@dataclass(frozen=True)
class Corpus:
    """Article texts and what they were made of."""

    texts: list[str]
    origin: str


def make_corpus(count: int, *, seed: int = 20261123) -> Corpus:
    """Return ``count`` texts of about 600 words, no two alike.

    Made of the sentences of real news (development data) where they are at hand, because a small
    vocabulary would flatter every cache; else of the seeds' sentences with made-up names.
    """
    rng = random.Random(seed)  # noqa: S311
    sentences, origin = _news_sentences()
    if not sentences:
        sentences, origin = _seed_sentences(rng), "sentences of the seeds with made-up names"
    texts = []
    for number in range(count):
        words = 0
        parts = [f"ORCHARD CITY – Report {number} of the day."]
        while words < WORDS:
            sentence = rng.choice(sentences)
            words += len(sentence.split())
            parts.append(sentence)
        texts.append(" ".join(parts) + " " + NOTICE)
    return Corpus(texts=texts, origin=origin)


def _news_sentences() -> tuple[list[str], str]:
    path = DATA_DIR / "stories" / "docs.jsonl"
    if not path.is_file():
        return [], ""
    docs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [
        sentence
        for doc in docs
        for sentence in doc["text"].split("\n")
        if len(sentence.split()) > 4
    ]
    return sentences, f"{len(sentences)} sentences of news (development data)"


def _seed_sentences(rng: random.Random) -> list[str]:
    text = " ".join(
        path.read_text(encoding="utf-8") for path in sorted((PROJECT_DIR / "seeds").glob("*.txt"))
    )
    sentences = [s for s in re.split(r"(?<=[.”])\s+", text) if len(s.split()) > 4]
    names = [
        "".join(rng.choices("abdeiklmnorstuz", k=rng.randint(4, 9))).title() for _ in range(4000)
    ]

    def renamed(sentence: str) -> str:
        return re.sub(r"\b[A-Z][a-z]{3,}\b", lambda _: rng.choice(names), sentence)

    return sentences + [renamed(rng.choice(sentences)) for _ in range(6000)]


def raw_article(text: str, number: int, source_id: str) -> RawArticle:
    """Return the record of a text."""
    now = datetime.now(UTC)
    key = f"{number}"
    return RawArticle(
        article_id=ids.article_id(source_id, key),
        source_id=source_id,
        key=key,
        content_sha256=ids.content_sha256(title=None, summary=None, body=text),
        body=text,
        media_type="text/plain",
        origin="live",
        observed_at=now,
        updated_at=now,
    )

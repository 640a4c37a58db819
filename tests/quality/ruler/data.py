"""Read the named gold spans of the entity documents, which may be absent.

The rule was fixed before the first run: rows of confidence 0.5 and more, of the types Person,
Organisation and Location; a leading article is taken off; what holds no capital letter after that
is a description, not a name; of spans inside each other the longest counts. After the first run
one thing was added: a pronoun that begins a sentence ("We") is no name either.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

DATA_VARIABLE = "DATELINE_DATA_DIR"
SOURCES = ("UK_Government", "CENTCOM", "Wikipedia")
GOLD_TYPES = {"Person": "PER", "Organisation": "ORG", "Location": "LOC"}
_MIN_CONFIDENCE = 0.5
_PRONOUNS = frozenset(
    [
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "me",
        "him",
        "her",
        "us",
        "them",
        "this",
        "these",
        "those",
    ]
)
_ARTICLES = ("the ", "a ", "an ")

Span = tuple[int, int, str]  # start, end, PER, ORG or LOC


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its named gold spans; ``left_out`` counts rows that the rule drops."""

    source: str
    text: str
    gold: frozenset[Span]
    left_out: int


def data_folder() -> Path | None:
    """Return the folder of the development data, or None where it is absent."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    return folder if (folder / "entities" / SOURCES[0]).is_dir() else None


def load_documents(folder: Path) -> tuple[Document, ...]:
    """Return the documents of all sources, in the order of the files."""
    documents = []
    for source in SOURCES:
        rows = defaultdict(list)
        for row in _json_lines(folder / "entities" / source / "entities.jsonl"):
            if row["confidence"] >= _MIN_CONFIDENCE and row["type"] in GOLD_TYPES:
                rows[row["documentId"]].append(row)
        for document in _json_lines(folder / "entities" / source / "documents.jsonl"):
            own = rows[document["_id"]]
            gold = _longest(
                [
                    (*without_article(document["text"], row["begin"], row["end"]), row["type"])
                    for row in own
                ],
                document["text"],
            )
            documents.append(Document(source, document["text"], gold, len(own) - len(gold)))
    return tuple(documents)


def without_article(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without a leading article."""
    for article in _ARTICLES:
        if text[start:end].lower().startswith(article):
            return start + len(article), end
    return start, end


def _longest(rows: list[tuple[int, int, str]], text: str) -> frozenset[Span]:
    named = [row for row in rows if _is_named(text[row[0] : row[1]])]
    kept: list[Span] = []
    for start, end, kind in sorted(named, key=lambda row: (row[0] - row[1], row[0])):
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, GOLD_TYPES[kind]))
    return frozenset(kept)


def _is_named(name: str) -> bool:
    return any(map(str.isupper, name)) and name.lower() not in _PRONOUNS


def _json_lines(path: Path) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

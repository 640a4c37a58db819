"""Read which names of a document mean the same, from development data that may be absent.

``stories`` gives chains of mentions (people, organisations, places) in validated sentences,
``linking`` Wikidata ids. Named mentions alone count: with a capital letter once a leading article
is taken off, and no pronoun. The rule was fixed before the first run.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..linking.data import load_articles
from ..ruler.data import _is_named, without_article

DATA_VARIABLE = "DATELINE_DATA_DIR"
UNCHECKED = "stories, all sentences"
_TAGS = frozenset({"HUMAN_PART_PER", "HUMAN_PART_ORG", "LOC_GEO"})


@dataclass(frozen=True, slots=True)
class Gold:
    """A named mention and the label that all mentions of the same thing have."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its named gold mentions; ``part`` says where it comes from."""

    part: str
    text: str
    gold: tuple[Gold, ...]


def data_folder() -> Path | None:
    """Return the folder of the development data, or None where it is absent."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    return folder if (folder / "stories" / "mentions.jsonl").is_file() else None


def load_documents(folder: Path) -> tuple[Document, ...]:
    """Return the documents that hold at least two named mentions."""
    documents = [*_stories(folder), *_linking(folder)]
    return tuple(each for each in documents if len(each.gold) > 1)


def _stories(folder: Path) -> Iterator[Document]:
    rows, every = defaultdict(list), defaultdict(list)
    for row in _json_lines(folder / "stories" / "mentions.jsonl"):
        chain = row["chain_id"] or row["doc_chain_id"]
        if row["tag"] in _TAGS and row["contiguous"] and chain:
            if row["validated"]:
                rows[row["doc_id"]].append((row["char_start"], row["char_end"], chain))
            every[row["doc_id"]].append((row["char_start"], row["char_end"], chain))
    for document in _json_lines(folder / "stories" / "docs.jsonl"):
        text = document["text"]
        own = document["doc_id"]
        yield Document(f"stories, {document['half']}", text, _named(text, rows[own]))
        # Their labels were not all checked, but two that share a chain are meant to be one.
        yield Document(UNCHECKED, text, _named(text, every[own]))


def _linking(folder: Path) -> Iterator[Document]:
    for article in load_articles(folder):
        rows = [(each.start, each.end, each.qid) for each in article.labels if each.is_scored]
        yield Document("linking", article.text, _named(article.text, rows))


def _named(text: str, rows: list[tuple[int, int, str]]) -> tuple[Gold, ...]:
    spans = ((*without_article(text, start, end), label) for start, end, label in rows)
    return tuple(Gold(*span) for span in sorted(spans) if _is_named(text[span[0] : span[1]]))


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

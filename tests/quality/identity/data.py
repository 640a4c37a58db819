"""Read who is who across the documents of the stories, from development data that may be absent.

Mentions of people and organisations in validated sentences that belong to a chain. A mention is a
name where, a leading article and an ending 's taken off, it is no pronoun and each of its words of
four letters and more begins with a capital or a digit; nominals ("the coach", "the Vikings coach")
are no names. After the first run one thing was added: a single word that the texts also write in
lower case ("Police say", "Woman held" in headlines) is none either. Chains are counted within a
topic.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..entities.data import DATA_VARIABLE as DATA_VARIABLE
from ..ruler.data import _is_named, without_article

TAGS = {"HUMAN_PART_PER": "PER", "HUMAN_PART_ORG": "ORG"}
_LEAST_CAPITALISED = 4
_WORD = re.compile(r"\w+")
_CONTRACTED = re.compile(r"['’](?:s|m|re|ve|ll|d)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gold:
    """A mention and the chain it belongs to; ``kind`` is PER or ORG."""

    start: int
    end: int
    text: str
    chain: str
    kind: str
    is_name: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a topic with its gold mentions."""

    document_id: str
    topic: str
    text: str
    gold: tuple[Gold, ...]


def data_folder() -> Path | None:
    """Return the folder of the development data, or None where it is absent."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    return folder if (folder / "stories" / "mentions.jsonl").is_file() else None


def load_documents(folder: Path) -> tuple[Document, ...]:
    """Return all documents, those without gold mentions too: they are part of the stream."""
    rows = defaultdict(list)
    for row in _json_lines(folder / "stories" / "mentions.jsonl"):
        if row["tag"] in TAGS and row["validated"] and row["contiguous"] and row["chain_id"]:
            rows[row["doc_id"]].append(row)
    documents = _json_lines(folder / "stories" / "docs.jsonl")
    common = {w for each in documents for w in _WORD.findall(each["text"]) if w.islower()}
    return tuple(
        Document(
            document["doc_id"],
            str(document["topic"]),
            document["text"],
            tuple(_gold(document["text"], row, common) for row in rows[document["doc_id"]]),
        )
        for document in documents
    )


def is_name(text: str, common: frozenset[str] | set[str]) -> bool:
    """Return whether a mention is a name; ``common`` are words that texts write in lower case."""
    bare = _CONTRACTED.sub("", text).strip("'’\"“” ")
    if not _is_named(bare):
        return False
    words = bare.split()
    if len(words) == 1 and bare.lower() in common:
        return False
    return not words[-1][0].islower() and all(
        not word[0].islower() for word in words if len(word) >= _LEAST_CAPITALISED
    )


def _gold(text: str, row: dict[str, Any], common: set[str]) -> Gold:
    start, end = without_article(text, row["char_start"], row["char_end"])
    name = text[start:end].strip()
    return Gold(start, end, name, row["chain_id"], TAGS[row["tag"]], is_name(name, common))


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

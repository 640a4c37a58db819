"""Read articles, their stories and who is named in them from development data, if it is there."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA_VARIABLE = "DATELINE_DATA_DIR"
_TAGS = frozenset({"HUMAN_PART_PER", "HUMAN_PART_ORG", "LOC_GEO"})


@dataclass(frozen=True, slots=True)
class Article:
    """A news text, the story that people gave it, and the topic: two look-alike stories each.

    Attributes:
        first: its first sentence, often the title.
        names: the forms by which it names whom or what, by the chain of all articles of the topic.
    """

    id: str
    story: str
    topic: str
    text: str
    first: str
    names: Mapping[str, tuple[str, ...]]


def data_folder() -> Path | None:
    """Return the folder of the stories, or None where there is none."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data")) / "stories"
    return folder if (folder / "mentions.jsonl").is_file() else None


def load_articles(folder: Path) -> tuple[Article, ...]:
    """Return the articles, in the order of the file."""
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(folder / "mentions.jsonl"):
        if row["tag"] in _TAGS and row["contiguous"] and row["chain_id"]:
            names[row["doc_id"]][row["chain_id"]].append(row["text"])
    return tuple(
        Article(
            id=row["doc_id"],
            story=row["story_id"],
            topic=str(row["topic"]),
            text=row["text"],
            first=row["sentences"][0]["text"],
            names={chain: tuple(forms) for chain, forms in names[row["doc_id"]].items()},
        )
        for row in _rows(folder / "docs.jsonl")
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

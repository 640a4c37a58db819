"""Read the labelled articles for linking from the development data, which may be absent."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA_VARIABLE = "DATELINE_DATA_DIR"
_FILE = Path("linking") / "news_fair_v2_dev.jsonl"
_NOT_ENTITIES = frozenset({"QUANTITY", "DATETIME"})
NIL = "<NIL>"


@dataclass(frozen=True, slots=True)
class Label:
    """What people wrote about a span of an article.

    Attributes:
        qid: Wikidata id, or NIL.
        types: Wikidata ids of its types.
        is_scored: a named entity with an id that counts for recall.
        is_free: missing it or getting it right counts nothing; a wrong id does.
    """

    start: int
    end: int
    text: str
    qid: str
    types: frozenset[str]
    is_scored: bool
    is_free: bool


@dataclass(frozen=True, slots=True)
class Article:
    """An article of which only ``[start, end)`` is labelled."""

    id: str
    text: str
    start: int
    end: int
    labels: tuple[Label, ...]


def data_folder() -> Path | None:
    """Return the folder of the development data, or None where it is absent."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    return folder if (folder / _FILE).is_file() else None


def load_articles(folder: Path) -> tuple[Article, ...]:
    """Return the labelled articles, in the order of the file."""
    lines = (folder / _FILE).read_text(encoding="utf-8").splitlines()
    return tuple(map(_article, map(json.loads, lines)))


def _article(row: dict[str, Any]) -> Article:
    start, end = row["evaluation_span"]
    return Article(str(row["id"]), row["text"], start, end, tuple(_labels(row)))


def _labels(row: dict[str, Any]) -> Iterator[Label]:
    scored: dict[int, bool] = {}
    for label in row["labels"]:
        start, end = label["span"]
        text = row["text"][start:end]
        qid = label["entity_id"] or NIL
        is_optional = bool(label.get("optional") or label.get("desc") or label.get("coref"))
        is_entity = qid.startswith("Q") and qid not in _NOT_ENTITIES
        is_named = is_entity and not is_optional and text != text.lower()
        scored[label["id"]] = is_named
        # Of labels inside each other, the outermost that names an entity counts.
        is_inner = _is_inside_scored(label, row["labels"], scored)
        yield Label(
            *_without_article(row["text"], start, end), text, qid,
            frozenset(label["type"].split("|")),
            is_scored=is_named and not is_inner,
            is_free=is_optional or qid in _NOT_ENTITIES or (is_entity and not is_named) or is_inner,
        )  # fmt: skip


def _is_inside_scored(
    label: dict[str, Any], labels: Sequence[dict[str, Any]], scored: Mapping[int, bool]
) -> bool:
    by_id = {each["id"]: each for each in labels}
    parent = label.get("parent")
    while parent is not None:
        if scored.get(parent):
            return True
        parent = by_id[parent].get("parent")
    return False


def _without_article(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span as mentions are: without "the", which some labels take in."""
    return (start + 4, end) if text[start : start + 4].lower() == "the " else (start, end)

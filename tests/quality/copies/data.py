"""Read the news documents of the development data, which may be absent."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

DATA_VARIABLE = "DATELINE_DATA_DIR"
_FILE = Path("stories") / "docs.jsonl"


@dataclass(frozen=True, slots=True)
class Document:
    """A news text and which story it tells; ``sentences`` are in order and make the text."""

    id: str
    story_id: str
    topic: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return one paragraph a sentence."""
        return "\n\n".join(self.sentences)


def data_folder() -> Path | None:
    """Return the folder of the development data, or None where it is absent."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    return folder if (folder / _FILE).is_file() else None


def load_documents(folder: Path) -> tuple[Document, ...]:
    """Return the documents, in the order of the file."""
    rows = map(json.loads, (folder / _FILE).read_text(encoding="utf-8").splitlines())
    return tuple(
        Document(
            row["doc_id"],
            row["story_id"],
            str(row["topic"]),
            tuple(sentence["text"] for sentence in row["sentences"]),
        )
        for row in rows
    )

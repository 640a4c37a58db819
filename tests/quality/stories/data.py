"""Load the labelled stories of the development data, where they are."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from processors.enrich.story_terms import story_terms
from processors.stories.cluster_records import StoryInput

DATA_VARIABLE = "DATELINE_DATA_DIR"
# The texts have no times: all get one, so that nothing is told by it.
AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article, the story that people gave it, and the topic: two look-alike stories each."""

    article: StoryInput
    story: str
    topic: str


def data_folder() -> Path | None:
    """Return the folder of the stories, or None where there is none."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data")) / "stories"
    return folder if (folder / "docs.jsonl").is_file() else None


def load_labelled(folder: Path) -> tuple[Labelled, ...]:
    """Return the labelled articles; the sentence with the page's address is not among the text."""
    with (folder / "docs.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple(
        Labelled(
            StoryInput(
                article_id=row["doc_id"],
                terms=story_terms(row["text"]),
                at=AT,
                language="en",
                source_id="development",
            ),
            str(row["story_id"]),
            str(row["topic"]),
        )
        for row in rows
    )

"""Load the name pairs and transliterations of the development data, where they are."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

from dateline.names.fold import fold_letters
from dateline.names.skeleton import to_latin

DATA_VARIABLE = "DATELINE_DATA_DIR"
_KINDS = {"Person": "person"}


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names and whether a person says that they may be one."""

    first: str
    second: str
    kind: str
    schema: str
    quality: str
    is_match: bool


def data_folder() -> Path | None:
    """Return the folder of the names, or None where there is none."""
    folder = Path(os.environ.get(DATA_VARIABLE, "../shared/data")) / "names"
    return folder if folder.is_dir() else None


def load_name_pairs(folder: Path) -> tuple[NamePair, ...]:
    """Return the pairs, each once: turned round or in other case it is the same pair."""
    pairs: dict[tuple[object, ...], NamePair] = {}
    with (folder / "name_pairs.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            names = frozenset({row["name1"].casefold(), row["name2"].casefold()})
            schema = row["schema"]
            pair = NamePair(
                row["name1"], row["name2"], _KINDS.get(schema, "organization"), schema,
                row["quality"], row["is_match"] == "true",
            )  # fmt: skip
            pairs.setdefault((schema, names, pair.is_match), pair)
    return tuple(pairs.values())


def load_transliterations(folder: Path, part: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of one word in Arabic script and in Latin letters, folded."""
    lines = (folder / f"ar2en-{part}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    folded = ((fold_letters(arabic), fold_letters(to_latin(latin))) for arabic, latin in pairs)
    return tuple((arabic.replace(" ", ""), latin.replace(" ", "")) for arabic, latin in folded)

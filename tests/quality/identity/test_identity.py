"""People and organisations are known again, where the development data is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..tag import load_name_finder, load_tagger
from . import score
from .data import DATA_VARIABLE, data_folder, is_name, load_documents


@pytest.fixture
def folder() -> Path:
    found = data_folder()
    if found is None:
        pytest.skip(f"no development data: {DATA_VARIABLE} names no folder with stories/")
    return found


def test_identity_is_clearly_above_exact_strings(folder: Path) -> None:
    readings = score.read_all(load_documents(folder), load_tagger(), load_name_finder())
    rows = score.items(readings, orders=3)
    named = [row for row in rows if row.gold.is_name]

    assert score.lead(rows)[0] > 0
    assert score.parts(named, score.ours).f1 > score.parts(named, score.folded).f1
    assert score.parts(named, score.ours).precision >= 0.98


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Brook", True), ("Brook's", True), ("Bank of Norland", True), ("the clerk", False),
        ("Norland clerk", False), ("Police", False), ("She's", False), ("“We", False),
    ],
)  # fmt: skip
def test_names_are_told_from_descriptions(text: str, expected: bool) -> None:
    assert is_name(text, {"police"}) is expected

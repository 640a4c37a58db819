"""Names of one document are joined as well as promised, where the development data are present."""

from __future__ import annotations

import pytest

from ..tag import load_name_finder, load_tagger
from .__main__ import PRECISION_GOAL, RECALL_GOAL, SYSTEMS
from .data import DATA_VARIABLE, UNCHECKED, data_folder, load_documents
from .score import pairs, precision, read, recall


def test_synonyms_are_joined() -> None:
    folder = data_folder()
    if folder is None:
        pytest.skip(f"development data not found: {DATA_VARIABLE} names no folder with stories/")
    tag, finder = load_tagger(), load_name_finder()
    documents = [each for each in load_documents(folder) if each.part != UNCHECKED]
    found = [
        pair
        for number, document in enumerate(documents)
        for pair in pairs(number, read(document, tag, finder))
        if pair.is_synonym
    ]
    assert precision(found, SYSTEMS["Dateline"]) >= PRECISION_GOAL
    assert recall(found, SYSTEMS["Dateline"]) >= RECALL_GOAL

"""The gazetteer makes entities better for certain, where the development data are present."""

from __future__ import annotations

import pytest

from ..tag import load_name_finder, load_tagger
from .data import DATA_VARIABLE, data_folder, load_documents
from .score import compare


def test_gain_of_the_gazetteer_excludes_nothing() -> None:
    folder = data_folder()
    if folder is None:
        pytest.skip(f"development data not found: {DATA_VARIABLE} names no folder with entities/")
    found = compare(load_documents(folder), load_name_finder(), load_tagger())
    assert found.low > 0

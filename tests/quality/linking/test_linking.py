"""Names are linked as well as promised, where the development data are present."""

from __future__ import annotations

import pytest

from ..tag import load_name_finder, load_tagger
from .__main__ import COUNTRY_GOAL, GOAL, score
from .data import DATA_VARIABLE, data_folder, load_articles
from .score import precision


def test_links_are_precise() -> None:
    folder = data_folder()
    if folder is None:
        pytest.skip(f"development data not found: {DATA_VARIABLE} names no folder with linking/")
    rows = score(load_articles(folder), load_name_finder(), load_tagger())
    assert precision(rows) >= GOAL
    assert precision(rows, ["country"]) >= COUNTRY_GOAL
    assert sum(row.wrong_on_nil for row in rows) == 0

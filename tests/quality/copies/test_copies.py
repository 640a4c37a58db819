"""Copies are found as well as promised, where the development data are present."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .__main__ import ALL, GOAL, count_roles, make_stream
from .data import DATA_VARIABLE, Document, data_folder, load_documents
from .edits import ORIGINAL


@pytest.fixture(scope="module")
def documents() -> Sequence[Document]:
    folder = data_folder()
    if folder is None:
        pytest.skip(f"development data not found: {DATA_VARIABLE} names no folder with stories/")
    return load_documents(folder)


@pytest.mark.parametrize(
    "kind", [ORIGINAL, "cut to 30-50 %", "new head", "merged with another", ALL]
)
def test_pairs_that_contain_each_other_are_found(documents: Sequence[Document], kind: str) -> None:
    precision, recall = make_stream(documents, kind).scores()
    assert precision >= GOAL
    assert recall >= GOAL


def test_late_originals_become_the_origin(documents: Sequence[Document]) -> None:
    roles = count_roles(make_stream(documents, "new head", order_seed=1))
    assert roles.origin / roles.count >= 0.93

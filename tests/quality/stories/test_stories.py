"""Articles are grouped as well as the goal asks, where the development data is."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import measures
from .__main__ import GOAL
from .data import DATA_VARIABLE, data_folder, load_labelled


@pytest.fixture
def folder() -> Path:
    found = data_folder()
    if found is None:
        pytest.skip(f"no development data: {DATA_VARIABLE} names no folder with stories/")
    return found


def test_stories_are_found_in_any_order_as_well_as_the_goal_asks(folder: Path) -> None:
    found = measures.score(load_labelled(folder))

    assert found.f1 >= GOAL
    assert min(found.f1_of_orders) >= 0.90


def test_bcubed_of_a_known_case() -> None:
    # Two stories of two and one; found as one of three.
    precisions, recalls = measures.bcubed(["x", "x", "x"], ["a", "a", "b"])

    assert precisions == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert recalls == [1, 1, 1]

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dateline.gazetteer.find import Gazetteer, load_gazetteer

sys.path.insert(0, str(Path(__file__).parent))  # gazetteer_doubles


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()

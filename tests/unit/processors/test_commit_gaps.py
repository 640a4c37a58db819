"""Commits go past the markers of transactions at once, and never past an unacknowledged record."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from typing import Any

import pytest
from faust.types import TP
from intervaltree import IntervalTree

from processors.stage import _ReadCommittedConsumer

PLACE = TP("grouped", 0)


def _consumer(committed: int | None) -> Any:
    """Return a consumer with the state of the acknowledgements only: no server, no thread."""
    consumer: Any = object.__new__(_ReadCommittedConsumer)
    consumer._committed_offset = defaultdict(lambda: committed)
    consumer._gap = defaultdict(IntervalTree)
    consumer._acked = defaultdict(list)
    consumer._acked_index = defaultdict(set)
    return consumer


def _read(consumer: Any, *offsets: int) -> None:
    """Tell the consumer of gaps as Faust does when it reads these offsets."""
    for before, offset in itertools.pairwise(offsets):
        if offset - before > 1:
            asyncio.run(consumer._add_gap(PLACE, before + 1, offset))


@pytest.mark.parametrize("acked", [[10, 11, 13, 14, 16], [10, 11, 13, 14, 16, 19]])
def test_new_offset_passes_every_marker_at_once(acked: list[int]) -> None:
    consumer = _consumer(10)
    _read(consumer, *acked)
    consumer._acked[PLACE] = list(acked)
    assert consumer._new_offset(PLACE) == acked[-1] + 1
    assert consumer._acked[PLACE] == []


@pytest.mark.parametrize(
    ("acked", "expected"), [([10, 14, 16], 11), ([13, 14, 16], None), ([10, 11, 14], 13)]
)
def test_new_offset_stops_at_an_unacknowledged_record(
    acked: list[int], expected: int | None
) -> None:
    consumer = _consumer(10)
    _read(consumer, 10, 11, 13, 14, 16)
    consumer._acked[PLACE] = list(acked)
    assert consumer._new_offset(PLACE) == expected


def test_new_offset_never_gives_the_record_behind_a_gap_away() -> None:
    consumer = _consumer(10)
    _read(consumer, 10, 13, 14)
    consumer._acked[PLACE] = [10, 14]
    assert consumer._new_offset(PLACE) == 13

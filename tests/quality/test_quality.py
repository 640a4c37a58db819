"""Rights are read as well as they were: every number of the gold set against its floor."""

from __future__ import annotations

from functools import cache

import pytest

from dateline.rights.registry import load_registry

from .detectors import CONFIG, ours
from .floors import load_floors, missed
from .gather import gather
from .gold import PARTS, Part, load_gold
from .measures import MEASURES, values
from .score import Scored, score
from .sentence_scores import (
    LEAST,
    MOST_PERMISSIVE,
    SentenceRow,
    read_sentences,
    sentence_values,
)
from .sentences import load_sentences


@cache
def scored(part: Part) -> tuple[Scored, ...]:
    return tuple(score(item, ours(gather(item))) for item in load_gold(part))


def test_nothing_is_granted_that_was_not_granted() -> None:
    assert [(row.item.id, row.permissive) for row in scored("dev") if row.permissive] == []


def test_nothing_frozen_is_granted_that_was_not_granted() -> None:
    # Of frozen items not even the ids are shown.
    assert sum(bool(row.permissive) for row in scored("frozen")) == 0


@pytest.mark.parametrize("part", PARTS)
def test_no_number_is_below_its_floor(part: Part) -> None:
    floors = load_floors()
    assert set(floors[part]) == set(MEASURES)
    assert missed({part: values(scored(part))}, {part: floors[part]}) == []


@cache
def read() -> tuple[SentenceRow, ...]:
    return read_sentences(load_sentences("check"), load_registry(CONFIG / "licenses.toml"))


@pytest.mark.parametrize("name", LEAST)
def test_statements_that_nobody_looked_at_are_read_as_well_as_they_were(name: str) -> None:
    value = sentence_values(read())[name].value
    assert value is not None
    assert value >= LEAST[name]


def test_few_statements_that_nobody_looked_at_are_granted_wrongly() -> None:
    value = sentence_values(read())["permissive errors"].value
    assert value is not None
    assert value <= MOST_PERMISSIVE

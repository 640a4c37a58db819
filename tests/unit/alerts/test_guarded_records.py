"""A record that cannot be read is not one that is not there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from elasticsearch import AsyncElasticsearch

from dateline.alerts.guarded_records import GuardedRecords
from dateline.errors import SearchUnavailable
from dateline.search.templates import RecordIndex


@dataclass(frozen=True)
class Thing:
    name: str


class Server:
    """Answers with these rows."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self._rows = rows

    async def mget(self, *, ids: list[str], **_: Any) -> dict[str, Any]:
        return {"docs": [{"_id": each, **row} for each, row in zip(ids, self._rows, strict=True)]}


FOUND = {"found": True, "_source": {"name": "a"}, "_seq_no": 3, "_primary_term": 1}


def read(*rows: dict[str, Any]) -> dict[str, str]:
    client = cast("AsyncElasticsearch", Server(*rows))
    index = RecordIndex(alias="things", mapping_path=Path("unused"), version=1)
    records = GuardedRecords(client, index, Thing, lambda each: each.name)
    found = asyncio.run(records.get([str(number) for number in range(len(rows))]))
    return {key: each.record.name for key, each in found.items()}


def test_what_is_not_there_is_left_out() -> None:
    no_index = {"error": {"type": "index_not_found_exception", "reason": "no such index"}}

    assert read(FOUND, {"found": False}, no_index) == {"0": "a"}


def test_shard_that_is_away_is_an_error() -> None:
    away = {"error": {"type": "no_shard_available_action_exception", "reason": "recovering"}}

    with pytest.raises(SearchUnavailable, match="recovering"):
        read(FOUND, away)

"""What the index stage reads: articles, stories, entities, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sample_records import at, kill_notice

from dateline.clock import SystemClock
from dateline.errors import RecordRejected
from dateline.outcomes import Outcome
from dateline.records import EntityRecord, GroupedArticle, Redecide, SearchDocument, StoryRecord
from dateline.search.index_writer import Indexed
from dateline.settings import load_settings
from dateline.wire import to_wire
from processors.guard import Incoming
from processors.index.handler import IndexHandler
from processors.waiting import Progress

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
STORY = StoryRecord(story_id="5a" * 32, root_article_id="a" * 64, first_at=AT, last_at=AT)
ENTITY = EntityRecord(entity_id="Q1", entity_type="place", name="Qatar", updated_at=AT)
KILL = kill_notice()
KILLED = GroupedArticle(
    article_id=KILL.article_id, source_id="wire.example", revision=2, change="kill",
    first_seen_at=at(0), observed_at=at(1), origin="live", pub_status="canceled", story_id="s",
    versions=(), kill=KILL,
)  # fmt: skip


class Writer:
    """Takes everything and remembers it."""

    def __init__(self) -> None:
        self.written: list[Indexed] = []

    async def write(self, documents: Sequence[Indexed]) -> list[Outcome]:
        self.written.extend(documents)
        return [Outcome.INDEXED for _ in documents]


def handle(*payloads: bytes) -> tuple[Sequence[Any], list[Indexed]]:
    writer: Any = Writer()
    client: Any = None
    handler = IndexHandler(
        client=client, writer=writer, settings=load_settings(environ={}),
        progress=Progress(), clock=SystemClock(),
    )  # fmt: skip
    records = [
        Incoming(topic="t", partition=0, offset=number, key=b"k", payload=payload)
        for number, payload in enumerate(payloads)
    ]
    return asyncio.run(handler.handle(records)), writer.written


def test_articles_stories_and_entities_are_written_in_order() -> None:
    results, written = handle(to_wire(STORY), to_wire(KILLED), to_wire(ENTITY))

    assert results == [Outcome.INDEXED] * 3
    assert written[0] == STORY
    assert isinstance(written[1], SearchDocument)
    assert written[2] == ENTITY


def test_another_record_is_refused_and_the_others_are_written() -> None:
    other = Redecide(article_id="a" * 64, requested_at=AT, policy_id="p@1")

    results, written = handle(to_wire(STORY), to_wire(other), b"{", to_wire(ENTITY))

    assert [isinstance(each, RecordRejected) for each in results] == [False, True, True, False]
    assert written == [STORY, ENTITY]

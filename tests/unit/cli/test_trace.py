"""Where an article is, from what topics, groups, index and dead letters say."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from cli_doubles import AT, MemoryReader, record
from sample_documents import document, tombstone
from sample_records import enriched_article, kill_notice, raw_article

from dateline.cli.trace import step_line
from dateline.dead_letter_store import StoredLetter
from dateline.records import DeadLetter, GroupedArticle
from dateline.settings import Settings
from dateline.topic_reader import TopicRecord, partition_of
from dateline.topics import load_topics
from dateline.trace import READERS, ArticleTrace, Known, Sent, Step, is_seen, verdict
from dateline.wire import to_wire

ARTICLE = raw_article("A")
KEY = ARTICLE.article_id.encode()
PARTITION = partition_of(KEY, 6)
RAW, BACKFILL, ENRICHED, GROUPED = (
    "news.raw.v1", "news.raw_backfill.v1", "news.enriched.v1", "news.grouped.v1",
)  # fmt: skip
SENT = Sent(topic=RAW, partition=PARTITION, offset=1, observed_at=AT, origin="inbox/a.txt")


def _grouped(text: str = "A") -> GroupedArticle:
    enriched = enriched_article(text)
    return GroupedArticle(
        article_id=ARTICLE.article_id, source_id=ARTICLE.source_id, revision=1, change="new",
        first_seen_at=AT, observed_at=AT, origin="live", pub_status="usable", story_id="s",
        versions=(), enriched=enriched,
    )  # fmt: skip


def _row(topic: str, value: bytes, *, offset: int = 1, minutes: int = 0) -> TopicRecord:
    partition = 0 if topic == ENRICHED else PARTITION
    return record(
        topic=topic, partition=partition, offset=offset, key=KEY, value=value,
        at=AT + timedelta(minutes=minutes),
    )  # fmt: skip


def _reader(**values: bytes) -> MemoryReader:
    """Return topics in which a foreign record stands before the article's."""
    reader = MemoryReader()
    for name in ("raw", "raw_backfill", "enriched", "grouped"):
        topic = f"news.{name}.v1"
        count = 1 if name == "enriched" else 6
        place = 0 if name == "enriched" else PARTITION
        rows: list[list[TopicRecord | None]] = [[] for _ in range(count)]
        rows[place] = [record(topic=topic, partition=place, key=b"other")]
        if name in values:
            rows[place].append(_row(topic, values[name]))
        reader._topics[topic] = rows
    return reader


def _everywhere() -> MemoryReader:
    reader = _reader(
        raw=to_wire(ARTICLE), enriched=to_wire(enriched_article("A")), grouped=to_wire(_grouped())
    )
    reader.commits = {
        ("dateline-enrich", RAW, PARTITION): 2,
        ("dateline-stories", ENRICHED, 0): 2,
        ("dateline-index", GROUPED, PARTITION): 2,
    }
    return reader


def _letter(topic: str = RAW, offset: int = 1, **changes: Any) -> StoredLetter:
    partition = 0 if topic == ENRICHED else PARTITION
    letter = DeadLetter(
        payload=b"", code="E203", stage="enrich", topic=topic, partition=partition, offset=offset,
        attempts=1, first_failed_at=AT, error="no text", key=KEY,
    )  # fmt: skip
    key = f"{topic}/{partition}/{offset}"
    stored = StoredLetter(key=key, number=0, last_at=AT, letter=letter, payload_bytes=3)
    return dataclasses.replace(stored, **changes)


def _steps(reader: MemoryReader, **known: Any) -> list[Step]:
    fields: dict[str, Any] = {
        "article_id": ARTICLE.article_id, "sent": None, "document": None, "search_failure": None,
        "letters": [],
    }  # fmt: skip
    groups = {stage: f"dateline-{stage}" for stage in READERS.values()}
    trace = ArticleTrace(reader, load_topics(Settings()), groups)
    return trace.steps(Known(**(fields | known)))


def _states(steps: list[Step]) -> dict[str, str]:
    return {step.name: step.state for step in steps}


def test_an_indexed_article_is_done_everywhere() -> None:
    steps = _steps(_everywhere(), sent=SENT, document=document())

    assert _states(steps) == {
        "sent": "done", RAW: "done", "enrich": "done", ENRICHED: "done", "stories": "done",
        GROUPED: "done", "index": "done", "document": "done",
    }  # fmt: skip
    assert verdict(steps) == "indexed (searchable, revision 1, text aaaaaaaa)"


def test_a_record_in_the_producers_state_is_read_without_a_search() -> None:
    reader = _everywhere()

    _steps(reader, sent=SENT)

    assert reader.scans[0] == (RAW, PARTITION, 1, 2)


def test_an_article_waits_with_its_lag() -> None:
    reader = _reader(raw=to_wire(ARTICLE))
    reader.commits["dateline-enrich", RAW, PARTITION] = 0

    steps = _steps(reader)

    assert verdict(steps) == (
        "waiting for enrich: lag 1: so many records of the partition are before it"
    )
    assert next(step for step in steps if step.name == "enrich").lag_records == 1


def test_a_stage_that_never_ran_has_the_whole_partition_before_it() -> None:
    reader = _reader(raw=to_wire(ARTICLE))
    reader.starts[RAW, PARTITION] = 1

    waiting = next(step for step in _steps(reader) if step.name == "enrich")

    assert waiting.lag_records == 0
    assert waiting.detail.endswith("the stage has not acknowledged any yet")


def test_a_dead_letter_is_where_the_article_is() -> None:
    reader = _reader(raw=b"broken")
    reader.commits["dateline-enrich", RAW, PARTITION] = 2

    steps = _steps(reader, letters=[_letter()])

    assert _states(steps)["enrich"] == "dead_letter"
    assert verdict(steps) == f"dead letter of enrich: E203 no text (news.raw.v1/{PARTITION}/1)"
    assert steps[1].detail.startswith("not readable: E201")


def test_a_requeued_article_is_followed_in_its_new_place() -> None:
    reader = _everywhere()
    reader.append(RAW, _row(RAW, to_wire(ARTICLE), offset=2, minutes=5), PARTITION)
    letter = _letter(requeued_at=AT)

    steps = _steps(reader, sent=SENT, letters=[letter])

    assert steps[1].offset == 2
    assert _states(steps)["enrich"] == "waiting"
    assert steps[-1].name == "dead letter"
    assert steps[-1].detail.endswith("sent back 2026-11-20 08:30 UTC")


def test_an_old_dead_letter_does_not_hide_that_the_article_is_indexed() -> None:
    steps = _steps(_everywhere(), document=document(), letters=[_letter(offset=0)])

    assert verdict(steps).startswith("indexed")


def test_a_dead_letter_alone_is_a_find() -> None:
    steps = _steps(_reader(), letters=[_letter(offset=0)])

    assert is_seen(steps)
    assert verdict(steps) == "last seen at dead letter"


def test_a_backfilled_article_is_found_in_its_topic() -> None:
    states = _states(_steps(_reader(raw_backfill=to_wire(ARTICLE))))

    assert states[BACKFILL] == "done"
    assert states["enrich-backfill"] == "waiting"


def test_a_kill_is_described() -> None:
    steps = _steps(_reader(raw=to_wire(kill_notice())), document=tombstone())

    assert steps[1].detail == "withdrawal: withdrawn"
    assert steps[-1].detail == "tombstone: the source withdrew it, revision 2"


def test_an_unknown_article_is_not_found() -> None:
    steps = _steps(_reader())

    assert not is_seen(steps)
    assert verdict(steps) == "not found"
    assert steps[1].detail == "not among the 1 records that may hold it"


def test_an_emptied_index_is_noticed() -> None:
    assert verdict(_steps(_everywhere())) == (
        "passed every stage, but is not in the index: was the index emptied?"
    )


def test_an_index_that_is_away_leaves_the_rest_visible() -> None:
    steps = _steps(_everywhere(), search_failure="Elasticsearch does not answer: refused.")

    assert steps[-1] == Step(
        name="document", state="unknown", detail="Elasticsearch does not answer: refused."
    )
    assert verdict(steps) == "last seen at index"


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            Step(name="enrich", state="waiting", detail="lag 3"),
            "… enrich                   waiting  lag 3",
        ),
        (
            Step(name="t", state="done", detail="\x1b[2J", at=AT, partition=1, offset=2),
            "✓ t                        2026-11-20 08:30:00  [1] offset 2  ␛[2J",
        ),
    ],
)
def test_step_line_is_one_safe_line(step: Step, line: str) -> None:
    assert step_line(step).plain == line

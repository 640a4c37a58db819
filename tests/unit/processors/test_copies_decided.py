"""Copies take the meet with their origin, also when it comes late, changes or is withdrawn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_records import enriched_article, kill_notice, raw_article
from stories_doubles import Broker, Process

from dateline import ids
from dateline.outcomes import Outcome
from dateline.records import EnrichedArticle, GroupedArticle, KillNotice
from dateline.rights.policy import DISPLAY_ORDER
from dateline.rights.record import Attribution, Resolution, Rights, RightsEvidence

TEXT = "The harbour council voted on Tuesday to dredge the northern basin. " * 5
GRANTED = Rights(
    status="granted", spdx_expression="CC-BY-4.0", effective=("by",), confidence=0.9,
    attribution=Attribution(text="By W", html="By W", jsonld="{}", is_complete=True),
)  # fmt: skip
EVIDENCE = RightsEvidence(
    id="e1", object_id="text", layer="text", field="body", start=0, end=9, quote="CC BY 4.0",
    text_sha256="d" * 64, frame="grant_text", scope="this_object", rank=70, confidence=0.9,
    detector="notice@1", registry_version="1",
)  # fmt: skip
NOTICE: dict[str, Any] = {"evidence": (EVIDENCE,), "resolution": Resolution(winner="e1")}
RESERVED = Rights(status="reserved", confidence=0.9)
UNKNOWN = Rights(status="unknown")


def version(
    source: str, text: str = TEXT, minute: float = 1, rights: Rights = GRANTED, **fields: Any
) -> EnrichedArticle:
    row = {
        "article_id": ids.article_id(source, "k"), "source_id": source,
        "url": f"https://{source}/1",
    } | fields  # fmt: skip
    return enriched_article(text, minute, article=raw_article(text, minute, **row), rights=rights)


def kill(source: str, minute: float) -> KillNotice:
    return kill_notice(minute, article_id=ids.article_id(source, "k"), source_id=source)


def run(*batches: list[Any]) -> Broker:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        for batch in batches:
            assert set(map(type, await process.take(*batch))) == {Outcome}

    asyncio.run(main())
    return broker


def display(item: GroupedArticle) -> str:
    return next((d.display for d in item.decisions if d.purpose == "public_search"), "")


def last(broker: Broker, source: str) -> GroupedArticle:
    return [item for item in broker.grouped if item.source_id == source][-1]


def told(broker: Broker, source: str) -> list[tuple[str, int, str]]:
    found = [item for item in broker.grouped if item.source_id == source]
    return [(item.change, item.revision, display(item)) for item in found]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_same_text_of_another_source_is_a_copy(in_one_batch: bool) -> None:
    first, second = version("a.example", rights=RESERVED), version("b.example", minute=2)

    broker = run([first, second]) if in_one_batch else run([first], [second])

    copy = last(broker, "b.example")
    assert (copy.role, copy.origin_article_id) == ("copy", first.article.article_id)
    assert display(copy) == "snippet"
    assert copy.enriched is not None
    assert copy.enriched.rights.status == "reserved"
    assert last(broker, "a.example").role == "original"


def test_canonical_address_names_the_origin() -> None:
    origin = version("a.example", "x" * 10, rights=RESERVED)
    copy = version("b.example", "y" * 10, 2, canonical_url="http://www.a.example/1/")

    broker = run([origin], [copy])

    assert last(broker, "b.example").origin_article_id == origin.article.article_id
    assert display(last(broker, "b.example")) == "snippet"


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(version("b.example", TEXT + "More.", 2), id="another-text"),
        pytest.param(version("a.example", minute=2, article_id="7" * 64), id="same-source"),
        pytest.param(
            version("b.example", "y", 2, canonical_url="https://b.example/1"), id="own-canonical"
        ),
        pytest.param(version("b.example", "y", 2, canonical_url="::no address"), id="no-address"),
    ],
)
def test_what_is_no_copy_keeps_its_own_rights(second: EnrichedArticle) -> None:
    broker = run([version("a.example", rights=RESERVED)], [second])

    item = broker.grouped[-1]
    assert (item.role, item.origin_article_id, display(item)) == ("original", None, "full")


def test_short_texts_are_the_same_by_chance() -> None:
    broker = run([version("a.example", "Read more.", rights=RESERVED)],
                 [version("b.example", "Read more.", 2)])  # fmt: skip

    assert last(broker, "b.example").origin_article_id is None


def test_origin_that_comes_late_decides_its_copies_again() -> None:
    copy = version("b.example", "y" * 10, 1, canonical_url="https://a.example/1")

    broker = run([copy], [version("a.example", "x" * 10, 2, rights=RESERVED)])

    assert told(broker, "b.example") == [("new", 1, "full"), ("policy", 2, "snippet")]
    assert last(broker, "b.example").role == "copy"
    assert broker.transactions == 2  # the origin and what it changes are one transaction


def test_origin_that_allows_no_less_is_told_all_the_same() -> None:
    copy = version("b.example", "y" * 10, 1, canonical_url="https://a.example/1", rights=UNKNOWN)

    broker = run([copy], [version("a.example", "x" * 10, 2)])

    assert told(broker, "b.example") == [("new", 1, "snippet"), ("policy", 2, "snippet")]
    assert [item.role for item in broker.grouped if item.source_id == "b.example"] == [
        "original", "copy",
    ]  # fmt: skip


def test_origin_that_changes_its_rights_decides_its_copies_again() -> None:
    broker = run(
        [version("a.example"), version("b.example", minute=2)],
        [version("a.example", TEXT + "Changed.", 3, rights=RESERVED)],
    )

    assert told(broker, "b.example") == [("new", 1, "full"), ("policy", 2, "snippet")]
    assert broker.state[ids.article_id("b.example", "k")].revision == 2


def test_origin_that_changes_its_words_only_leaves_its_copies_alone() -> None:
    broker = run(
        [version("a.example"), version("b.example", minute=2)],
        [version("a.example", TEXT + "Changed.", 3)],
    )

    assert told(broker, "b.example") == [("new", 1, "full")]


def test_edit_that_moves_the_notice_reads_no_copy_back() -> None:
    """A notice at the end moves with every edit; a wire text may have hundreds of copies."""
    broker = Broker()
    offsets: list[int] = []
    read_back = broker.read_back

    async def counted(offset: int) -> EnrichedArticle | None:
        offsets.append(offset)
        return await read_back(offset)

    broker.read_back = counted  # type: ignore[method-assign]  # a spy
    moved = replace(GRANTED, **(NOTICE | {"evidence": (replace(EVIDENCE, start=9),)}))

    async def main() -> None:
        process = Process(broker)
        await process.take(version("a.example", rights=replace(GRANTED, **NOTICE)))
        await process.take(version("b.example", minute=2))
        await process.take(version("a.example", "New. " + TEXT, 3, moved))
        assert offsets == []
        await process.take(version("a.example", "Newer. " + TEXT, 4, RESERVED))

    asyncio.run(main())

    assert offsets == [1]
    assert display(last(broker, "b.example")) == "snippet"


def test_withdrawn_origin_leaves_its_copies_without_its_grant() -> None:
    broker = run([version("a.example"), version("b.example", minute=2)], [kill("a.example", 3)])

    assert told(broker, "b.example") == [("new", 1, "full"), ("policy", 2, "snippet")]
    copy = last(broker, "b.example")
    assert copy.enriched is not None
    assert "origin_withdrawn" in copy.enriched.rights.resolution.conflicts


def test_revived_origin_gives_its_grant_back() -> None:
    again = version("a.example", minute=9, pub_status="usable", is_pub_status_explicit=True)

    broker = run(
        [version("a.example"), version("b.example", minute=2)], [kill("a.example", 3)], [again]
    )

    assert [row[2] for row in told(broker, "b.example")] == ["full", "snippet", "full"]


def test_killed_copy_is_not_brought_back_by_its_origin(caplog: pytest.LogCaptureFixture) -> None:
    broker = run(
        [version("a.example"), version("b.example", minute=2)],
        [kill("b.example", 3)],
        [version("a.example", TEXT + "Changed.", 4, rights=RESERVED)],
    )

    assert told(broker, "b.example") == [("new", 1, "full"), ("kill", 2, "")]
    assert "could not be read back" not in caplog.text


def test_copy_that_is_edited_remains_one() -> None:
    broker = run(
        [version("a.example", rights=RESERVED), version("b.example", minute=2)],
        [version("b.example", TEXT + "An editor was here.", 3)],
    )

    assert told(broker, "b.example")[-1] == ("content", 2, "snippet")


def test_rights_go_down_a_chain_of_copies() -> None:
    broker = run(
        [
            version("a.example", "x" * 9, 1),
            version("b.example", "y" * 9, 2, canonical_url="https://a.example/1"),
            version("c.example", "z" * 9, 3, canonical_url="https://b.example/1"),
        ],
        [kill("a.example", 4)],
    )

    assert told(broker, "c.example") == [("new", 1, "full"), ("policy", 2, "snippet")]


def test_two_pages_that_point_at_each_other_have_one_origin() -> None:
    one = version("a.example", "x" * 9, 1, canonical_url="https://b.example/1")
    other = version("b.example", "y" * 9, 2, rights=RESERVED, canonical_url="https://a.example/1")

    broker = run([one], [other], [version("a.example", "x" * 8, 3, rights=RESERVED)])

    origins = {state.source_id: state.origin_article_id for state in broker.state.values()}
    assert sorted(map(bool, origins.values())) == [False, True]


def test_source_that_says_where_it_took_a_text_from_is_not_the_origin() -> None:
    """A fast aggregator is often seen before the publisher."""
    aggregator = version("b.example", minute=1, rights=UNKNOWN, canonical_url="https://a.example/1")

    broker = run([aggregator], [version("a.example", minute=2)])

    assert last(broker, "a.example").role == "original"
    assert display(last(broker, "a.example")) == "full"
    assert broker.state[ids.article_id("b.example", "k")].origin_article_id == ids.article_id(
        "a.example", "k"
    )


def test_copy_whose_text_is_gone_is_counted_and_later_no_wider(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(version("a.example"), version("b.example", minute=2))
        broker.enriched[1] = None
        await process.take(kill("a.example", 3))
        await process.take(version("c.example", "z" * 9, 4, canonical_url="https://b.example/1"))

    asyncio.run(main())

    assert told(broker, "b.example") == [("new", 1, "full")]
    assert display(last(broker, "c.example")) == "snippet"
    assert "1 texts could not be read back so far" in caplog.text


def test_origin_that_is_forgotten_grants_nothing() -> None:
    broker = Broker()

    async def main() -> None:
        process = Process(broker)
        await process.take(version("a.example"), version("b.example", minute=2))
        del broker.state[ids.article_id("a.example", "k")]
        process.handler.partitions_changed()
        await process.take(version("b.example", TEXT + "Edited.", 3))

    asyncio.run(main())

    assert told(broker, "b.example")[-1] == ("content", 2, "snippet")


SOURCES = ["a.example", "b.example", "c.example"]
steps = st.one_of(
    st.builds(
        lambda source, text, rights, target: ("text", source, text, rights, target),
        st.sampled_from(SOURCES),
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["granted", "reserved", "unknown"]),
        st.sampled_from([None, *SOURCES]),
    ),
    st.builds(lambda source: ("kill", source), st.sampled_from(SOURCES)),
)


def played(rows: list[Any]) -> list[Any]:
    records: list[Any] = []
    for minute, row in enumerate(rows, start=1):
        if row[0] == "kill":
            records.append(kill(row[1], minute))
        else:
            _, source, text, rights, target = row
            canonical = f"https://{target}/1" if target else None
            known = {"granted": GRANTED, "reserved": RESERVED, "unknown": UNKNOWN}[rights]
            records.append(version(source, TEXT + text, minute, known, canonical_url=canonical))
    return records


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, min_size=1, max_size=8), st.integers(1, 4))
def test_batches_of_any_size_and_repetition_give_the_same_and_no_copy_shows_more(
    rows: list[Any], size: int
) -> None:
    records = played(rows)
    batches = [records[n : n + size] for n in range(0, len(records), size)]
    one, many = run(*batches), run(records)

    assert one.state == many.state
    assert one.grouped == many.grouped
    asyncio.run(Process(one).take_again(*range(len(records))))
    assert one.state == many.state
    shown = {item.article_id: item for item in one.grouped}
    for state in one.state.values():
        item, origin = shown[state.article_id], one.state.get(state.origin_article_id or "")
        if origin is None or item.enriched is None or origin.rights is None:
            continue
        is_open = origin.pub_status == "usable" and origin.rights.status == "granted"
        assert DISPLAY_ORDER.index(display(item)) <= (3 if is_open else 2)

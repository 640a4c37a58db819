"""What `dateline entity` and its corrections say, and when a correction is done."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cli_doubles import console, invoke, written

from dateline import ids
from dateline.cli.entity import entity
from dateline.cli.entity_corrections import is_merged, is_renamed, is_split
from dateline.cli.entity_view import print_candidates, print_view, view_as_json
from dateline.document_records import EntityMerge
from dateline.records import EntityCorrection, EntityRecord
from dateline.search.find_entities import Entity
from dateline.search.read_entity import EntityView

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
A, B = "a" * 64, "b" * 64
HOSTILE = "\x1b[31mRed\x07 [red]alert[/red] \u202etxt"


def record(entity_id: str = B, **fields: Any) -> EntityRecord:
    row: dict[str, Any] = {
        "entity_id": entity_id, "entity_type": "person", "name": "B", "member_ids": (entity_id,),
        "updated_at": AT,
    }  # fmt: skip
    return EntityRecord(**(row | fields))


def wanted(kind: Any, **fields: Any) -> EntityCorrection:
    row: dict[str, Any] = {
        "correction_id": "c" * 64, "kind": kind, "entity_id": A, "other_entity_id": B,
        "requested_at": AT,
    }  # fmt: skip
    return EntityCorrection(**(row | fields))


def apart(**fields: Any) -> EntityMerge:
    row: dict[str, Any] = {
        "entity_id": A, "into_entity_id": B, "is_same": False, "by": "hand", "reason": "sisters",
        "at": AT,
    }  # fmt: skip
    return EntityMerge(**(row | fields))


@pytest.mark.parametrize(
    ("records", "is_done"),
    [
        ([], False),
        ([record()], False),
        ([record(member_ids=(B, A))], True),
        ([record(member_ids=(B, A), merged_into="d" * 64)], False),
    ],
)
def test_a_merge_is_done_when_one_living_record_has_both(
    records: list[EntityRecord], is_done: bool
) -> None:
    assert is_merged(wanted("merge"), records) is is_done


@pytest.mark.parametrize(
    ("records", "is_done"),
    [
        ([record()], False),
        ([record(merges=(apart(),))], True),
        ([record(merges=(apart(entity_id=B, into_entity_id=A),))], True),
        ([record(merges=(apart(is_same=True),))], False),
        ([record(merges=(apart(),)), record(member_ids=(A, B))], False),
    ],
)
def test_a_split_is_done_when_it_is_told_and_nothing_has_both(
    records: list[EntityRecord], is_done: bool
) -> None:
    assert is_split(wanted("split"), records) is is_done


def test_a_new_name_is_done_when_the_record_of_the_id_has_it() -> None:
    asked = wanted("rename", other_entity_id=None, name="New")

    assert is_renamed(asked, [record(member_ids=(B, A), name="New", is_renamed=True)])
    assert not is_renamed(asked, [record(member_ids=(B, A), name="New")])
    assert not is_renamed(asked, [record(name="New", is_renamed=True)])


def test_the_same_correction_later_is_another() -> None:
    first, again, later = (
        ids.correction_id("merge", A, B, name="", requested_at=at)
        for at in (AT, AT, AT.replace(hour=9))
    )

    assert first == again
    assert first != later
    assert first != ids.correction_id("split", A, B, name="", requested_at=AT)


def view(**fields: Any) -> EntityView:
    row: dict[str, Any] = {
        "entity": Entity(
            entity_id=A, entity_type="person", name=HOSTILE, member_ids=(A, B),
            record=record(A, member_ids=(A, B), merges=(apart(reason=HOSTILE),)),
        ),
        "article_count": 1, "spellings": ((HOSTILE, 1),), "aliases": ((HOSTILE, 1),),
        "titles": (), "roles": tuple((f"office {n}", 1) for n in range(15)), "holder_of": (),
        "link_reasons": (("unknown_name", 1),), "join_reasons": (), "document_ids": (),
        "together": (), "latest": (),
    }  # fmt: skip
    return EntityView(**(row | fields))


def test_a_hostile_name_cannot_act_on_the_terminal() -> None:
    terminal = console()

    print_view(terminal, view())
    print_candidates(terminal, HOSTILE, [view().entity, view().entity])

    assert not set(written(terminal)) & set("\x1b\x07\u202e")
    assert "␛[31mRed␇ [red]alert[/red] �txt" in written(terminal)


def test_what_is_not_linked_says_so_and_long_lists_are_cut() -> None:
    terminal = console()

    print_view(terminal, view())

    assert "wikidata      NIL, not linked: unknown_name\n" in written(terminal)
    assert "office 11 (1) +3\n" in written(terminal)
    assert "2026-11-20 08:30  aaaaaaaaaaaa is not bbbbbbbbbbbb, by hand: " in written(terminal)


def test_a_row_of_the_gazetteer_without_a_wikidata_id_is_named() -> None:
    terminal = console()
    known = Entity(entity_id=A, entity_type="person", name="A", member_ids=(A,), row_id="p-a")

    print_view(terminal, view(entity=known, link_reasons=(("only_reading", 1),)))

    assert "wikidata      no id known, row p-a of the gazetteer: only_reading\n" in written(
        terminal
    )


def test_json_has_everything() -> None:
    plain = json.loads(json.dumps(view_as_json(view())))

    assert len(plain["roles"]) == 15
    assert plain["entity"]["record"]["merges"][0]["is_same"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rename", "X", " "], "A name has 1 to 200 characters."),
        (["rename", "X", "x" * 201], "A name has 1 to 200 characters."),
        (["merge", "X"], "Missing argument 'B'"),
        (["X", "--type", "date"], "'date' is not one of"),
        (["show"], "Missing argument 'NAME_OR_ID'"),
    ],
)
def test_a_bad_call_ends_with_code_2(arguments: list[str], message: str) -> None:
    result = invoke(entity, *arguments)

    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["merge", "--help"], ["split", "-h"]])
def test_help_has_examples(arguments: list[str]) -> None:
    shown = invoke(entity, *arguments).stdout

    assert "Examples:" in shown
    assert "dateline entity" in shown

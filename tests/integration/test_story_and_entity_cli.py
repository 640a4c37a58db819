"""`dateline story`, `dateline entity`, and search by story, entity and country, on the servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cli_on_servers import index_documents, run_command
from click.testing import Result
from sample_documents import document, snippet_document, tombstone

from dateline import ids
from dateline.cli.entity import entity
from dateline.cli.search import search
from dateline.cli.story import story
from dateline.document_records import EntityMerge, StoryChange, StoryEntity
from dateline.errors import ConfigError, DependencyUnavailable
from dateline.records import (
    DocumentEntityField,
    EntityCorrection,
    EntityFields,
    EntityRecord,
    SearchDocument,
    StoryRecord,
)
from dateline.settings import Settings
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.wire import from_wire

pytestmark = pytest.mark.integration

STORY, OLD, ALONE = "5a" * 32, "5b" * 32, "77" * 32
MARTA, MARTHA, PEDRO = (
    ids.entity_id("person", name) for name in ("Marta Oliveira", "Martha Oliveira", "Pedro Lopes")
)
LISBON, PORTUGAL = "Q597", "Q45"
HOSTILE = "\x1b[31mRed [red]alert[/red]\u202e"


def at(hour: int) -> datetime:
    return datetime(2026, 11, 20, hour, tzinfo=UTC)


def named(
    entity_id: str, entity_type: str, name: str, *, text: str | None = None, **fields: Any
) -> DocumentEntityField:
    row: dict[str, Any] = {
        "entity_id": entity_id, "document_entity_id": entity_id, "type": entity_type,
        "name": name, "text": text or name,
    }  # fmt: skip
    return DocumentEntityField(**(row | fields))


def about(key: str, *entities: DocumentEntityField, **fields: Any) -> SearchDocument:
    of_type: dict[str, list[str]] = {}
    for each in entities:
        of_type.setdefault(each.type, []).append(each.name)
    row: dict[str, Any] = {
        "story_id": STORY, "document_entities": entities,
        "entity_ids": tuple(
            i for each in entities for i in (each.entity_id, each.document_entity_id)
        ),
        "entity_names": tuple(n for e in entities for n in (e.name, e.text, *e.aliases)),
        "entities": EntityFields(**{kind: tuple(names) for kind, names in of_type.items()}),
        "countries": tuple(each.country_code for each in entities if each.country_code),
    }  # fmt: skip
    make = snippet_document if fields.pop("is_snippet", False) else document
    return make(key, **(row | fields))


MARTA_HERE = named(
    MARTA, "person", "Marta Oliveira", aliases=("Oliveira",), titles=("Dr.",),
    role="chair of the Harbour Trust", reasons=("surname of a full name",),
    link_reason="unknown_name",
)  # fmt: skip
MARTHA_HERE = named(
    MARTA, "person", "Marta Oliveira", text="Martha Oliveira", document_entity_id=MARTHA
)
LISBON_HERE = named(
    LISBON, "place", "Lisbon", qid=LISBON, country_code="pt", link_reason="main_name"
)
FIRST = about("first", MARTA_HERE, LISBON_HERE, first_seen_at=at(8), title="Pier opens")
COPY = about(
    "copy", MARTHA_HERE, LISBON_HERE, first_seen_at=at(9), role="copy", title="Pier opened",
    origin_article_id=FIRST.article_id, role_reasons=("9 of 10 sentences in common",),
    story_reasons=("a copy belongs to its original",), source_id="other-wire",
)  # fmt: skip
LATE = about(
    "late", named(PEDRO, "person", "Pedro Lopes"), named(PORTUGAL, "place", "Portugal", qid="Q45"),
    first_seen_at=at(12), is_snippet=True, story_reasons=("2 names in common",), countries=("pt",),
)  # fmt: skip
LONE = about(
    "lone", named("9" * 64, "person", "Ana Oliveira", aliases=("Oliveira",)), story_id=ALONE,
    title=HOSTILE,
)  # fmt: skip
STORY_RECORD = StoryRecord(
    story_id=STORY, root_article_id=FIRST.article_id, revision=3, lane="en", title="Pier opens",
    main_article_id=FIRST.article_id, first_at=at(8), last_at=at(12), article_count=3,
    source_ids=("coast-wire", "other-wire"), merged_ids=(OLD,),
    entities=(StoryEntity(entity_id=MARTA, entity_type="person", name="Marta Oliveira", count=2),),
    changes=(
        StoryChange(
            kind="merge", from_story_id=OLD, into_story_id=STORY, article_ids=(LATE.article_id,),
            reason="5 of 8 names in common", at=at(13),
        ),
    ),
)  # fmt: skip
OLD_RECORD = StoryRecord(
    story_id=OLD, root_article_id=LATE.article_id, revision=2, first_at=at(12), last_at=at(12),
    merged_into=STORY,
)  # fmt: skip
MARTA_RECORD = EntityRecord(
    entity_id=MARTA, revision=2, entity_type="person", name="Marta Oliveira",
    names=("Marta Oliveira", "Martha Oliveira", "M. Oliveira"), member_ids=(MARTA, MARTHA),
    country_codes=("pt",), updated_at=at(13),
    merges=(
        EntityMerge(
            entity_id=MARTHA, into_entity_id=MARTA, by="evidence",
            reason="one text uses both names", article_ids=(COPY.article_id,), at=at(13),
        ),
    ),
)  # fmt: skip
MARTHA_RECORD = EntityRecord(
    entity_id=MARTHA, revision=2, entity_type="person", name="Martha Oliveira",
    member_ids=(MARTHA,), merged_into=MARTA, updated_at=at(13),
)  # fmt: skip


@pytest.fixture
def indexed(pipeline_settings: Settings) -> Settings:
    index_documents(pipeline_settings, [
        FIRST, COPY, LATE, LONE, tombstone(), STORY_RECORD, OLD_RECORD, MARTA_RECORD,
        MARTHA_RECORD,
    ])  # fmt: skip
    return pipeline_settings


def ok(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def as_json(result: Result) -> Any:
    return json.loads(ok(result))


def refused(result: Result) -> str:
    assert isinstance(result.exception, ConfigError), (result.output, result.exception)
    return str(result.exception)


# ---- stories -------------------------------------------------------------------------------------


def test_a_story_is_shown_with_its_articles_and_why_they_are_in_it(indexed: Settings) -> None:
    shown = ok(run_command(indexed, story, STORY[:8]))

    assert shown.splitlines() == [
        "Pier opens",
        f"story         {STORY}",
        "time          2026-11-20 08:00 to 2026-11-20 12:00 UTC",
        "articles      3 articles from coast-wire, other-wire",
        f"main          {FIRST.article_id[:12]}",
        "names         Marta Oliveira (2)",
        "timeline      ██··█  a bar is an hour from 2026-11-20 08:00, at most 1",
        "",
        f"2026-11-20 08:00  original  {FIRST.article_id[:12]}  coast-wire  Pier opens",
        f"2026-11-20 09:00  copy      {COPY.article_id[:12]}  other-wire  Pier opened",
        f"                  copy of {FIRST.article_id[:12]}",
        "                  9 of 10 sentences in common",
        "                  a copy belongs to its original",
        f"2026-11-20 12:00  original  {LATE.article_id[:12]}  coast-wire  New pier opens in Lisbon",
        "                  2 names in common",
        f"changes       2026-11-20 13:00  merge from {OLD[:12]}, 1 article: 5 of 8 names in common",
    ]


@pytest.mark.parametrize("given", [STORY, FIRST.article_id, FIRST.article_id[:7], OLD, OLD[:6]])
def test_a_story_is_found_by_its_articles_and_by_what_became_part_of_it(
    indexed: Settings, given: str
) -> None:
    found = as_json(run_command(indexed, story, given, "--json"))

    assert found["story"]["story_id"] == STORY
    assert found["asked_id"] == (OLD if given in (OLD, OLD[:6]) else None)
    assert [each["article_id"] for each in found["articles"]] == [
        FIRST.article_id, COPY.article_id, LATE.article_id,
    ]  # fmt: skip
    assert found["articles"][1]["role_reasons"] == ["9 of 10 sentences in common"]


def test_a_story_without_a_record_is_made_of_its_articles(indexed: Settings) -> None:
    shown = ok(run_command(indexed, story, ALONE))

    assert "its record is not indexed yet" in shown
    assert "names         Ana Oliveira (1)" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not as_json(run_command(indexed, story, ALONE, "--json"))["has_record"]


def test_unknown_short_and_ambiguous_stories_are_refused(indexed: Settings) -> None:
    unknown = run_command(indexed, story, "0" * 64)
    assert unknown.exit_code == 1
    assert "no story and no indexed article has the id" in unknown.stderr
    assert "is too short" in refused(run_command(indexed, story, "5a"))
    assert "is no id of a story" in refused(run_command(indexed, story, "pier"))

    index_documents(indexed, [about("x", story_id="5a5a5a" + "0" * 58)])
    told = refused(run_command(indexed, story, "5a5a5a"))
    assert told == (
        "several stories fit '5a5a5a': 5a5a5a000000, 5a5a5a5a5a5a. Give more characters."
    )


def test_before_the_first_article_there_is_no_story_and_no_entity(
    pipeline_settings: Settings,
) -> None:
    assert run_command(pipeline_settings, story, STORY).exit_code == 1
    assert "no entity has the name" in refused(run_command(pipeline_settings, entity, "Marta"))
    assert "Nothing has been corrected" in ok(run_command(pipeline_settings, entity, "corrections"))


def test_text_that_may_not_be_shown_is_in_no_output(indexed: Settings) -> None:
    for command, given in ((story, STORY), (entity, "Pedro Lopes")):
        for arguments in ((given,), (given, "--json")):
            assert "dock workers" not in ok(run_command(indexed, command, *arguments))


# ---- search --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--entity", "Marta Oliveira"], {"first", "copy"}),
        (["--entity", "M. Oliveira"], {"first", "copy"}),
        (["--entity", MARTHA], {"first", "copy"}),
        (["--entity", MARTHA[:10]], {"first", "copy"}),
        (["--entity", "lisbon"], {"first", "copy"}),
        (["--entity", "q597"], {"first", "copy"}),
        (["--entity", "Marta Oliveira", "--entity", "Pedro Lopes"], set()),
        (["--country", "PT"], {"first", "copy", "late"}),
        (["--country", "qa"], set()),
        (["--story", STORY[:6]], {"first", "copy", "late"}),
        (["--story", OLD], {"first", "copy", "late"}),
        (["Martha"], {"copy", "first"}),  # and Marta, a letter away
        (["--story", LONE.article_id], {"lone"}),
    ],
)
def test_search_by_entity_country_and_story(
    indexed: Settings, arguments: list[str], expected: set[str]
) -> None:
    hits = as_json(run_command(indexed, search, "--json", *arguments))["hits"]

    assert {hit["key"] for hit in hits} == expected


def test_a_name_as_it_is_written_comes_before_one_a_letter_away(indexed: Settings) -> None:
    hits = as_json(run_command(indexed, search, "--json", "Martha"))["hits"]

    assert [hit["key"] for hit in hits] == ["copy", "first"]


def test_search_says_who_a_name_may_be(indexed: Settings) -> None:
    told = refused(run_command(indexed, search, "--entity", "Oliveira"))

    assert told.startswith("'Oliveira' may be 2 entities: ")
    assert "Marta Oliveira (person)" in told
    assert "Ana Oliveira (person)" in told
    assert "no entity has the name" in refused(run_command(indexed, search, "--entity", "Nobody"))
    assert "no story" in refused(run_command(indexed, search, "--story", "0" * 64))


def test_collapsed_search_has_one_article_a_story(indexed: Settings) -> None:
    found = as_json(run_command(indexed, search, "--collapse", "--json"))

    assert (found["total"], found["stories"], len(found["hits"])) == (4, 2, 2)
    sizes = {hit["story_id"]: hit["story_size"] for hit in found["hits"]}
    assert sizes[STORY] == {"article_count": 3, "copy_count": 1}
    shown = ok(run_command(indexed, search, "--collapse"))
    assert f"   story {STORY[:12]}: 3 articles, 1 copied\n" in shown
    assert "4 hits of 2 stories in" in shown


# ---- entities ------------------------------------------------------------------------------------


def test_an_entity_is_shown_with_names_merges_and_company(indexed: Settings) -> None:
    shown = ok(run_command(indexed, entity, "Martha Oliveira"))

    assert shown.splitlines() == [
        "Marta Oliveira",
        f"id            {MARTA}",
        "type          person",
        "wikidata      NIL, not linked: unknown_name",
        "country       pt",
        "named in      2 articles",
        "names         Marta Oliveira  1",
        "              Martha Oliveira  1",
        "also as       Oliveira (1)",
        "titles        Dr. (1)",
        "offices       chair of the Harbour Trust (1)",
        "joined by     surname of a full name (1)",
        f"ids           {MARTA}",
        f"              {MARTHA}",
        f"decided       2026-11-20 13:00  {MARTHA[:12]} is {MARTA[:12]}, by evidence: one text uses"
        f" both names (articles {COPY.article_id[:12]})",
        "together with Lisbon (2)",
        "",
        f"2026-11-20 09:00  {COPY.article_id[:12]}  other-wire  Pier opened",
        f"2026-11-20 08:00  {FIRST.article_id[:12]}  coast-wire  Pier opens",
    ]
    found = as_json(run_command(indexed, entity, MARTHA, "--json"))
    assert found["entity"]["entity_id"] == MARTA
    assert found["spellings"][1] == {"value": "Martha Oliveira", "articles": 1}


def test_an_entity_with_a_wikidata_id_says_why(indexed: Settings) -> None:
    assert "wikidata      Q597: main_name" in ok(run_command(indexed, entity, "Q597"))


def test_several_entities_of_a_name_are_a_table_to_choose_from(indexed: Settings) -> None:
    result = run_command(indexed, entity, "Oliveira")

    assert result.exit_code == 1
    assert "Oliveira may be 2 entities" in result.stdout
    assert f"{MARTA[:12]}  Marta Oliveira  person  pt" in result.stdout
    listed = json.loads(run_command(indexed, entity, "Oliveira", "--json").stdout)["candidates"]
    assert [each["article_count"] for each in listed] == [2, 1]
    told = refused(run_command(indexed, entity, "Oliveira", "--type", "place"))
    assert told.startswith("no entity has the name or id 'Oliveira'.")


# ---- corrections ---------------------------------------------------------------------------------


def sent(settings: Settings) -> Iterator[tuple[bytes | None, EntityCorrection]]:
    topic = load_topics(settings)["enriched"].name
    with open_reader(settings) as reader:
        bounds = reader.bounds(topic, 0)
        for record in reader.scan(topic, 0, start=bounds.start, end=bounds.end):
            yield record.key, from_wire(record.value, EntityCorrection)


def test_corrections_reach_kafka(indexed: Settings) -> None:
    told = ok(
        run_command(indexed, entity, "merge", "Ana Oliveira", "Marta Oliveira", "--note", "sisters")
    )
    assert told.startswith(
        "Ana Oliveira (person, 999999999999) becomes part of"
        f" Marta Oliveira (person, {MARTA[:12]})."
    )
    ok(run_command(indexed, entity, "split", MARTHA[:8], "Marta Oliveira"))
    answer = as_json(run_command(indexed, entity, "rename", "Q597", " Lisboa ", "--json"))[
        "correction"
    ]

    (merge_key, merge), (_, split), (_, rename) = sent(indexed)
    assert merge_key == b"9" * 64
    assert (merge.kind, merge.entity_id, merge.other_entity_id, merge.note) == (
        "merge", "9" * 64, MARTA, "sisters",
    )  # fmt: skip
    assert (split.kind, split.entity_id, split.other_entity_id) == ("split", MARTHA, MARTA)
    assert (rename.kind, rename.entity_id, rename.name) == ("rename", "Q597", "Lisboa")
    assert answer["correction_id"] == rename.correction_id
    assert len({merge.correction_id, split.correction_id, rename.correction_id}) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["merge", "Oliveira", "Pedro Lopes"], "'Oliveira' may be 2 entities"),
        (["merge", "Nobody", "Pedro Lopes"], "no entity has the name or id 'Nobody'"),
        (["merge", "Marta Oliveira", "Martha Oliveira"], "are one entity already"),
        (["split", "Pedro Lopes", PEDRO], "are one id"),
        (["rename", "Oliveira", "X"], "'Oliveira' may be 2 entities"),
    ],
)
def test_corrections_that_say_nothing_clear_are_refused(
    indexed: Settings, arguments: list[str], message: str
) -> None:
    assert message in refused(run_command(indexed, entity, *arguments))
    assert list(sent(indexed)) == []


def test_waiting_ends_when_the_index_shows_it(indexed: Settings) -> None:
    given_up = run_command(indexed, entity, "rename", "Q597", "Lisboa", "--wait", "--patience", "1")
    assert isinstance(given_up.exception, DependencyUnavailable)
    assert "the index does not show the correction after 1 s" in str(given_up.exception)

    renamed = EntityRecord(
        entity_id="Q597", entity_type="place", name="Lisboa", is_renamed=True,
        member_ids=("Q597",), updated_at=at(14),
    )  # fmt: skip
    stage = threading.Timer(1, lambda: index_documents(indexed, [renamed]))
    stage.start()
    try:
        told = ok(run_command(indexed, entity, "rename", "Q597", "Lisboa", "--wait"))
    finally:
        stage.join()
    assert told == "Lisbon (place, Q597) is shown as Lisboa.\nThe index shows it.\n"
    listed = ok(run_command(indexed, entity, "corrections"))
    assert "named Lisboa" in listed

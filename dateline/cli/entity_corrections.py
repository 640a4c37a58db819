"""``dateline entity merge | split | rename``: say by hand who is who; kept for every replay."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click
import msgspec
from elasticsearch import Elasticsearch

from dateline import ids
from dateline.cli.ask_stories import ask_stories
from dateline.cli.context import CliContext, current
from dateline.cli.entity_view import merge_line
from dateline.cli.terminal import json_text, one_line, print_table, print_text, short_id
from dateline.clock import SystemClock
from dateline.endpoints import search_client
from dateline.errors import ConfigError, DependencyUnavailable, SearchUnavailable
from dateline.records import EntityCorrection, EntityRecord
from dateline.search.entity_queries import record_by_ids
from dateline.search.find_entities import Entity, find_entities, find_members, one_of
from dateline.search.find_stories import read_records
from dateline.search.templates import ArticlesIndex, articles_index

POLL_SECONDS = 0.5
MAX_NAME_CHARS = 200
MAX_NOTE_CHARS = 500
MAX_LISTED = 1000

Function = Callable[..., None]


def _options(function: Function) -> Function:
    """Add what all corrections have."""
    for option in (
        click.option("--note", default="", metavar="TEXT", help="Why; kept with the correction."),
        click.option("--wait", "is_waiting", is_flag=True, help="Wait until the index shows it."),
        click.option(
            "--patience", "patience_seconds", default=60.0, type=click.FloatRange(1),
            show_default=True, metavar="SECONDS", help="How long to wait.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    ):  # fmt: skip
        function = option(function)
    return function


@click.command()
@click.argument("entity", metavar="A")
@click.argument("other", metavar="B")
@_options
def merge(*, entity: str, other: str, **options: Any) -> None:
    """Say that A is B: A becomes part of it.

    A and B are names or ids as for `dateline entity NAME`; a name that several have is refused with
    those to choose from. Articles that name A are indexed anew under B's id and name. No alert is
    sent for it.

    \b
    Examples:
      dateline entity merge 'Nasser Al-Khulaifi' 'Nasser Al-Khelaifi'
      dateline entity merge 3f9ac01b22d4 Q846 --note "same club" --wait
    """
    context = current()
    with search_client(context.settings) as client:
        index = articles_index(context.settings)
        part, whole = (one_of(each, find_entities(client, index, each)) for each in (entity, other))
        if part.entity_id == whole.entity_id:
            raise ConfigError(f"{part.name!r} and {whole.name!r} are one entity already.")
        told = f"{_named(part)} becomes part of {_named(whole)}."
        wanted = _correction("merge", part, other=whole, note=options["note"])
        _send(context, client, wanted, told, is_merged, **options)


@click.command()
@click.argument("entity", metavar="A")
@click.argument("other", metavar="B")
@_options
def split(*, entity: str, other: str, **options: Any) -> None:
    """Say that A and B are not the same, whatever texts say.

    A and B are ids of one entity (`dateline entity NAME` lists them), or names as articles write
    them. Articles are indexed anew under the id that is right.

    \b
    Examples:
      dateline entity split 3f9ac01b22d4 Q846
      dateline entity split 'Ali Kani' 'Ali Bagheri Kani' --note "a cousin"
    """
    context = current()
    with search_client(context.settings) as client:
        index = articles_index(context.settings)
        first, second = (
            one_of(each, find_members(client, index, each)) for each in (entity, other)
        )
        if first.entity_id == second.entity_id:
            raise ConfigError(
                f"{entity!r} and {other!r} are one id, {short_id(first.entity_id)}: the same name"
                " and type in every article.",
                hint="Only different ids can be told apart.",
            )
        told = f"{_named(first)} and {_named(second)} are kept apart."
        wanted = _correction("split", first, other=second, note=options["note"])
        _send(context, client, wanted, told, is_split, **options)


@click.command()
@click.argument("entity", metavar="A")
@click.argument("name", metavar="NAME")
@_options
def rename(*, entity: str, name: str, **options: Any) -> None:
    """Give A the name by which people see it.

    \b
    Examples:
      dateline entity rename Q846 'State of Qatar'
    """
    context = current()
    text = " ".join(name.split())
    if not text or len(text) > MAX_NAME_CHARS:
        raise click.UsageError(f"A name has 1 to {MAX_NAME_CHARS} characters.")
    with search_client(context.settings) as client:
        index = articles_index(context.settings)
        found = one_of(entity, find_entities(client, index, entity))
        told = f"{_named(found)} is shown as {text}."
        wanted = _correction("rename", found, name=text, note=options["note"])
        _send(context, client, wanted, told, is_renamed, **options)


def _named(entity: Entity) -> str:
    return f"{entity.name} ({entity.entity_type}, {short_id(entity.entity_id)})"


def _correction(
    kind: Any, entity: Entity, *, other: Entity | None = None, name: str | None = None, note: str
) -> EntityCorrection:
    if len(note) > MAX_NOTE_CHARS:
        raise click.UsageError(f"A note has at most {MAX_NOTE_CHARS} characters.")
    now = SystemClock().now()
    other_id = other.entity_id if other else None
    return EntityCorrection(
        correction_id=ids.correction_id(
            kind, entity.entity_id, other_id or "", name=name or "", requested_at=now
        ),
        kind=kind,
        entity_id=entity.entity_id,
        other_entity_id=other_id,
        name=name,
        note=note,
        requested_at=now,
        entity_type=entity.entity_type,
        known_names=tuple(each.name for each in (entity, other) if each is not None),
    )


def _send(  # noqa: PLR0913 (one parameter an option)
    context: CliContext,
    client: Elasticsearch,
    wanted: EntityCorrection,
    told: str,
    is_done: Callable[[EntityCorrection, list[EntityRecord]], bool],
    *,
    is_waiting: bool,
    patience_seconds: float,
    as_json: bool,
    note: str,  # noqa: ARG001 (in the correction)
) -> None:
    ask_stories(context, [wanted], total=1)
    if is_waiting:
        index = articles_index(context.settings)
        _wait(lambda: is_done(wanted, _records(client, index, wanted)), patience_seconds)
    if as_json:
        answer = {"correction": msgspec.to_builtins(wanted), "is_indexed": is_waiting}
        click.echo(json_text(answer))
        return
    print_text(context.console, one_line(told))
    after = "The index shows it." if is_waiting else (
        "The request is in Kafka; the stages carry it out while they run, and a replay repeats it."
    )  # fmt: skip
    print_text(context.console, after, "dim")


def _records(
    client: Elasticsearch, index: ArticlesIndex, wanted: EntityCorrection
) -> list[EntityRecord]:
    asked = [each for each in (wanted.entity_id, wanted.other_entity_id) if each]
    return read_records(client, index.entities, EntityRecord, record_by_ids(asked))


def _wait(is_done: Callable[[], bool], patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while not _holds(is_done):
        if time.monotonic() > deadline:
            raise DependencyUnavailable(
                f"the index does not show the correction after {patience_seconds:.0f} s.",
                hint="It is kept in Kafka: start `dateline run`, or the stages stories and index.",
            )
        time.sleep(POLL_SECONDS)


def _holds(is_done: Callable[[], bool]) -> bool:
    try:
        return is_done()
    except SearchUnavailable:
        return False  # the stage may be making the index just now


def is_merged(wanted: EntityCorrection, records: list[EntityRecord]) -> bool:
    """Return whether one living record holds both ids."""
    both = {wanted.entity_id, wanted.other_entity_id}
    return any(both <= {*each.member_ids, each.entity_id} for each in records if _is_alive(each))


def is_split(wanted: EntityCorrection, records: list[EntityRecord]) -> bool:
    """Return whether a record says that both ids are not the same, and none holds both."""
    both = {wanted.entity_id, wanted.other_entity_id}
    is_told = any(
        {merge.entity_id, merge.into_entity_id} == both and not merge.is_same
        for each in records
        for merge in each.merges
    )
    return is_told and not is_merged(wanted, records)


def is_renamed(wanted: EntityCorrection, records: list[EntityRecord]) -> bool:
    """Return whether the record that holds the id has the name."""
    return any(
        each.is_renamed and each.name == wanted.name and wanted.entity_id in
        {*each.member_ids, each.entity_id}
        for each in records
        if _is_alive(each)
    )  # fmt: skip


def _is_alive(record: EntityRecord) -> bool:
    return record.merged_into is None


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def corrections(*, as_json: bool) -> None:
    """List what was decided by hand, as the index shows it.

    \b
    Examples:
      dateline entity corrections
      dateline entity corrections --json
    """
    context = current()
    by_hand = {"nested": {"path": "merges", "query": {"term": {"merges.by": "hand"}}}}
    query = {"bool": {"should": [by_hand, {"term": {"is_renamed": True}}]}}
    with search_client(context.settings) as client:
        index = articles_index(context.settings).entities
        sort = [{"updated_at": "desc"}]
        records = read_records(client, index, EntityRecord, query, size=MAX_LISTED, sort=sort)
    if as_json:
        click.echo(json_text([msgspec.to_builtins(each) for each in records]))
        return
    rows = [
        (short_id(each.entity_id), each.name, each.entity_type, line)
        for each in records
        for line in _decisions(each)
    ]
    if rows:
        print_table(context.console, ("id", "name", "type", "decided"), rows)
    else:
        print_text(context.console, "Nothing has been corrected by hand.")


def _decisions(record: EntityRecord) -> list[str]:
    lines = [merge_line(each) for each in record.merges if each.by == "hand"]
    return [*lines, f"named {record.name}"] if record.is_renamed else lines

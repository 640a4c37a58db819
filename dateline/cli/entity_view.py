"""Print an entity, those to choose from, and what was decided about ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from dateline.cli.terminal import one_line, print_field, print_table, print_text, short_id
from dateline.document_records import EntityMerge
from dateline.records import SearchDocument
from dateline.search.entity_queries import LEFT_OUT
from dateline.search.find_entities import Entity
from dateline.search.find_stories import time_of
from dateline.search.read_entity import Counts, EntityView

NOT_FETCHED = {name for name in LEFT_OUT if "." not in name} | {"body_internal", "versions"}
# A line of names; --json has all of them.
MAX_LISTED = 12


def view_as_json(view: EntityView) -> dict[str, Any]:
    """Return everything as plain values; counts as lists of ``value`` and ``articles``."""
    plain: dict[str, Any] = {"entity": msgspec.to_builtins(view.entity)}
    for field in fields(EntityView):
        value = getattr(view, field.name)
        if field.name == "latest":
            plain["latest"] = [_article_as_json(each) for each in value]
        elif field.name == "together":
            plain["together"] = [_candidate_as_json(each) for each in value]
        elif isinstance(value, tuple):
            plain[field.name] = [{"value": key, "articles": count} for key, count in value]
        elif field.name != "entity":
            plain[field.name] = value
    return plain


def candidates_as_json(found: Sequence[Entity]) -> dict[str, Any]:
    """Return those to choose from as plain values."""
    return {"candidates": [_candidate_as_json(each) for each in found]}


def _candidate_as_json(entity: Entity) -> dict[str, Any]:
    names = (
        "entity_id", "entity_type", "name", "names", "article_count", "qid", "row_id",
        "country_codes",
    )  # fmt: skip
    return {name: msgspec.to_builtins(getattr(entity, name)) for name in names}


def _article_as_json(document: SearchDocument) -> dict[str, Any]:
    plain = msgspec.to_builtins(document)
    return {name: value for name, value in plain.items() if name not in NOT_FETCHED}


def print_candidates(console: Console, given: str, found: Sequence[Entity]) -> None:
    """Print a table of those whom a name may mean."""
    print_text(console, one_line(f"{given} may be {len(found)} entities; ask for one by its id:"))
    rows = [
        (
            each.entity_id if each.qid else short_id(each.entity_id),
            each.name,
            each.entity_type,
            ", ".join(each.country_codes),
            str(each.article_count),
            ", ".join(name for name in each.names if name != each.name),
        )
        for each in found
    ]
    print_table(console, ("id", "name", "type", "country", "articles", "other names"), rows)


def print_view(console: Console, view: EntityView) -> None:
    """Print who it is, its names, what was decided about it, and its latest articles."""
    entity = view.entity
    print_text(console, one_line(entity.name), "bold")
    print_field(console, "id", entity.entity_id)
    print_field(console, "type", entity.entity_type)
    print_field(console, "wikidata", _wikidata(view))
    print_field(console, "country", entity.country_codes)
    if entity.record and entity.record.is_renamed:
        print_field(console, "name", "given by hand")
    noun = "article" if view.article_count == 1 else "articles"
    print_field(console, "named in", f"{view.article_count} {noun}")
    print_field(console, "names", _counted(view.spellings))
    listed = (
        ("also as", view.aliases), ("titles", view.titles), ("offices", view.roles),
        ("holds one of", view.holder_of),
    )  # fmt: skip
    for label, counts in listed:
        print_field(console, label, _line(counts))
    _print_decisions(console, view)
    print_field(
        console, "together with",
        _joined(f"{each.name} ({each.article_count})" for each in view.together),
    )  # fmt: skip
    print_text(console, "")
    for document in view.latest:
        line = Text(f"{time_of(document):%Y-%m-%d %H:%M}  ")
        line.append(f"{short_id(document.article_id)}  ", "cyan")
        line.append(one_line(f"{document.source_id}  {document.title or '(no title)'}"))
        print_text(console, line)


def _wikidata(view: EntityView) -> str:
    reasons = ", ".join(reason for reason, _ in view.link_reasons)
    why = f": {reasons}" if reasons else ""
    if view.entity.qid:
        return f"{view.entity.qid}{why}"
    row = view.entity.row_id
    return f"no id known, row {row} of the gazetteer{why}" if row else f"NIL, not linked{why}"


def _counted(counts: Counts) -> list[str]:
    return [f"{name}  {count}" for name, count in counts]


def _line(counts: Counts) -> list[str]:
    return _joined(f"{name} ({count})" for name, count in counts)


def _joined(words: Iterable[str]) -> list[str]:
    """Return one line, or none when there are no words."""
    listed = list(words)
    more = f" +{len(listed) - MAX_LISTED}" if len(listed) > MAX_LISTED else ""
    return [", ".join(listed[:MAX_LISTED]) + more] if listed else []


def _print_decisions(console: Console, view: EntityView) -> None:
    record = view.entity.record
    print_field(console, "joined by", _line(view.join_reasons))
    if len(view.entity.member_ids) > 1:
        print_field(console, "ids", view.entity.member_ids)
    print_field(console, "decided", [merge_line(each) for each in record.merges] if record else ())


def merge_line(merge: EntityMerge) -> str:
    """Return what was decided about two ids, why, and from which articles."""
    word = "is" if merge.is_same else "is not"
    articles = ", ".join(map(short_id, merge.article_ids))
    told = f" (articles {articles})" if articles else ""
    return (
        f"{merge.at:%Y-%m-%d %H:%M}  {short_id(merge.entity_id)} {word}"
        f" {short_id(merge.into_entity_id)}, by {merge.by}: {merge.reason}{told}"
    )

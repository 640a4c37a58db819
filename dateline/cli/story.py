"""``dateline story ID``: one story, its articles, and why each of them is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.text import Text

from dateline.cli.context import current
from dateline.cli.terminal import json_text, one_line, print_field, print_text, short_id
from dateline.cli.timeline import timeline
from dateline.document_records import StoryChange
from dateline.endpoints import search_client
from dateline.records import SearchDocument, StoryRecord
from dateline.search.find_stories import LEFT_OUT, FoundStory, find_story, time_of
from dateline.search.templates import articles_index

MAX_NAMES = 12
INDENT = " " * 18
NOT_FETCHED = {name for name in LEFT_OUT if "." not in name} | {"body_internal", "versions"}


@click.command()
@click.argument("story", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def story(*, story: str, as_json: bool) -> None:
    """Show one story: what it is about, its articles in order of time, and why they are in it.

    ID is that of a story or of one of its articles, or its first 6 or more characters. A story that
    has become part of another leads to that one. Merges and splits are shown with their reasons.

    \b
    Examples:
      dateline story 3f9ac01b22d4
      dateline story 3f9ac01b22d4 --json
      dateline search pier --collapse       shows the ids
    """
    context = current()
    with search_client(context.settings) as client:
        found = find_story(client, articles_index(context.settings), story)
    if found is None:
        raise click.ClickException(
            f"no story and no indexed article has the id {story!r}."
            " `dateline search` shows the ids."
        )
    if as_json:
        click.echo(json_text(story_as_json(found)))
    else:
        print_story(context.console, found)


def story_as_json(found: FoundStory) -> dict[str, Any]:
    """Return everything as plain values, the articles without their texts."""
    return {
        "story": msgspec.to_builtins(found.record),
        "has_record": found.has_record,
        "asked_id": found.asked_id,
        "article_total": found.article_total,
        "articles": [_article_as_json(each) for each in found.articles],
    }


def _article_as_json(document: SearchDocument) -> dict[str, Any]:
    plain = msgspec.to_builtins(document)
    return {
        field.name: plain[field.name] for field in fields(document) if field.name not in NOT_FETCHED
    }


def print_story(console: Console, found: FoundStory) -> None:
    """Print the story, its articles and its history."""
    record = found.record
    print_text(console, one_line(record.title or "(no title)"), "bold")
    print_field(console, "story", record.story_id)
    if found.asked_id:
        print_field(console, "asked for", f"{found.asked_id}, which is part of it")
    if not found.has_record:
        print_field(console, "note", "its record is not indexed yet: this is from its articles")
    for label, value in _summary(found):
        print_field(console, label, value)
    print_text(console, "")
    for document in found.articles:
        _print_article(console, document, is_main=document.article_id == record.main_article_id)
    if len(found.articles) < found.article_total:
        print_text(
            console, f"the first {len(found.articles)} of {found.article_total} articles", "dim"
        )
    if not found.articles:
        print_text(console, "None of its articles may be shown or is indexed.", "yellow")
    print_field(console, "changes", [_change(each, record) for each in record.changes])


def _summary(found: FoundStory) -> Iterator[tuple[str, str]]:
    record = found.record
    yield "time", f"{record.first_at:%Y-%m-%d %H:%M} to {record.last_at:%Y-%m-%d %H:%M} UTC"
    yield "articles", _articles_line(found)
    if record.main_article_id:
        yield "main", short_id(record.main_article_id)
    names = [f"{each.name} ({each.count})" for each in record.entities[:MAX_NAMES]]
    if names:
        yield "names", ", ".join(names)
    line = timeline([time_of(each) for each in found.articles])
    if line:
        yield (
            "timeline",
            f"{line.bars}  a bar is {_a(line.step)} from {line.start:%Y-%m-%d %H:%M}, at most"
            f" {line.most}",
        )


def _a(step: str) -> str:
    if step[0].isdigit():
        return step
    return f"an {step}" if step == "hour" else f"a {step}"


def _articles_line(found: FoundStory) -> str:
    record = found.record
    noun = "article" if record.article_count == 1 else "articles"
    return f"{record.article_count} {noun} from {', '.join(record.source_ids) or 'nowhere'}"


def _print_article(console: Console, document: SearchDocument, *, is_main: bool) -> None:
    line = Text(f"{time_of(document):%Y-%m-%d %H:%M}  ")
    line.append(f"{document.role:<8}  ", "dim" if document.role == "original" else "yellow")
    line.append(f"{short_id(document.article_id)}  ", "cyan")
    line.append(one_line(f"{document.source_id}  "))
    line.append(one_line(document.title or "(no title)"), "bold" if is_main else "")
    print_text(console, line)
    for reason in _reasons(document):
        print_text(console, INDENT + one_line(reason), "dim")


def _reasons(document: SearchDocument) -> Iterator[str]:
    if document.origin_article_id:
        yield f"{document.role} of {short_id(document.origin_article_id)}"
    yield from document.role_reasons
    yield from document.story_reasons


def _change(change: StoryChange, record: StoryRecord) -> str:
    ours = record.story_id
    at = f"{change.at:%Y-%m-%d %H:%M}"
    if change.into_story_id == ours:
        words = f"{change.kind} from {short_id(change.from_story_id)}"
    else:
        words = f"{change.kind} into {short_id(change.into_story_id)}"
    noun = "article" if len(change.article_ids) == 1 else "articles"
    return f"{at}  {words}, {len(change.article_ids)} {noun}: {change.reason}"

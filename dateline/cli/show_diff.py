"""``dateline show ID --diff``: print what changed between two versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from dateline.cli.context import CliContext
from dateline.cli.terminal import (
    json_text,
    lines,
    one_line,
    print_field,
    print_table,
    print_text,
    short_id,
    uses_colour,
)
from dateline.cli.version_diff import Version, VersionDiff, chosen_pair, compare, number_versions
from dateline.records import SearchDocument
from dateline.text_diff import DiffCounts, Operation
from dateline.topic_reader import open_reader
from producers.sent_state import SentState, find_sent, state_path

CONTEXT_CHARS = 120
ELLIPSIS = "…"
STYLES = {"removed": "red strike", "added": "green"}
# The marks of wdiff, for readers without colours.
MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


def show_diff(
    context: CliContext,
    document: SearchDocument,
    *,
    from_number: int | None,
    to_number: int | None,
    as_json: bool,
) -> None:
    """Print the versions of an article and what changed between two of them.

    Raises:
        BrokerUnavailable: Kafka does not answer.
        ConfigError: the producer's state cannot be read.
        click.ClickException: nothing is known of the versions, or there is none of that number.
    """
    with open_reader(context.settings) as reader:
        path = state_path(context.settings, reader.cluster_id())
        if not path.exists():  # opening would create it
            raise click.ClickException(
                f"the producer's state for this Kafka is not in {path.parent}: only the machine"
                " that sent the article knows where its versions are."
            )
        with SentState(path) as state:
            versions = number_versions(find_sent(state, article_id=document.article_id))
        pair = chosen_pair(versions, from_number=from_number, to_number=to_number)
        diff = compare(reader, document, versions, pair) if pair else None
    if as_json:
        click.echo(json_text(as_json_value(document, versions, diff)))
    else:
        print_diff(context.console, document, versions, diff)


def print_diff(
    console: Console,
    document: SearchDocument,
    versions: Sequence[Version],
    diff: VersionDiff | None,
) -> None:
    """Print the versions, and what changed between the two that were chosen."""
    title = document.title if document.pub_status == "usable" else None
    print_text(console, one_line(title or document.article_id), "bold")
    print_table(
        console,
        ("version", "sent", "updated", "status", "content"),
        [_version_row(version) for version in versions],
    )
    print_text(console, "")
    if diff is None:
        print_text(console, "One version is known: there is nothing to compare.")
        return
    heading = f"changes from version {diff.old.number} to version {diff.new.number}"
    print_text(
        console, f"{heading}: {counts_text(diff.counts)}" if diff.counts else heading, "bold"
    )
    for reason in diff.absent_reasons:
        print_text(console, one_line(f"{reason}."), "yellow")
    if diff.title and any(operation.kind != "same" for operation in diff.title):
        print_field(console, "title", marked_changes(diff.title, styled=uses_colour(console)))
    if diff.body is not None and any(operation.kind != "same" for operation in diff.body):
        print_text(console, "")
        print_text(console, marked_changes(diff.body, styled=uses_colour(console)))
    if diff.withheld_reason:
        print_text(console, one_line(f"The texts are not shown: {diff.withheld_reason}."), "yellow")


def _version_row(version: Version) -> tuple[str, ...]:
    sent = version.sent
    status = "withdrawn" if sent.pub_status == "canceled" else sent.pub_status
    return (
        str(version.number),
        f"{sent.observed_at:%Y-%m-%d %H:%M:%S}",
        f"{sent.updated_at:%Y-%m-%d %H:%M:%S}",
        status,
        short_id(sent.content_sha256) if sent.content_sha256 else "-",
    )


def counts_text(counts: DiffCounts) -> str:
    """Return the counts as a person would say them."""
    if not counts.places:
        return "no word of the text"
    places = "1 place" if counts.places == 1 else f"{counts.places:,} places"
    removed, added = _words(counts.removed_words), _words(counts.added_words)
    return f"{removed} removed, {added} added, in {places}"


def _words(count: int) -> str:
    return f"{count:,} word{'' if count == 1 else 's'}"


def marked_changes(operations: Sequence[Operation], *, styled: bool) -> Text:
    """Return the changes in colour, or as ``[-removed-]{+added+}``, with some words around each."""
    text = Text()
    last = len(operations) - 1
    for position, operation in enumerate(operations):
        follows_change = position > 0 and operations[position - 1].kind != "same"
        # Runs end at the white space after their last word; the last one of a text has none.
        if text.plain and not text.plain[-1].isspace() and (styled or not follows_change):
            text.append(" ")
        if operation.kind == "same":
            is_last = position == last
            text.append(lines(_context(operation.text, is_first=not position, is_last=is_last)))
            continue
        words = operation.text.strip()
        opening, closing = ("", "") if styled else MARKS[operation.kind]
        text.append(lines(f"{opening}{words}{closing}"), STYLES[operation.kind] if styled else "")
        if position < last and operations[position + 1].kind == "same":
            space = operation.text[len(operation.text.rstrip()) :]
            text.append(lines(space) or " ")
    return text


def _context(text: str, *, is_first: bool, is_last: bool) -> str:
    """Return the words of an unchanged run that stand next to a change."""
    head = "" if is_first else text[:CONTEXT_CHARS]
    tail = "" if is_last else text[-CONTEXT_CHARS:]
    if len(text) <= len(head) + len(tail) + len(ELLIPSIS):
        return text
    # No part of a word; a text without spaces is cut anywhere.
    if len(head.split()) > 1:
        head = head.rsplit(None, 1)[0] + " "
    if len(tail.split()) > 1:
        tail = " " + tail.split(None, 1)[1]
    return f"{head}{ELLIPSIS}{tail}"


def as_json_value(
    document: SearchDocument, versions: Sequence[Version], diff: VersionDiff | None
) -> dict[str, Any]:
    """Return versions and changes as plain values; withheld text is null."""
    return {
        "article_id": document.article_id,
        "versions": [_version_value(version) for version in versions],
        "diff": _diff_value(diff) if diff else None,
    }


def _version_value(version: Version) -> dict[str, Any]:
    sent = version.sent
    return {
        "number": version.number,
        "content_sha256": sent.content_sha256,
        "pub_status": sent.pub_status,
        "updated_at": sent.updated_at.isoformat(),
        "observed_at": sent.observed_at.isoformat(),
        "topic": sent.topic,
        "partition": sent.partition,
        "offset": sent.offset,
    }


def _diff_value(diff: VersionDiff) -> dict[str, Any]:
    return {
        "from": diff.old.number,
        "to": diff.new.number,
        "counts": asdict(diff.counts) if diff.counts else None,
        "title": _values(diff.title),
        "operations": _values(diff.body),
        "withheld_reason": diff.withheld_reason,
        "absent_reasons": list(diff.absent_reasons),
    }


def _values(operations: Sequence[Operation] | None) -> list[dict[str, str]] | None:
    return None if operations is None else [asdict(operation) for operation in operations]

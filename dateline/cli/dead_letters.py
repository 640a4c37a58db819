"""``dateline dead-letters``: look at records that could not pass, and send them back."""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from dateline.cli.context import CliContext, current
from dateline.cli.payload_view import payload_text
from dateline.cli.terminal import json_text, one_line, print_field, print_table, print_text
from dateline.clock import SystemClock
from dateline.dead_letter_store import (
    Letters,
    StoredLetter,
    open_sender,
    read_letters,
    read_payload,
    requeue,
    selected,
)
from dateline.moments import parse_moment
from dateline.records import DeadLetter
from dateline.topic_reader import TopicReader, open_reader
from dateline.topics import load_topics

OUR_BUG = "E9"
TERMINAL_ERROR_CHARS = 60

code_option = click.option("--code", metavar="E203", help="Only letters with this error code.")
stage_option = click.option("--stage", metavar="NAME", help="Only letters of this stage.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show and send back records that could not pass a stage.

    A dead letter holds the original bytes and why they were refused: docs/errors.md explains the
    codes. E2xx: the record is at fault. E9xx: Dateline is; send it back after an update.
    """


@dead_letters.command("list")
@code_option
@stage_option
@click.option("--since", metavar="WHEN", help="Written since: 30m, 12h, 7d or 2026-11-20 (UTC).")
@click.option("--limit", default=50, type=click.IntRange(1), show_default=True)
@json_option
def list_command(
    *, code: str | None, stage: str | None, since: str | None, limit: int, as_json: bool
) -> None:
    """Show the dead letters, the youngest last; one line a record, however often it came.

    \b
    Examples:
      dateline dead-letters list
      dateline dead-letters list --code E901 --since 24h
      dateline dead-letters list --stage index --json
    """
    context = current()
    moment = _moment(since)
    with open_reader(context.settings) as reader:
        found = read_letters(reader, dead_letter_topic(context))
    chosen = selected(found.letters, code=code, stage=stage, since=moment)
    shown = chosen[-limit:]
    if as_json:
        click.echo(json_text([letter_as_json(stored) for stored in shown]))
        return
    print_letters(context, shown)
    print_summary(context, found, chosen_count=len(chosen), shown_count=len(shown))


@dead_letters.command("show")
@click.argument("key", metavar="KEY")
@click.option("--raw", is_flag=True, help="Write the original bytes, nothing else.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="With --raw: into this file."
)
@json_option
def show_command(*, key: str, raw: bool, output: Path | None, as_json: bool) -> None:
    """Show one dead letter: why, all headers, and the original bytes.

    KEY is topic/partition/offset of the original record, or the number in the list. JSON is shown
    indented, anything else as hexadecimal; --raw gives the exact bytes.

    \b
    Examples:
      dateline dead-letters show 12
      dateline dead-letters show news.raw.v1/3/17 --raw --output broken.json
    """
    context = current()
    if output and not raw:
        raise click.UsageError("--output needs --raw.")
    topic = dead_letter_topic(context)
    with open_reader(context.settings) as reader:
        stored = read_letters(reader, topic).find(key)
        letter = read_payload(reader, topic, stored)
    if raw:
        write_raw(letter.payload, output)
    elif as_json:
        payload = base64.b64encode(letter.payload).decode()
        click.echo(json_text({**letter_as_json(stored), "payload_base64": payload}))
    else:
        print_letter(context, stored, letter)


@dead_letters.command("requeue")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All letters that were not sent back yet.")
@code_option
@stage_option
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send nothing.")
@click.option("--force", is_flag=True, help="Also letters that were sent back before.")
def requeue_command(
    *,
    keys: tuple[str, ...],
    is_all: bool,
    code: str | None,
    stage: str | None,
    dry_run: bool,
    force: bool,
) -> None:
    """Send dead letters back to the topic they came from, with their original bytes and key.

    The record is acknowledged by Kafka before its letter is marked: an interruption can repeat a
    record, never lose one. A record that fails again becomes a new letter.

    \b
    Examples:
      dateline dead-letters requeue 12 13
      dateline dead-letters requeue --all --code E901 --dry-run
      dateline dead-letters requeue --all --code E901
    """
    if bool(keys) == is_all:
        raise click.UsageError("give either KEYs or --all.")
    context = current()
    topic = dead_letter_topic(context)
    with open_reader(context.settings) as reader:
        found = read_letters(reader, topic)
        letters = found.letters if is_all else [found.find(key) for key in keys]
        chosen = selected(list(dict.fromkeys(letters)), code=code, stage=stage)
        again = [stored for stored in chosen if stored.requeued_at]
        if again and not force:
            if not is_all:
                raise click.ClickException(
                    f"{again[0].key} was sent back at {_time(again[0].requeued_at)};"
                    " --force sends it again."
                )
            chosen = [stored for stored in chosen if not stored.requeued_at]
        send_back(context, reader, topic, chosen, dry_run=dry_run)


def send_back(
    context: CliContext,
    reader: TopicReader,
    topic: str,
    chosen: Sequence[StoredLetter],
    *,
    dry_run: bool,
) -> None:
    """Send the letters one after the other, saying each; the first failure ends it."""
    if not chosen:
        print_text(context.console, "Nothing to send back.")
        return
    if dry_run:
        for stored in chosen:
            print_text(context.console, one_line(f"would send {_where_to(stored)}"))
        return
    clock = SystemClock()
    with open_sender(context.settings) as send:
        for stored in chosen:
            requeue(reader, send, topic, stored, clock)
            print_text(context.console, one_line(f"sent {_where_to(stored)}"))
    noun = "record" if len(chosen) == 1 else "records"
    print_text(context.console, f"{len(chosen)} {noun} sent back.")


def dead_letter_topic(context: CliContext) -> str:
    """Return the name of the dead letter topic in this namespace."""
    return load_topics(context.settings)["dead_letter"].name


def print_letters(context: CliContext, letters: Sequence[StoredLetter]) -> None:
    """Print the table of letters, if there are any."""
    if not letters:
        return
    headings = ("no", "original record", "code", "stage", "last seen (UTC)", "", "error")
    rows = [
        (
            str(stored.number),
            stored.key,
            stored.letter.code,
            stored.letter.stage,
            _time(stored.last_at),
            _marks(stored),
            _short(context, stored.letter.error),
        )
        for stored in letters
    ]
    print_table(context.console, headings, rows)


def print_summary(
    context: CliContext, found: Letters, *, chosen_count: int, shown_count: int
) -> None:
    """Print the counts, and what the list leaves out."""
    console = context.console
    if not chosen_count:
        which = "no dead letter matches" if found.letters else "there are no dead letters"
        print_text(console, f"{which.capitalize()}.")
    else:
        rest = f", the last {shown_count} shown (--limit)" if shown_count < chosen_count else ""
        noun = "dead letter" if chosen_count == 1 else "dead letters"
        print_text(console, f"{chosen_count} {noun}{rest}", "dim")
    if found.unreadable_count:
        count = found.unreadable_count
        print_text(console, f"{count} records in the topic are no dead letters of ours.", "yellow")
    if not found.is_complete:
        print_text(console, "Older records of the topic were not read.", "yellow")


def letter_as_json(stored: StoredLetter) -> dict[str, Any]:
    """Return a letter without its payload as plain values; bytes of headers as base64."""
    letter = stored.letter
    return {
        "key": stored.key,
        "number": stored.number,
        "code": letter.code,
        "stage": letter.stage,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "attempts": letter.attempts,
        "first_failed_at": letter.first_failed_at.isoformat(),
        "last_at": stored.last_at.isoformat(),
        "error": letter.error,
        "times": stored.times_count,
        "requeued_at": stored.requeued_at.isoformat() if stored.requeued_at else None,
        "original_key": letter.key.decode("utf-8", "replace") if letter.key else None,
        "payload_bytes": stored.payload_bytes,
        "headers": [
            {"name": name, "value_base64": base64.b64encode(value).decode()}
            for name, value in letter.headers
        ],
    }


def print_letter(context: CliContext, stored: StoredLetter, letter: DeadLetter) -> None:
    """Print everything of one letter."""
    console = context.console
    fields = {
        "letter": f"{stored.key} (number {stored.number})",
        "code": f"{letter.code}, see docs/errors.md"
        + (": our bug, not the record's" if letter.code.startswith(OUR_BUG) else ""),
        "error": letter.error,
        "stage": letter.stage,
        "attempts": f"{letter.attempts}, written {stored.times_count} times"
        if stored.times_count > 1
        else str(letter.attempts),
        "first failed": f"{_time(letter.first_failed_at)} UTC",
        "requeued": f"{_time(stored.requeued_at)} UTC" if stored.requeued_at else "no",
        "topic": f"{letter.topic}[{letter.partition}] offset {letter.offset}",
        "key": "none" if letter.key is None else letter.key.decode("utf-8", "backslashreplace"),
        "payload": f"{len(letter.payload)} bytes",
    }
    for label, value in fields.items():
        print_field(console, label, value)
    headers = [f"{k}: {v.decode('utf-8', 'backslashreplace')}" for k, v in letter.headers]
    print_field(console, "headers", headers)
    print_text(console, "")
    print_text(console, payload_text(letter.payload))


def write_raw(payload: bytes, output: Path | None) -> None:
    """Write the bytes to a file or to standard output, never to a terminal.

    Raises:
        click.ClickException: standard output is a terminal (the bytes could act on it), or the
            file cannot be written.
    """
    if output:
        try:
            output.write_bytes(payload)
        except OSError as error:
            raise click.ClickException(f"{output} cannot be written: {error}.") from error
        return
    if sys.stdout.isatty():
        raise click.ClickException(
            "raw bytes could act on this terminal; use --output FILE or a pipe."
        )
    click.get_binary_stream("stdout").write(payload)


def _marks(stored: StoredLetter) -> str:
    marks = [f"×{stored.times_count}"] if stored.times_count > 1 else []
    if stored.requeued_at:
        marks.append("requeued")
    return " ".join(marks)


def _where_to(stored: StoredLetter) -> str:
    letter = stored.letter
    return (
        f"{stored.key} ({letter.code}, {stored.payload_bytes} bytes)"
        f" to {letter.topic}[{letter.partition}]"
    )


def _short(context: CliContext, error: str) -> str:
    if not context.console.is_terminal or len(error) <= TERMINAL_ERROR_CHARS:
        return error
    return error[: TERMINAL_ERROR_CHARS - 1] + "…"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _moment(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        return parse_moment(given, SystemClock().now())
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--since") from error

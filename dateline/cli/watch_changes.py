"""``dateline watch pause | resume | remove | import``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from dateline.cli.context import current
from dateline.cli.terminal import one_line, print_text
from dateline.clock import SystemClock
from dateline.errors import ConfigError
from dateline.settings import PROJECT_DIR, Settings
from dateline.watch_topic import read_watchlist, send_records
from dateline.watches.check_query import check_query
from dateline.watches.parse_query import parse_query
from dateline.watches.watch_file import (
    begun_anew,
    changes_of_import,
    chosen_watch,
    load_watch_file,
    record_id,
)

UNCHANGED = "Nothing has changed."
WATCH_FILE = PROJECT_DIR / "config" / "watchlists.toml"


@click.command()
@click.argument("watch_id", metavar="WATCH")
def pause(*, watch_id: str) -> None:
    """Stop a watch until `dateline watch resume`; what comes meanwhile is not alerted.

    \b
    Examples:
      dateline watch pause qatar-jcpoa
    """
    _switch(watch_id, is_active=False, done="is paused")


@click.command()
@click.argument("watch_id", metavar="WATCH")
def resume(*, watch_id: str) -> None:
    """Let a paused or removed watch go on, from now.

    \b
    Examples:
      dateline watch resume qatar-jcpoa
    """
    _switch(watch_id, is_active=True, done="goes on, for articles that are first seen from now on")


@click.command()
@click.argument("watch_id", metavar="WATCH")
def remove(*, watch_id: str) -> None:
    """Remove a watch. Its alerts stay in the index; `resume` brings it back.

    \b
    Examples:
      dateline watch remove qatar-jcpoa
    """
    _switch(watch_id, is_active=False, done="is removed")


@click.command("import")
@click.argument(
    "path", type=click.Path(path_type=Path, dir_okay=False), required=False, metavar="[FILE]"
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_file(*, path: Path | None, dry_run: bool) -> None:
    """Put the watches and channels of a file in force; default config/watchlists.toml.

    What came from the file before and is no longer in it is removed. A watch whose query has
    changed begins anew. `dateline run` does this when it starts.

    \b
    Examples:
      dateline watch import
      dateline watch import my-watches.toml --dry-run
    """
    context = current()
    for line in import_watch_file(context.settings, path or WATCH_FILE, is_dry_run=dry_run):
        print_text(context.console, one_line(line))


def import_watch_file(settings: Settings, path: Path, *, is_dry_run: bool = False) -> list[str]:
    """Put what a file lists in force and return a line for each change.

    Raises:
        ConfigError: the file cannot be read, or a query in it cannot be asked.
        BrokerUnavailable: try again.
    """
    now = SystemClock().now()
    listed = load_watch_file(path, at=now)
    for watch in listed.watches.values():
        try:
            check_query(parse_query(watch.query), trigger=watch.trigger)
        except ConfigError as error:
            raise ConfigError(f"{path}: watch {watch.watch_id}: {error}") from error
    changes = changes_of_import(listed, read_watchlist(settings), at=now)
    if changes and not is_dry_run:
        send_records(settings, changes)
    lines = [
        f"{type(each).__name__.lower()} {record_id(each)}:"
        f" {'in force' if each.is_active else 'removed'}"
        for each in changes
    ]
    return lines or [UNCHANGED]


def _switch(watch_id: str, *, is_active: bool, done: str) -> None:
    context = current()
    now = SystemClock().now()
    before = chosen_watch(read_watchlist(context.settings), watch_id)
    if before.is_active == is_active:
        state = "in force" if is_active else "off"
        raise ConfigError(f"watch {before.watch_id} is {state} already.")
    wanted = replace(before, is_active=is_active, changed_at=now)
    if is_active:
        wanted = begun_anew(wanted, before, at=now)
    send_records(context.settings, [wanted])
    print_text(context.console, one_line(f"Watch {before.watch_id} {done}."))
    if before.came_from == "file":
        print_text(
            context.console, "It is in the watchlist file: the next import writes it anew.", "dim"
        )

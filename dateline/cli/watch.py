"""``dateline watch``: what is watched; add, test, pause and remove watches."""

from __future__ import annotations

import click

from dateline.cli.context import CliContext, current
from dateline.cli.terminal import json_text, one_line, print_field, print_table, print_text
from dateline.cli.watch_add import add
from dateline.cli.watch_changes import import_file, pause, remove, resume
from dateline.cli.watch_test import test
from dateline.cli.watch_view import LIST_HEADINGS, list_row, watch_as_json, watch_fields
from dateline.watch_topic import read_watchlist
from dateline.watches.watch_file import chosen_watch
from dateline.watches.watchlist import Watchlist

NO_WATCHES = (
    "Nothing is watched yet. `dateline watch add 'entity:Qatar AND nuclear'` is a beginning."
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--all", "shows_removed", is_flag=True, help="Paused and removed ones, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def watch(ctx: click.Context, *, shows_removed: bool, as_json: bool) -> None:
    """Show what is watched; add, test, pause and remove watches.

    A watch is a query and what makes it fire. It is in force a second after it was written, for
    articles that are first seen from then on. docs/alerts.md has the language of queries.

    \b
    Examples:
      dateline watch
      dateline watch add 'entity:"al-Khulaifi" AND (nuclear OR sanctions)' --channel desk-mail
      dateline watch add 'type:organization' --trigger first_mention --scope country
      dateline watch test qatar-jcpoa --on 3f9ac01b22d4
      dateline watch remove qatar-jcpoa
      dateline watch import config/watchlists.toml
    """
    if ctx.invoked_subcommand is not None:
        return
    context = current()
    kept = read_watchlist(context.settings)
    shown = [
        kept.watches[key]
        for key in sorted(kept.watches)
        if shows_removed or kept.watches[key].is_active
    ]
    if as_json:
        click.echo(json_text({"watches": [watch_as_json(each) for each in shown]}))
    elif not shown:
        print_text(context.console, NO_WATCHES)
    else:
        print_table(context.console, LIST_HEADINGS, [list_row(each) for each in shown])


@watch.command("show")
@click.argument("watch_id", metavar="WATCH")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, watch_id: str, as_json: bool) -> None:
    """Show one watch.

    \b
    Examples:
      dateline watch show qatar-jcpoa
    """
    context = current()
    kept = read_watchlist(context.settings)
    found = chosen_watch(kept, watch_id)
    if as_json:
        click.echo(json_text(watch_as_json(found)))
        return
    print_text(context.console, one_line(found.name or found.watch_id), "bold")
    for label, value in watch_fields(found):
        print_field(context.console, label, value)
    _print_missing_channels(context, kept, found.channel_ids)


def _print_missing_channels(
    context: CliContext, kept: Watchlist, channel_ids: tuple[str, ...]
) -> None:
    for channel_id in channel_ids:
        channel = kept.channels.get(channel_id)
        if channel is None or not channel.is_active:
            line = f"The channel {channel_id} is gone: alerts for it wait until it is there again."
            print_text(context.console, line, "yellow")


for command in (add, test, pause, resume, remove, import_file):
    watch.add_command(command)

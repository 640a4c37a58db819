"""``dateline channel``: where alerts go; add, try, remove and enable channels."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import replace
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from dateline.alert_records import Channel, ChannelKind, QuietHours
from dateline.alerts.channel_states import ChannelState, ChannelStates, in_force
from dateline.cli.channel_test import send_test
from dateline.cli.context import current
from dateline.cli.terminal import json_text, one_line, print_table, print_text
from dateline.cli.watch_view import CHANNEL_HEADINGS, channel_as_json, channel_row, when
from dateline.clock import SystemClock
from dateline.endpoints import async_search_client
from dateline.errors import ConfigError
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.watch_topic import read_watchlist, send_records
from dateline.watches.watch_file import chosen_channel

FAILED_EXIT_CODE = 1
QUIET = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
NO_CHANNELS = (
    "There is no channel yet. `dateline channel add desk-mail --kind email --address"
    " desk@news.example` makes one."
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--all", "shows_removed", is_flag=True, help="Removed ones, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def channel(ctx: click.Context, *, shows_removed: bool, as_json: bool) -> None:
    """Show where alerts go and how each channel does; add, try, remove and enable channels.

    Secrets are in environment variables of the deliver stage: a channel only names its variable.

    \b
    Examples:
      dateline channel
      dateline channel add desk-mail --kind email --address desk@news.example
      dateline channel add hook --kind webhook --address https://news.example/hook \\
        --secret-env HOOK_SECRET
      dateline channel add chat --kind apprise --secret-env CHAT_URL --max-per-hour 20
      dateline channel test desk-mail
      dateline channel enable hook
    """
    if ctx.invoked_subcommand is not None:
        return
    context = current()
    kept = read_watchlist(context.settings)
    shown = [each for _, each in sorted(kept.channels.items()) if shows_removed or each.is_active]
    states = asyncio.run(_read_states(context.settings))
    if as_json:
        rows = [
            channel_as_json(each) | {"state": _state(each, states.get(each.channel_id))}
            for each in shown
        ]
        click.echo(json_text({"channels": rows}))
    elif not shown:
        print_text(context.console, NO_CHANNELS)
    else:
        rows_of_text = [
            channel_row(each, _state(each, states.get(each.channel_id))) for each in shown
        ]
        print_table(context.console, CHANNEL_HEADINGS, rows_of_text)


async def _read_states(settings: Settings) -> dict[str, ChannelState]:
    """Return the channels that fail or were disabled, by id."""
    client = async_search_client(settings)
    try:
        states = ChannelStates(client, articles_index(settings).channel_states)
        return await states.troubled(refresh=True)
    finally:
        await client.close()


def _state(channel: Channel, state: ChannelState | None) -> str:
    if not channel.is_active:
        return "removed"
    if state is not None and in_force(state, channel).is_disabled:
        return f"disabled: {state.disabled_reason}; `dateline channel enable` tries again"
    if state is not None and in_force(state, channel).failures_in_a_row:
        return f"failing, {state.failures_in_a_row} times in a row"
    return "ok"


@channel.command("add")
@click.argument("channel_id", metavar="ID")
@click.option("--kind", type=click.Choice(get_args(ChannelKind)), required=True)
@click.option("--address", default="", help="URL of a webhook, receiver of e-mail.")
@click.option("--secret-env", default="", metavar="NAME", help="Variable that holds the secret.")
@click.option("--name", default="", help="As people call it.")
@click.option(
    "--digest", type=click.Choice(["none", "hourly", "daily"]), default="none", show_default=True
)
@click.option("--digest-hour", type=click.IntRange(0, 23), default=8, show_default=True)
@click.option("--time-zone", default="UTC", show_default=True, help="Of digests and quiet hours.")
@click.option("--quiet", "quiet_hours", metavar="22:00-06:30", help="Nothing is sent in between.")
@click.option("--max-per-hour", type=click.IntRange(1), help='The rest comes as "and 14 more".')
@click.option("--replace", "is_replacing", is_flag=True, help="Change the channel of this id.")
def add(
    *, channel_id: str, time_zone: str, quiet_hours: str | None, is_replacing: bool, **asked: Any
) -> None:
    """Make a channel, or change one with --replace.

    \b
    Examples:
      dateline channel add desk-mail --kind email --address desk@news.example --digest daily
      dateline channel add hook --kind webhook --address https://news.example/hook \\
        --secret-env HOOK_SECRET
    """
    context = current()
    now = SystemClock().now()
    _refuse_time_zone(time_zone)
    wanted = Channel(
        channel_id=channel_id, created_at=now, changed_at=now, time_zone=time_zone,
        quiet_hours=_quiet(quiet_hours, time_zone), **asked,
    )  # fmt: skip
    _refuse_unusable(wanted)
    before = read_watchlist(context.settings).channels.get(channel_id)
    if before is not None and before.is_active and not is_replacing:
        raise ConfigError(
            f"there is a channel {channel_id!r} already.", hint="Change it with --replace."
        )
    send_records(context.settings, [wanted])
    print_text(context.console, one_line(f"Channel {channel_id}: {wanted.kind}, {when(wanted)}."))
    print_text(context.console, one_line(f"Try it: dateline channel test {channel_id}"), "dim")


def _refuse_unusable(channel: Channel) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", channel.channel_id):
        raise click.BadParameter(
            "an id has lower-case letters, digits, - and _, at most 64.", param_hint="ID"
        )
    if channel.kind == "apprise" and (channel.address or not channel.secret_env):
        raise click.UsageError(
            "The URL of Apprise is a secret: put it into a variable and give --secret-env NAME."
        )
    if channel.kind != "apprise" and not channel.address:
        raise click.UsageError(f"--kind {channel.kind} needs --address.")
    if channel.kind == "webhook" and not re.match(r"https?://", channel.address):
        raise click.BadParameter("the address of a webhook is a URL.", param_hint="--address")
    if channel.kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", channel.address):
        raise click.BadParameter("this is no e-mail address.", param_hint="--address")


def _refuse_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(
            f"{name!r} is no time zone (Europe/Lisbon, UTC).", param_hint="--time-zone"
        ) from error


def _quiet(text: str | None, time_zone: str) -> QuietHours | None:
    if text is None:
        return None
    found = QUIET.fullmatch(text)
    if found is None or max(found[1], found[2]) > "23:59":
        raise click.BadParameter(
            "expected 22:00-06:30; the end may be after midnight.", param_hint="--quiet"
        )
    return QuietHours(starts_at=found[1], ends_at=found[2], time_zone=time_zone)


@channel.command("remove")
@click.argument("channel_id", metavar="CHANNEL")
def remove(*, channel_id: str) -> None:
    """Remove a channel; what waits for it waits until it is there again.

    \b
    Examples:
      dateline channel remove hook
    """
    _switch(channel_id, is_active=False, done="is removed")


@channel.command("enable")
@click.argument("channel_id", metavar="CHANNEL")
def enable(*, channel_id: str) -> None:
    """Let a disabled or removed channel go on; what waited for it is sent.

    \b
    Examples:
      dateline channel enable hook
    """
    _switch(channel_id, is_active=True, done="goes on; what waited for it is sent")


def _switch(channel_id: str, *, is_active: bool, done: str) -> None:
    context = current()
    before = chosen_channel(read_watchlist(context.settings), channel_id)
    if not is_active and not before.is_active:
        raise ConfigError(f"channel {channel_id} is removed already.")
    now = SystemClock().now()
    send_records(context.settings, [replace(before, is_active=is_active, changed_at=now)])
    print_text(context.console, one_line(f"Channel {channel_id} {done}."))


@channel.command("test")
@click.argument("channel_id", metavar="CHANNEL")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test(*, channel_id: str, as_json: bool) -> None:
    """Send a message that says it is a test, once, and say what came of it.

    The variable with the secret must be set here, too.

    Exit code: 0 delivered, 1 not.

    \b
    Examples:
      dateline channel test desk-mail
    """
    context = current()
    settings: Settings = context.settings
    found = chosen_channel(read_watchlist(settings), channel_id)
    sent = asyncio.run(send_test(settings, found, at=SystemClock().now()))
    is_delivered = sent.outcome == "delivered"
    if as_json:
        value = {
            "channel_id": channel_id, "outcome": sent.outcome, "status_code": sent.status_code,
            "error": sent.error,
        }  # fmt: skip
        click.echo(json_text(value))
    elif is_delivered:
        print_text(context.console, one_line(f"Delivered to {channel_id}."), "green")
    else:
        status = f" ({sent.status_code})" if sent.status_code else ""
        line = f"Not delivered to {channel_id}: {sent.outcome}{status}. {sent.error or ''}"
        print_text(context.console, one_line(line.strip()), "red")
    if not is_delivered:
        sys.exit(FAILED_EXIT_CODE)

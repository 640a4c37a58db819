"""``dateline alerts``: what was alerted, to whom, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar, get_args

import click
import msgspec
from elasticsearch import AsyncElasticsearch

from dateline.alert_records import AlertTrigger
from dateline.alerts.deliveries import Delivery, DeliveryStatus, DeliveryStore
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.cli.alerts_sweep import sweep
from dateline.cli.alerts_view import ALERT_HEADINGS, alert_row, print_alert, status_words
from dateline.cli.channel import test
from dateline.cli.context import CliContext, current
from dateline.cli.terminal import json_text, one_line, print_table, print_text, short_id
from dateline.clock import SystemClock
from dateline.endpoints import async_search_client
from dateline.errors import ConfigError
from dateline.moments import parse_moment
from dateline.search.templates import articles_index

MIN_PREFIX_CHARS = 6
ID_CHARS = 64
PREFIX_CANDIDATES = 10_000
T = TypeVar("T")


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def alerts(ctx: click.Context) -> None:
    """Show what was alerted and what came of it; send again; look for what was missed.

    \b
    Examples:
      dateline alerts
      dateline alerts list --watch qatar-jcpoa --since 24h
      dateline alerts show 3f9ac01b22d4
      dateline alerts resend 3f9ac01b22d4 --channel desk-mail
      dateline alerts test desk-mail
      dateline alerts sweep --since 24h
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_alerts)


@alerts.command("list")
@click.option("--watch", "watch_id", metavar="WATCH", help="Of this watch only.")
@click.option("--channel", "channel_id", metavar="CHANNEL", help="For this channel only.")
@click.option("--trigger", type=click.Choice(get_args(AlertTrigger)), help="Of this kind only.")
@click.option("--story", "story_id", metavar="ID", help="About this story only (whole id).")
@click.option("--status", type=click.Choice(get_args(DeliveryStatus)), help="With such a delivery.")
@click.option("--since", metavar="WHEN", help="30m, 12h, 7d or 2026-11-20 (UTC).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_alerts(  # noqa: PLR0913 (one parameter an option)
    *, watch_id: str | None = None, channel_id: str | None = None, trigger: str | None = None,
    story_id: str | None = None, status: str | None = None, since: str | None = None,
    limit: int = 20, as_json: bool = False,
) -> None:  # fmt: skip
    """List alerts, the newest first, and what came of each.

    \b
    Examples:
      dateline alerts list
      dateline alerts list --status failed
      dateline alerts list --watch qatar-jcpoa --since 7d --json
    """
    context = current()
    moment = _moment(since)

    async def read(
        ledger: Ledger, store: DeliveryStore
    ) -> list[tuple[LedgerEntry, list[Delivery]]]:
        entries = await ledger.find(
            watch_id=watch_id, channel_id=channel_id, trigger=trigger, story_id=story_id,
            since=moment, limit=limit,
        )  # fmt: skip
        rows = [(entry, await store.of_alert(entry.alert.alert_id)) for entry in entries]
        return [row for row in rows if status is None or status in {d.status for d in row[1]}]

    found = _read(context, read)
    if as_json:
        click.echo(json_text({"alerts": [_as_json(*row) for row in found]}))
    elif not found:
        print_text(context.console, "No alert yet. `dateline watch` shows what is watched.")
    else:
        print_table(context.console, ALERT_HEADINGS, [alert_row(*row) for row in found])


@alerts.command("show")
@click.argument("alert", metavar="ALERT")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, alert: str, as_json: bool) -> None:
    """Show one alert as it was sent, and every try to deliver it.

    \b
    Examples:
      dateline alerts show 3f9ac01b22d4
    """
    context = current()

    async def read(ledger: Ledger, store: DeliveryStore) -> tuple[LedgerEntry, list[Delivery]]:
        entry = await _chosen(ledger, alert)
        return entry, await store.of_alert(entry.alert.alert_id)

    entry, deliveries = _read(context, read)
    if as_json:
        click.echo(json_text(_as_json(entry, deliveries)))
    else:
        print_alert(context.console, entry, deliveries)


@alerts.command("resend")
@click.argument("alert", metavar="ALERT")
@click.option("--channel", "channel_id", metavar="CHANNEL", help="To this channel only.")
def resend(*, alert: str, channel_id: str | None) -> None:
    """Send an alert again, under the same message id: receivers that have it know it.

    \b
    Examples:
      dateline alerts resend 3f9ac01b22d4
      dateline alerts resend 3f9ac01b22d4 --channel desk-mail
    """
    context = current()
    now = SystemClock().now()

    async def send(ledger: Ledger, store: DeliveryStore) -> list[Delivery]:
        entry = await _chosen(ledger, alert)
        own = [
            each
            for each in await store.of_alert(entry.alert.alert_id)
            if not each.is_bundle and channel_id in (None, each.channel_id)
        ]
        if not own:
            where = f" for {channel_id}" if channel_id else ""
            raise ConfigError(
                f"alert {short_id(entry.alert.alert_id)} has no delivery{where}.",
                hint="Its watch named no channel, or the deliver stage has not seen it yet.",
            )
        sent = [await store.resend(each.delivery_id, now) for each in own]
        return [each for each in sent if each is not None]

    for delivery in _read(context, send):
        line = (
            f"{delivery.channel_id}: {status_words(delivery)}, message {delivery.message_id[:12]}"
        )
        print_text(context.console, one_line(line))


async def _chosen(ledger: Ledger, given: str) -> LedgerEntry:
    """Return the alert with this id, or the one whose id begins so."""
    if len(given) == ID_CHARS:
        found = list((await ledger.get([given])).values())
    elif len(given) < MIN_PREFIX_CHARS:
        raise ConfigError(f"{given!r} is too short: give {MIN_PREFIX_CHARS} characters or more.")
    else:
        newest = await ledger.find(limit=PREFIX_CANDIDATES)
        found = [entry for entry in newest if entry.alert.alert_id.startswith(given)]
    if len(found) != 1:
        what = "several alerts have" if found else "no alert has"
        raise ConfigError(
            f"{what} an id that begins with {given!r}.", hint="`dateline alerts` lists them."
        )
    return found[0]


def _read(context: CliContext, work: Callable[[Ledger, DeliveryStore], Awaitable[T]]) -> T:
    async def run(client: AsyncElasticsearch) -> T:
        index = articles_index(context.settings)
        try:
            return await work(Ledger(client, index.alerts), DeliveryStore(client, index.deliveries))
        finally:
            await client.close()

    async def opened() -> T:
        return await run(async_search_client(context.settings))

    return asyncio.run(opened())


def _moment(since: str | None) -> datetime | None:
    if since is None:
        return None
    try:
        return parse_moment(since, SystemClock().now())
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--since") from error


def _as_json(entry: LedgerEntry, deliveries: list[Delivery]) -> dict[str, Any]:
    alert: dict[str, Any] = msgspec.to_builtins(entry.alert)
    del alert["channel_id"]
    return alert | {
        "channel_ids": entry.channel_ids,
        "deliveries": [msgspec.to_builtins(each) for each in deliveries],
    }


alerts.add_command(sweep)
alerts.add_command(test)

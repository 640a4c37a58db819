"""``dateline topics``: create the topics of the pipeline, raise their limits, or list them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta

import click
from rich.table import Table

from dateline.cli.context import current
from dateline.topics import UNLIMITED, AppliedTopic, ConfigChange, apply_topics, load_topics


@click.group()
def topics() -> None:
    """Create or list the Kafka topics (config/topics.toml)."""


@topics.command("apply")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option(
    "--lower", "may_lower", is_flag=True,
    help="Lower limits, too: Kafka then deletes the records that are older.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply_command(*, dry_run: bool, may_lower: bool, as_json: bool) -> None:
    """Create the topics that are missing, and raise the limits of those there are.

    Retention and the size of records are raised to what config/topics.toml says, and never lowered
    without --lower. Partition counts never change. Safe to call twice; `dateline run` does it.

    \b
    Examples:
      dateline topics apply
      dateline topics apply --dry-run
    """
    context = current()
    result = apply_topics(context.settings, may_lower=may_lower, is_dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({name: dataclasses.asdict(each) for name, each in result.items()}))
        return
    for name, applied in result.items():
        for line in _lines(applied):
            context.console.print(f"{name}  {line}")
    if dry_run:
        context.console.print("Nothing was changed: this was a dry run.")


def _lines(applied: AppliedTopic) -> Iterator[str]:
    if not applied.changes:
        yield applied.what
    for change in applied.changes:
        yield f"{change.name} {_shown(change, change.before)} -> {_shown(change, change.after)}"
    for change in applied.kept:
        yield (
            f"{change.name} stays {_shown(change, change.before)}: the file says"
            f" {_shown(change, change.after)}, which only --lower takes"
        )


def _shown(change: ConfigChange, value: int) -> str:
    if value == UNLIMITED:
        return "unlimited"
    if change.name != "retention.ms":
        return f"{value:,}"
    return f"{timedelta(milliseconds=value) / timedelta(days=1):g} days"


@topics.command("list")
def list_command() -> None:
    """Show each topic with its key, partitions, writers and readers.

    \b
    Example:
      dateline topics list
    """
    context = current()
    table = Table(box=None)
    for heading in ("topic", "key", "partitions", "writers", "readers"):
        table.add_column(heading)
    for topic in load_topics(context.settings).values():
        table.add_row(
            topic.name,
            topic.key,
            str(topic.partitions),
            ", ".join(topic.writers),
            ", ".join(topic.readers),
        )
    context.console.print(table)

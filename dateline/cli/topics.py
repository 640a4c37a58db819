"""``dateline topics``: create the topics of the pipeline, or list them."""

from __future__ import annotations

import json

import click
from rich.table import Table

from dateline.cli.context import current
from dateline.topics import apply_topics, load_topics


@click.group()
def topics() -> None:
    """Create or list the Kafka topics (config/topics.toml)."""


@topics.command("apply")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply_command(*, as_json: bool) -> None:
    """Create the topics that are missing; safe to call twice.

    \b
    Example:
      dateline topics apply
    """
    context = current()
    result = apply_topics(context.settings)
    if as_json:
        click.echo(json.dumps(result))
        return
    for name, what in result.items():
        context.console.print(f"{name}  {what}")


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

"""``dateline index apply``: set up the indices on the server."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import click

from dateline.cli.context import current
from dateline.cli.terminal import json_text, print_field
from dateline.endpoints import async_search_client
from dateline.search.templates import (
    FALLBACK_ANALYZER,
    PREFERRED_ANALYZER,
    Applied,
    apply_templates,
)
from dateline.settings import Settings


@click.group()
def index() -> None:
    """Set up the indices of articles, stories and entities (config/elasticsearch/)."""


@index.command("apply")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply_command(*, as_json: bool) -> None:
    """Create or update the index template and the mappings of existing indices; safe to repeat.

    Indices are made by the first document: of articles one a month, of stories and entities one
    each for ever.

    The analyzer of texts is `english` where the server has it, else `standard`; it is decided when
    the template is made and stays, because two analyzers in one index find different articles.

    \b
    Examples:
      dateline index apply
      dateline index apply --json
    """
    context = current()
    applied = asyncio.run(_applied(context.settings))
    if as_json:
        click.echo(json_text({**asdict(applied), "analyzer_reason": analyzer_reason(applied)}))
        return
    print_field(context.console, "template", f"{applied.template}  {applied.change}")
    print_field(context.console, "analyzer", f"{applied.analyzer}: {analyzer_reason(applied)}")
    indices = (*applied.indices, *applied.record_indices) or (
        "none yet; the first article of a month creates its index",
    )
    print_field(context.console, "indices", indices)


def analyzer_reason(applied: Applied) -> str:
    """Return why texts are analysed as they are."""
    if applied.change != "created":
        return "decided when the template was created"
    if applied.analyzer == FALLBACK_ANALYZER:
        return f"the server has no `{PREFERRED_ANALYZER}` analyzer"
    return "the server has it"


async def _applied(settings: Settings) -> Applied:
    client = async_search_client(settings)
    try:
        return await apply_templates(client, settings)
    finally:
        await client.close()

"""Run a command against the servers of a test, and put documents into its index."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click
from click.testing import CliRunner, Result
from rich.console import Console

from dateline.cli.context import CliContext
from dateline.endpoints import async_search_client
from dateline.outcomes import Outcome
from dateline.search.index_writer import Indexed, IndexWriter
from dateline.search.templates import articles_index
from dateline.settings import Settings


def run_command(settings: Settings, command: click.Command, *arguments: str) -> Result:
    # The console is made inside the call: it writes to where CliRunner has turned the output.
    @click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    @click.pass_context
    def wrapped(ctx: click.Context, rest: tuple[str, ...]) -> None:
        ctx.obj = CliContext(
            settings=settings,
            console=Console(highlight=False, soft_wrap=True),
            stderr=Console(stderr=True, highlight=False, soft_wrap=True),
        )
        with command.make_context(command.name, list(rest), parent=ctx) as inner:
            command.invoke(inner)

    return CliRunner().invoke(wrapped, ["--", *arguments])


def index_documents(settings: Settings, documents: Sequence[Indexed]) -> None:
    async def write() -> None:
        client = async_search_client(settings)
        names = articles_index(settings)
        writer = IndexWriter(
            client, names, max_bulk_bytes=1_000_000, retry_ceiling_seconds=1, on_wait=lambda: None
        )
        try:
            assert await writer.write(documents) == [Outcome.INDEXED] * len(documents)
            written = [names.read_alias, names.stories.alias, names.entities.alias]
            await client.indices.refresh(index=written, ignore_unavailable=True)
        finally:
            await client.close()

    asyncio.run(write())

"""Return the ``dateline`` command; each subcommand has a file, loaded when it is used."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click
from rich.console import Console

from dateline import __version__
from dateline.cli.context import CliContext
from dateline.errors import DatelineError
from dateline.settings import load_settings

# Loaded on use: importing spaCy or Kafka clients for `dateline --help` would take a second.
COMMANDS = {
    "demo": "dateline.cli.demo:demo",
    "run": "dateline.cli.run:run",
    "up": "dateline.cli.servers:up",
    "down": "dateline.cli.servers:down",
    "status": "dateline.cli.servers:status",
    "doctor": "dateline.cli.servers:doctor",
    "topics": "dateline.cli.topics:topics",
    "index": "dateline.cli.index:index",
    "kibana": "dateline.cli.kibana:kibana",
    "ingest": "dateline.cli.ingest:ingest",
    "feeds": "dateline.cli.feeds:feeds",
    "sources": "dateline.cli.sources:sources",
    "worker": "dateline.cli.worker:worker",
    "search": "dateline.cli.search:search",
    "story": "dateline.cli.story:story",
    "entity": "dateline.cli.entity:entity",
    "watch": "dateline.cli.watch:watch",
    "channel": "dateline.cli.channel:channel",
    "alerts": "dateline.cli.alerts:alerts",
    "web": "dateline.cli.web:web",
    "show": "dateline.cli.show:show",
    "trace": "dateline.cli.trace:trace",
    "license": "dateline.cli.license:license_command",
    "export": "dateline.cli.export:export",
    "dead-letters": "dateline.cli.dead_letters:dead_letters",
    "config": "dateline.cli.config:config",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the command names in the order of a first day with Dateline."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, or None when there is none of that name."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module_name, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module_name), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dateline")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file; default config/dateline.toml.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Override one setting; may be given several times.",
)
@click.pass_context
def cli(ctx: click.Context, config_path: Path | None, assignments: tuple[str, ...]) -> None:
    """Streaming news pipeline: licensed, entity-tagged, searchable.

    \b
    Examples:
      dateline up                         start Kafka and Elasticsearch here
      dateline run                        keep the pipeline running
      dateline ingest seeds/              send a folder of articles
      dateline search Khulaifi --license CC-BY-4.0
    """
    ctx.obj = CliContext(
        settings=load_settings(config_path=config_path, assignments=assignments),
        console=Console(highlight=False, soft_wrap=True),
        stderr=Console(stderr=True, highlight=False, soft_wrap=True),
        options=(
            *(("--config", str(config_path)) if config_path else ()),
            *(word for assignment in assignments for word in ("--set", assignment)),
        ),
    )


def main() -> None:
    """Run the command line; errors of ours become one sentence and their exit code."""
    try:
        cli(standalone_mode=True)
    except DatelineError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[bold red]error {error.code}:[/] ", end=""
        )
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(str(error))
        sys.exit(error.exit_code)

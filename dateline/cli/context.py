"""Return what every command needs: the settings and the terminal."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click
from rich.console import Console

from dateline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CliContext:
    """Settings of this call, the terminal for results and the one for progress and errors.

    ``options`` are the words that give a child process of ours the same settings.
    """

    settings: Settings
    console: Console
    stderr: Console
    options: tuple[str, ...] = ()

    def command(self, *words: str) -> list[str]:
        """Return the command line of a ``dateline`` process with the settings of this one."""
        return [sys.executable, "-m", "dateline", *self.options, *words]


def current() -> CliContext:
    """Return the context of the running command."""
    found = click.get_current_context().find_object(CliContext)
    if found is None:
        message = "commands run below `dateline`"
        raise click.UsageError(message)
    return found

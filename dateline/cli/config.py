"""``dateline config``: show the settings with their origin, and write their documentation."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from dateline.cli.context import current
from dateline.cli.terminal import json_text, print_table
from dateline.settings import PROJECT_DIR, KeySpec, Settings, key_specs

DOCS_PATH = PROJECT_DIR / "docs" / "config.md"
MASK = "******"
DEFAULT_ORIGIN = "default"
TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}
INTRODUCTION = """\
# Settings

Written by `dateline config docs`; do not edit by hand (`dateline config docs --check`).

Every key has a default. Later places win: the default, then `config/dateline.toml` (or the file
named by `--config` or `DATELINE_CONFIG`), then the environment, then `--set SECTION.KEY=VALUE`.
An unknown key is an error that names the nearest known one. Secrets may stand in the environment
only. `dateline config show` prints each value in force and where it comes from.
"""


@click.group()
def config() -> None:
    """Show the settings in force, or write docs/config.md."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_command(*, as_json: bool) -> None:
    """Show each setting, its value and where that comes from; secrets are masked.

    \b
    Examples:
      dateline config show
      dateline --set index.refresh_interval_ms=1000 config show --json
    """
    context = current()
    rows = setting_rows(context.settings)
    if as_json:
        click.echo(json_text(rows))
        return
    cells = [(row["key"], _written(row["value"]), row["origin"]) for row in rows]
    print_table(context.console, ("setting", "value", "origin"), cells)


@config.command("docs")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when the file is stale.")
def docs_command(*, check: bool) -> None:
    """Write docs/config.md from the declarations in dateline/settings.py.

    \b
    Examples:
      dateline config docs
      dateline config docs --check
    """
    current()
    wanted = config_docs()
    if check:
        if _read(DOCS_PATH) != wanted:
            click.echo(f"{DOCS_PATH.name} is not current; run `dateline config docs`.", err=True)
            sys.exit(1)
        click.echo(f"{DOCS_PATH.name} is current.")
        return
    DOCS_PATH.parent.mkdir(exist_ok=True)
    DOCS_PATH.write_text(wanted, encoding="utf-8")
    click.echo(f"{DOCS_PATH.name} is written.")


def setting_rows(settings: Settings) -> list[dict[str, Any]]:
    """Return key, value, origin and variable of each setting; a secret that is set is masked."""
    rows = []
    for spec in key_specs():
        value = getattr(getattr(settings, spec.section), spec.name)
        rows.append(
            {
                "key": spec.path,
                "value": MASK if spec.is_secret and value else value,
                "origin": settings.origins.get(spec.path, DEFAULT_ORIGIN),
                "variable": spec.variable,
            }
        )
    return rows


def config_docs() -> str:
    """Return the text of docs/config.md: a table for each section."""
    sections = [INTRODUCTION]
    for section, specs in groupby(key_specs(), key=lambda spec: spec.section):
        rows = "\n".join(_docs_row(spec) for spec in specs)
        sections.append(
            f"## {section}\n\n"
            "| key | environment variable | type | default | range | meaning |\n"
            "|---|---|---|---|---|---|\n"
            f"{rows}\n"
        )
    return "\n".join(sections)


def _docs_row(spec: KeySpec) -> str:
    limits = spec.limits
    if spec.meta.pattern:
        limits = f"matches `{_escaped(spec.meta.pattern)}`"
    default = "" if spec.is_secret or spec.default == "" else f"`{_written(spec.default)}`"
    meaning = f"{spec.meta.description or ''}{' Secret.' if spec.is_secret else ''}"
    cells = (
        f"`{spec.name}`",
        f"`{spec.variable}`",
        TYPE_NAMES.get(spec.type, "table of texts"),
        _escaped(default),
        limits,
        _escaped(meaning),
    )
    return f"| {' | '.join(cells)} |"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{key} = {item}" for key, item in value.items())
    return str(value)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None

"""``dateline kibana``: bring dashboards and rules into Kibana, and check them against the index."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace

import click

from dateline.cli.context import current
from dateline.cli.terminal import json_text, one_line, print_field, print_table, print_text
from dateline.endpoints import search_client
from dateline.errors import ConfigError
from dateline.kibana.apply_objects import apply_objects
from dateline.kibana.check_index import check_index
from dateline.kibana.declarations import FOLDER, load_declarations
from dateline.kibana.http_client import KibanaClient
from dateline.kibana.saved_objects import build_objects, to_ndjson

NDJSON_PATH = FOLDER / "dateline.ndjson"


@click.group()
def kibana() -> None:
    """Dashboards, saved searches and rules of Kibana (config/kibana/)."""


@kibana.command("apply")
@click.option("--url", help="Address of Kibana; default kibana.url.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply_command(url: str | None, *, as_json: bool) -> None:
    """Import the data views, dashboards and searches, and make the rules; safe to repeat.

    Waits while Kibana starts (kibana.wait_seconds). Changes made in Kibana to these objects are
    replaced; the actions of rules stay.

    \b
    Examples:
      dateline kibana apply
      dateline --set kibana.user=editor kibana apply --url https://kibana.example:5601
    """
    context = current()
    settings = context.settings.kibana
    if url is not None and not url.startswith(("http://", "https://")):
        raise ConfigError(f"--url {url}: an address begins with http:// or https://.")
    client = KibanaClient(
        replace(settings, url=url) if url else settings,
        on_wait=lambda reason: print_text(context.stderr, f"Kibana: {one_line(reason)}; waiting"),
    )
    try:
        applied = apply_objects(client, load_declarations(), context.settings.project.namespace)
    finally:
        client.close()
    if as_json:
        click.echo(json_text(asdict(applied)))
        return
    print_field(context.console, "kibana", one_line(applied.version or "version not told"))
    print_field(context.console, "objects", f"{applied.objects} imported")
    print_field(context.console, "rules", [f"{name}  {how}" for name, how in applied.rules.items()])


@kibana.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_command(*, as_json: bool) -> None:
    """Ask Elasticsearch whether every panel can work: its fields, and what it counts.

    Needs no Kibana. The exit code is 1 when a panel cannot work. A panel whose index does not
    exist yet is left out.

    \b
    Examples:
      dateline kibana check
      dateline kibana check --json
    """
    context = current()
    client = search_client(context.settings)
    try:
        rows = check_index(client, load_declarations(), context.settings.project.namespace)
    finally:
        client.close()
    problems = [row for row in rows if row.problem]
    if as_json:
        click.echo(json_text([asdict(row) for row in rows]))
    else:
        cells = [
            (row.dashboard, row.panel, str(row.documents), str(row.buckets), row.problem or "works")
            for row in rows
        ]
        print_table(context.console, ("dashboard", "panel", "documents", "buckets", ""), cells)
    if problems:
        sys.exit(1)


@kibana.command("build")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when the file is stale.")
def build_command(*, check: bool) -> None:
    """Write config/kibana/dateline.ndjson from the declarations, for an import by hand.

    \b
    Examples:
      dateline kibana build
      dateline kibana build --check
    """
    current()
    wanted = to_ndjson(build_objects(load_declarations()))
    if check:
        if not NDJSON_PATH.is_file() or NDJSON_PATH.read_text(encoding="utf-8") != wanted:
            click.echo(f"{NDJSON_PATH.name} is not current; run `dateline kibana build`.", err=True)
            sys.exit(1)
        click.echo(f"{NDJSON_PATH.name} is current.")
        return
    try:
        NDJSON_PATH.write_text(wanted, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{NDJSON_PATH} cannot be written: {error}.") from error
    click.echo(f"{NDJSON_PATH.name} is written.")

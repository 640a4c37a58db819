"""``dateline up``, ``down``, ``status`` and ``doctor``: the embedded servers of this folder."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
import threading
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from dateline.cli.context import CliContext, current
from dateline.cli.open_notices import notice_value, open_notices, print_open_notices
from dateline.cli.terminal import json_text
from dateline.errors import DependencyUnavailable
from dateline.local import (
    Endpoints,
    ServerOptions,
    ServerStatus,
    read_endpoints,
    server_status,
    start_servers,
    stop_servers,
)
from dateline.local.doctor import Check, check_contact, run_checks
from dateline.local.options import TITLES
from dateline.local.terminal_progress import TerminalProgress
from dateline.settings import Settings, default_config_path

# 128 + SIGINT, as shells report a command that was interrupted.
INTERRUPTED_EXIT_CODE = 130
WATCH_SECONDS = 1.0
PIPE_WIDTH_CHARS = 1000

java_home_option = click.option(
    "--java-home",
    envvar="JAVA_HOME",
    type=click.Path(path_type=Path),
    help="Java to try first, unless servers.java_home is set.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.option("--foreground", is_flag=True, help="Stay here and stop both servers on Ctrl-C.")
@java_home_option
@json_option
def up(*, foreground: bool, java_home: Path | None, as_json: bool) -> None:
    """Start Kafka and Elasticsearch for this folder, or find them running.

    The first start downloads 177 MB into the cache folder; later ones need no network.

    \b
    Examples:
      dateline up                                  start both, in the background
      dateline up --foreground                     until Ctrl-C
      dateline --set servers.kafka_port=19092 up   try another port first
    """
    context = current()
    # Ending `up` by kill or by closing the terminal must clean up like Ctrl-C does.
    for name in (signal.SIGTERM, signal.SIGHUP):
        # `nohup` sets one of them to be ignored; so it stays.
        if signal.getsignal(name) != signal.SIG_IGN:
            signal.signal(name, signal.default_int_handler)
    try:
        endpoints = start_embedded(context, java_home)
        _show_endpoints(context, endpoints, as_json=as_json)
        if foreground:
            _watch_until_interrupted(context.settings.state_dir)
    except KeyboardInterrupt:
        if foreground:
            stop_servers(context.settings.state_dir)
            context.stderr.print("Both servers are stopped.")
            return
        context.stderr.print("Interrupted; what was being started is stopped.")
        sys.exit(INTERRUPTED_EXIT_CODE)


def start_embedded(context: CliContext, java_home: Path | None = None) -> Endpoints:
    """Return where the servers answer, showing the progress of a start on standard error.

    Raises:
        ConfigError: they cannot be started.
    """
    with TerminalProgress(context.stderr) as report:
        return start_servers(
            context.settings.state_dir,
            options=server_options(context.settings, java_home),
            report=report,
        )


@click.command()
@json_option
def down(*, as_json: bool) -> None:
    """Stop the servers of this folder; their data stays.

    \b
    Example:
      dateline down
    """
    context = current()
    stopped = stop_servers(context.settings.state_dir)
    if as_json:
        click.echo(json.dumps({"stopped": stopped}))
    elif stopped:
        context.console.print(f"Stopped: {', '.join(stopped)}.")
    else:
        context.console.print("No server of this folder was running.")


@click.command()
@json_option
def status(*, as_json: bool) -> None:
    """Show the servers of this folder (process, port, memory, uptime) and what needs a look.

    That is open notices of licence drift: which source, what changed, since when, what to do.

    \b
    Examples:
      dateline status
      dateline status --json
    """
    context = current()
    servers = server_status(context.settings.state_dir)
    notices = open_notices(context.settings)
    if as_json:
        value = {
            "servers": [dataclasses.asdict(server) for server in servers],
            "license_notices": None if notices is None else [notice_value(n) for n in notices],
        }
        click.echo(json_text(value, indent=None))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("server", "state", "pid", "port", "memory", "uptime", "data"):
        table.add_column(heading, overflow="fold")
    for server in servers:
        table.add_row(*_status_row(server))
    _print_table(context, table)
    print_open_notices(context.console, notices)


@click.command()
@java_home_option
@json_option
def doctor(*, java_home: Path | None, as_json: bool) -> None:
    """Check what the servers and the fetcher need; exit code 2 when `dateline up` would fail.

    \b
    Examples:
      dateline doctor
      dateline doctor --json
    """
    context = current()
    settings = context.settings
    config_path = click.get_current_context().find_root().params.get("config_path")
    checks = [
        *run_checks(settings.state_dir, server_options(settings, java_home)),
        check_contact(
            settings.fetch.contact,
            config_path or default_config_path(),
            set_by=settings.origins.get("fetch.contact", ""),
        ),
    ]
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(check) for check in checks]))
    else:
        _print_table(context, _checks_table(checks))
    if any(check.verdict == "problem" for check in checks):
        sys.exit(2)


def server_options(settings: Settings, java_home: Path | None = None) -> ServerOptions:
    """Return the options that the settings ask for; ``java_home`` counts where they name none."""
    servers = settings.servers
    return ServerOptions(
        kafka_heap_mb=servers.kafka_heap_mb,
        elasticsearch_heap_mb=servers.elasticsearch_heap_mb,
        kafka_port=servers.kafka_port,
        elasticsearch_port=servers.elasticsearch_port,
        java_home=Path(servers.java_home) if servers.java_home else java_home,
        cache_dir=Path(servers.cache_dir) if servers.cache_dir else None,
        startup_timeout_seconds=servers.startup_timeout_seconds,
    )


def _show_endpoints(context: CliContext, endpoints: Endpoints, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(endpoints)))
        return
    context.console.print(f"Kafka          {endpoints.kafka_bootstrap}")
    context.console.print(f"Elasticsearch  {endpoints.elasticsearch_url}")


def _watch_until_interrupted(state_dir: Path) -> None:
    """Return never; a signal raises ``KeyboardInterrupt``.

    Raises:
        DependencyUnavailable: a server has ended; the other one is stopped.
    """
    never = threading.Event()
    while read_endpoints(state_dir) is not None:
        never.wait(WATCH_SECONDS)
    ended = [TITLES[server.name] for server in server_status(state_dir) if server.state == "dead"]
    stop_servers(state_dir)
    raise DependencyUnavailable(
        f"{' and '.join(ended) or 'A server'} ended; everything is stopped.",
        hint=f"The logs are in {state_dir / 'logs'}.",
    )


def _print_table(context: CliContext, table: Table) -> None:
    # In a pipe or a log a row stays one line, however long.
    width = None if context.console.is_terminal else PIPE_WIDTH_CHARS
    context.console.print(table, width=width)


def _status_row(server: ServerStatus) -> tuple[str, ...]:
    title = f"{TITLES[server.name]} {server.version}".rstrip()
    if server.state == "stopped":
        return (title, server.state, "-", "-", "-", "-", "-")
    if server.state == "dead":
        return (title, server.state, "-", str(server.port), "-", "-", server.data_dir)
    return (
        title,
        server.state,
        str(server.pid),
        str(server.port),
        f"{server.memory_bytes / 1e6:.0f} MB",
        _duration(server.uptime_seconds),
        server.data_dir,
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(shown[:2]) or "0 s"


def _checks_table(checks: list[Check]) -> Table:
    styles = {"ok": "green", "note": "yellow", "problem": "bold red"}
    table = Table(box=None, pad_edge=False)
    for heading in ("check", "verdict", "found"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        found = f"{check.detail}. {check.remedy}" if check.remedy else check.detail
        table.add_row(check.name, f"[{styles[check.verdict]}]{check.verdict}[/]", escape(found))
    return table

"""``dateline run``: servers, topics, index, stages and producer, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from dateline.cli.context import CliContext, current
from dateline.cli.servers import start_embedded
from dateline.cli.watch_changes import UNCHANGED, WATCH_FILE, import_watch_file
from dateline.endpoints import AUTO, async_search_client
from dateline.errors import ConfigError
from dateline.local import read_endpoints, stop_servers
from dateline.search.templates import Applied, apply_templates
from dateline.settings import PROJECT_DIR
from dateline.supervisor import Supervisor
from dateline.topics import apply_topics
from dateline.web.bind import free_port, web_url

STAGE_NAMES = ("enrich", "enrich-backfill", "stories", "index", "alerts", "deliver")
POLL_SECONDS = 0.5
# A process that is started so ends when this one does, also when this one is killed.
SUPERVISED = ("--supervised-by", str(os.getpid()))
# Longer than the deadline after which a stage ends itself (stages.stop_deadline_seconds).
EXTRA_STOP_SECONDS = 4.0


@click.command()
@click.option("--no-seeds", is_flag=True, help="Do not send the seeds.")
def run(*, no_seeds: bool) -> None:
    """Run the pipeline until Ctrl-C.

    Starts Kafka and Elasticsearch if they do not run, one supervised process a stage, a producer
    that watches the inbox folder and the seeds, one that polls the sources of config/sources.toml
    (`dateline sources add URL`), one that looks for drifts of licences, and the page of alerts (at
    web.port, or at a free port where that is taken). What it started, it stops.

    \b
    Examples:
      dateline run
      dateline run --no-seeds
      dateline --set producer.inbox=/srv/wire run
    """
    context = current()
    with stop_requested() as stop, running_servers(context):
        prepare_servers(context)
        _import_watches(context)
        commands = worker_commands(context)
        folders = [str(context.settings.inbox_dir)]
        if not no_seeds:
            folders.append(str(PROJECT_DIR / "seeds"))
        commands["producer"] = context.command("ingest", "--watch", *SUPERVISED, *folders)
        commands["feeds"] = context.command("feeds", *SUPERVISED)
        port = free_port(context.settings.web)
        commands["web"] = context.command("--set", f"web.port={port}", "web", *SUPERVISED)
        commands["license-watch"] = context.command("license", "watch", *SUPERVISED)
        supervisor = Supervisor(commands, context.settings.state_dir / "logs", context.stderr.print)
        with supervised(context, supervisor):
            context.console.print(
                f"Running: {', '.join(commands)}. Drop articles into"
                f" {context.settings.inbox_dir}; stop with Ctrl-C."
            )
            context.console.print(f"Alerts: {web_url(context.settings.web.bind, port)}/alerts")
            while supervisor.is_running() and not stop.wait(POLL_SECONDS):
                supervisor.poll()
    if supervisor.given_up():
        raise ConfigError(
            f"{', '.join(supervisor.given_up())} could not start.",
            hint=f"The logs are in {context.settings.state_dir / 'logs'}.",
        )


def _import_watches(context: CliContext) -> None:
    """Put the watchlist file in force, where there is one."""
    if WATCH_FILE.exists():
        for line in import_watch_file(context.settings, WATCH_FILE):
            if line != UNCHANGED:
                context.console.print(line, markup=False)


def worker_commands(context: CliContext) -> dict[str, list[str]]:
    """Return the command of each stage's process."""
    return {name: context.command("worker", name, *SUPERVISED) for name in STAGE_NAMES}


def prepare_servers(context: CliContext) -> Applied:
    """Create the topics and the index template; safe to repeat."""
    apply_topics(context.settings)
    return asyncio.run(_apply_templates(context))


async def _apply_templates(context: CliContext) -> Applied:
    client = async_search_client(context.settings)
    try:
        return await apply_templates(client, context.settings)
    finally:
        await client.close()


@contextmanager
def stop_requested() -> Iterator[threading.Event]:
    """Set the event on Ctrl-C, SIGTERM and SIGHUP instead of ending in the middle."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running_servers(context: CliContext) -> Iterator[None]:
    """Start the embedded servers that the settings ask for; stop them if they were not running."""
    settings = context.settings
    wanted = AUTO in (settings.kafka.bootstrap_servers, settings.elasticsearch.url)
    was_running = read_endpoints(settings.state_dir) is not None
    try:
        if wanted:
            start_embedded(context)
        yield
    finally:
        if wanted and not was_running:
            context.stderr.print("Stopping the servers.")
            stop_servers(settings.state_dir)


@contextmanager
def supervised(context: CliContext, supervisor: Supervisor) -> Iterator[None]:
    """Start the processes and stop them at the end, whatever happens."""
    try:
        supervisor.start()
        yield
    finally:
        context.stderr.print("Stopping the stages.")
        supervisor.stop(
            deadline_seconds=context.settings.stages.stop_deadline_seconds + EXTRA_STOP_SECONDS
        )

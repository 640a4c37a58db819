"""``dateline demo``: the two seed articles through the whole pipeline, and what came out."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from dataclasses import fields

import click
from elasticsearch import Elasticsearch
from kafka import KafkaAdminClient
from rich.console import Console
from rich.rule import Rule

from dateline.alert_records import Watch
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.cli.alerts_view import print_alert
from dateline.cli.context import CliContext, current
from dateline.cli.run import (
    prepare_servers,
    running_servers,
    stop_requested,
    supervised,
    worker_commands,
)
from dateline.cli.search import print_answer
from dateline.cli.show import print_rights
from dateline.cli.story import print_story
from dateline.cli.terminal import one_line, print_field, print_text, short_id
from dateline.clock import SystemClock
from dateline.consumer_lag import read_position
from dateline.endpoints import async_search_client, search_client
from dateline.errors import ConfigError, SearchUnavailable
from dateline.records import EntityFields, SearchDocument
from dateline.search.article_queries import ArticleSearch
from dateline.search.find_articles import find_articles, refresh_articles
from dateline.search.find_stories import find_story
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR
from dateline.supervisor import Supervisor
from dateline.topics import admin_client, load_topics
from dateline.watch_topic import read_watchlist, send_records

SEEDS_DIR = PROJECT_DIR / "seeds"
SEEDS_COUNT = 2
READS = {"enrich": "raw", "stories": "enriched", "index": "grouped", "alerts": "grouped"}
WAIT_SECONDS = 120.0
POLL_SECONDS = 0.3
WATCH_ID = "demo"
WATCH_QUERY = 'entity:"al-Khulaifi" AND country:ir'
SEARCH = ("search", "Khulaifi", "--license", "CC-BY-4.0")
NEXT_STEPS = f"""\
Go on:
  make run                     keep the pipeline running; drop articles into inbox/
  .venv/bin/dateline {" ".join(SEARCH)}    while it runs, in another terminal
  .venv/bin/dateline --help    every command"""


@click.command()
def demo() -> None:
    """Send the two seed articles through the pipeline and show what came out.

    Starts Kafka, Elasticsearch and the stages, and stops what it started. The first run downloads
    the servers (177 MB) into your cache folder.

    \b
    Example:
      dateline demo
    """
    context = current()
    started_at = time.monotonic()
    with stop_requested() as stop, running_servers(context):
        prepare_servers(context)
        _watch(context)
        every = worker_commands(context)
        supervisor = Supervisor(
            {name: every[name] for name in READS},
            context.settings.state_dir / "logs",
            context.stderr.print,
        )
        with supervised(context, supervisor):
            # The producer is the one that users call; seeds sent before are sent again.
            done = subprocess.run(  # noqa: S603 (our own command)
                context.command("ingest", *map(str, sorted(SEEDS_DIR.glob("*.txt"))), "--resend"),
                check=False,
            )
            if done.returncode:
                raise click.exceptions.Exit(done.returncode)
            seeds = _wait_until_searchable(context, supervisor, stop.is_set)
            for document in seeds:
                _print_seed(context.console, document)
            if seeds:
                _print_search(context)
                _print_story(context, seeds[0].story_id)
                _print_alert(context)
    seconds = time.monotonic() - started_at
    context.console.print(f"\nDone in {seconds:.0f} s; everything that was started is stopped.")
    context.console.print(NEXT_STEPS)


def _wait_until_searchable(
    context: CliContext, supervisor: Supervisor, is_stopped: Callable[[], bool]
) -> tuple[SearchDocument, ...]:
    deadline = time.monotonic() + WAIT_SECONDS
    admin = admin_client(context.settings)
    try:
        with search_client(context.settings) as client:
            while not is_stopped():
                supervisor.poll()
                if supervisor.given_up():
                    raise ConfigError("a stage cannot start; the reason stands above.")
                is_searchable = len(_find_seeds(context, client)) == SEEDS_COUNT
                if is_searchable and _is_drained(context, admin):
                    # Once more: until then one seed may have been told what the other one says.
                    return _find_seeds(context, client)
                if time.monotonic() > deadline:
                    raise SearchUnavailable(
                        f"the seeds are not searchable after {WAIT_SECONDS:.0f} s.",
                        hint=f"The logs are in {supervisor.log_dir}.",
                    )
                time.sleep(POLL_SECONDS)
    finally:
        admin.close()
    return ()


def _is_drained(context: CliContext, admin: KafkaAdminClient) -> bool:
    """Return whether every stage has acknowledged all it had to read."""
    topics = load_topics(context.settings)
    return all(
        read_position(
            admin, context.settings.scoped(f"dateline-{stage}"), topics[role].name
        ).is_drained
        for stage, role in READS.items()
    )


def _find_seeds(context: CliContext, client: Elasticsearch) -> tuple[SearchDocument, ...]:
    question = ArticleSearch(sources=(SEEDS_DIR.name,), size=SEEDS_COUNT)
    try:
        refresh_articles(client, articles_index(context.settings))
        answer = find_articles(client, articles_index(context.settings), question)
    except SearchUnavailable:
        return ()  # the first article has made its index, and its shard is not ready yet
    documents = (hit.document for hit in answer.hits)
    return tuple(sorted(documents, key=lambda document: document.key))


def _print_seed(console: Console, document: SearchDocument) -> None:
    console.print()
    console.print(Rule(f"{document.key}  {short_id(document.article_id)}", align="left"))
    print_text(console, one_line(document.title or ""), "bold")
    print_field(console, "dateline", document.dateline_place or "none")
    for field in fields(EntityFields):
        names: tuple[str, ...] = getattr(document.entities, field.name)
        if names:
            print_field(console, field.name, ", ".join(names))
    if document.rights:
        print_rights(console, document, document.rights)


def _print_search(context: CliContext) -> None:
    console = context.console
    console.print()
    console.print(Rule(f"dateline {' '.join(SEARCH)}", align="left"))
    question = ArticleSearch(words=SEARCH[1], licenses=(SEARCH[3],))
    with search_client(context.settings) as client:
        print_answer(console, find_articles(client, articles_index(context.settings), question))


def _print_story(context: CliContext, story_id: str) -> None:
    console = context.console
    console.print()
    console.print(Rule(f"dateline story {short_id(story_id)}", align="left"))
    with search_client(context.settings) as client:
        found = find_story(client, articles_index(context.settings), story_id)
    if found is not None:
        print_story(console, found)


def _watch(context: CliContext) -> None:
    """Watch what the demo alerts; a second run leaves the watch of the first as it is."""
    if WATCH_ID in read_watchlist(context.settings).watches:
        return
    now = SystemClock().now()
    watch = Watch(watch_id=WATCH_ID, name="Demo", query=WATCH_QUERY, created_at=now, changed_at=now)
    send_records(context.settings, [watch])


def _print_alert(context: CliContext) -> None:
    console = context.console
    console.print()
    console.print(Rule(f"dateline watch add '{WATCH_QUERY}'", align="left"))
    entries = asyncio.run(_find_alerts(context))
    print_text(console, f"{len(entries)} alert{'' if len(entries) == 1 else 's'}", "bold")
    for entry in entries:
        print_alert(console, entry, ())


async def _find_alerts(context: CliContext) -> list[LedgerEntry]:
    client = async_search_client(context.settings)
    try:
        alerts = articles_index(context.settings).alerts
        await client.indices.refresh(index=alerts.alias, ignore_unavailable=True)
        return await Ledger(client, alerts).find(watch_id=WATCH_ID)
    finally:
        await client.close()

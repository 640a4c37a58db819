"""``dateline alerts sweep``: articles of the index that a watch should have told, and did not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click
from elasticsearch import Elasticsearch

from dateline.alerts.ledger import Ledger
from dateline.cli.context import CliContext, current
from dateline.cli.export import progress
from dateline.cli.terminal import json_text, one_line, print_table, print_text, short_id
from dateline.clock import SystemClock
from dateline.endpoints import async_search_client, search_client
from dateline.errors import RecordRejected
from dateline.moments import parse_moment
from dateline.records import GroupedArticle
from dateline.search.failures import request_errors_translated
from dateline.search.templates import ArticlesIndex, articles_index
from dateline.settings import Settings
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.watch_topic import read_watchlist
from dateline.wire import from_wire
from processors.alerts.find_missed import (
    Expected,
    IndexedArticle,
    Sweep,
    expect_alerts,
    find_missed,
)

MISSED_EXIT_CODE = 1
# What is younger may still be on its way (design: alerting, the sweep).
YOUNGEST = timedelta(minutes=10)
PAGE_SIZE = 1000
LEDGER_PAGE = 1000


@click.command()
@click.option("--since", default="24h", show_default=True, metavar="WHEN", help="30m, 12h, 7d.")
@click.option("--until", metavar="WHEN", help="Default: ten minutes ago.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sweep(*, since: str, until: str | None, as_json: bool) -> None:
    """Compare ledger and index: which articles should have been told and were not?

    Live articles first seen after a watch began, and at least ten minutes ago, are matched again as
    the alerts stage read them. The answer should be none. First mentions, silence and surges are
    left out: they depend on what was known at the time.

    Exit code: 0 nothing was missed, 1 something was.

    \b
    Examples:
      dateline alerts sweep
      dateline alerts sweep --since 7d --json
    """
    context = current()
    now = SystemClock().now()
    try:
        first = parse_moment(since, now)
        last = parse_moment(until, now, is_end=True) if until else now - YOUNGEST
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error
    found = run_sweep(context, first, last)
    missed = find_missed(found, _told(context.settings, found))
    if as_json:
        click.echo(json_text(_as_json(found, missed, first, last)))
    else:
        _print(context, found, missed, first, last)
    if missed:
        sys.exit(MISSED_EXIT_CODE)


def run_sweep(context: CliContext, since: datetime, until: datetime) -> Sweep:
    """Return what is owed for the live articles first seen from ``since`` to ``until``.

    Raises:
        BrokerUnavailable, SearchUnavailable, SearchThrottled: try again.
    """
    settings = context.settings
    watches = read_watchlist(settings).watches
    with search_client(settings) as client:
        rows = _indexed(client, articles_index(settings), since, until)
        indexed = {each.article_id: each for each in rows}
    return expect_alerts(_grouped(context, since), indexed, watches.values())


def _indexed(
    client: Elasticsearch, index: ArticlesIndex, since: datetime, until: datetime
) -> Iterator[IndexedArticle]:
    after: list[Any] | None = None
    while True:
        with request_errors_translated():
            answer = client.search(
                index=index.read_alias,
                query={
                    "bool": {
                        "filter": [
                            {"term": {"origin": "live"}},
                            {
                                "range": {
                                    "first_seen_at": {
                                        "gte": since.isoformat(),
                                        "lt": until.isoformat(),
                                    }
                                }
                            },
                        ]
                    }
                },
                source_includes=["first_seen_at", "story_id", "story_aliases"],
                sort=[{"first_seen_at": "asc"}, {"article_id": "asc"}],
                search_after=after,
                size=PAGE_SIZE,
                track_total_hits=False,
                ignore_unavailable=True,
                allow_partial_search_results=False,
            )
        hits = answer["hits"]["hits"]
        for hit in hits:
            row = hit["_source"]
            yield IndexedArticle(
                article_id=hit["_id"],
                first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
                story_ids=(row["story_id"], *row.get("story_aliases", ())),
            )
        if len(hits) < PAGE_SIZE:
            return
        after = hits[-1]["sort"]


def _grouped(context: CliContext, since: datetime) -> Iterator[GroupedArticle]:
    """Yield the articles written to the topic since then."""
    topic = load_topics(context.settings)["grouped"].name
    with open_reader(context.settings) as reader:
        spans = []
        for partition in range(reader.partition_count(topic)):
            start = reader.offset_at(topic, partition, since)
            if start is not None:
                spans.append((partition, start, reader.bounds(topic, partition).end))
        total = sum(end - start for _, start, end in spans)
        with progress(context, "reading", total) as advance:
            for partition, start, end in spans:
                for record in reader.scan(topic, partition, start=start, end=end):
                    advance(1)
                    grouped = _article(record.value)
                    if grouped is not None:
                        yield grouped


def _article(value: bytes | None) -> GroupedArticle | None:
    """Return the article; None: a story or an entity, or no record of ours (a dead letter)."""
    if value is None:
        return None
    try:
        return from_wire(value, GroupedArticle)
    except RecordRejected:
        return None


def _told(settings: Settings, found: Sweep) -> set[str]:
    wanted = list(dict.fromkeys(key for each in found.expected for key in each.alert_ids))

    async def read() -> set[str]:
        client = async_search_client(settings)
        try:
            ledger = Ledger(client, articles_index(settings).alerts)
            told: set[str] = set()
            for start in range(0, len(wanted), LEDGER_PAGE):
                told |= set(await ledger.get(wanted[start : start + LEDGER_PAGE]))
            return told
        finally:
            await client.close()

    return asyncio.run(read())


def _as_json(
    found: Sweep, missed: list[Expected], since: datetime, until: datetime
) -> dict[str, Any]:
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "articles_checked": len(found.checked_ids),
        "articles_unchecked": len(found.unchecked_ids),
        "alerts_expected": len(found.expected),
        "missed": [
            {
                "watch_id": each.draft.watch.watch_id,
                "trigger": each.draft.trigger,
                "article_id": each.draft.grouped.article_id,
                "story_id": each.draft.grouped.story_id,
                "alert_id": each.alert_ids[0],
            }
            for each in missed
        ],
    }


def _print(
    context: CliContext, found: Sweep, missed: list[Expected], since: datetime, until: datetime
) -> None:
    line = (
        f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC: {len(found.checked_ids)} articles,"
        f" {len(found.expected)} alerts expected, {len(missed)} missed."
    )
    print_text(context.console, line, "bold red" if missed else "green")
    if found.unchecked_ids:
        print_text(
            context.console,
            f"{len(found.unchecked_ids)} articles could not be compared: their records are gone"
            " from the topic, which keeps seven days.",
            "yellow",
        )
    if missed:
        rows = [
            (each.draft.watch.watch_id, short_id(each.draft.grouped.article_id),
             short_id(each.draft.grouped.story_id), one_line(each.alert_ids[0][:12]))
            for each in missed
        ]  # fmt: skip
        print_table(context.console, ("watch", "article", "story", "alert"), rows)

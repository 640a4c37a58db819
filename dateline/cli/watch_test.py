"""``dateline watch test``: why a watch is true of an article, or what of it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click
import msgspec
from rich.console import Console

from dateline import ids
from dateline.alert_records import MatchReason, Watch
from dateline.cli.context import current
from dateline.cli.find_document import find_document
from dateline.cli.terminal import json_text, one_line, print_field, print_text, short_id
from dateline.errors import ConfigError
from dateline.records import GroupedArticle
from dateline.settings import Settings
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.watch_topic import read_watchlist
from dateline.watches.article_view import view_article
from dateline.watches.evaluate import Explanation, explain
from dateline.watches.parse_query import parse_query
from dateline.watches.watch_file import chosen_watch
from dateline.wire import from_wire

NO_MATCH_EXIT_CODE = 1
# The topic keeps seven days; more of one partition than this is not looked through.
MAX_SCANNED_RECORDS = 500_000
TELLING_CHANGES = ("new", "content", "revive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a watch says of an article.

    Attributes:
        explanation: of its query; None where nothing of the article may be matched.
        against: why no alert comes of it although the query may be true.
        alert_id: of the alert that a match would be.
    """

    explanation: Explanation | None
    against: tuple[str, ...]
    alert_id: str

    @property
    def is_match(self) -> bool:
        """Return whether the query is true of the article."""
        return self.explanation is not None and self.explanation.is_true


@click.command()
@click.argument("watch_id", metavar="WATCH", required=False)
@click.option("--query", metavar="QUERY", help="A query in place of a watch.")
@click.option(
    "--on", "article", required=True, metavar="ARTICLE", help="Id, its beginning, or URL."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test(*, watch_id: str | None, query: str | None, article: str, as_json: bool) -> None:
    """Explain why a watch matches an article, or why it does not.

    The article is read as the alerts stage reads it, from news.grouped.v1, which keeps seven days.

    Exit code: 0 the query matches, 1 it does not.

    \b
    Examples:
      dateline watch test qatar-jcpoa --on 3f9ac01b22d4
      dateline watch test --query 'doha NEAR/5 talks' --on https://news.example/doha
    """
    context = current()
    if (watch_id is None) == (query is None):
        raise click.UsageError("Give a watch or --query, one of them.")
    settings = context.settings
    watch = chosen_watch(read_watchlist(settings), watch_id) if watch_id else None
    parsed = parse_query(watch.query if watch else query or "")
    grouped = _read_grouped(settings, find_document(settings, article).article_id)
    view = view_article(grouped)
    tried = Tried(
        explanation=explain(parsed, view) if view is not None else None,
        against=tuple(_against(watch, grouped)),
        alert_id=ids.alert_id(watch.watch_id, "match", grouped.story_id) if watch else "",
    )
    if as_json:
        click.echo(json_text(_as_json(tried, grouped)))
    else:
        _print(context.console, tried, grouped)
    if not tried.is_match:
        sys.exit(NO_MATCH_EXIT_CODE)


def _read_grouped(settings: Settings, article_id: str) -> GroupedArticle:
    topic = load_topics(settings)["grouped"].name
    with open_reader(settings) as reader:
        found = reader.find_last(topic, article_id.encode(), max_records=MAX_SCANNED_RECORDS)
    if found.record is None or found.record.value is None:
        raise ConfigError(
            f"article {short_id(article_id)} is no longer in {topic}, which keeps seven days.",
            hint="`dateline search` still finds it.",
        )
    return from_wire(found.record.value, GroupedArticle)


def _against(watch: Watch | None, grouped: GroupedArticle) -> Iterator[str]:
    """Yield what keeps an alert from coming, whatever the query says."""
    if grouped.kill is not None or grouped.pub_status != "usable":
        yield "its source has withdrawn it or holds it back"
    if grouped.origin != "live":
        yield "it came with a backfill, which never alerts"
    if grouped.change not in TELLING_CHANGES:
        yield (
            f"its last change ({grouped.change}) is none of its text; what came before was looked"
            " at when it came"
        )
    if watch is None:
        return
    if not watch.is_active:
        yield "the watch is off"
    if grouped.first_seen_at < watch.created_at:
        yield (
            f"it was first seen {grouped.first_seen_at:%Y-%m-%d %H:%M}, before the watch began"
            f" ({watch.created_at:%Y-%m-%d %H:%M})"
        )
    if watch.trigger != "match":
        yield f"the watch fires on {watch.trigger.replace('_', ' ')}, which needs more than a match"


def _as_json(tried: Tried, grouped: GroupedArticle) -> dict[str, Any]:
    return {
        "article_id": grouped.article_id,
        "story_id": grouped.story_id,
        "is_match": tried.is_match,
        "against": tried.against,
        "alert_id": tried.alert_id or None,
        "explanation": msgspec.to_builtins(tried.explanation),
    }


def _print(console: Console, tried: Tried, grouped: GroupedArticle) -> None:
    if tried.explanation is None:
        line = "Nothing of this article may be matched: it is withdrawn, or may not be in search."
        print_text(console, line, "yellow")
        return
    answer = "It matches." if tried.is_match else "It does not match."
    print_text(console, answer, "bold green" if tried.is_match else "bold yellow")
    for depth, part in _walk(tried.explanation):
        mark, style = ("yes", "green") if part.is_true else ("no ", "yellow")
        note = f"  ({part.note})" if part.note else ""
        print_text(console, f"  {mark}  {'  ' * depth}{one_line(part.part)}{note}", style)
        if not part.parts:
            for reason in part.reasons:
                print_text(
                    console, f"       {'  ' * depth}{one_line(_where(reason, grouped))}", "dim"
                )
    for line in tried.against:
        print_field(console, "no alert", line)
    if tried.alert_id:
        print_field(console, "alert id", tried.alert_id)


def _walk(explanation: Explanation, depth: int = 0) -> Iterator[tuple[int, Explanation]]:
    yield depth, explanation
    for part in explanation.parts:
        yield from _walk(part, depth + 1)


def _where(reason: MatchReason, grouped: GroupedArticle) -> str:
    name = f"{reason.entity_name} ({short_id(reason.entity_id)}) " if reason.entity_id else ""
    if reason.start is None or reason.end is None:
        return f"{name}in the article's {reason.place}"
    words = ""
    if reason.place == "title" and grouped.enriched is not None:
        words = f" {grouped.enriched.title[reason.start : reason.end]!r}"
    return f"{name}in the {reason.place} at {reason.start}-{reason.end}{words}"

"""``dateline trace``: say at which stage an article is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import click
from elasticsearch import Elasticsearch
from rich.text import Text

from dateline import ids
from dateline.cli.context import CliContext, current
from dateline.cli.terminal import json_text, one_line, print_text
from dateline.dead_letter_store import KEY, StoredLetter, read_letters
from dateline.endpoints import search_client
from dateline.errors import DependencyUnavailable
from dateline.records import SearchDocument
from dateline.search.find_articles import find_article, find_by_origin
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.topic_reader import OnScan, TopicReader, open_reader
from dateline.topics import load_topics
from dateline.trace import (
    MAX_SCANNED_RECORDS,
    READERS,
    ArticleTrace,
    Known,
    Sent,
    Step,
    is_seen,
    verdict,
)
from producers.normalize_url import normalize_url
from producers.sent_state import SentRecord, SentState, find_sent, state_path
from producers.url_twins import article_url

WHOLE_ID = re.compile(r"[0-9a-f]{64}")
ID_PREFIX = re.compile(r"[0-9a-f]{6,63}")
NAME_CHARS = 24
SYMBOLS = {
    "done": ("✓", "green"),
    "waiting": ("…", "yellow"),
    "dead_letter": ("✗", "bold red"),
    "not_seen": ("-", "dim"),
    "unknown": ("?", "yellow"),
}
WORDS = {"waiting": "waiting", "dead_letter": "dead letter", "not_seen": "not seen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The article that was asked for, and where its id was looked up."""

    article_id: str
    sent: SentRecord | None
    tried: tuple[str, ...]


@click.command()
@click.argument("target", metavar="URL-OR-ID-OR-KEY")
@click.option("--source", metavar="ID", help="Publisher of the address or key, if it is known.")
@click.option(
    "--max-records", default=MAX_SCANNED_RECORDS, type=click.IntRange(1), show_default=True,
    help="Records to read at most of each partition, the youngest first.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def trace(*, target: str, source: str | None, max_records: int, as_json: bool) -> None:
    """Say at which stage an article is: sent, enriched, grouped, indexed, or a dead letter.

    The article is named by its address, its id (or the first 6 characters of the id of an indexed
    one), its key inside its source (path or id), or by a dead letter's topic/partition/offset.
    Exit code 1: it was not found anywhere.

    \b
    Examples:
      dateline trace https://news.example/2026/11/opening
      dateline trace 3f9ac01b22d4
      dateline trace 000_028804fa6c569b56.txt --source seeds
      dateline trace news.raw.v1/3/17 --json
    """
    context = current()
    with (
        open_reader(context.settings) as reader,
        search_client(context.settings) as client,
        _progress(context) as on_scan,
    ):
        topics = load_topics(context.settings)
        letters = read_letters(reader, topics["dead_letter"].name).letters
        named = _record_key(reader, letters, target)
        found = _resolve(context.settings, reader, client, named or target, source)
        document, failure = _document(context.settings, client, found.article_id)
        known = Known(
            article_id=found.article_id,
            sent=_as_sent(found.sent),
            document=document,
            search_failure=failure,
            letters=[letter for letter in letters if _is_of(letter, found.article_id)],
        )
        groups = {stage: context.settings.scoped(f"dateline-{stage}") for stage in READERS.values()}
        steps = ArticleTrace(
            reader, topics, groups, max_records=max_records, on_scan=on_scan
        ).steps(known)
    if as_json:
        click.echo(json_text(_as_json(found, document, steps)))
    else:
        print_trace(context, found, document, steps)
    if not is_seen(steps):
        sys.exit(1)


def print_trace(
    context: CliContext, found: Target, document: SearchDocument | None, steps: Sequence[Step]
) -> None:
    """Print the way of the article, and in one line where it is."""
    console = context.console
    known = found.sent or document
    print_text(console, f"article {found.article_id}", "bold")
    if known:
        print_text(console, one_line(f"source {known.source_id}, key {known.key}"), "dim")
    for step in steps:
        print_text(console, step_line(step))
    print_text(console, "")
    style = "bold" if is_seen(steps) else "bold red"
    print_text(console, one_line(verdict(steps)), style)
    if not is_seen(steps):
        print_text(console, "Looked in: " + "; ".join(map(one_line, found.tried)) + ".")


def step_line(step: Step) -> Text:
    """Return one step on one line: symbol, name, time, place, detail."""
    symbol, style = SYMBOLS[step.state]
    line = Text(f"{symbol} ", style)
    line.append(f"{one_line(step.name):<{NAME_CHARS}} ", "not bold default")
    parts = [
        f"{step.at:%Y-%m-%d %H:%M:%S}" if step.at else "",
        f"[{step.partition}] offset {step.offset}" if step.offset is not None else "",
        WORDS.get(step.state, ""),
        one_line(step.detail),
    ]
    return line.append("  ".join(part for part in parts if part), "not bold")


def _as_json(
    found: Target, document: SearchDocument | None, steps: Sequence[Step]
) -> dict[str, object]:
    known = found.sent or document
    return {
        "article_id": found.article_id,
        "source_id": known.source_id if known else None,
        "key": known.key if known else None,
        "verdict": verdict(steps),
        "is_found": is_seen(steps),
        "tried": list(found.tried),
        "steps": [
            {**asdict(step), "at": step.at.isoformat() if step.at else None} for step in steps
        ],
    }


def _resolve(
    settings: Settings, reader: TopicReader, client: Elasticsearch, target: str, source: str | None
) -> Target:
    """Return the article that ``target`` names.

    Raises:
        click.ClickException: it names none that is known, or several.
    """
    tried: list[str] = []
    article_id = _named_id(client, settings, target, tried)
    if article_id is None and source:
        key = article_url(target) or target
        tried.append(f"the id of key {key} of source {source}")
        article_id = ids.article_id(source, key)
    with _sent_state(settings, reader) as state:
        sent = _sent(state, target, article_id, tried)
    by_origin = () if article_id or sent else _indexed(settings, client, target, tried)
    found = [article_id] if article_id else []
    found = found or list(dict.fromkeys([record.article_id for record in sent] or by_origin))
    if len(found) > 1:
        raise click.ClickException(
            f"{target!r} names several articles; give one of the ids: {', '.join(found)}"
        )
    if not found:
        raise click.ClickException(
            f"{target!r} was not found. Looked in: {'; '.join(tried)}. With --source ID the topics"
            " are searched for it too."
        )
    last = next((record for record in reversed(sent) if record.article_id == found[0]), None)
    return Target(article_id=found[0], sent=last, tried=(*tried, "the topics", "the index"))


def _record_key(reader: TopicReader, letters: Sequence[StoredLetter], target: str) -> str | None:
    """Return the key of the record ``topic/partition/offset``, kept longest by its dead letter."""
    place = KEY.fullmatch(target)
    if place is None:
        return None
    stored = next((stored for stored in letters if stored.key == target), None)
    if stored is not None:
        key = stored.letter.key
    else:
        record = reader.read(place["topic"], int(place["partition"]), int(place["offset"]))
        key = record.key if record else None
    return key.decode("utf-8", "replace") if key else None


def _named_id(
    client: Elasticsearch, settings: Settings, target: str, tried: list[str]
) -> str | None:
    if WHOLE_ID.fullmatch(target.lower()):
        return target.lower()
    if ID_PREFIX.fullmatch(target.lower()):
        tried.append("the ids in the index")
        document = find_article(client, articles_index(settings), target)
        return document.article_id if document else None
    return None


def _sent(
    state: SentState | None, target: str, article_id: str | None, tried: list[str]
) -> list[SentRecord]:
    if state is None:
        tried.append("the producer's state (none in this folder for this Kafka)")
        return []
    tried.append("the producer's state")
    if article_id:
        return find_sent(state, article_id=article_id)
    return find_sent(state, url=target) or find_sent(state, key=target)


def _indexed(
    settings: Settings, client: Elasticsearch, target: str, tried: list[str]
) -> tuple[str, ...]:
    tried.append("addresses and keys in the index")
    values = dict.fromkeys([target, normalize_url(target) or target, article_url(target) or target])
    documents = find_by_origin(client, articles_index(settings), *values)
    return tuple(document.article_id for document in documents)


def _document(
    settings: Settings, client: Elasticsearch, article_id: str
) -> tuple[SearchDocument | None, str | None]:
    try:
        return find_article(client, articles_index(settings), article_id), None
    except DependencyUnavailable as error:  # the topics can still be looked at
        return None, str(error)


@contextmanager
def _sent_state(settings: Settings, reader: TopicReader) -> Iterator[SentState | None]:
    path = state_path(settings, reader.cluster_id())
    if not path.exists():  # opening would create it
        yield None
        return
    with SentState(path) as state:
        yield state


@contextmanager
def _progress(context: CliContext) -> Iterator[OnScan | None]:
    if not context.stderr.is_terminal:
        yield None
        return
    with context.stderr.status("Looking…") as status:

        def on_scan(topic: str, read: int, at_most: int) -> None:
            status.update(f"{topic}: {read} of at most {at_most} records read")

        yield on_scan


def _as_sent(record: SentRecord | None) -> Sent | None:
    if record is None:
        return None
    return Sent(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        observed_at=record.observed_at,
        origin=record.origin_file,
    )


def _is_of(stored: StoredLetter, article_id: str) -> bool:
    return stored.letter.key == article_id.encode()

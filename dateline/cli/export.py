"""``dateline export``: pass on what may be passed on, and learn later what has to come back."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import click
import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dateline.cli.context import CliContext, current
from dateline.cli.terminal import (
    json_text,
    one_line,
    print_field,
    print_table,
    print_text,
    short_id,
)
from dateline.clock import SystemClock
from dateline.endpoints import search_client
from dateline.export.data_files import FORMATS, Format
from dateline.export.held_texts import (
    TextFile,
    WantedText,
    copy_texts,
    find_wanted,
    open_text_file,
)
from dateline.export.read_index import (
    all_states_query,
    count_documents,
    find_documents,
    scan_documents,
)
from dateline.export.verify import (
    RETRACTIONS,
    Retracted,
    find_retractions,
    read_manifest,
    read_purpose,
    write_retractions,
)
from dateline.export.write_export import ExportPlan, refuse_content, write_export
from dateline.moments import parse_moment
from dateline.rights.policy import load_policy
from dateline.rights.record import PURPOSES, Purpose
from dateline.search.article_queries import ArticleSearch, QueryInvalid
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR
from dateline.topic_reader import open_reader
from dateline.topics import load_topics

RETRACTED_EXIT_CODE = 1
SHOWN_RETRACTIONS = 20


@click.group(invoke_without_command=True)
@click.option("--purpose", type=click.Choice(PURPOSES), help="What the articles are passed on for.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="jsonl", show_default=True,
    help="JSON lines, IPTC ninjs 3.3 (a line an item), or Apache Parquet.",
)  # fmt: skip
@click.option("--out", "folder", type=click.Path(path_type=Path), help="New folder to write.")
@click.option("--query", "words", default="", metavar="WORDS", help="As for `dateline search`.")
@click.option("--source", "sources", multiple=True, metavar="ID", help="From this publisher.")
@click.option("--license", "licenses", multiple=True, metavar="SPDX", help="Under this licence.")
@click.option("--lang", "languages", multiple=True, metavar="CODE", help="ISO 639-1 language.")
@click.option("--since", metavar="WHEN", help="First seen since: 30m, 12h, 7d or 2026-11-20 (UTC).")
@click.option("--until", metavar="WHEN", help="First seen until; a date includes its whole day.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def export(  # noqa: PLR0913 (one parameter an option)
    ctx: click.Context,
    *,
    purpose: str | None,
    format_: str,
    folder: Path | None,
    words: str,
    sources: tuple[str, ...],
    licenses: tuple[str, ...],
    languages: tuple[str, ...],
    since: str | None,
    until: str | None,
    as_json: bool,
) -> None:
    """Write the articles that may be passed on for a purpose, with credit lines and a manifest.

    An article is exported when its decision for the purpose, by the policy in force, says so and
    its credit line is complete; what is held back is counted, each with one reason. A text that
    search shows in part only, and the purpose may have, is read back from Kafka. The folder
    has the data, NOTICE (credit lines), manifest.jsonl and report.json; it appears when it is
    complete. After an interruption the same command starts again.

    `dateline export verify DIR` says later what has been withdrawn or changed.

    \b
    Examples:
      dateline export --purpose redistribution_commercial --out /srv/out/2026-11-23
      dateline export --purpose redistribution_nc --format ninjs --out out --since 7d
      dateline export --purpose ml_training --format parquet --out corpus --lang en --json
      dateline export verify /srv/out/2026-11-23
    """
    if ctx.invoked_subcommand is not None:
        return
    if purpose is None or folder is None:
        raise click.UsageError("--purpose and --out are needed.")
    context = current()
    now = SystemClock().now()
    search = _search(words, sources, licenses, languages, since=since, until=until)
    plan = ExportPlan(
        purpose=cast("Purpose", purpose),
        format=cast("Format", format_),
        policy_id=load_policy(PROJECT_DIR / "config" / "policies.toml").stamp,
        now=now,
        query=_given(search),
    )
    report = _export(context, search, folder, plan)
    if as_json:
        click.echo(json_text(report))
    else:
        print_report(context, report, folder)


def _search(
    words: str,
    sources: tuple[str, ...],
    licenses: tuple[str, ...],
    languages: tuple[str, ...],
    *,
    since: str | None,
    until: str | None,
) -> ArticleSearch:
    now = SystemClock().now()
    try:
        return ArticleSearch(
            words=words,
            sources=sources,
            licenses=licenses,
            languages=languages,
            since=parse_moment(since, now) if since else None,
            until=parse_moment(until, now, is_end=True) if until else None,
        )
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error


def _given(search: ArticleSearch) -> dict[str, Any]:
    values = msgspec.to_builtins(search)
    return {name: value for name, value in values.items() if value and name != "size"}


def _export(
    context: CliContext, search: ArticleSearch, folder: Path, plan: ExportPlan
) -> dict[str, Any]:
    index = articles_index(context.settings)
    try:
        query = all_states_query(search)
    except QueryInvalid as error:
        raise click.UsageError(f"{error}.") from error
    refuse_content(folder)
    with search_client(context.settings) as client, open_text_file(folder) as texts:
        wanted = find_wanted(client, index, query, purpose=plan.purpose, policy_id=plan.policy_id)
        if wanted:
            _read_back(context, wanted, texts)
        total = count_documents(client, index, query)
        with progress(context, "articles", total) as advance:
            documents = scan_documents(client, index, query)
            return write_export(
                documents, folder, plan, completed=texts.completed, on_document=lambda: advance(1)
            )


def _read_back(context: CliContext, wanted: Mapping[bytes, WantedText], texts: TextFile) -> None:
    topic = load_topics(context.settings)["enriched"].name
    with (
        open_reader(context.settings) as reader,
        progress(context, "texts", len(wanted)) as advance,
    ):
        copy_texts(reader, topic, wanted, texts, on_text=lambda: advance(1))


def print_report(context: CliContext, report: dict[str, Any], folder: Path) -> None:
    """Print what was exported and what was held back."""
    console = context.console
    print_text(
        console,
        one_line(
            f"{report['exported']:,} of {report['read']:,} articles exported to {folder} for"
            f" {report['purpose']} ({report['policy_id']})."
        ),
        "bold",
    )
    rows = [
        (f"{row['count']:,}", reason, row["why"]) for reason, row in report["held_back"].items()
    ]
    if rows:
        print_table(console, ("held back", "reason", "why"), rows)
    for name, count in report["licenses"].items():
        print_field(console, "licence", f"{name}  {count:,}")
    for note in report["adaptation"]:
        print_text(console, one_line(note), "yellow")


@export.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(*, folder: Path, as_json: bool) -> None:
    """List the records of an export that have been withdrawn, downgraded or changed since.

    They are written to retractions.jsonl in the folder, for whoever received the export. Exit
    code: 0 all may stay, 1 some may not, 2 the folder is no whole export.

    \b
    Examples:
      dateline export verify /srv/out/2026-11-23
      dateline export verify /srv/out/2026-11-23 --json
    """
    context = current()
    purpose = read_purpose(folder)
    total = sum(1 for _ in read_manifest(folder))
    index = articles_index(context.settings)
    counts: Counter[str] = Counter()
    shown: list[Retracted] = []
    with (
        search_client(context.settings) as client,
        progress(context, "records", total) as advance,
    ):
        found = find_retractions(
            read_manifest(folder),
            purpose,
            lambda ids: find_documents(client, index, ids),
            now=SystemClock().now(),
            on_rows=advance,
        )
        write_retractions(folder, _counted(found, counts, shown, is_all=as_json))
    if as_json:
        value = {
            "purpose": purpose, "checked": total, "counts": dict(counts),
            "retractions": [msgspec.to_builtins(each) for each in shown],
        }  # fmt: skip
        click.echo(json_text(value))
    else:
        _print_retractions(context, folder, total, counts, shown)
    if counts:
        sys.exit(RETRACTED_EXIT_CODE)


def _counted(
    found: Iterable[Retracted], counts: Counter[str], shown: list[Retracted], *, is_all: bool
) -> Iterator[Retracted]:
    for each in found:
        counts[each.reason] += 1
        if is_all or len(shown) < SHOWN_RETRACTIONS:
            shown.append(each)
        yield each


def _print_retractions(
    context: CliContext, folder: Path, total: int, counts: Counter[str], shown: list[Retracted]
) -> None:
    if not counts:
        print_text(
            context.console, f"All {total:,} records may stay as they were exported.", "green"
        )
        return
    rows = [
        (short_id(each.article_id), each.source_id, each.reason, each.what_to_do) for each in shown
    ]
    print_table(context.console, ("article", "source", "reason", "what to do"), rows)
    count = counts.total()
    if count > len(shown):
        print_text(context.console, f"... and {count - len(shown):,} more.")
    print_text(
        context.console,
        one_line(f"{count:,} of {total:,} records may not stay; see {folder / RETRACTIONS}."),
        "bold red",
    )


@contextmanager
def progress(context: CliContext, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal for as long as the context lasts; yield what moves it."""
    if not context.stderr.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=context.stderr, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)

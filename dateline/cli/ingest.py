"""``dateline ingest``: send articles from folders, files or standard input to Kafka."""

from __future__ import annotations

import contextlib
import json
import logging
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any, TextIO, cast

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from dateline.cli.context import CliContext, current
from dateline.cli.terminal import json_text, one_line, print_table, print_text, short_id
from dateline.clock import SystemClock
from dateline.errors import ConfigError
from dateline.parent_watch import start_parent_watch
from dateline.settings import Settings
from producers.build_record import IngestOptions
from producers.ingest import Event, Ingest, Totals
from producers.parse_input import Input
from producers.parsed import FORMATS, Format
from producers.read_paths import (
    Found,
    Root,
    format_of,
    make_root,
    open_input,
    total_bytes,
    walk,
)
from producers.read_stream import open_stream
from producers.session import open_ingest
from producers.source_lock import SourceLocks
from producers.watch_folder import watch_folders

SHOWN_REFUSALS = 20
# Without a terminal: one line now and then instead of a bar.
PLAIN_SECONDS = 5.0
STYLES = {"sent": "green", "held": "cyan", "skipped": "dim", "refused": "red"}


@dataclass(slots=True, kw_only=True)
class _Refusals:
    """The refusals of a run; the terminal needs the first few, JSON all of them."""

    limit: int | None
    file: TextIO | None
    kept: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        if self.limit is None or len(self.kept) < self.limit:
            self.kept.append(event)
        if self.file is not None:
            self.file.write(json.dumps(_refusal_row(event)) + "\n")


def _refusal_row(event: Event) -> dict[str, str | int | None]:
    return {"file": event.file, "line": event.line, "reason": event.reason}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--source", help="Publisher of everything in PATH; default: see above.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="Read every input as this format."
)
@click.option(
    "--backfill/--live",
    "is_backfill",
    default=None,
    help="Old articles, searchable but never an alert, or news. Default: WARC files are old.",
)
@click.option("--resend", is_flag=True, help="Send what Kafka already has, too.")
@click.option("--dry-run", is_flag=True, help="Read and check, send nothing.")
@click.option("--watch", "is_watching", is_flag=True, help="Go on with what appears in the folder.")
@click.option("--supervised-by", type=int, metavar="PID", hidden=True, help="End with it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--refused-to",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write every refusal to this file, one JSON object a line.",
)
def ingest(  # noqa: PLR0913 (one argument an option)
    *,
    paths: tuple[str, ...],
    source: str | None,
    format_: Format | None,
    is_backfill: bool | None,
    resend: bool,
    dry_run: bool,
    is_watching: bool,
    supervised_by: int | None,
    as_json: bool,
    refused_to: TextIO | None,
) -> None:
    """Send articles to Kafka: folders, files, or - for standard input.

    Reads .txt, .html, .json, .jsonl, .warc, .warc.gz and IPTC ninjs; docs/ingest.md lists the
    fields. What Kafka already has is skipped, a changed text is a new version of the same article.

    The publisher of an article is --source, else its own `source` field, else the name of the
    folder. Exit code: 0 all well, 1 something was refused, 2 it could not start.

    \b
    Examples:
      dateline ingest seeds/
      dateline ingest archive.jsonl --source example.org --backfill
      cat wire.json | dateline ingest - --format ninjs --source agency
      dateline ingest seeds/ --dry-run --json
      dateline ingest inbox/ --watch
    """
    context = current()
    if supervised_by is not None:
        start_parent_watch(supervised_by)
    options = IngestOptions(
        publisher=_publisher(source),
        format_=format_,
        is_backfill=bool(is_backfill),
        is_forced=resend,
        is_dry_run=dry_run,
    )
    _allow_many_open_files()
    # The client's own warnings would break the progress bar; what matters comes as a notice.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    with _signals() as stopped:
        if is_watching:
            _watch(context, paths, options, stopped, as_json=as_json)
        else:
            refusals = _Refusals(limit=None if as_json else SHOWN_REFUSALS, file=refused_to)
            roots = _roots(paths, options)
            if is_backfill is None:
                options = replace(options, is_backfill=_are_archives(roots, options))
            _run(context, roots, options, stopped, refusals, as_json=as_json)
    if stopped.number:
        sys.exit(128 + stopped.number)


def _run(
    context: CliContext,
    roots: list[Root | None],
    options: IngestOptions,
    stopped: _Stopped,
    refusals: _Refusals,
    *,
    as_json: bool,
) -> None:
    settings = context.settings
    started = time.monotonic()
    with SourceLocks(settings.state_dir) as locks:
        if not options.is_dry_run:
            # At the start, so that a second process ends at once; items' own sources follow later.
            for source_id in sorted(_known_sources(roots, options)):
                locks.acquire(source_id)
        shown = _Shown(context.stderr, is_quiet=as_json, refusals=refusals)
        with open_ingest(
            settings,
            options=options,
            locks=locks,
            tell=shown.tell,
            stop=stopped.event,
            clock=SystemClock(),
        ) as session:
            with shown.running(session, _total(roots)):
                totals = session.run(
                    shown.counted(_inputs(roots, options, settings, stopped.event))
                )
            seconds = time.monotonic() - started
            summary = _summary(totals, session, options, seconds)
    if as_json:
        click.echo(
            json_text({**summary, "refusals": [_refusal_row(event) for event in refusals.kept]})
        )
    else:
        _print_summary(context.console, summary, totals, refusals)
    if totals.refused and not stopped.number:
        sys.exit(1)


def _watch(
    context: CliContext,
    paths: tuple[str, ...],
    options: IngestOptions,
    stopped: _Stopped,
    *,
    as_json: bool,
) -> None:
    if "-" in paths or options.is_dry_run:
        raise ConfigError("--watch takes folders, and no --dry-run.")

    def tell(event: Event) -> None:
        if as_json:
            click.echo(json_text(_event_row(event), indent=None))
        elif event.kind in ("sent", "held", "refused", "notice"):
            print_text(context.console, event_line(event))

    if not as_json:
        print_text(context.stderr, one_line(f"watching {', '.join(paths)} (Ctrl-C ends it)"))
    watch_folders(
        context.settings,
        [Path(path) for path in paths],
        stop_event=stopped.event,
        tell=tell,
        options=options,
    )


def event_line(event: Event) -> Text:
    """Return an event as one line that is safe to print, whatever a file is called."""
    if event.kind == "notice":
        return Text(one_line(event.reason), style="yellow")
    line = Text(f"{event.kind:<8}", style=STYLES[event.kind])
    line.append(one_line(event.place), style="default")
    if event.kind == "sent":
        line.append(f"  {short_id(event.article_id or '')}", style="dim")
    else:
        line.append(f": {one_line(event.reason)}", style="default")
    return line


def _event_row(event: Event) -> dict[str, str | int | None]:
    return {
        "event": event.kind,
        "file": event.file or None,
        "line": event.line,
        "reason": event.reason or None,
        "article_id": event.article_id,
        "key": event.key,
    }


def _allow_many_open_files() -> None:
    """Lift the soft limit to the hard one: an archive has thousands of publishers, each a lock."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _publisher(source: str | None) -> str | None:
    if source is not None and not source.strip():
        raise ConfigError("--source is empty.", hint="Name the publisher, or leave it out.")
    return source.strip() if source else None


def _roots(paths: tuple[str, ...], options: IngestOptions) -> list[Root | None]:
    """Return what to read, None for standard input; every path is checked before a start."""
    if paths.count("-") > 1:
        raise ConfigError("standard input (-) can be read once only.")
    if "-" in paths and options.format_ is None:
        raise ConfigError(
            "standard input has no file name to tell its format.",
            hint=f"Give --format {'|'.join(FORMATS)}.",
        )
    roots: list[Root | None] = []
    for name in paths:
        path = Path(name)
        if name != "-" and not path.exists():
            raise ConfigError(f"{name}: no such file or folder.")
        roots.append(None if name == "-" else make_root(path, source=options.publisher))
    return roots


def _are_archives(roots: Iterable[Root | None], options: IngestOptions) -> bool:
    """Return whether the inputs are archives; a run is either backfill or live as a whole.

    Raises:
        ConfigError: some are archives and some are not.
    """
    found: set[bool] = set()
    for root in roots:
        files = walk(root) if root is not None else [Path()]
        known = (options.format_ or format_of(path) for path in files)
        for format_ in known:
            if format_ is not None:
                found.add(format_ == "warc")
            if len(found) > 1:
                raise ConfigError(
                    "WARC archives (old articles) and other files in one run.",
                    hint="Ingest them apart, or say --backfill or --live for all.",
                )
    return found == {True}


def _known_sources(roots: Iterable[Root | None], options: IngestOptions) -> set[str]:
    if options.publisher is not None:
        return {options.publisher}
    return {root.source_id for root in roots if root is not None}


def _inputs(
    roots: Iterable[Root | None],
    options: IngestOptions,
    settings: Settings,
    stop: threading.Event,
) -> Iterator[Found]:
    max_bytes = settings.producer.max_file_bytes
    for root in roots:
        if root is None:
            yield open_stream(
                sys.stdin.fileno(),
                format_=cast("Format", options.format_),
                source_id=options.publisher or "stdin",
                max_bytes=max_bytes,
                stop=stop,
            )
            continue
        for path in walk(root):
            yield open_input(
                path, root, max_bytes=max_bytes, format_=options.format_, are_archives_read=True
            )


def _total(roots: Iterable[Root | None]) -> int | None:
    known = [root for root in roots if root is not None]
    return sum(total_bytes(root) for root in known) if known == list(roots) else None


class _Shown:
    """Show a run while it runs: a bar with the rate, or plain lines without a terminal."""

    def __init__(self, stderr: Console, *, is_quiet: bool, refusals: _Refusals) -> None:
        self._stderr = stderr
        self._is_quiet = is_quiet
        self._refusals = refusals
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._session: Ingest | None = None
        self._started = self._said = time.monotonic()
        self._drawn = 0.0

    def tell(self, event: Event) -> None:
        """Take note of one event."""
        if event.kind == "refused":
            self._refusals.add(event)
        elif event.kind == "notice":
            print_text(self._stderr, event_line(event))
        self._draw()

    @contextlib.contextmanager
    def running(self, session: Ingest, total: int | None) -> Iterator[None]:
        """Show the bar for as long as the context lasts."""
        self._session = session
        if self._is_quiet or not self._stderr.is_terminal:
            yield
            return
        columns = (
            SpinnerColumn(),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._stderr, transient=True) as self._progress:
            self._task = self._progress.add_task("", total=total)
            yield
            self._draw(is_last=True)
        self._progress = None

    def counted(self, inputs: Iterable[Found]) -> Iterator[Found]:
        """Pass the inputs on and move the bar by their size."""
        for found in inputs:
            yield found
            if self._progress is not None:
                size = found.size_bytes if isinstance(found, Input) else 0
                self._progress.advance(self._task, size)

    def _draw(self, *, is_last: bool = False) -> None:
        now = time.monotonic()
        if self._session is None or (now - self._drawn < 0.1 and not is_last):  # noqa: PLR2004
            return
        self._drawn = now
        totals = self._session.totals
        rate = totals.sent / max(now - self._started, 0.001)
        text = (
            f"{totals.sent:,} sent  {totals.skipped:,} skipped  {totals.refused:,} refused"
            f"  {rate:,.0f}/s"
        )
        if self._progress is not None:
            self._progress.update(self._task, description=text)
        elif not self._is_quiet and now - self._said >= PLAIN_SECONDS:
            self._said = now
            print_text(self._stderr, text)


def _summary(
    totals: Totals, session: Ingest, options: IngestOptions, seconds: float
) -> dict[str, Any]:
    return {
        "sent": totals.sent,
        "withdrawn": totals.withdrawn,
        "held": totals.held,
        "skipped": totals.skipped,
        "refused": totals.refused,
        "unacknowledged": session.unacknowledged_count,
        "skipped_reasons": dict(totals.skipped_reasons.most_common()),
        "refused_reasons": dict(totals.refused_reasons.most_common()),
        "dry_run": options.is_dry_run,
        "seconds": round(seconds, 3),
        "articles_per_second": round(totals.sent / max(seconds, 0.001), 1),
    }


def _print_summary(
    console: Console, summary: dict[str, Any], totals: Totals, refusals: _Refusals
) -> None:
    sent = "would be sent" if summary["dry_run"] else "sent"
    withdrawn = f"{totals.withdrawn:,} of them withdrawals" if totals.withdrawn else ""
    rows = [(sent, f"{totals.sent:,}", withdrawn)]
    if totals.held:
        rows.append(("held", f"{totals.held:,}", "embargoed: goes out when it is due"))
    for name, reasons in (
        ("skipped", totals.skipped_reasons),
        ("refused", totals.refused_reasons),
    ):
        rows.extend((name, f"{count:,}", reason) for reason, count in reasons.most_common())
        if not reasons:
            rows.append((name, "0", ""))
    print_table(console, ("outcome", "count", "reason"), rows)
    if summary["unacknowledged"]:
        print_text(
            console,
            f"{summary['unacknowledged']:,} not acknowledged by Kafka: run the same command again,"
            " nothing is lost.",
            "yellow",
        )
    for event in refusals.kept:
        print_text(console, event_line(event))
    if totals.refused > len(refusals.kept):
        hidden = totals.refused - len(refusals.kept)
        print_text(console, f"... and {hidden:,} more (--refused-to FILE keeps them all).")
    print_text(
        console, f"{summary['seconds']:.1f} s, {summary['articles_per_second']:,.0f} articles/s"
    )


@dataclass(slots=True)
class _Stopped:
    """Whether a signal asked for the end, and which."""

    event: threading.Event = field(default_factory=threading.Event)
    number: int = 0


@contextlib.contextmanager
def _signals() -> Iterator[_Stopped]:
    """Turn SIGINT and SIGTERM into a wish to end; the second SIGINT ends at once."""
    stopped = _Stopped()

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if stopped.number == signal.SIGINT == number:
            raise KeyboardInterrupt
        stopped.number = number
        stopped.event.set()

    before: dict[int, Callable[..., Any] | int | None] = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

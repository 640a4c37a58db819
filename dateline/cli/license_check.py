"""``dateline license check``: what a document says of its rights, and what may be done with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import click
from rich.console import Console

from dateline.cli.context import CliContext, current
from dateline.cli.license_view import print_rights, rights_value
from dateline.cli.terminal import json_text, one_line, print_field, print_text
from dateline.clock import SystemClock
from dateline.ids import text_sha256
from dateline.records import RawArticle
from dateline.rights.explain import is_allowed
from dateline.rights.record import PURPOSES, Decision, Purpose, Rights

NOT_ALLOWED_EXIT_CODE = 3
NOTHING_EXIT_CODE = 1
GIVEN = ("granted", "public_domain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One article with its rights and the decisions that were asked for."""

    article: RawArticle
    rights: Rights
    decisions: tuple[Decision, ...]

    @property
    def is_fine(self) -> bool:
        """Return whether all that was asked for is allowed, or a licence is given at all."""
        if len(self.decisions) == 1:
            return is_allowed(self.decisions[0])
        return self.rights.status in GIVEN


@click.command()
@click.argument("target", metavar="FILE-OR-URL")
@click.option(
    "--purpose", type=click.Choice(PURPOSES), help="Ask for this purpose alone; sets the exit code."
)
@click.option("--url", metavar="ADDRESS", help="Where a saved file came from.")
@click.option("--source", metavar="ID", help="Publisher, as contracts name it.")
@click.option("--signals", "shows_signals", is_flag=True, help="List every signal as it was read.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(
    *,
    target: str,
    purpose: str | None,
    url: str | None,
    source: str | None,
    shows_signals: bool,
    as_json: bool,
) -> None:
    """Say which rights a text, page, feed, ninjs file or address states, and why that follows.

    Every statement is shown where it stands, with its words marked; then which one won, by which
    rule, the credit line, and what may be done for each purpose. Nothing is stored and nothing is
    sent. An address is fetched once, as the poller would: robots.txt is obeyed, private addresses
    are refused. - reads standard input.

    Exit code: 0 a licence is given in every article (with --purpose: the purpose is allowed in
    every article), 3 it is not, 1 there is no article in it, 2 it could not be read.

    \b
    Examples:
      dateline license check article.txt
      dateline license check page.html --url https://news.example/2026/11/opening
      dateline license check https://news.example/feed.rss --purpose redistribution_commercial
      cat wire.json | dateline license check - --json
    """
    from dateline.cli.license_rights import open_judge  # the parsers take a second to load

    context = current()
    judge = open_judge(SystemClock())
    wanted = (cast("Purpose", purpose),) if purpose else PURPOSES
    checked: list[Checked] = []
    unread: list[tuple[str, str]] = []
    for each in _articles(context, target, url=url, source=source):
        if isinstance(each, RawArticle):
            rights, decisions = judge(each)
            chosen = tuple(one for one in decisions if one.purpose in wanted)
            checked.append(Checked(article=each, rights=rights, decisions=chosen))
        else:
            unread.append((each.shown, each.reason))
    if as_json:
        click.echo(json_text(_as_json(target, checked, unread)))
    else:
        _print_all(context, checked, unread, shows_signals=shows_signals)
    sys.exit(exit_code(checked))


def exit_code(checked: Sequence[Checked]) -> int:
    """Return 0 where all is fine, 3 where something is not, 1 without any article."""
    if not checked:
        return NOTHING_EXIT_CODE
    return 0 if all(each.is_fine for each in checked) else NOT_ALLOWED_EXIT_CODE


def _articles(
    context: CliContext, target: str, *, url: str | None, source: str | None
) -> Iterator[Any]:
    from dateline.cli.license_fetch import fetch_document
    from dateline.cli.license_inputs import parse_document, raw_articles, read_path

    now = SystemClock().now()
    if "://" not in target:
        document = read_path(target, context.settings, url=url)
        parsed = parse_document(document)
        yield from raw_articles(document, parsed, source_id=source, now=now)
        return
    if url is not None:
        raise click.UsageError("--url is for files; the address is known.")
    with _progress(context) as on_fetch:
        document, parsed = fetch_document(target, context.settings, on_fetch=on_fetch)
    yield from raw_articles(document, parsed, source_id=source, now=now)


@contextmanager
def _progress(context: CliContext) -> Iterator[Any]:
    if not context.stderr.is_terminal:
        yield lambda _: None
        return
    with context.stderr.status("Looking…") as status:
        yield lambda url: status.update(one_line(f"Looking at {url}"))


def _print_all(
    context: CliContext,
    checked: Sequence[Checked],
    unread: Sequence[tuple[str, str]],
    *,
    shows_signals: bool,
) -> None:
    for position, each in enumerate(checked):
        if position:
            print_text(context.console, "")
        print_checked(context.console, each, shows_signals=shows_signals)
    for shown, reason in unread:
        print_text(context.stderr, one_line(f"{shown}: no article: {reason}"), "yellow")


def print_checked(console: Console, checked: Checked, *, shows_signals: bool) -> None:
    """Print one article: what it is, its rights, and the signals on demand."""
    article = checked.article
    print_text(console, one_line(article.title or article.url or article.key), "bold")
    if article.url:
        print_field(console, "address", article.url)
    print_rights(console, checked.rights, checked.decisions, texts=texts_of(article))
    count = len(article.rights_signals)
    if not shows_signals:
        if count:
            noun = "signal stands" if count == 1 else "signals stand"
            hint = f"{count} {noun} beside the text (--signals lists them)"
            print_field(console, "signals", hint)
        return
    print_text(console, f"signals       {count}", "dim")
    for signal in article.rights_signals:
        place = ", ".join(filter(None, (signal.layer, signal.field, signal.xpath)))
        print_text(console, one_line(f"  {place}: {signal.value}"))


def texts_of(article: RawArticle) -> Mapping[str, str]:
    """Return the texts that evidence may refer to, by their hash."""
    values = (article.body, *(signal.value for signal in article.rights_signals))
    return {text_sha256(value): value for value in values}


def _as_json(
    target: str, checked: Sequence[Checked], unread: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "target": target,
        "articles": [
            {
                "title": each.article.title,
                "url": each.article.url,
                "source_id": each.article.source_id,
                "key": each.article.key,
                "is_allowed": each.is_fine,
                **rights_value(each.rights, each.decisions),
                "signals": [
                    {"layer": s.layer, "field": s.field, "value": s.value, "xpath": s.xpath,
                     "source_url": s.source_url}
                    for s in each.article.rights_signals
                ],
            }
            for each in checked
        ],
        "unread": [{"place": shown, "reason": reason} for shown, reason in unread],
    }  # fmt: skip

"""``dateline sources``: the feeds and how they do; find, preview, add, pause and remove them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path

import click

from dateline.cli.context import CliContext, current
from dateline.cli.preview_site import preview_site
from dateline.cli.source_files import (
    change_list,
    read_feeds,
    read_held_kills,
    read_list,
    sources_path,
)
from dateline.cli.source_rows import row_value, source_rows, totals, totals_value
from dateline.cli.sources_view import discovery_value, print_discovery, print_held_kills, print_rows
from dateline.cli.terminal import json_text, one_line, print_text
from dateline.clock import SystemClock
from producers.feeds.candidate import Candidate
from producers.feeds.discover import Discovery
from producers.feeds.pause_source import set_active
from producers.feeds.source_list import (
    SourceConfig,
    add_source,
    default_publisher,
    load_sources,
    parse_sources,
    remove_source,
)
from producers.normalize_url import normalize_url

NO_SOURCES = (
    "No sources are listed in {path}.\n"
    "`dateline sources add URL` finds the feeds and sitemaps of a site."
)


@click.group(invoke_without_command=True)
@click.option("--all", "shows_removed", is_flag=True, help="Feeds no longer listed, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with exact times.")
@click.pass_context
def sources(ctx: click.Context, *, shows_removed: bool, as_json: bool) -> None:
    """Show the listed feeds: last poll, last new article, next poll, errors, articles today.

    A feed is silent when nothing new came for more than 5 times its own mean gap, and for more
    than 24 hours, as of its last good poll. Kafka need not run.

    \b
    Examples:
      dateline sources
      dateline sources --json
      dateline sources add news.example
      dateline sources add https://news.example/politics.rss --publisher news.example --yes
      dateline sources preview https://news.example/sitemap.xml
      dateline sources pause https://news.example/politics.rss
    """
    if ctx.invoked_subcommand is not None:
        return
    context = current()
    now = SystemClock().now()
    path = sources_path(context.settings)
    listed = parse_sources(read_list(path), shown=str(path))
    rows = source_rows(listed, read_feeds(context.settings), now=now)
    sums = totals(rows, now=now)
    held = read_held_kills(context.settings)
    if as_json:
        shown = [row for row in rows if shows_removed or row.status != "removed"]
        value = {
            "feeds": [row_value(row) for row in shown],
            "totals": totals_value(sums),
            "held_kills": held,
        }
        click.echo(json_text(value))
    elif not rows:
        print_text(context.console, NO_SOURCES.format(path=path))
    else:
        print_rows(context.console, rows, sums, now=now, shows_removed=shows_removed)
        print_held_kills(context.console, held)


@sources.command()
@click.argument("url")
@click.option("--publisher", metavar="ID", help="Source of the articles; default: the site's host.")
@click.option("--all", "is_all", is_flag=True, help="All that is found, not the recommended only.")
@click.option("--yes", "is_confirmed", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; adds with --yes only.")
def add(
    *, url: str, publisher: str | None, is_all: bool, is_confirmed: bool, as_json: bool
) -> None:
    """Find the feeds and sitemaps of a site, show what they would give, and list them.

    URL is a site, a page, a feed or a sitemap. Nothing is stored and nothing is sent; the source
    list is changed after your yes only. Recommended are the feeds of the site with entries; of
    feeds with the same entries the one with the most full texts; without a feed one sitemap.
    Feeds of readers' comments are left out; give the address of one to add it.

    \b
    Examples:
      dateline sources add news.example
      dateline sources add https://news.example/politics.rss --publisher news.example --yes
      dateline sources add news.example --all
    """
    context = current()
    path = sources_path(context.settings)
    listed = parse_sources(read_list(path), shown=str(path))
    found = preview_site(context, url)
    chosen = [c for c in chosen_candidates(found, is_all=is_all) if not _is_listed(c.url, listed)]
    _print_found(context, found, chosen, as_json=as_json)
    known = [c.url for c in found.candidates if _is_listed(c.url, listed)]
    if not as_json:
        for known_url in known:
            print_text(context.console, one_line(f"{known_url} is listed already."))
    if not chosen:
        if not found.candidates:
            raise click.ClickException(f"no feed and no sitemap was found at {one_line(url)}.")
        if not as_json and not known:
            print_text(context.console, "None is recommended; --all lists what was found.")
        return
    if not (is_confirmed or (not as_json and _confirmed(context, chosen, path))):
        return
    configs = [
        # The site's name, also for a feed that another host keeps for it.
        SourceConfig(url=c.url, publisher=publisher or default_publisher(found.url))
        for c in chosen
    ]
    change_list(path, lambda text: reduce(add_source, configs, text))
    if not as_json:
        noun = "source was" if len(chosen) == 1 else "sources were"
        print_text(
            context.console,
            f"{len(chosen)} {noun} added to {path}. `dateline run` polls the list.",
            "green",
        )


@sources.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def preview(*, url: str, as_json: bool) -> None:
    """Show what a site, a feed or a sitemap would give; nothing is stored, nothing is listed.

    \b
    Examples:
      dateline sources preview news.example
      dateline sources preview https://news.example/sitemap_news.xml --json
    """
    context = current()
    found = preview_site(context, url)
    _print_found(context, found, chosen_candidates(found, is_all=False), as_json=as_json)
    if not found.candidates:
        raise click.ClickException(f"no feed and no sitemap was found at {one_line(url)}.")


@sources.command()
@click.argument("url")
def remove(*, url: str) -> None:
    """Take a feed off the list; its articles stay.

    \b
    Example:
      dateline sources remove https://news.example/politics.rss
    """
    _change(url, remove_source, done="removed from the list", undone="was not in the list")


@sources.command()
@click.argument("url")
def pause(*, url: str) -> None:
    """Stop polling a feed until `dateline sources resume`; it stays on the list.

    \b
    Example:
      dateline sources pause https://news.example/politics.rss
    """
    _change(
        url, lambda text, one: set_active(text, one, is_active=False),
        done="paused", undone="was paused already",
    )  # fmt: skip


@sources.command()
@click.argument("url")
def resume(*, url: str) -> None:
    """Poll a paused feed again.

    \b
    Example:
      dateline sources resume https://news.example/politics.rss
    """
    _change(
        url, lambda text, one: set_active(text, one, is_active=True),
        done="active again", undone="was active already",
    )  # fmt: skip


@sources.command()
def check() -> None:
    """Check the source list; exit code 2 and the place of the error if it cannot be used.

    \b
    Example:
      dateline sources check
    """
    context = current()
    path = sources_path(context.settings)
    listed = load_sources(path)
    paused = sum(not source.is_active for source in listed)
    noun = "feed" if len(listed) == 1 else "feeds"
    publishers = len({source.publisher for source in listed})
    ending = f", {paused} paused" if paused else ""
    print_text(
        context.console,
        f"{path}: {len(listed)} {noun} of {publishers} publisher{'s' * (publishers != 1)}{ending};"
        " no errors.",
    )


def chosen_candidates(found: Discovery, *, is_all: bool) -> list[Candidate]:
    """Return what to list: the recommended, or all but comments and second copies."""
    recommended = [c for c in found.candidates if c.is_recommended]
    if not is_all:
        return recommended
    chosen = list(recommended)
    for candidate in found.candidates:
        has_copy = any(c.url in candidate.duplicates for c in chosen)
        if candidate not in chosen and not candidate.is_comments and not has_copy:
            chosen.append(candidate)
    return [c for c in found.candidates if c in chosen]


def _is_listed(url: str, listed: Sequence[SourceConfig]) -> bool:
    return any(normalize_url(source.url) == normalize_url(url) for source in listed)


def _confirmed(context: CliContext, chosen: Sequence[Candidate], path: Path) -> bool:
    noun = "source" if len(chosen) == 1 else "sources"
    if not (sys.stdin.isatty() and context.console.is_terminal):
        print_text(
            context.console, f"The list is unchanged; --yes adds {len(chosen)} {noun} to {path}."
        )
        return False
    return click.confirm(f"Add {len(chosen)} {noun} (chosen above) to {path}?")


def _change(url: str, change: Callable[[str, str], str], *, done: str, undone: str) -> None:
    context = current()
    path = sources_path(context.settings)
    is_changed = change_list(path, lambda text: change(text, url))
    print_text(context.console, one_line(f"{url} {f'is {done}' if is_changed else undone}."))


def _print_found(
    context: CliContext, found: Discovery, chosen: Sequence[Candidate], *, as_json: bool
) -> None:
    if as_json:
        value = discovery_value(found) | {"chosen": [candidate.url for candidate in chosen]}
        click.echo(json_text(value))
    else:
        print_discovery(context.console, found, chosen=chosen, now=SystemClock().now())

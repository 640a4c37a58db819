"""Discover the feeds of a site with the poller's own client and limits, showing the progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from dateline.cli.context import CliContext
from dateline.cli.terminal import one_line, print_text
from dateline.settings import Settings
from producers.feeds.discover import Discovery, discover
from producers.fetch.fetcher import open_fetcher
from producers.fetch.fetcher_options import fetcher_options
from producers.normalize_url import normalize_url


def preview_site(context: CliContext, url: str) -> Discovery:
    """Return what is at ``url``; a name without a scheme is a site.

    Raises:
        click.UsageError: it is no address.
    """
    address = url if "://" in url else f"https://{url}"
    if normalize_url(address) is None:
        raise click.UsageError(f"{url!r} is no http or https address.")
    with _progress(context) as on_fetch:
        return asyncio.run(_discover(context.settings, address, on_fetch))


async def _discover(settings: Settings, address: str, on_fetch: Callable[[str], None]) -> Discovery:
    async with open_fetcher(fetcher_options(settings)) as fetcher:
        return await discover(
            address, fetcher.fetch, named_sitemaps=fetcher.robots.sitemaps, on_fetch=on_fetch
        )


@contextmanager
def _progress(context: CliContext) -> Iterator[Callable[[str], None]]:
    if not context.stderr.is_terminal:
        yield lambda url: print_text(context.stderr, one_line(f"looking at {url}"))
        return
    with context.stderr.status("Looking…") as status:
        yield lambda url: status.update(one_line(f"Looking at {url}"))

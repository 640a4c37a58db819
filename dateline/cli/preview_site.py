"""Discover the feeds of a site with the poller's own client and limits, showing the progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from dateline.cli.context import CliContext
from dateline.cli.terminal import one_line, print_text
from dateline.settings import Settings
from producers.extract.pool import ExtractPool
from producers.feeds.discover import Discovery, discover
from producers.fetch.fetcher import open_fetcher
from producers.fetch.fetcher_options import fetcher_options
from producers.normalize_url import normalize_url

# What the parsing process loads before its first document, outside of its time limit.
PARSERS = ("producers.parse_feed", "producers.feeds.feed_links", "producers.sources.html_file")


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
        # What a stranger's server sends is parsed as the poller does it: limited, and killable.
        with ExtractPool(
            processes=1,
            timeout_seconds=settings.feeds.parse_timeout_seconds,
            max_tasks_per_process=settings.feeds.max_tasks_per_process,
            preload=PARSERS,
        ) as pool:
            return await discover(
                address,
                fetcher.fetch,
                pool=pool,
                named_sitemaps=fetcher.robots.sitemaps,
                on_fetch=on_fetch,
            )


@contextmanager
def _progress(context: CliContext) -> Iterator[Callable[[str], None]]:
    if not context.stderr.is_terminal:
        yield lambda url: print_text(context.stderr, one_line(f"looking at {url}"))
        return
    with context.stderr.status("Looking…") as status:
        yield lambda url: status.update(one_line(f"Looking at {url}"))

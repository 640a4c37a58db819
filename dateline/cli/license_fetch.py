"""Fetch a document and what its host says of rights, as the poller would, for one look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import click

from dateline.cli.license_inputs import Document, parse_document
from dateline.clock import SystemClock
from dateline.errors import ConfigError, DependencyUnavailable
from dateline.settings import Settings
from producers.extract.pool import ExtractPool
from producers.fetch.fetched import Fetched, FetchProblem, ProblemKind
from producers.fetch.fetcher import Fetcher, open_fetcher
from producers.fetch.fetcher_options import fetcher_options
from producers.fetch.host_rights import HostRights
from producers.normalize_url import normalize_url
from producers.parsed import Parsed, ParsedArticle, Refusal

OK = 200
# These are the address's fault or the site's will; the others may pass.
REFUSED: frozenset[ProblemKind] = frozenset({"address", "url", "robots"})
PARSERS = ("producers.parse_feed", "producers.extract.read_page")
OnFetch = Callable[[str], None]


def fetch_document(
    url: str, settings: Settings, *, on_fetch: OnFetch
) -> tuple[Document, list[Parsed]]:
    """Return the document at ``url`` and its articles, with what its host says of rights.

    Private addresses are refused but for ``fetch.allow_networks``; robots.txt is obeyed; what the
    server sends is parsed in a child process that can be killed.

    Raises:
        click.UsageError: it is no address.
        ConfigError: the address may not be fetched.
        DependencyUnavailable: it cannot be fetched now.
    """
    if normalize_url(url) is None:
        raise click.UsageError(f"{url!r} is no http or https address.")
    return asyncio.run(_fetch(url, settings, on_fetch))


async def _fetch(url: str, settings: Settings, on_fetch: OnFetch) -> tuple[Document, list[Parsed]]:
    async with open_fetcher(fetcher_options(settings)) as fetcher:
        on_fetch(url)
        answer = await _answer(fetcher, url)
        document = Document(
            shown=url, data=answer.body, url=answer.final_url, headers=dict(answer.headers)
        )
        with ExtractPool(
            processes=1,
            timeout_seconds=settings.feeds.parse_timeout_seconds,
            max_tasks_per_process=settings.feeds.max_tasks_per_process,
            preload=PARSERS,
        ) as pool:
            parsed = await pool.run(parse_document, document)
        found: list[Parsed] = [parsed] if isinstance(parsed, Refusal) else parsed
        host_rights = HostRights(fetcher, clock=SystemClock())
        return document, [
            await _with_host_rights(each, answer.final_url, host_rights, on_fetch) for each in found
        ]


async def _answer(fetcher: Fetcher, url: str) -> Fetched:
    try:
        answer = await fetcher.fetch(url)
    except FetchProblem as problem:
        message = f"{url} was not fetched: {problem.kind}, {problem.message}."
        if problem.kind in REFUSED:
            hint = "fetch.allow_networks names private networks that may be fetched."
            raise ConfigError(message, hint=hint if problem.kind == "address" else "") from problem
        raise DependencyUnavailable(message) from problem
    if answer.status != OK:
        raise DependencyUnavailable(f"{url} answers with status {answer.status}.")
    return answer


async def _with_host_rights(
    each: Parsed, url: str, host_rights: HostRights, on_fetch: OnFetch
) -> Parsed:
    """Return an article with what its site says beside it: robots.txt, TDMRep's file, RSL."""
    if not isinstance(each, ParsedArticle):
        return each
    address = each.url or url
    on_fetch(f"what the site of {address} says of rights")
    signals = await host_rights.signals(address, stated=each.rights_signals)
    return replace(each, rights_signals=tuple(dict.fromkeys((*each.rights_signals, *signals))))

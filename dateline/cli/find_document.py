"""Find the indexed article that a command is asked about."""

from __future__ import annotations

import click

from dateline.endpoints import search_client
from dateline.records import SearchDocument
from dateline.search.find_articles import find_article, find_by_origin
from dateline.search.templates import articles_index
from dateline.settings import Settings
from producers.normalize_url import normalize_url
from producers.url_twins import article_url


def find_document(settings: Settings, article: str) -> SearchDocument:
    """Return the indexed article with this id, beginning of an id, or address.

    Raises:
        click.ClickException: there is none.
    """
    index = articles_index(settings)
    with search_client(settings) as client:
        if "://" in article:
            found = next(iter(find_by_origin(client, index, *spellings(article))), None)
        else:
            found = find_article(client, index, article)
    if found is None:
        raise click.ClickException(
            f"no indexed article has the id or address {article!r}."
            " `dateline trace` says whether it is on its way."
        )
    return found


def spellings(url: str) -> tuple[str, ...]:
    """Return the address as given and in the normal forms that identify an article."""
    normal = (normalize_url(url), article_url(url))
    return tuple(dict.fromkeys((url, *(each for each in normal if each))))

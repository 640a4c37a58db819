"""Return all that the signals beside an article's text say, before anything is weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urljoin

from dateline.records import RightsSignal
from dateline.rights.registry import LicenseRegistry
from dateline.rights.signals.feed import feed_statements
from dateline.rights.signals.html import html_statements
from dateline.rights.signals.http import http_statements
from dateline.rights.signals.jsonld import (
    article_addresses,
    jsonld_statements,
    stated_address,
)
from dateline.rights.signals.license_marks import license_marks, mark_statements
from dateline.rights.signals.make_statement import Notices
from dateline.rights.signals.ninjs import ninjs_statements
from dateline.rights.signals.preferences import read_preferences
from dateline.rights.signals.robots_meta import read_robots_access
from dateline.rights.signals.same_page import is_other_name_of, page_key
from dateline.rights.statement import Reading, StatedAccess, Statement

_EACH = {
    "html": html_statements,
    "jsonld": jsonld_statements,
    "http": http_statements,
    "ninjs": ninjs_statements,
    "newsml_g2": ninjs_statements,
}
_FEEDS = ("feed", "json")


def read_signals(
    signals: Sequence[RightsSignal],
    registry: LicenseRegistry,
    *,
    article_url: str | None,
    canonical_url: str | None = None,
    language: str | None = None,
) -> Reading:
    """Return the statements, preferences and access that ``signals`` state, in their order.

    Args:
        signals: what producers found; formats: ``page_signals``, ``feed_rights``, ``ninjs``, ...
        registry: the licences that can be named.
        article_url: the article's own address, to tell its node from others'; None: not known.
        canonical_url: what the page calls its address; it counts on the article's own host, where
            article nodes of the page name it and none names ``article_url``.
        language: the article's language; notices beside it may be in another.

    Returns:
        a fact that no licence stands with (holder, year, credit, terms) is a statement of the
        frame ``mention`` with the rank of its place. Statements of other objects have their kind.

    Raises: Nothing.
    """
    page = _page_address(signals, article_url, canonical_url)
    found = list(_said(signals, Notices(registry, language), page))
    return Reading(
        statements=tuple(each for each in found if isinstance(each, Statement)),
        preferences=read_preferences(signals, article_url=article_url),
        access=(
            *(each for each in found if isinstance(each, StatedAccess)),
            *read_robots_access(signals),
        ),
    )


def _page_address(
    signals: Sequence[RightsSignal], article_url: str | None, canonical_url: str | None
) -> str | None:
    if article_url is None:
        return stated_address(signals)
    if canonical_url is None or not is_other_name_of(canonical_url, article_url):
        return article_url
    named = [page_key(each) for each in article_addresses(signals)]
    if page_key(article_url) in named:
        return article_url
    canonical_key = page_key(canonical_url, base=article_url)
    return urljoin(article_url, canonical_url) if canonical_key in named else article_url


def _said(
    signals: Sequence[RightsSignal], notices: Notices, article_url: str | None
) -> Iterator[Statement | StatedAccess]:
    feed = []
    marks = license_marks(signals, notices, article_url=article_url)
    for signal in signals:
        if signal.layer in _FEEDS:
            feed.append(signal)
        elif signal in marks:
            yield from mark_statements(signal, notices, article_url=article_url)
        elif reader := _EACH.get(signal.layer):
            yield from reader(signal, notices, article_url=article_url)
    yield from feed_statements(feed, notices)

"""Return all that the signals beside an article's text say, before anything is weighed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dateline.records import RightsSignal
from dateline.rights.registry import LicenseRegistry
from dateline.rights.signals.feed import feed_statements
from dateline.rights.signals.html import html_statements
from dateline.rights.signals.http import http_statements
from dateline.rights.signals.jsonld import jsonld_statements, stated_address
from dateline.rights.signals.make_statement import Notices
from dateline.rights.signals.ninjs import ninjs_statements
from dateline.rights.signals.preferences import read_preferences
from dateline.rights.signals.robots_meta import read_robots_access
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
    language: str | None = None,
) -> Reading:
    """Return the statements, preferences and access that ``signals`` state, in their order.

    Args:
        signals: what producers found; formats: ``page_signals``, ``feed_rights``, ``ninjs``, ...
        registry: the licences that can be named.
        article_url: the article's own address, to tell its node from others'; None: not known.
        language: the article's language; notices beside it may be in another.

    Returns:
        a fact that no licence stands with (holder, year, credit, terms) is a statement of the
        frame ``mention`` with the rank of its place. Statements of other objects have their kind.

    Raises: Nothing.
    """
    page = article_url if article_url is not None else stated_address(signals)
    found = list(_said(signals, Notices(registry, language), page))
    return Reading(
        statements=tuple(each for each in found if isinstance(each, Statement)),
        preferences=read_preferences(signals, article_url=article_url),
        access=(
            *(each for each in found if isinstance(each, StatedAccess)),
            *read_robots_access(signals),
        ),
    )


def _said(
    signals: Iterable[RightsSignal], notices: Notices, article_url: str | None
) -> Iterator[Statement | StatedAccess]:
    feed = []
    for signal in signals:
        if signal.layer in _FEEDS:
            feed.append(signal)
        elif reader := _EACH.get(signal.layer):
            yield from reader(signal, notices, article_url=article_url)
    yield from feed_statements(feed, notices, article_url=article_url)

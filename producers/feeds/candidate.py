"""Describe a feed or sitemap that was read, and choose which ones of a site to take; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from dateline.records import RightsSignal
from producers.feed_document import FeedDocument
from producers.feeds.feed_links import FeedLink, FoundIn, is_same_site, looks_like_comments
from producers.normalize_url import normalize_url

SHOWN_TITLES = 5
SHOWN_LICENCES = 8
# Two feeds are the same when so much of the longer one is in both (they roll on between requests).
SAME_SHARE = 0.8
# A feed on another host is the site's own when so many of its entries lead to the site.
OWN_SHARE = 0.5
# Of a long sitemap the first ones tell whose entries they are.
JUDGED_ADDRESSES = 100
SITEMAPS = frozenset({"sitemap", "sitemap_index"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed or sitemap that was fetched and read.

    ``url`` is the address to list, after permanent redirects. The counts are of its entries now;
    those of a sitemap index are of ``sample_url``, its newest part. ``titles`` are those of the
    first five entries, ``licences`` the distinct statements about rights. ``duplicates`` are
    other candidates with the same entries. ``is_recommended``: one would add it without thinking.
    """

    url: str
    found_in: FoundIn
    kind: str
    version: str
    title: str | None
    is_same_site: bool
    is_comments: bool
    entry_count: int
    refused_count: int
    full_text_count: int
    newest_at: datetime | None
    titles: tuple[str, ...]
    licences: tuple[RightsSignal, ...]
    hub_urls: tuple[str, ...] = ()
    part_count: int = 0
    sample_url: str | None = None
    duplicates: tuple[str, ...] = ()
    is_recommended: bool = False
    own_share: float = 0.0
    item_keys: frozenset[str] = field(default=frozenset(), repr=False)


def describe(document: FeedDocument, *, url: str, link: FeedLink, site_url: str) -> Candidate:
    """Return what a document at ``url``, found as ``link`` says, would give of a site."""
    title = document.title or link.title
    described = Candidate(
        url=url, found_in=link.found_in, kind=document.kind, version=document.version,
        title=title, is_same_site=is_same_site(url, site_url),
        is_comments=looks_like_comments(url) or looks_like_comments(title or ""),
        entry_count=0, refused_count=0, full_text_count=0, newest_at=None, titles=(),
        licences=(), hub_urls=document.hub_urls, part_count=len(document.children),
    )  # fmt: skip
    return with_entries(described, document, site_url=site_url)


def with_entries(candidate: Candidate, document: FeedDocument, *, site_url: str) -> Candidate:
    """Return the candidate described by the entries of ``document``."""
    articles = [item.article for item in document.items]
    times = [at for a in articles if (at := a.published_at or a.updated_at)]
    urls = [article.url for article in articles if article.url][:JUDGED_ADDRESSES]
    keys = ((normalize_url(a.url) if a.url else None) or a.guid for a in articles)
    return replace(
        candidate,
        entry_count=len(articles),
        refused_count=len(document.refusals),
        full_text_count=sum(item.has_full_text for item in document.items),
        newest_at=max(times, default=None),
        titles=tuple(a.title for a in articles if a.title)[:SHOWN_TITLES],
        licences=_distinct(s for article in articles for s in article.rights_signals),
        own_share=sum(is_same_site(url, site_url) for url in urls) / len(urls) if urls else 0.0,
        item_keys=frozenset(key for key in keys if key),
    )


def with_duplicates(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return the candidates, each with the addresses of those that have the same entries."""
    return tuple(
        replace(
            one,
            duplicates=tuple(
                other.url for other in found if other is not one and _is_same(one, other)
            ),
        )
        for one in found
    )


def with_recommendations(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return the candidates, those marked that cover the site without getting anything twice.

    Feeds with entries, of the site itself or leading to it, no comments; of duplicates the one
    with the most full texts. Without such a feed the first sitemap, one with titles if there is
    any.
    """
    feeds = [c for c in found if c.kind not in SITEMAPS and _is_own_news(c)]
    # `sorted` keeps the order of the page where two are as good.
    best_first = sorted(feeds, key=lambda c: (-c.full_text_count, not c.is_same_site))
    chosen: set[str] = set()
    for candidate in best_first:
        if not chosen.intersection(candidate.duplicates):
            chosen.add(candidate.url)
    if not chosen:
        sitemaps = [c for c in found if c.kind in SITEMAPS and (c.entry_count or c.part_count)]
        chosen.update(c.url for c in sorted(sitemaps, key=lambda c: not c.titles)[:1])
    return tuple(replace(c, is_recommended=c.url in chosen) for c in found)


def _is_own_news(candidate: Candidate) -> bool:
    is_own = candidate.is_same_site or candidate.own_share >= OWN_SHARE
    return is_own and bool(candidate.entry_count) and not candidate.is_comments


def _is_same(one: Candidate, other: Candidate) -> bool:
    common = len(one.item_keys & other.item_keys)
    longer = max(len(one.item_keys), len(other.item_keys))
    return bool(longer) and common / longer >= SAME_SHARE


def _distinct(signals: Iterable[RightsSignal]) -> tuple[RightsSignal, ...]:
    return tuple({(s.layer, s.field, s.value): s for s in signals}.values())[:SHOWN_LICENCES]
